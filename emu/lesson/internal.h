/* SPDX-License-Identifier: MIT */
/* Internal to lesson/: declarations shared by its files. */
#ifndef CLOCKHAND_LESSON_INTERNAL_H
#define CLOCKHAND_LESSON_INTERNAL_H

#include "lesson/lesson.h"
#include "monitor/language/expr.h"

/* ---- numbers (names.c) ----------------------------------------------- */
struct names {
    struct name {
        const char *name;
        s64 value;
    } * known;
    unsigned n;
    const struct expr_env *below; /* the machine's, or NULL */
};
bool names_value(struct names *k, const char *text, struct expr_value *value,
                 char *err, size_t n);
/* A claim's expression: "/2 EXPR" is a number of hundredths. */
bool names_number(struct names *k, const char *text, double *value, char *err,
                  size_t n);
void names_add(struct names *k, const char *name, s64 value);
void names_free(struct names *k);

/* ---- text (text.c) --------------------------------------------------- */
/* "a. text", as a question's choices. */
bool is_choice(const char *line);
/* A question's last sentence, without its choices and Markdown's marks. It must
 * be understood alone (tools/lessons/README.md): it is the panel's caption
 * while the terminal waits. False: none, or longer than n - 1 bytes. */
#define CAPTION_MAX 120
bool question_sentence(const struct lesson_lines *lines, char *to, size_t n);
/* The caller frees it. */
char *lines_joined(const struct lesson_lines *lines, const char *between);
/* {EXPR} replaced by its value: {/x EXPR} in hexadecimal, {/2 EXPR} a number
 * of hundredths. NULL: err says why. The caller frees it. lenient: braces that
 * cannot be evaluated stay unchanged (commands may have their own braces). */
char *text_filled(struct names *k, const char *text, bool lenient, char *err,
                  size_t n);
/* A command with let.NAME and mark.NAME replaced by their values: addresses in
 * hexadecimal (from 0x10000 on, unless a print counts with them). The caller
 * frees it. */
char *text_noted(struct names *k, const char *text);
/* Paragraphs at the terminal's width; Markdown's lists and tables stay. Blank
 * lines around the text are not printed. */
void text_print(const char *text);
/* "14,000", "0x1f", "8.5"; false: not a number, as "1,5". */
bool text_number(const char *text, double *value);
/* Without trailing zeros. */
char *text_of_number(double value, char *buf, size_t n);

/* ---- answers (answers.c) --------------------------------------------- */
struct result {
    char letter;  /* 0: a number */
    double right; /* the machine's */
};
/* The tolerance of a prediction in percent, if the lesson's number is measured
 * (within N). A number without a tolerance is a count, and must be exact. */
#define PREDICTION_PERCENT 10
bool answer_near(double a, double b, double within, bool percent);
/* True if a learner's answer is right. least: the least tolerance of a measured
 * number, in percent. */
bool answer_right(const struct lesson_answer *a, const struct result *r,
                  const char *given, double least);
/* The tolerance of a number: "10 %", "1 or 10 %", "0". */
char *answer_margin(const struct lesson_answer *a, double least, char *buf,
                    size_t n);
/* True if text is one of these letters or, if choices is "", a number, and
 * nothing more. */
bool answer_is(const char *text, const char *choices);
/* "16 faults", "about 30", "20 %", "b?", "I think b": line becomes the one
 * number in it, or the letter at its end. False: there is none. */
bool answer_meant(char *line, const char *choices);
/* The form of an answer, for a message: "a number, such as 5 or 0.3". */
char *answer_expected(const char *choices, char *buf, size_t n);
char *result_text(const struct result *r, char *buf, size_t n);

/* ---- the machine (run.c) --------------------------------------------- */
/* Simulated seconds that a verb of the lesson may take. */
#define LESSON_SECONDS 600

struct teacher { /* a lesson under way */
    struct lesson_run *run;
    const struct lesson *l;
    struct session *s;     /* of the machine in use */
    struct session *first; /* of the lesson's first one: panel, terminal */
    struct names names;
    bool shown; /* commands and their output are printed */
    bool gap;   /* ... after a blank line */
    struct guest_line {
        char text[500]; /* the guest's last line, not ended yet */
        size_t n, told; /* its bytes; those already printed */
    } line;
    unsigned escape; /* bytes of the guest's control sequence so far */
    char *why;       /* the first failure, "file:line: why" */
};
void teacher_begin(struct teacher *t, struct lesson_run *run,
                   struct session *s);
void teacher_end(struct teacher *t);
/* From now on the lesson drives session s. */
void teacher_leads(struct teacher *t, struct session *s);
/* Prints the guest's last line although it has not ended, unless it is the
 * shell's prompt. */
void teacher_line(struct teacher *t);
/* Deletes the catches of the step before. */
bool step_begin(struct teacher *t, const struct lesson_step *step);
/* Runs a block's commands; false: one failed, teacher.why says why. */
bool block_run(struct teacher *t, const struct lesson_block *b);
/* Evaluates the claim of a compare block; false: it is not true. An exercise's
 * claims nothing. */
bool block_compare(struct teacher *t, const struct lesson_block *b,
                   struct result *r);
/* Lines with the values of their expressions, which the caller frees. NULL: one
 * has no value; teacher.why says why. */
char *lines_filled(struct teacher *t, const struct lesson_lines *lines);
/* Prints a failure, and keeps the first one in t->why. */
void teacher_fail(struct teacher *t, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- machines (machines.c) ------------------------------------------- */
/* Calls fn(opaque, i) for each step, on its machine; false: one failed, or
 * the learner left. Afterwards only the lesson's first machine is left. */
bool steps_run(struct teacher *t, bool (*fn)(void *opaque, unsigned i),
               void *opaque);
/* A machine with the built guest and these options, without those of the
 * command line; fn is called with its session. A wrong option ends the program,
 * as on the command line. */
void fresh_machine(struct teacher *t, const char *options,
                   enum command_status (*fn)(void *opaque, struct session *s),
                   void *opaque);

/* ---- the exercise (exercise.c) --------------------------------------- */
/* Works out the exercise's own numbers; false with teacher.why. */
bool exercise_names(struct teacher *t);
/* The options, filled: "--policy twohand". The caller frees. */
char *exercise_options(struct teacher *t);
/* Runs the exercise on a machine of its own. *say: its explanation with the
 * numbers filled in, freed by the caller. */
bool exercise_run(struct teacher *t, struct result *r, char **say);

/* ---- ways to take a lesson ------------------------------------------- */
enum command_status lesson_solve(struct teacher *t); /* grade.c */
enum command_status lesson_grade(struct teacher *t);
enum command_status lesson_play(struct teacher *t); /* play.c */

#endif
