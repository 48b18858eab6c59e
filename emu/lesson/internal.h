/* SPDX-License-Identifier: MIT */
/* Internal to lesson/: declarations shared by its files. */
#pragma once

#include "lesson/lesson.h"
#include "expr/expr.h"

/* ---- text (text.c) --------------------------------------------------- */
/* Cuts off a text's trailing blanks; returns where its first word begins. */
char *text_trimmed(char *text);
unsigned lines_before(const char *text, const char *at);
/* A question's choices are its lines "a. text". choice_at returns the nth
 * choice's line, or NULL; choices_of gives all letters. */
#define CHOICES_MAX 27
const char *choice_at(const char *text, size_t nth);
void choices_of(const char *text, char choices[CHOICES_MAX]);
/* Returns a question in one line, without its choices. The caller frees it. */
char *question_only(const char *text);
/* Writes a question's last sentence, without Markdown's marks. It is the
 * panel's caption while the terminal waits, and must therefore be clear alone
 * (tools/lessons/README.md). False: none, or longer than n - 1 bytes. */
#define CAPTION_MAX 120
bool question_sentence(const char *text, char *to, size_t n);
/* A value. After {/x EXPR} hex is set: it is shown in hexadecimal. After {/2
 * EXPR} digits is 2: EXPR counts hundredths. */
struct number {
    struct expr_value v;
    bool hex;
    int digits;
};
bool number_read(const struct expr_env *env, const char *text,
                 struct number *to, char *err, size_t n);
/* Writes a number; number_value returns the value of the text so written. */
char *number_text(struct number n, char *buf, size_t size);
double number_value(struct number n);
/* Returns the text with each {EXPR} replaced by its value; the caller frees it.
 * NULL: err says why, and *line, which was the text's first line, becomes the
 * line of the mistake. lenient: braces without a value stay, because commands
 * have braces of their own. */
char *text_filled(const struct expr_env *env, const char *text, bool lenient,
                  unsigned *line, char *err, size_t n);
/* Returns a command with let.NAME and mark.NAME replaced by their values. A
 * value from 0x10000 on is in hexadecimal, as an address, unless the command
 * begins with print and no /FORMAT follows. The caller frees it. */
char *text_noted(const struct expr_env *env, const char *text);
/* Prints paragraphs and list items, wrapped at the terminal's width; lines of
 * tables and code stay. Blank lines around the text are not printed. */
void text_print(const char *text);
/* Reads "14,000", "0x1f", "8.5"; false: not a number, such as "1,5". */
bool text_number(const char *text, double *value);

/* ---- answers (answers.c) --------------------------------------------- */
/* A question. `right` and `why` are known only after the machine has run. */
struct question {
    const char *text;          /* numbers of an exercise are filled in */
    const char *options, *try; /* of an exercise; else NULL */
    char choices[CHOICES_MAX]; /* "": the answer is a number */
    const struct lesson_answer *answer;
    struct number is; /* the right number, by the machine */
    double right;     /* its value */
    char *why;        /* the explanation, with the machine's values */
};
bool answer_near(double a, double b, double within, bool percent);
/* True if a learner's answer is right. */
bool answer_right(const struct question *q, const char *given);
/* Writes a number's tolerance: "10 %", "1 or 10 %", "0". */
char *answer_margin(const struct question *q, char *buf, size_t n);
/* Writes the right answer: a letter or a number. */
char *answer_text(const struct question *q, char *buf, size_t n);
/* True if text is only a letter of choices or, if choices is "", a number. */
bool answer_is(const char *text, const char *choices);
/* Reduces an answer such as "about 30", "20 %", "b?", "I think b" to the only
 * number in the line, or the letter at its end. False: there is none. */
bool answer_meant(char *line, const char *choices);
/* Writes the form of an answer: "a number, such as 5 or 0.3". */
char *answer_expected(const char *choices, char *buf, size_t n);

/* ---- a lesson under way (run.c, machines.c) -------------------------- */
struct teacher;
/* A way to take a lesson. A function that returns false ends the lesson. */
struct face {
    bool (*show)(struct teacher *t, const struct lesson_block *b); /* or NULL */
    bool (*ask)(struct teacher *t);                                /* or NULL */
    bool (*tell)(struct teacher *t); /* tells the answer */
};
struct teacher {
    struct lesson_run *run;
    const struct lesson *l;
    const struct face *face;
    struct session *s;     /* the session of the machine in use */
    struct session *first; /* the first machine's: it has panel and terminal */
    struct question question;
    bool shown; /* commands and their output are printed */
    bool gap;   /* a blank line is due before the next output */
    struct guest_line {
        char text[500]; /* the guest's line that has not ended yet */
        size_t n, told; /* bytes of text; how many are printed */
    } line;
    unsigned escape; /* bytes of the guest's control sequence so far */
    char *why;       /* the first failure, "file:line: why" */
};
/* Simulated seconds that a verb of the lesson may take. */
#define LESSON_SECONDS 600
void teacher_limit(struct teacher *t, u64 seconds);
/* From now on the lesson drives session s. */
void teacher_leads(struct teacher *t, struct session *s);
/* Prints the guest's unfinished line, unless it is the shell's prompt. */
void teacher_line(struct teacher *t);
/* Runs the steps from block nth on; false: one failed, or the learner left. */
bool lesson_steps(struct teacher *t, unsigned nth);
/* Runs the exercise on its own machine; false: failed, or the learner left. */
bool lesson_exercise(struct teacher *t);
/* Makes a machine with the built guest and these options (not the command
 * line's). Calls fn(t, opaque) while the lesson drives that machine, and
 * returns its result; `let` names have their values there. A wrong option ends
 * the program, as on the command line. */
bool fresh_machine(struct teacher *t, const char *options,
                   bool (*fn)(struct teacher *t, void *opaque), void *opaque);

/* ---- ways to take a lesson ------------------------------------------- */
void lesson_begin(struct teacher *t, const struct face *face,
                  struct lesson_run *run, struct session *s);
void lesson_end(struct teacher *t);
/* Functions for session_drive: */
enum command_status lesson_solve(void *run, struct session *s); /* grade.c */
enum command_status lesson_grade(void *run, struct session *s);
enum command_status lesson_play(void *run, struct session *s); /* play.c */
