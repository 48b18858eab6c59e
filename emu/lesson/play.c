/* SPDX-License-Identifier: MIT */
/* A lesson at the terminal: a step's text, its question, an answer, the
 * machine, the comparison. Before answering, the learner may use the monitor's
 * verbs: the machine goes back before the lesson continues. */
#include "lesson/internal.h"

#include "inspect/inspect.h"
#include "monitor/drive.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Simulated seconds that a verb of the learner may take. */
#define LOOK_SECONDS 1

struct player {
    struct teacher *t;
    unsigned answered, right; /* predictions */
    enum { NOT_ANSWERED, WRONG, RIGHT } exercise;
    const struct lesson_block *question; /* the last one */
    bool left, skips; /* quit; goes directly to the exercise */
    char line[400];   /* the last typed line */
};

enum wanted { WANT_ENTER, WANT_LETTER, WANT_NUMBER };

/* ---- print ----------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void heading(const char *fmt, ...)
{
    bool bold = isatty(STDOUT_FILENO) && getenv("TERM") &&
                strcmp(getenv("TERM"), "dumb");
    va_list ap;
    fputs(bold ? "\033[1m" : "", stdout);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    puts(bold ? "\033[0m" : "");
}

static void paragraphs(const struct lesson_lines *lines)
{
    char *text = lines_joined(lines, "\n");
    text_print(text);
    free(text);
}

/* Shows the panel's card. */
static void show_caption(struct player *p, const char *what)
{
    char line[200];
    bool shown = p->t->shown;
    snprintf(line, sizeof line, "echo Lesson %u: %s", p->t->l->number, what);
    p->t->shown = false;
    session_command(p->t->s, line);
    p->t->shown = shown;
}

/* ---- input ----------------------------------------------------------- */

static const char *help_text(enum wanted want)
{
    return want == WANT_ENTER
               ? "Enter goes on, x goes to the exercise, q leaves; a verb of "
                 "the monitor looks around (info ps; help lists them)."
           : want == WANT_LETTER
               ? "A letter answers, Enter twice shows the answer, q leaves; a "
                 "verb of the monitor looks around first (info ps; help lists "
                 "them)."
               : "A number answers, Enter twice shows the answer, q leaves; a "
                 "verb of the monitor looks around first (info ps; help lists "
                 "them).";
}

static bool leaves(const char *word)
{
    return word_same(word, "q") || word_same(word, "quit") ||
           word_same(word, "exit");
}

/* `x` alone; the monitor's x has an argument. */
static bool skips(const char *word)
{
    return word_same(word, "x") || word_same(word, "exercise");
}

/* Runs the learner's own verb; its effects on the machine are undone later. */
static void look_around(struct player *p)
{
    struct teacher *t = p->t;
    session_keep(t->s);
    session_at(t->s, NULL, 0);
    session_limit_cycles(t->s, LOOK_SECONDS * session_env(t->s)->clock_hz);
    session_command(t->s, p->line);
    session_limit_cycles(t->s, LESSON_SECONDS * session_env(t->s)->clock_hz);
    teacher_line(t);
}

/* Handles a line that is not an answer: help, a hint, a verb of the monitor. */
static void no_answer(struct player *p, enum wanted want, const char *choices)
{
    const char *text = p->line;
    char hint[160], expected[40] = "";
    double number;
    bool letter = isalpha((u8)text[0]) && !text[1];
    if (want != WANT_ENTER)
        answer_expected(choices, expected, sizeof expected);
    if (!strcmp(text, "?") || word_same(text, "h")) {
        text_print(help_text(want));
    } else if (word_same(text, "back")) {
        text_print(
            "A lesson goes forward only; what it has said stands above. From "
            "its beginning: q, and --lesson once more.");
    } else if (*expected &&
               (letter || (*choices && text_number(text, &number)))) {
        snprintf(hint, sizeof hint, "The answer is %s (Enter twice: show me).",
                 expected);
        text_print(hint);
    } else if (letter || text_number(text, &number)) {
        text_print("No question now: Enter goes on, x goes to the exercise, q "
                   "leaves.");
    } else if (*expected && !session_knows(p->t->s, text)) {
        snprintf(hint, sizeof hint,
                 "That is no verb of the monitor. The answer is %s (Enter "
                 "twice: show me).",
                 expected);
        text_print(hint);
    } else {
        look_around(p);
    }
}

/* The first Enter at a question only warns: it may have been typed for another
 * purpose. */
static bool enter_again(enum wanted want, bool *before)
{
    bool again = want != WANT_ENTER && !*before && isatty(STDIN_FILENO);
    *before = true;
    if (again)
        text_print("(Enter once more shows the answer.)");
    return again;
}

/* Reads lines until Enter or an answer, which is then in p->line. False: the
 * learner leaves, or goes to the exercise. */
static bool ask(struct player *p, enum wanted want, const char *choices)
{
    static const char *const prompts[] = {"[Enter] ",
                                          "your answer: ", "your number: "};
    struct teacher *t = p->t;
    struct guest_line line = t->line;
    bool entered = false;
    fflush(stdout);
    session_forget_typed(t->s);
    for (;;) {
        fputs(prompts[want], stdout);
        t->shown =
            false; /* output of the panel's commands is not the lesson's */
        bool typed = session_ask(t->s, p->line, sizeof p->line);
        t->shown = true;
        if (!typed) {
            puts("");
            return !(p->left = true);
        }
        if (!isatty(STDIN_FILENO)) /* a terminal shows typed text */
            puts(p->line);
        char *text = p->line + strspn(p->line, " \t");
        size_t n = strlen(text);
        while (n && isspace((u8)text[n - 1]))
            n--;
        memmove(p->line, text, n);
        p->line[n] = 0;
        if (leaves(p->line))
            return !(p->left = true);
        if (skips(p->line) && !p->skips)
            return !(p->skips = true);
        if (!n && enter_again(want, &entered))
            continue;
        if (!n || (want != WANT_ENTER && answer_is(p->line, choices)))
            break;
        if (want != WANT_ENTER && !session_knows(t->s, p->line) &&
            answer_meant(p->line, choices))
            break;
        no_answer(p, want, choices);
    }
    if (session_back(t->s)) {
        t->line = line;
        puts("(The machine stands again where it stood when this was asked.)");
    }
    return true;
}

static bool pause_here(struct player *p)
{
    return ask(p, WANT_ENTER, "");
}

/* ---- steps ----------------------------------------------------------- */

/* The right answer: "b. the other one" of the choices, or a number. */
static void right_text(const struct lesson_block *asked, const struct result *r,
                       char *is, size_t n)
{
    result_text(r, is, n);
    for (unsigned i = 0; r->letter && i < asked->lines.n; i++) {
        const char *line = asked->lines.line[i].text;
        if (line[0] == r->letter && line[1] == '.')
            snprintf(is, n, "%s", line);
    }
}

/* True for the same number in another form: 0x38 for 56. */
static bool same_number(const char *given, const struct result *r)
{
    double said;
    return !r->letter && text_number(given, &said) && said == r->right;
}

static void verdict(const struct lesson_answer *a,
                    const struct lesson_block *asked, const struct result *r,
                    const char *given, double least, bool *right)
{
    char is[200], margin[40];
    right_text(asked, r, is, sizeof is);
    bool near = !r->letter && a->within > 0;
    answer_margin(a, least, margin, sizeof margin);
    *right = *given && answer_right(a, r, given, least);
    const char *stop = r->letter ? "" : ".";
    if (!*given)
        printf("It is %s%s\n", is, stop);
    else if (!*right)
        printf("You said %s; it is %s%s%s%s%s\n", given, is, stop,
               near ? " (Off by " : "", near ? margin : "",
               near ? " would be right.)" : "");
    else if (r->letter)
        printf("Right: %s\n", is);
    else if (strcasecmp(given, is) && !same_number(given, r))
        printf("You said %s, near enough: it is %s.\n", given, is);
    else
        printf("You said %s: right.\n", given);
}

static bool play_predict(struct player *p, const struct lesson_block *b,
                         char *said, size_t n)
{
    static const char in_terminal[] = "asked in the terminal: ";
    char asks[170];
    p->question = b;
    puts("");
    paragraphs(&b->lines);
    memcpy(asks, in_terminal, sizeof in_terminal);
    size_t n_asks = sizeof in_terminal - 1;
    if (!question_sentence(&b->lines, asks + n_asks, sizeof asks - n_asks))
        snprintf(asks, sizeof asks, "a question waits in the terminal");
    show_caption(p, asks);
    session_cover(p->t->s, true); /* the panel's walk may show the answer */
    bool answered = ask(p, *b->choices ? WANT_LETTER : WANT_NUMBER, b->choices);
    session_cover(p->t->s, false);
    if (!answered)
        return false;
    show_caption(p, "the answer is in the terminal"); /* until the machine stops
                                                    somewhere */
    snprintf(said, n, "%.*s", (int)n - 1, p->line);
    return true;
}

static bool play_compare(struct player *p, const struct lesson_block *b,
                         const char *said)
{
    struct result r = {0};
    bool right;
    if (!block_compare(p->t, b, &r))
        return false;
    puts("");
    verdict(&b->answer, p->question, &r, said, PREDICTION_PERCENT, &right);
    p->answered += *said != 0;
    p->right += right;
    char *why = lines_filled(p->t, &b->lines);
    if (why)
        text_print(why);
    bool explained = why;
    free(why);
    return explained;
}

static bool play_block(struct player *p, const struct lesson_block *b,
                       char *said, size_t n)
{
    switch (b->kind) {
    case BLOCK_PROSE:
        puts("");
        paragraphs(&b->lines);
        return true;
    case BLOCK_PREDICT:
        return play_predict(p, b, said, n);
    case BLOCK_COMPARE:
        return play_compare(p, b, said);
    case BLOCK_RUN:
        p->t->gap = true;
        break;
    case BLOCK_CHECK:
        break;
    }
    bool ok = block_run(p->t, b) && !session_left(p->t->s);
    p->t->gap = false;
    return ok;
}

static bool play_step(void *opaque, unsigned i)
{
    struct player *p = opaque;
    const struct lesson *l = p->t->l;
    const struct lesson_step *s = &l->step[i];
    char said[100] = "";
    heading("\n%u of %u: %s", i + 1, l->n, s->title);
    if (!step_begin(p->t, s))
        return false;
    for (unsigned k = 0; k < s->n; k++)
        if (!play_block(p, &s->block[k], said, sizeof said))
            return false;
    puts("");
    return pause_here(p);
}

/* ---- the exercise ---------------------------------------------------- */

static void tolerance_print(const struct lesson_answer *a)
{
    char margin[40];
    if (a->within > 0)
        printf("(An answer that is off by %s is right.)\n",
               answer_margin(a, 0, margin, sizeof margin));
}

static bool ask_exercise(struct player *p)
{
    struct teacher *t = p->t;
    const struct lesson_exercise *x = &t->l->exercise;
    char *text = lines_filled(t, &x->ask.lines);
    char *try = lines_filled(t, &x->try_lines);
    char *options = exercise_options(t);
    bool ok = text && options && try;
    if (ok) {
        text_print(text);
        tolerance_print(&x->answer.answer);
        printf("\nTo try it on such a machine, in another terminal:\n"
               "    %s%s%s --monitor\n",
               t->run->program, *options ? " " : "", options);
        text_print(try);
    }
    free(text);
    free(try);
    free(options);
    show_caption(p, "the exercise waits in the terminal");
    return ok && ask(p, WANT_NUMBER, "");
}

static bool play_exercise(struct player *p)
{
    struct teacher *t = p->t;
    char *say = NULL;
    struct result r = {0};
    bool right, ok;
    heading("\nExercise (seed %llu)", t->run->seed);
    puts("");
    if (!exercise_names(t) || !ask_exercise(p))
        return false;
    printf("\nA fresh machine runs it ...\n");
    fflush(stdout);
    ok = exercise_run(t, &r, &say);
    if (ok && *p->line && isatty(STDIN_FILENO) &&
        !answer_right(&t->l->exercise.answer.answer, &r, p->line, 0)) {
        printf("%s is not right. Once more, or Enter twice: show me.\n",
               p->line);
        p->exercise = WRONG;
        ok = ask(p, WANT_NUMBER, "");
    }
    if (ok) {
        verdict(&t->l->exercise.answer.answer, NULL, &r, p->line, 0, &right);
        p->exercise = right ? RIGHT : *p->line ? WRONG : p->exercise;
        text_print(say);
    }
    free(say);
    return ok;
}

/* ---- the whole lesson ------------------------------------------------ */

/* False for a file of the learner's own. */
static bool of_course(const struct teacher *t)
{
    return !strchr(t->run->asked, '/');
}

static const char *lesson_name(const struct teacher *t, char *buf, size_t n)
{
    if (of_course(t))
        snprintf(buf, n, "%u", t->l->number);
    else
        snprintf(buf, n, "%s", t->run->asked);
    return buf;
}

static void introduce(struct player *p)
{
    const struct lesson *l = p->t->l;
    heading("Lesson %u. %s (%u minutes)\n", l->number, l->title, l->minutes);
    paragraphs(&l->intro);
    puts("");
    text_print(
        "At a question, type your prediction, or Enter twice to be shown. Any "
        "verb of the monitor looks around first (info ps, page 100, help); "
        "q leaves.");
    printf("\nThe exercise has seed %llu; x goes straight to it.\n",
           p->t->run->seed);
}

static unsigned questions(const struct lesson *l)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->n; i++)
        for (unsigned k = 0; k < l->step[i].n; k++)
            n += l->step[i].block[k].kind == BLOCK_PREDICT;
    return n;
}

static void score(const struct player *p)
{
    static const char *const exercise[] = {
        [NOT_ANSWERED] = "You left the exercise without an answer.",
        [WRONG] = "Your answer to the exercise was wrong.",
        [RIGHT] = "Your answer to the exercise was right."};
    unsigned n = questions(p->t->l);
    puts("");
    if (p->answered)
        printf("You answered %u of %u question%s, and %u right. ", p->answered,
               n, n == 1 ? "" : "s", p->right);
    else if (n)
        printf("You answered none of the %u questions. ", n);
    puts(exercise[p->exercise]);
}

static void close_lesson(struct player *p)
{
    const struct teacher *t = p->t;
    const char *program = t->run->program;
    char name[300];
    lesson_name(t, name, sizeof name);
    score(p);
    printf("The exercise with other numbers:\n"
           "    %s --lesson %s --seed %llu\n",
           program, name, t->run->seed + 1);
    printf("For a teacher (%u answers, one a line, the exercise's last):\n"
           "    %s --lesson %s --seed %llu --grade < FILE\n",
           questions(t->l) + 1, program, name, t->run->seed);
    if (of_course(t) && lesson_exists(t->l->number + 1))
        printf("The next lesson:\n    %s --lesson %u\n", program,
               t->l->number + 1);
}

static bool play_whole(struct player *p)
{
    introduce(p);
    bool ok = pause_here(p) && steps_run(p->t, play_step, p);
    if (!ok && (!p->skips || p->t->why))
        return false;
    session_back(p->t->s); /* from the learner's verbs before the exercise */
    p->skips = true;       /* there are no more steps to skip */
    if (!play_exercise(p))
        return false;
    close_lesson(p);
    return true;
}

enum command_status lesson_play(struct teacher *t)
{
    struct player p = {.t = t};
    char name[300];
    t->shown = true;
    session_limit_cycles(t->s, LESSON_SECONDS * session_env(t->s)->clock_hz);
    if (play_whole(&p))
        return CMD_OK;
    session_back(t->s);
    if (t->why)
        return CMD_FAILED;
    printf("\nThe lesson is left. From its beginning:\n    %s --lesson %s",
           t->run->program, lesson_name(t, name, sizeof name));
    if (t->run->seed != 1)
        printf(" --seed %llu", t->run->seed);
    puts("");
    return CMD_OK;
}
