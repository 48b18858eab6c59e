/* SPDX-License-Identifier: MIT */
/* --solve prints the machine's answer to every question. --grade reads answers
 * of the learner, one a line of standard input, and prints a line of JSON. */
#include "lesson/internal.h"

#include "base/ending.h"
#include "inspect/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Called with each question and the machine's answer to it; question NULL: the
 * exercise, whose text is ask. */
typedef void (*on_answer)(void *opaque, const struct lesson_answer *a,
                          const struct lesson_block *question, const char *ask,
                          const struct result *r);

static bool answer_step(struct teacher *t, const struct lesson_step *s,
                        on_answer fn, void *opaque)
{
    const struct lesson_block *asked = NULL;
    struct result r = {0};
    if (!step_begin(t, s))
        return false;
    for (unsigned i = 0; i < s->n; i++) {
        const struct lesson_block *b = &s->block[i];
        if (b->kind == BLOCK_PREDICT)
            asked = b;
        if ((b->kind == BLOCK_RUN || b->kind == BLOCK_CHECK) &&
            !block_run(t, b))
            return false;
        if (b->kind != BLOCK_COMPARE)
            continue;
        char *why = block_compare(t, b, &r) ? lines_filled(t, &b->lines) : NULL;
        free(why);
        if (!why)
            return false;
        fn(opaque, &b->answer, asked, NULL, &r);
    }
    return true;
}

struct asking {
    struct teacher *t;
    on_answer fn;
    void *opaque;
};

static bool answer_nth_step(void *opaque, unsigned i)
{
    struct asking *a = opaque;
    return answer_step(a->t, &a->t->l->step[i], a->fn, a->opaque);
}

static bool answer_lesson(struct teacher *t, on_answer fn, void *opaque)
{
    struct asking a = {t, fn, opaque};
    if (!steps_run(t, answer_nth_step, &a))
        return false;
    struct result r = {0};
    char *ask = NULL, *say = NULL;
    bool ok = exercise_names(t) &&
              (ask = lines_filled(t, &t->l->exercise.ask.lines)) &&
              exercise_run(t, &r, &say);
    if (ok)
        fn(opaque, &t->l->exercise.answer.answer, NULL, ask, &r);
    free(ask);
    free(say);
    return ok;
}

/* ---- --solve --------------------------------------------------------- */

static void print_lines(const struct lesson_lines *lines)
{
    for (unsigned i = 0; i < lines->n; i++)
        printf("%s\n", lines->line[i].text);
}

static void solved(void *opaque, const struct lesson_answer *a,
                   const struct lesson_block *question, const char *ask,
                   const struct result *r)
{
    char buf[40];
    (void)opaque, (void)a;
    if (question)
        print_lines(&question->lines);
    else
        printf("exercise: %s\n", ask);
    printf("answer: %s\n\n", result_text(r, buf, sizeof buf));
}

enum command_status lesson_solve(struct teacher *t)
{
    printf("%u. %s, seed %llu\n\n", t->l->number, t->l->title, t->run->seed);
    return answer_lesson(t, solved, t) ? CMD_OK : CMD_FAILED;
}

/* ---- --grade --------------------------------------------------------- */

struct grades {
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
static void json_asked(struct json *j, const struct lesson_block *question,
                       const char *ask)
{
    if (!question) {
        json_str(j, "ask", ask);
        return;
    }
    struct lesson_lines text = question->lines;
    for (text.n = 0; text.n < question->lines.n; text.n++)
        if (is_choice(text.line[text.n].text))
            break;
    char *joined = lines_joined(&text, " ");
    json_str(j, "question", joined);
    free(joined);
    if (!*question->choices)
        return;
    json_open(j, "choices", '{');
    for (unsigned i = text.n; i < question->lines.n; i++) {
        const char *line = question->lines.line[i].text;
        json_str(j, (char[]){*line, 0}, line + 3);
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

static void graded(void *opaque, const struct lesson_answer *a,
                   const struct lesson_block *question, const char *ask,
                   const struct result *r)
{
    struct grades *g = opaque;
    struct json *j = &g->j;
    char buf[40], within[40];
    const char *choices = question ? question->choices : "";
    char *said = next_answer(g);
    if (said && !answer_is(said, choices))
        answer_meant(said, choices); /* as at the lesson's prompt */
    g->wanted++;
    g->missing += !said;
    double least = question ? PREDICTION_PERCENT : 0;
    bool ok = said && answer_right(a, r, said, least);
    if (!question) { /* all questions are answered */
        json_close(j, ']');
        g->in_questions = false;
        g->exercise_right = ok;
    }
    json_open(j, question ? NULL : "exercise", '{');
    json_asked(j, question, ask);
    if (said)
        json_str(j, "given", said);
    json_expected(g, said, choices);
    json_str(j, "right", result_text(r, buf, sizeof buf));
    if (!r->letter)
        json_str(j, "within", answer_margin(a, least, within, sizeof within));
    json_add(j, "ok:%hhd}", ok);
}

enum command_status lesson_grade(struct teacher *t)
{
    struct grades g = {.in_questions = true};
    struct json *j = &g.j;
    setvbuf(stdin, NULL, _IONBF, 0); /* poll sees no buffered bytes */
    json_add(j, "{lesson:%s seed:%llu questions:[", t->l->name, t->run->seed);
    bool ok = answer_lesson(t, graded, &g) && g.exercise_right;
    if (g.in_questions)
        json_close(j, ']');
    if (t->why)
        json_str(j, "failed", t->why);
    json_add(j, "answers_wanted:%u answers_given:%u ok:%hhd}", g.wanted,
             g.wanted - g.missing + surplus(&g), ok);
    puts(j->text);
    json_free(j);
    free(g.line);
    return ok ? CMD_OK : CMD_FAILED;
}
