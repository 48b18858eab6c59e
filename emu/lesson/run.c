/* SPDX-License-Identifier: MIT */
/* Runs a lesson: runs its blocks on the machine, prints the commands and their
 * output, evaluates the claims, keeps the first failure. The face shows parts,
 * asks questions and tells answers. */
#include "lesson/internal.h"

#include "monitor/drive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GUEST "  | " /* before the guest's own lines */

/* ---- printing -------------------------------------------------------- */

/* Prints the blank line before the first line of a block's output. */
static void gap_print(struct teacher *t)
{
    if (t->gap)
        puts("");
    t->gap = false;
}

static void line_print(struct teacher *t)
{
    gap_print(t);
    printf(GUEST "%.*s\n", (int)t->line.n, t->line.text);
    t->line.told = t->line.n;
}

void teacher_line(struct teacher *t)
{
    bool prompt = t->line.n == 2 && !memcmp(t->line.text, "# ", 2);
    if (t->shown && t->line.n > t->line.told && !prompt)
        line_print(t);
}

static void on_output(void *opaque, const char *text, UNUSED bool json)
{
    struct teacher *t = opaque;
    if (!t->shown)
        return;
    teacher_line(t);
    gap_print(t);
    session_print(t->s, text);
}

/* True for the bytes of a control sequence (ECMA-48 5.4), which are not
 * printed: it could move the cursor. */
static bool in_escape(struct teacher *t, u8 byte)
{
    if (byte == 033) {
        t->escape = 1;
        return true;
    }
    if (!t->escape)
        return false;
    if (t->escape++ == 1 && byte == '[')
        return true;
    if (byte >= 0x40)
        t->escape = 0;
    return true;
}

/* Gathers the guest's line, even if commands stop the machine within it, and
 * prints it when it is complete or the buffer full. */
static void on_console(void *opaque, u8 byte)
{
    struct teacher *t = opaque;
    struct guest_line *line = &t->line;
    if (byte == '\r' || in_escape(t, byte))
        return;
    if (byte != '\n')
        line->text[line->n++] = (char)byte;
    if (byte != '\n' && line->n < sizeof line->text)
        return;
    if (t->shown && line->n > line->told)
        line_print(t);
    line->n = line->told = 0;
}

void teacher_limit(struct teacher *t, u64 seconds)
{
    session_limit_cycles(t->s, seconds * session_env(t->s)->clock_hz);
}

void teacher_leads(struct teacher *t, struct session *s)
{
    t->s = s;
    t->line = (struct guest_line){0}; /* the old text was another guest's */
    session_output(s, on_output, t);
    session_console(s, on_console, t);
    teacher_limit(t, LESSON_SECONDS);
}

static void keep_why(struct teacher *t, unsigned line, const char *what)
{
    if (!t->why && asprintf(&t->why, "%s:%u: %s", t->l->file, line, what) < 0)
        die("lesson", "out of memory");
}

/* Prints a failure, and keeps it. Returns false. */
static bool fails(struct teacher *t, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static bool fails(struct teacher *t, unsigned line, const char *fmt, ...)
{
    char what[500];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    teacher_line(t);
    fflush(stdout);
    fprintf(stderr, "clockhand: %s:%u: %s\n", t->l->file, line, what);
    keep_why(t, line, what);
    return false;
}

/* ---- commands -------------------------------------------------------- */

/* Runs a command. False: it failed, and the monitor has printed why; a limit
 * has ended the run; or the learner has left. */
static bool command(struct teacher *t, unsigned line, const char *text)
{
    session_at(t->s, t->l->file, line);
    enum command_status st = session_command(t->s, text);
    t->run->limited |= session_left(t->s) && st != CMD_QUIT;
    if (st == CMD_OK)
        return !session_left(t->s) ||
               fails(t, line, "a limit has ended the run");
    teacher_line(t);
    if (st != CMD_QUIT)
        keep_why(t, line, session_error(t->s));
    return false;
}

/* True for verbs that are not shown: those by which a lesson saves values;
 * `expect` and `hear`, which are for scripts only; `printf`, whose output
 * explains itself. */
static bool is_script_verb(const char *text)
{
    char verb[12];
    snprintf(verb, sizeof verb, " %.*s ", (int)strcspn(text, " \t"), text);
    return strstr(" expect hear let mark printf ", verb);
}

/* Runs a line of a block. A shown line has the saved values instead of their
 * names, so that a learner could type it. */
static bool block_line(struct teacher *t, unsigned line, const char *text)
{
    char err[200];
    const struct expr_env *env = session_env(t->s);
    text += strspn(text, " \t");
    char *typed = text_filled(env, text, true, &line, err, sizeof err);
    if (*text && !is_script_verb(text)) {
        char *filled = typed;
        typed = text_noted(env, filled);
        free(filled);
        if (t->shown) {
            teacher_line(t);
            gap_print(t);
            printf("> %s\n", typed);
        }
    }
    bool ok = command(t, line, typed);
    free(typed);
    return ok;
}

static bool block_run(struct teacher *t, const struct lesson_block *b)
{
    bool shown = t->shown, ok = true;
    char *copy = xstrdup(b->text), *rest = copy, *text;
    t->gap = t->shown = shown && b->kind == BLOCK_RUN;
    for (unsigned i = 0; ok && (text = strsep(&rest, "\n")); i++)
        ok = block_line(t, b->line + i, text);
    free(copy);
    teacher_line(t);
    t->shown = shown;
    t->gap = false;
    return ok && !session_left(t->s);
}

/* ---- answers --------------------------------------------------------- */

/* Returns a block's text with its expressions filled in; the caller frees it.
 * NULL: an expression has no value. */
static char *filled(struct teacher *t, const struct lesson_block *b)
{
    char err[300];
    unsigned line = b->line;
    char *text =
        text_filled(session_env(t->s), b->text, false, &line, err, sizeof err);
    if (!text)
        fails(t, line, "%s", err);
    return text;
}

/* Evaluates an answer's expression. False: it has no value, or the claim is not
 * true (an exercise's answer has no claim). */
static bool claim(struct teacher *t, const struct lesson_answer *a)
{
    char err[200], is[40];
    struct question *q = &t->question;
    if (!number_read(session_env(t->s), a->expr, &q->is, err, sizeof err))
        return fails(t, a->line, "answer: %s", err);
    q->is.hex = false;
    double right = q->right = number_value(q->is);
    if (a->letter)
        return right != 0 || fails(t, a->line, "answer: '%s' is 0", a->expr);
    return !a->claimed ||
           answer_near(right, a->number, a->within, a->percent) ||
           fails(t, a->line, "answer: '%s' is %s", a->expr,
                 number_text(q->is, is, sizeof is));
}

static bool compare(struct teacher *t, const struct lesson_block *b)
{
    free(t->question.why);
    t->question.why = NULL;
    return claim(t, &b->answer) && (t->question.why = filled(t, b));
}

/* ---- steps ----------------------------------------------------------- */

static bool take(struct teacher *t, const struct lesson_block *b)
{
    struct question *q = &t->question;
    switch (b->kind) {
    case BLOCK_PREDICT:
        *q = (struct question){.text = b->text, .why = q->why};
        choices_of(b->text, q->choices);
        return !t->face->ask || t->face->ask(t);
    case BLOCK_RUN:
    case BLOCK_CHECK:
        return block_run(t, b);
    case BLOCK_COMPARE:
        q->answer = &b->answer;
        return compare(t, b) && t->face->tell(t);
    default:
        if (t->face->show && !t->face->show(t, b))
            return false;
        /* deletes the catches of the step before */
        return b->kind != BLOCK_STEP || command(t, b->line, "delete");
    }
}

static bool further_steps(struct teacher *t, void *nth)
{
    return lesson_steps(t, *(unsigned *)nth);
}

/* A step with options begins a fresh machine, on which the later steps run. */
bool lesson_steps(struct teacher *t, unsigned nth)
{
    while (!t->run->exercise && nth < t->l->n) {
        const struct lesson_block *b = &t->l->block[nth++];
        if (b->kind == BLOCK_MACHINE && *b->text) {
            if (t->shown)
                printf("\nThe next step has a machine of its own: %s\n",
                       b->text);
            return fresh_machine(t, b->text, further_steps, &nth);
        }
        if (b->kind != BLOCK_MACHINE && !take(t, b))
            return false;
    }
    return true;
}

/* ---- the exercise ---------------------------------------------------- */

static bool run_exercise(struct teacher *t, void *parts)
{
    const struct lesson_block *x = parts;
    bool ok = block_run(t, &x[PART_RUN]) && compare(t, &x[PART_SAY]);
    session_cover(t->s, false); /* the panel may now show the walk again */
    return ok;
}

/* The exercise's numbers, and the seed, become names of `let`. */
bool lesson_exercise(struct teacher *t)
{
    const struct lesson_block *x = t->l->exercise;
    struct question *q = &t->question;
    char seed[40];
    snprintf(seed, sizeof seed, "let seed %lld", (s64)t->run->seed);
    if (!command(t, t->l->exercise_line, seed) || !block_run(t, &x[PART_LET]))
        return false;
    char *text = filled(t, &x[PART_ASK]), *try = filled(t, &x[PART_TRY]);
    char *options = filled(t, &x[PART_MACHINE]);
    *q = (struct question){.text = text,
                           .options = options,
                           .try = try,
                           .why = q->why,
                           .answer = &x[PART_SAY].answer};
    bool ok = text && try && options && (!t->face->ask || t->face->ask(t)) &&
              fresh_machine(t, options, run_exercise, (void *)x) &&
              t->face->tell(t);
    free_all(text, try, options);
    return ok;
}

void lesson_begin(struct teacher *t, const struct face *face,
                  struct lesson_run *run, struct session *s)
{
    *t = (struct teacher){
        .run = run, .l = run->lesson, .face = face, .first = s};
    teacher_leads(t, s);
}

void lesson_end(struct teacher *t)
{
    free(t->question.why);
    free(t->why);
}

enum command_status lesson_drive(void *run, struct session *s)
{
    struct lesson_run *r = run;
    static enum command_status (*const ways[])(void *, struct session *) = {
        lesson_play, lesson_solve, lesson_grade};
    enum command_status st = ways[r->way](run, s);
    return r->limited ? session_command(s, "quit 124") : st;
}
