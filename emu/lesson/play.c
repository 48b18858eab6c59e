/* SPDX-License-Identifier: MIT */
/* Plays a lesson at the terminal: prints a step's text and question, reads an
 * answer, runs the machine, compares. Before answering, the learner may use the
 * monitor's verbs: the machine goes back before the lesson continues. */
#include "base/word.h"
#include "lesson/internal.h"

#include "monitor/drive.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Simulated seconds that a verb of the learner may take. */
#define LOOK_SECONDS 1

struct player {
    struct teacher t;               /* must be first */
    char *program, *name;           /* quoted for a shell */
    unsigned step, answered, right; /* answered, right: predictions */
    enum { NOT_ANSWERED, WRONG, RIGHT } exercise;
    bool skips;     /* the learner goes directly to the exercise */
    char line[400]; /* the last typed line */
};

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

/* Returns a word with backslashes where a shell's line needs them. */
static char *quoted(const char *word)
{
    char *all;
    size_t size;
    FILE *to = open_memstream(&all, &size);
    for (; *word; putc(*word++, to))
        if ((u8)*word < 0x80 && !isalnum((u8)*word) &&
            !strchr("/._-+,:=@%", *word))
            putc('\\', to);
    fclose(to);
    return all;
}

static void show_caption(struct player *p, const char *what)
{
    char line[200];
    bool shown = p->t.shown;
    snprintf(line, sizeof line, "echo Lesson %u: %s", p->t.l->number, what);
    p->t.shown = false;
    session_command(p->t.s, line);
    p->t.shown = shown;
}

/* ---- input ----------------------------------------------------------- */

static bool leaves(const char *word)
{
    return word_same(word, "q") || word_same(word, "quit") ||
           word_same(word, "exit");
}

/* True for `exercise`, or `x` alone: the monitor's x has an argument. */
static bool skips(const char *word)
{
    return word_same(word, "x") || word_same(word, "exercise");
}

/* Runs a verb that the learner typed; session_back undoes its effects later. */
static void look_around(struct player *p)
{
    struct teacher *t = &p->t;
    session_keep(t->s);
    session_at(t->s, NULL, 0);
    teacher_limit(t, LOOK_SECONDS);
    session_command(t->s, p->line);
    teacher_limit(t, LESSON_SECONDS);
    teacher_line(t);
}

static void say_expected(const char *choices, const char *before)
{
    char hint[160], expected[40];
    snprintf(hint, sizeof hint, "%sThe answer is %s (Enter twice: show me).",
             before, answer_expected(choices, expected, sizeof expected));
    text_print(hint);
}

/* Handles a line that is not an answer: prints help or a hint, or runs a verb
 * of the monitor. choices: of the question; NULL: no question. */
static void no_answer(struct player *p, const char *choices)
{
    const char *text = p->line;
    double number;
    bool letter = isalpha((u8)text[0]) && !text[1];
    bool numeric = text_number(text, &number);
    bool help = !strcmp(text, "?") || word_same(text, "h");
    if (help && choices)
        say_expected(choices, "To look around first, type a verb of the "
                              "monitor (info ps; help lists them); q leaves. ");
    else if (help)
        text_print("Enter goes on, x goes to the exercise, q leaves; to look "
                   "around, type a verb of the monitor (help lists them).");
    else if (word_same(text, "back"))
        text_print(
            "A lesson goes forward only; what it has said stands above. To "
            "start it again: q, then --lesson.");
    else if (!choices && (letter || numeric))
        text_print("No question now: Enter goes on, x goes to the exercise, q "
                   "leaves.");
    else if (letter || numeric)
        say_expected(choices, "");
    else if (choices && !session_knows(p->t.s, text))
        say_expected(choices, "That is no verb of the monitor. ");
    else
        look_around(p);
}

/* True for the first Enter at a question, typed at a terminal. This Enter may
 * have been typed for another purpose: it only causes a warning. */
static bool enter_again(bool *before)
{
    bool again = !*before && isatty(STDIN_FILENO);
    *before = true;
    if (again)
        text_print("(Enter once more shows the answer.)");
    return again;
}

/* Reads a line into p->line, without blanks around it. False: end of input. */
static bool read_line(struct player *p)
{
    struct teacher *t = &p->t;
    t->shown = false; /* commands from the panel print nothing here */
    bool typed = session_ask(t->s, p->line, sizeof p->line);
    t->shown = true;
    if (!typed || !isatty(STDIN_FILENO)) /* a terminal shows typed text */
        puts(typed ? p->line : "");
    char *text = text_trimmed(p->line);
    memmove(p->line, text, strlen(text) + 1);
    return typed;
}

/* Reads lines until Enter or an answer, which is then in p->line. choices: of
 * the question; NULL: only Enter is waited for. False: the learner leaves, or
 * goes to the exercise. */
static bool ask(struct player *p, const char *choices)
{
    struct teacher *t = &p->t;
    struct guest_line line = t->line;
    bool entered = !choices;
    fflush(stdout);
    session_forget_typed(t->s);
    for (;;) {
        fputs(!choices   ? "[Enter] "
              : *choices ? "your answer: "
                         : "your number: ",
              stdout);
        if (!read_line(p) || leaves(p->line))
            return false;
        if (skips(p->line) && !p->skips)
            return !(p->skips = true);
        if (!*p->line && enter_again(&entered))
            continue;
        if (!*p->line || (choices && answer_is(p->line, choices)))
            break;
        bool unit = !t->question.options || isdigit((u8)*p->line);
        if (choices && unit && !session_knows(t->s, p->line) &&
            answer_meant(p->line, choices))
            break;
        no_answer(p, choices);
    }
    if (session_back(t->s)) {
        t->line = line;
        puts("(The machine stands again where it stood when this was asked.)");
    }
    return true;
}

/* ---- steps ----------------------------------------------------------- */

static bool show(struct teacher *t, const struct lesson_block *b)
{
    struct player *p = (struct player *)t;
    if (b->kind == BLOCK_STEP) {
        heading("\n%u of %u: %s", ++p->step, t->l->steps, b->text);
        *p->line = 0;
        return true;
    }
    puts("");
    text_print(b->text);
    return b->kind != BLOCK_PAUSE || ask(p, NULL);
}

/* Gives the right answer: the line of the right choice, or a number. */
static char *right_text(const struct question *q, char *is, size_t n)
{
    char letter = q->answer->letter;
    const char *at = letter ? strchr(q->choices, letter) : NULL;
    if (!at)
        return answer_text(q, is, n);
    at = choice_at(q->text, (size_t)(at - q->choices));
    snprintf(is, n, "%.*s", (int)strcspn(at, "\n"), at);
    return is;
}

static bool verdict(const struct question *q, const char *given)
{
    char is[200], margin[40];
    double said;
    bool letter = q->answer->letter, near = !letter && q->answer->within > 0;
    bool right = *given && answer_right(q, given);
    const char *stop = letter ? "" : ".";
    right_text(q, is, sizeof is);
    answer_margin(q, margin, sizeof margin);
    if (!*given)
        printf("It is %s%s\n", is, stop);
    else if (!right)
        printf("You said %s; it is %s%s%s%s%s\n", given, is, stop,
               near ? " (Off by " : "", near ? margin : "",
               near ? " would be right.)" : "");
    else if (letter)
        printf("Right: %s\n", is);
    else if (text_number(given, &said) && said != q->right)
        printf("You said %s, near enough: it is %s.\n", given, is);
    else
        printf("You said %s: right.\n", given);
    text_print(q->why);
    return right;
}

static bool ask_prediction(struct player *p)
{
    const struct question *q = &p->t.question;
    char sentence[CAPTION_MAX], asks[CAPTION_MAX + 30];
    puts("");
    text_print(q->text);
    question_sentence(q->text, sentence, sizeof sentence); /* fits: parse.c */
    snprintf(asks, sizeof asks, "asked in the terminal: %s", sentence);
    show_caption(p, asks);
    session_cover(p->t.s, true); /* the panel's walk could tell the answer */
    bool answered = ask(p, q->choices);
    session_cover(p->t.s, false);
    if (answered) /* shown until the machine stops somewhere */
        show_caption(p, "the answer is in the terminal");
    return answered;
}

/* ---- the exercise ---------------------------------------------------- */

static bool ask_exercise(struct player *p)
{
    const struct question *q = &p->t.question;
    char margin[40];
    text_print(q->text);
    if (q->answer->within > 0)
        printf("(An answer that is off by %s is right.)\n",
               answer_margin(q, margin, sizeof margin));
    printf("\nTo try it on such a machine, in another terminal:\n"
           "    %s%s%s --monitor\n",
           p->program, *q->options ? " " : "", q->options);
    text_print(q->try);
    show_caption(p, "the exercise waits in the terminal");
    if (!ask(p, ""))
        return false;
    printf("\nA fresh machine runs it ...\n");
    fflush(stdout);
    return true;
}

static bool tell_exercise(struct player *p)
{
    const struct question *q = &p->t.question;
    u64 left = isatty(STDIN_FILENO) ? p->t.run->tries : 1;
    double said;
    while (--left && text_number(p->line, &said) && !answer_right(q, p->line)) {
        printf("%s is too %s. Once more (%llu %s), or Enter twice: show me.\n",
               p->line, said < q->right ? "small" : "large", left,
               left == 1 ? "try" : "tries");
        p->exercise = WRONG;
        if (!ask(p, ""))
            return false;
    }
    p->exercise = verdict(q, p->line) ? RIGHT : *p->line ? WRONG : p->exercise;
    return true;
}

static bool ask_question(struct teacher *t)
{
    struct player *p = (struct player *)t;
    return t->question.options ? ask_exercise(p) : ask_prediction(p);
}

static bool tell(struct teacher *t)
{
    struct player *p = (struct player *)t;
    if (t->question.options)
        return tell_exercise(p);
    puts("");
    p->answered += *p->line != 0;
    p->right += verdict(&t->question, p->line);
    return true;
}

/* ---- the whole lesson ------------------------------------------------ */

static void introduce(struct player *p)
{
    const struct lesson *l = p->t.l;
    heading("Lesson %u. %s (%u minutes)\n", l->number, l->title, l->minutes);
    text_print(l->intro.text);
    puts("");
    text_print(
        "At a question, type your prediction, or Enter twice to see the "
        "answer. To look around first, type a verb of the monitor (info ps, "
        "page 100, help); q leaves.");
    printf("\nThe exercise has seed %llu; x goes straight to it.\n",
           p->t.run->seed);
}

static void score(const struct player *p)
{
    static const char *const exercise[] = {
        [NOT_ANSWERED] = "You left the exercise without an answer.",
        [WRONG] = "Your answer to the exercise was wrong.",
        [RIGHT] = "Your answer to the exercise was right."};
    unsigned n = p->t.run->exercise ? 0 : p->t.l->questions;
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
    const struct teacher *t = &p->t;
    const char *program = p->program, *name = p->name;
    score(p);
    printf("The exercise with other numbers:\n"
           "    %s --lesson %s --seed %llu --exercise\n",
           program, name, t->run->seed + 1);
    printf("For a teacher (%u answers, one a line in FILE, the last to the "
           "exercise):\n"
           "    %s --lesson %s --seed %llu --grade < FILE\n",
           t->l->questions + 1, program, name, t->run->seed);
    if (!strchr(t->run->asked, '/') && lesson_exists(t->l->number + 1))
        printf("The next lesson:\n    %s --lesson %u\n", program,
               t->l->number + 1);
}

static bool play_whole(struct player *p)
{
    struct teacher *t = &p->t;
    if (!t->run->exercise)
        introduce(p);
    bool ok = t->run->exercise || (ask(p, NULL) && lesson_steps(t, 0));
    if (!ok && (!p->skips || t->why))
        return false;
    session_back(t->s); /* undoes the learner's verbs before the exercise */
    p->skips = true;    /* no steps are left to skip */
    heading("\nExercise (seed %llu)", t->run->seed);
    puts("");
    if (!lesson_exercise(t))
        return false;
    close_lesson(p);
    return true;
}

static void say_left(const struct player *p)
{
    printf("\nThe lesson is left. From its beginning:\n    %s --lesson %s",
           p->program, p->name);
    if (p->t.run->seed != 1)
        printf(" --seed %llu", p->t.run->seed);
    puts("");
}

enum command_status lesson_play(void *run, struct session *s)
{
    static const struct face terminal = {show, ask_question, tell};
    struct player p = {.step = 0};
    struct teacher *t = &p.t;
    lesson_begin(t, &terminal, run, s);
    t->shown = true;
    p.program = quoted(t->run->program);
    p.name = quoted(t->run->asked);
    bool whole = play_whole(&p), failed = t->why;
    if (!whole)
        session_back(t->s);
    if (!whole && !failed)
        say_left(&p);
    lesson_end(t);
    free_all(p.program, p.name);
    return !whole && failed ? CMD_FAILED : CMD_OK;
}
