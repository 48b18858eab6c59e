/* SPDX-License-Identifier: MIT */
/* --solve prints the machine's answer to every question. --grade reads the
 * learner's answers, one in each line of standard input, and prints a line of
 * JSON. With -v it also prints each part of the lesson in its turn, as a line
 * of JSON, for a program that shows the lesson (emu/web). */
#include "lesson/internal.h"

#include "inspect/json.h"
#include "monitor/drive.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static bool solved(struct teacher *t)
{
    char buf[40];
    const struct question *q = &t->question;
    printf("%s%s\n", q->options ? "exercise: " : "", q->text);
    printf("answer: %s\n\n", answer_text(q, buf, sizeof buf));
    return true;
}

enum command_status lesson_solve(void *run, struct session *s)
{
    static const struct face solver = {.tell = solved};
    struct teacher t;
    lesson_begin(&t, &solver, run, s);
    printf("%u. %s, seed %llu\n\n", t.l->number, t.l->title, t.run->seed);
    bool ok = lesson_steps(&t, 0) && lesson_exercise(&t);
    lesson_end(&t);
    return ok ? CMD_OK : CMD_FAILED;
}

struct grades {
    struct teacher t; /* must be first */
    struct json j;
    bool exercise_right, in_questions;
    unsigned wanted, missing; /* answers */
    char line[400];
    char *said; /* with -v: the answer to the present question */
};

/* Reads a line of standard input, without blanks around it; NULL: none. */
static char *next_answer(struct grades *g)
{
    bool any = session_ask(g->t.s, g->line, sizeof g->line);
    return any ? text_trimmed(g->line) : NULL;
}

/* Counts the non-empty lines that follow the last answer. */
static unsigned surplus(struct grades *g)
{
    unsigned n = 0;
    for (const char *line; (line = next_answer(g));)
        n += *line != 0;
    return n;
}

static void json_asked(struct json *j, const struct question *q)
{
    const char *at;
    if (q->options) {
        json_str(j, "ask", q->text);
        return;
    }
    char *text = question_only(q->text);
    json_str(j, "question", text);
    free(text);
    if (!*q->choices)
        return;
    json_open(j, "choices", '{');
    for (size_t i = 0; (at = choice_at(q->text, i)); i++) {
        char *choice = strndup(at + 3, strcspn(at + 3, "\n"));
        json_str(j, (char[]){*at, 0}, choice);
        free(choice);
    }
    json_close(j, '}');
}

/* Returns how many of the first `most` bytes of UTF-8 text are whole
 * characters; a malformed byte counts as one. */
static int whole_bytes(const char *text, size_t most)
{
    size_t n = strnlen(text, most), at = n;
    if (text[n]) /* the cut may be within a character */
        for (size_t i = 0; i < 3 && at > 1 && (text[at] & 0xc0) == 0x80; i++)
            at--;
    return (int)((text[at] & 0xc0) == 0x80 ? n : at);
}

/* Reports the expected form if `said` is no answer; -v asks again instead. */
static void json_expected(struct grades *g, const char *said,
                          const char *choices)
{
    char expected[40];
    if (!said || g->t.face->ask || answer_is(said, choices))
        return;
    answer_expected(choices, expected, sizeof expected);
    json_str(&g->j, "expected", expected);
    fprintf(stderr, "clockhand: --grade: line %u: '%.*s' is not %s\n",
            g->wanted, whole_bytes(said, 60), said, expected);
}

static void part_end(struct json *j)
{
    json_close(j, '}');
    puts(j->text);
    json_free(j);
}

static void json_right(struct json *j, const struct question *q)
{
    char buf[40], within[40];
    json_str(j, "right", answer_text(q, buf, sizeof buf));
    if (!q->answer->letter)
        json_str(j, "within", answer_margin(q, within, sizeof within));
}

static bool graded(struct teacher *t)
{
    const struct question *q = &t->question;
    struct grades *g = (struct grades *)t;
    struct json *j = &g->j;
    char *said = t->face->ask ? g->said : next_answer(g);
    if (said && !answer_is(said, q->choices) &&
        (!q->options || isdigit((u8)*said)))
        answer_meant(said, q->choices); /* as at the lesson's prompt */
    g->wanted++;
    g->missing += !said;
    bool ok = said && answer_right(q, said);
    if (q->options) { /* the steps' questions are over */
        json_close(j, ']');
        g->in_questions = false;
        g->exercise_right = ok;
    }
    json_open(j, q->options ? "exercise" : NULL, '{');
    json_asked(j, q);
    if (said)
        json_str(j, "given", said);
    json_expected(g, said, q->choices);
    json_right(j, q);
    json_add(j, "ok:%hhd}", ok);
    if (t->face->ask) {
        struct json part = {0};
        json_add(&part, "{part:%s given:%s ok:%hhd", "verdict", said, ok);
        json_right(&part, q);
        json_str(&part, "text", q->why);
        part_end(&part);
    }
    return true;
}

/* ---- -v: the lesson's parts ------------------------------------------ */

static void go_back(const struct teacher *t)
{
    struct json part = {0};
    if (!session_back(t->s))
        return;
    json_add(&part, "{part:%s", "undone");
    part_end(&part);
}

static bool part_shown(struct teacher *t, const struct lesson_block *b)
{
    static const char *const parts[] = {[BLOCK_STEP] = "step",
                                        [BLOCK_PROSE] = "prose",
                                        [BLOCK_PAUSE] = "pause"};
    struct json part = {0};
    json_add(&part, "{part:%s text:%s", parts[b->kind], b->text);
    part_end(&part);
    if (b->kind != BLOCK_PAUSE)
        return true;
    bool goes_on = next_answer((struct grades *)t);
    go_back(t);
    return goes_on;
}

/* Waits for an answer, or for an empty line, which asks for the solution. Until
 * then the learner may use the monitor's verbs. */
static bool part_asked(struct teacher *t)
{
    const struct question *q = &t->question;
    struct grades *g = (struct grades *)t;
    char expected[40], within[40];
    struct json part = {0};
    json_add(&part, "{part:%s", q->options ? "exercise" : "question");
    json_asked(&part, q);
    answer_expected(q->choices, expected, sizeof expected);
    json_str(&part, "expected", expected);
    if (q->options) {
        if (q->answer->within > 0)
            json_str(&part, "within", answer_margin(q, within, sizeof within));
        json_add(&part, "options:%s try:%s", q->options, q->try);
    }
    part_end(&part);
    session_cover(t->s, true); /* the panel's walk could tell the answer */
    while ((g->said = next_answer(g)) && *g->said &&
           !answer_is(g->said, q->choices) &&
           !answer_meant(g->said, q->choices)) {
        json_add(&part, "{part:%s text:%s", "expected", expected);
        part_end(&part);
    }
    session_cover(t->s, false);
    go_back(t);
    return g->said;
}

static void part_begin(const struct teacher *t)
{
    const struct lesson *l = t->l;
    struct json part = {0};
    json_add(&part, "{part:%s number:%u steps:%u questions:%u title:%s",
             "lesson", l->number, l->steps, l->questions, l->title);
    json_str(&part, "text", l->intro.text);
    part_end(&part);
}

enum command_status lesson_grade(void *run, struct session *s)
{
    static const struct face grader = {.tell = graded},
                             shower = {part_shown, part_asked, graded};
    struct grades g = {.in_questions = true};
    struct json *j = &g.j;
    struct teacher *t = &g.t;
    bool verbose = ((struct lesson_run *)run)->verbose;
    lesson_begin(t, verbose ? &shower : &grader, run, s);
    t->shown = verbose;
    if (verbose)
        part_begin(t);
    json_add(j, "{lesson:%s seed:%llu questions:[", t->l->name, t->run->seed);
    bool ok = lesson_steps(t, 0) && lesson_exercise(t) && g.exercise_right;
    if (g.in_questions)
        json_close(j, ']');
    if (t->why || g.in_questions)
        json_str(j, "failed", t->why ? t->why : "the lesson was left");
    json_add(j, "answers_wanted:%u answers_given:%u ok:%hhd}", g.wanted,
             g.wanted - g.missing + (verbose ? 0 : surplus(&g)), ok);
    puts(j->text);
    json_free(j);
    lesson_end(t);
    return ok ? CMD_OK : CMD_FAILED;
}
