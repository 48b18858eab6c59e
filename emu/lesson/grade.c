/* SPDX-License-Identifier: MIT */
/* --solve prints the machine's answer to every question. --grade reads answers
 * of the learner, one a line of standard input, and prints a line of JSON. */
#include "lesson/internal.h"

#include "base/ending.h"
#include "inspect/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* ---- --grade --------------------------------------------------------- */

struct grades {
    struct teacher t; /* must be first */
    struct json j;
    bool exercise_right, in_questions;
    unsigned wanted, missing; /* answers */
    char *line;
    size_t room;
};

/* The next line of standard input without blanks around it; NULL: none. */
static char *next_answer(struct grades *g)
{
    ssize_t n = -1;
    if (ending_await(STDIN_FILENO))
        n = getline(&g->line, &g->room, stdin);
    if (n < 0)
        return NULL;
    n = (ssize_t)strcspn(g->line, "\r\n");
    while (n && (g->line[n - 1] == ' ' || g->line[n - 1] == '\t'))
        n--;
    g->line[n] = 0;
    return g->line + strspn(g->line, " \t");
}

/* Counts the lines after the last answer. */
static unsigned surplus(struct grades *g)
{
    unsigned n = 0;
    for (const char *line; (line = next_answer(g));)
        n += *line != 0;
    return n;
}

/* The question's text and its choices, or the exercise's text. */
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

/* For a line that is not an answer: reports the expected form. */
static void json_expected(struct grades *g, const char *said,
                          const char *choices)
{
    char expected[40];
    if (!said || answer_is(said, choices))
        return;
    answer_expected(choices, expected, sizeof expected);
    json_str(&g->j, "expected", expected);
    fprintf(stderr, "clockhand: --grade: line %u: '%.60s' is not %s\n",
            g->wanted, said, expected);
}

static bool graded(struct teacher *t)
{
    const struct question *q = &t->question;
    struct grades *g = (struct grades *)t;
    struct json *j = &g->j;
    char buf[40], within[40], *said = next_answer(g);
    if (said && !answer_is(said, q->choices) &&
        (!q->options || isdigit((u8)*said)))
        answer_meant(said, q->choices); /* as at the lesson's prompt */
    g->wanted++;
    g->missing += !said;
    bool ok = said && answer_right(q, said);
    if (q->options) { /* all questions are answered */
        json_close(j, ']');
        g->in_questions = false;
        g->exercise_right = ok;
    }
    json_open(j, q->options ? "exercise" : NULL, '{');
    json_asked(j, q);
    if (said)
        json_str(j, "given", said);
    json_expected(g, said, q->choices);
    json_str(j, "right", answer_text(q, buf, sizeof buf));
    if (!q->answer->letter)
        json_str(j, "within", answer_margin(q, within, sizeof within));
    json_add(j, "ok:%hhd}", ok);
    return true;
}

enum command_status lesson_grade(void *run, struct session *s)
{
    static const struct face grader = {.tell = graded};
    struct grades g = {.in_questions = true};
    struct json *j = &g.j;
    struct teacher *t = &g.t;
    lesson_begin(t, &grader, run, s);
    setvbuf(stdin, NULL, _IONBF, 0); /* poll sees no buffered bytes */
    json_add(j, "{lesson:%s seed:%llu questions:[", t->l->name, t->run->seed);
    bool ok = lesson_steps(t, 0) && lesson_exercise(t) && g.exercise_right;
    if (g.in_questions)
        json_close(j, ']');
    if (t->why)
        json_str(j, "failed", t->why);
    json_add(j, "answers_wanted:%u answers_given:%u ok:%hhd}", g.wanted,
             g.wanted - g.missing + surplus(&g), ok);
    puts(j->text);
    json_free(j);
    free(g.line);
    lesson_end(t);
    return ok ? CMD_OK : CMD_FAILED;
}
