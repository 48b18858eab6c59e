/* SPDX-License-Identifier: MIT */
/* Lessons: a Markdown file of tools/lessons becomes a struct lesson, which is
 * played at the terminal, solved, or graded (tools/lessons/README.md has the
 * format).
 *
 *   parse.c   the file: steps, blocks, answers, the exercise
 *   find.c    finds a lesson by name or number; the list
 *   names.c   numbers in expressions: seed, the exercise's own, the machine's
 *   text.c    {EXPR} in text, wrapping, typed numbers
 *   answers.c compares a learner's answer with the machine's
 *   run.c     runs blocks on the machine, evaluates claims
 *   machines.c  fresh machines for steps and the exercise
 *   exercise.c  the exercise on a machine of its own
 *   grade.c   --solve and --grade
 *   play.c    the terminal */
#ifndef CLOCKHAND_LESSON_H
#define CLOCKHAND_LESSON_H

#include "monitor/monitor.h"

struct lesson_line {
    unsigned number; /* in the file */
    char *text;
};
struct lesson_lines {
    struct lesson_line *line;
    unsigned n;
};

/* `answer: a if EXPR`, `answer: 50 is EXPR within 5%`; an exercise's has no
 * claim. Both texts are the lesson's. */
struct lesson_answer {
    unsigned line; /* 0: none */
    char letter;   /* 'a'..., or 0: a number */
    bool claimed;  /* number is valid: the value in the file */
    double number;
    char *expr;
    double within;
    bool percent;
};

enum block_kind {
    BLOCK_PROSE,
    BLOCK_PREDICT,
    BLOCK_RUN, /* ```clockhand */
    BLOCK_CHECK,
    BLOCK_COMPARE
};
struct lesson_block {
    enum block_kind kind;
    unsigned line;             /* of its fence */
    struct lesson_lines lines; /* of compare: without `answer:` */
    struct lesson_answer answer;
    char choices[27]; /* predict: "abc", or "" for a number */
};
struct lesson_step {
    unsigned line;
    char *title;
    unsigned options_line;
    char *options; /* NULL: the machine of the step before */
    struct lesson_block *block;
    unsigned n;
};

struct lesson_let {
    unsigned line;
    char *name, *expr;
};
/* Its question, commands and answer are blocks as a step's. */
struct lesson_exercise {
    unsigned line; /* 0: no exercise */
    struct lesson_let *let;
    unsigned nlets;
    unsigned options_line;
    char *options;
    struct lesson_lines try_lines;
    struct lesson_block ask, run, answer;
};

struct lesson {
    char *file;
    unsigned number; /* from the name */
    char *name;      /* 05-fork */
    char *title;     /* Fork and copy-on-write */
    unsigned minutes;
    struct lesson_lines intro;
    unsigned options_line;
    char *options;
    struct lesson_step *step;
    unsigned n;
    struct lesson_exercise exercise;
};

/* ---- files (parse.c, find.c) ----------------------------------------- */
/* NULL: err says "line 12: why", or why the file cannot be read. */
struct lesson *lesson_read(const char *file, char *err, size_t n);
void lesson_free(struct lesson *l);
/* By number, name, both, or a file with a slash in its path. Ends the program
 * (status 2) if there is none, or it cannot be read. */
struct lesson *lesson_find(const char *name);
void lesson_list(void);
/* True if there is a lesson of that number. */
bool lesson_exists(unsigned number);
/* The words of --lesson's options, in one allocation; NULL-terminated. */
char **lesson_words(const char *options);

/* ---- used by main.c -------------------------------------------------- */
enum lesson_way { LESSON_PLAY, LESSON_SOLVE, LESSON_GRADE };
struct lesson_run {
    const struct lesson *lesson;
    const char *program; /* argv[0], and --lesson's value, as typed */
    const char *asked;
    enum lesson_way way;
    u64 seed; /* of the exercise */
};
/* For session_drive. */
enum command_status lesson_drive(void *run, struct session *s);

#endif
