/* SPDX-License-Identifier: MIT */
/* Turns a Markdown file of tools/lessons, a lesson, into a list of blocks,
 * which is played at the terminal, solved, or graded (tools/lessons/README.md
 * has the format; README.md names the files). */
#pragma once

#include "monitor/monitor.h"

/* A line such as `answer: a if EXPR` or `answer: 50 is EXPR within 5%`. In an
 * exercise it has no claimed number: `answer: EXPR within 5%`. */
struct lesson_answer {
    unsigned line; /* 0: none */
    char letter;   /* 'a'..., or 0: a number */
    bool claimed;  /* the file claims a value: number */
    double number;
    char *expr;
    double within;
    bool percent;
};

enum block_kind {
    BLOCK_MACHINE, /* before each step: the options of a fresh machine, or "" if
                    * the step uses the machine of the step before */
    BLOCK_STEP,    /* the step's title */
    BLOCK_PROSE,
    BLOCK_PREDICT,
    BLOCK_RUN, /* ```clockhand */
    BLOCK_CHECK,
    BLOCK_COMPARE,
    BLOCK_PAUSE /* a step's end */
};
struct lesson_block {
    enum block_kind kind;
    unsigned line, last; /* the text's lines in the file */
    char *text;          /* the text; "": none */
    struct lesson_answer answer;
};

/* An exercise's lines, by their first words. */
enum part { PART_LET, PART_MACHINE, PART_ASK, PART_TRY, PART_RUN, PART_SAY };
#define PARTS (PART_SAY + 1)

struct lesson {
    char *file;
    unsigned number; /* from the file's name, or its title */
    char *name;      /* 05-fork */
    char *title;     /* Fork and copy-on-write */
    unsigned minutes;
    struct lesson_block options, intro;
    struct lesson_block *block; /* the blocks of all steps */
    unsigned n, steps, questions;
    unsigned exercise_line; /* 0: no exercise */
    struct lesson_block exercise[PARTS];
};

/* Reads a file. NULL: err says "line 12: why", or why it cannot be read. */
struct lesson *lesson_read(const char *file, char *err, size_t n);
void lesson_free(struct lesson *l);
/* Finds and reads a lesson by number, name, both, or a path with a slash. Ends
 * the program (status 2) if there is none, or it cannot be read. */
struct lesson *lesson_find(const char *name);
void lesson_list(void);
/* True if there is a lesson of that number. */
bool lesson_exists(unsigned number);

/* ---- used by main.c -------------------------------------------------- */
enum lesson_way { LESSON_PLAY, LESSON_SOLVE, LESSON_GRADE };
struct lesson_run {
    const struct lesson *lesson;
    const char *program; /* argv[0] */
    const char *asked;   /* --lesson's value, as typed */
    enum lesson_way way;
    u64 seed;      /* the exercise's */
    u64 tries;     /* allowed at the exercise, at least 1 */
    bool verbose;  /* LESSON_GRADE prints the lesson's parts, too */
    bool exercise; /* only the exercise, without the steps */
    bool limited;  /* a limit has ended a machine's run */
};
/* Runs the lesson: the function for session_drive. */
enum command_status lesson_drive(void *run, struct session *s);
