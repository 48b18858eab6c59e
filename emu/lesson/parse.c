/* SPDX-License-Identifier: MIT */
/* Reads a lesson's file: Markdown; only `# N. Title`, `## Step`, fences and
 * "N minutes" have a meaning here. Errors are reported with their line. */
#include "base/text.h"
#include "base/word.h"
#include "lesson/internal.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct parser {
    struct lesson *l;
    FILE *f;
    unsigned line;
    char *text; /* the line without its end */
    size_t room;
    unsigned machine;          /* index of the step's BLOCK_MACHINE */
    bool fenced;               /* the step has fences other than options */
    unsigned asked;            /* line of a predict without compare; 0: none */
    char choices[CHOICES_MAX]; /* the predict's choices */
    bool shown;                /* a ```clockhand block came after the predict */
    jmp_buf bad;
    char *err;
    size_t nerr;
};

_Noreturn static void bad(struct parser *p, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn static void bad(struct parser *p, unsigned line, const char *fmt, ...)
{
    va_list ap;
    size_t at = append(p->err, p->nerr, 0, "line %u: ", line);
    va_start(ap, fmt);
    vsnprintf(p->err + at, p->nerr - at, fmt, ap);
    va_end(ap);
    longjmp(p->bad, 1);
}

static bool next(struct parser *p)
{
    const char *why;
    bool any = text_line(p->f, &p->text, &p->room, &why);
    p->line += any || why;
    if (why)
        bad(p, p->line, "%s", why);
    if (!any)
        return false;
    text_trimmed(p->text);
    return true;
}

/* Adds text, the present line or its end, to a block. Lines since the block's
 * last line become empty lines, so that the block keeps its line numbers. */
static void add(struct parser *p, struct lesson_block *b, const char *text)
{
    size_t n = strlen(b->text);
    if (!b->line)
        b->line = b->last = p->line;
    size_t ends = p->line - b->last;
    b->text = xrealloc(b->text, n + ends + strlen(text) + 1);
    memset(b->text + n, '\n', ends);
    strcpy(b->text + n + ends, text);
    b->last = p->line;
}

/* Reads the next line of a fence; false: the fence's end. */
static bool inside(struct parser *p, unsigned from)
{
    if (!next(p))
        bad(p, from, "a fence that is not closed");
    return strcmp(p->text, "```");
}

static void fenced(struct parser *p, unsigned from, struct lesson_block *b)
{
    while (inside(p, from))
        add(p, b, p->text);
}

static struct lesson_block *add_block(struct parser *p, enum block_kind kind,
                                      unsigned from)
{
    struct lesson *l = p->l;
    if (!l->steps)
        bad(p, from, "a fence before the first step (## ...)");
    if (l->exercise_line)
        bad(p, from, "a fence behind the exercise");
    l->block = xrealloc(l->block, (l->n + 1) * sizeof *l->block);
    l->block[l->n] = (struct lesson_block){.kind = kind, .text = xstrdup("")};
    return &l->block[l->n++];
}

/* Returns the line's text after `word`; NULL: it begins otherwise. */
static char *rest_after(char *line, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(line, word, n))
        return NULL;
    return line + n + strspn(line + n, " \t");
}

/* ---- answers --------------------------------------------------------- */

/* Reads `within 5%` at the end of text, and cuts it off. */
static void parse_tolerance(struct parser *p, struct lesson_answer *a,
                            char *text)
{
    char *at = NULL, *end;
    for (char *q = text; (q = strstr(q, " within ")); q++)
        at = q;
    if (!at)
        return;
    a->within = strtod(at + 8, &end);
    a->percent = *end == '%';
    end += a->percent;
    if (end == at + 8 || *end || !(a->within >= 0) || a->within > 1e18)
        bad(p, a->line, "'%.40s' is no tolerance (within 5%%, within 3)",
            at + 1);
    *at = 0;
}

/* Reads `EXPR [within N]`; if `claims`, instead `LETTER if EXPR` or
 * `NUMBER is EXPR [within N]`. */
static void parse_answer(struct parser *p, struct lesson_answer *a, char *text,
                         bool claims)
{
    char *end;
    a->line = p->line;
    if (claims && islower((u8)*text) && !strncmp(text + 1, " if ", 4)) {
        a->letter = *text;
        a->expr = xstrdup(text + 5);
        return;
    }
    if (claims) {
        a->claimed = true;
        a->number = strtod(text, &end);
        if (end == text || strncmp(end, " is ", 4))
            bad(p, a->line, "neither 'LETTER if EXPR' nor 'NUMBER is EXPR'");
        text = end + 4;
    }
    parse_tolerance(p, a, text);
    text += strspn(text, " \t");
    if (!*text)
        bad(p, a->line, "an answer without an expression");
    a->expr = xstrdup(text);
}

/* ---- fences ---------------------------------------------------------- */

/* Refuses options that a lesson's machine cannot have; among them are all that
 * print something and then end the program with status 0. */
static void check_options(struct parser *p, unsigned line, const char *text)
{
    static const char no[] = " dump-dtb exercise gdb grade h help kernel "
                             "lesson load monitor run solve version x ";
    char found[40] = "", key[40];
    int n;
    char **words = option_words("", text, &n);
    while (--n > 0) {
        const char *name = words[n] + strspn(words[n], "-"),
                   *value = strchr(name, '=');
        snprintf(key, sizeof key, " %.*s ", (int)strcspn(name, "="), name);
        if ((name > words[n] && strstr(no, key)) ||
            !strcmp(value ? value + 1 : name, "list"))
            snprintf(found, sizeof found, "%s", words[n]);
    }
    free(words);
    if (*found)
        bad(p, line, "'%s' is no option of a lesson's machine", found);
}

static void parse_options(struct parser *p, unsigned from)
{
    struct lesson *l = p->l;
    struct lesson_block *b = l->steps ? &l->block[p->machine] : &l->options;
    if (b->line)
        bad(p, from, "options for the second time");
    if (l->steps == 1)
        bad(p, from, "options belong before the first step");
    if (l->exercise_line)
        bad(p, from, "options behind the exercise");
    if (p->fenced)
        bad(p, from, "options of a step come before its other fences");
    fenced(p, from, b);
    b->line = from + 1;
    for (char *end = b->text; (end = strchr(end, '\n'));)
        *end = ' ';
    check_options(p, b->line, b->text);
}

static void check_choices(struct parser *p, const struct lesson_block *b)
{
    for (size_t i = 0; p->choices[i]; i++)
        if (p->choices[i] != (char)('a' + i))
            bad(p, b->line + lines_before(b->text, choice_at(b->text, i)),
                "choice %c. where %c. is expected", p->choices[i],
                'a' + (int)i);
}

static void parse_predict(struct parser *p, unsigned from)
{
    char sentence[CAPTION_MAX];
    struct lesson_block *b = add_block(p, BLOCK_PREDICT, from);
    p->l->questions++;
    fenced(p, from, b);
    choices_of(b->text, p->choices);
    check_choices(p, b);
    if (strlen(p->choices) == 1)
        bad(p, from, "a question with a single choice");
    if (!*b->text || choice_at(b->text, 0) == b->text)
        bad(p, from, "a prediction without a question");
    if (!question_sentence(b->text, sentence, sizeof sentence))
        bad(p, from,
            "the last sentence of a question ends in '?' and has %d bytes at "
            "most",
            CAPTION_MAX - 1);
    p->asked = from;
    p->shown = false;
}

static void parse_compare(struct parser *p, unsigned from)
{
    if (!p->asked)
        bad(p, from, "compare without a predict before it in its step");
    if (!p->shown)
        bad(p, from, "nothing is run between predict and compare");
    struct lesson_block *b = add_block(p, BLOCK_COMPARE, from);
    char *text = next(p) ? rest_after(p->text, "answer:") : NULL;
    if (!text)
        bad(p, from + 1, "compare begins with 'answer:'");
    parse_answer(p, &b->answer, text, true);
    fenced(p, from, b);
    if (!b->line)
        bad(p, from, "compare explains nothing");
    if (b->answer.letter ? !strchr(p->choices, b->answer.letter) : *p->choices)
        bad(p, b->answer.line, "the answer is none of the question's choices");
    p->asked = 0;
}

/* ---- the exercise ---------------------------------------------------- */

static const char *const part_word[PARTS] = {
    [PART_LET] = "let ", [PART_MACHINE] = "options:", [PART_ASK] = "ask:",
    [PART_TRY] = "try:", [PART_RUN] = "run:",         [PART_SAY] = "say:"};

static void check_let(struct parser *p, const char *text)
{
    int n = 0;
    sscanf(text, "%*31[a-zA-Z0-9_]%*[ \t]%n", &n);
    if (!n || !text[n] || isdigit((u8)*text))
        bad(p, p->line, "not 'let NAME EXPR'");
}

/* Reads a line of the exercise. A line without a part's word continues the part
 * *more, if that is not NULL. */
static void exercise_line(struct parser *p, struct lesson_block **more)
{
    struct lesson_block *parts = p->l->exercise, *run = &parts[PART_RUN];
    struct lesson_answer *a = &parts[PART_SAY].answer;
    char *rest = rest_after(p->text, "answer:");
    if (rest) {
        if (a->line)
            bad(p, p->line, "answer for the second time");
        parse_answer(p, a, rest, false);
        *more = NULL;
        return;
    }
    for (enum part i = 0; i < PARTS; i++) {
        rest = rest_after(p->text, part_word[i]);
        if (!rest || (i == PART_LET && *more == run)) /* `let` is a command */
            continue;
        if (i == PART_LET)
            check_let(p, rest);
        if (i == PART_MACHINE)
            check_options(p, p->line, rest);
        if (*rest)
            add(p, &parts[i], i == PART_LET ? p->text : rest);
        if (i != PART_LET && i != PART_MACHINE)
            *more = &parts[i];
        return;
    }
    if (*more)
        add(p, *more, p->text);
    else if (*p->text)
        bad(p, p->line,
            "'%.40s' is none of let, options:, ask:, try:, run:, answer:, say:",
            p->text);
}

static void parse_exercise(struct parser *p, unsigned from)
{
    struct lesson *l = p->l;
    struct lesson_block *more = NULL;
    if (l->exercise_line)
        bad(p, from, "a second exercise");
    add_block(p, BLOCK_PAUSE, from);
    l->exercise_line = from;
    while (inside(p, from))
        exercise_line(p, &more);
    static const enum part needed[] = {PART_ASK, PART_RUN, PART_SAY};
    for (unsigned i = 0; i < ARRAY_LEN(needed); i++)
        if (!l->exercise[needed[i]].line)
            bad(p, from, "the exercise has no %s", part_word[needed[i]]);
    if (!l->exercise[PART_SAY].answer.line)
        bad(p, from, "the exercise has no answer:");
}

/* ---- the whole file -------------------------------------------------- */

static void parse_fence(struct parser *p)
{
    unsigned from = p->line;
    const char *kind = p->text + 3;
    bool check = !strcmp(kind, "check"), run = !strcmp(kind, "clockhand");
    bool predict = !strcmp(kind, "predict");
    bool exercise = !strcmp(kind, "exercise");
    if (p->asked && (predict || exercise))
        bad(p, from, "the question of line %u has no compare yet", p->asked);
    if (!strcmp(kind, "options")) {
        parse_options(p, from);
        return;
    }
    p->fenced = true;
    if (predict)
        parse_predict(p, from);
    else if (!strcmp(kind, "compare"))
        parse_compare(p, from);
    else if (exercise)
        parse_exercise(p, from);
    else if (run || check)
        fenced(p, from, add_block(p, run ? BLOCK_RUN : BLOCK_CHECK, from));
    else
        bad(p, from,
            "a fence of kind '%.40s' (options, predict, clockhand, check, "
            "compare, exercise)",
            kind);
    p->shown |= run;
}

static void parse_step(struct parser *p, const char *title)
{
    struct lesson *l = p->l;
    if (p->asked)
        bad(p, p->line, "the question of line %u has no compare in its step",
            p->asked);
    if (l->exercise_line)
        bad(p, p->line, "a step behind the exercise");
    if (l->steps++)
        add_block(p, BLOCK_PAUSE, p->line);
    p->machine = l->n;
    p->fenced = false;
    add_block(p, BLOCK_MACHINE, p->line);
    add(p, add_block(p, BLOCK_STEP, p->line), title);
}

static void parse_title(struct parser *p, const char *text)
{
    char *end;
    if (p->l->title)
        bad(p, p->line, "a second title (# ...)");
    unsigned number = (unsigned)strtoul(text, &end, 10);
    if (isdigit((u8)*text) && *end == '.') {
        text = end + 1 + strspn(end + 1, " ");
        if (!p->l->number) /* the file's name has none */
            p->l->number = number;
    }
    p->l->title = xstrdup(text);
}

static void parse_prose(struct parser *p)
{
    struct lesson *l = p->l;
    struct lesson_block *b = l->n ? &l->block[l->n - 1] : &l->intro;
    if (l->exercise_line)
        bad(p, p->line, "text behind the exercise");
    if (l->n && b->kind != BLOCK_PROSE) {
        if (!*p->text)
            return;
        b = add_block(p, BLOCK_PROSE, p->line);
    }
    add(p, b, p->text);
}

static void parse_body(struct parser *p)
{
    while (next(p)) {
        const char *text;
        if (!strncmp(p->text, "```", 3))
            parse_fence(p);
        else if ((text = rest_after(p->text, "## ")))
            parse_step(p, text);
        else if ((text = rest_after(p->text, "# ")))
            parse_title(p, text);
        else if (*p->text || !p->l->exercise_line)
            parse_prose(p);
    }
}

/* Returns the number "12" or "twelve", at most 999; 0: not a number. */
static unsigned number_word(const char *word)
{
    static const char *const words[] = {
        "one",   "two",  "three", "four",   "five",   "six",      "seven",
        "eight", "nine", "ten",   "eleven", "twelve", "thirteen", "fourteen"};
    unsigned long number = isdigit((u8)*word) ? strtoul(word, NULL, 10) : 0;
    for (unsigned w = 0; !number && w < ARRAY_LEN(words); w++)
        if (word_same(words[w], word))
            number = w + 1;
    return number < 1000 ? (unsigned)number : 0;
}

/* Finds "ten minutes" in the introduction, perhaps on two lines; 0: none. */
static unsigned minutes_of(const char *intro)
{
    char *copy = xstrdup(intro), *rest = copy, *word;
    const char *before = "";
    unsigned n = 0;
    while (!n && (word = strsep(&rest, " \n("))) {
        if (!strncmp(word, "minutes", 7))
            n = number_word(before);
        before = word;
    }
    free(copy);
    return n;
}

static void check_whole(struct parser *p)
{
    struct lesson *l = p->l;
    if (!l->title)
        bad(p, 1, "no title (# N. Title)");
    if (!l->steps)
        bad(p, p->line, "no step (## ...)");
    if (p->asked)
        bad(p, p->asked, "a question without a compare");
    if (!l->exercise_line)
        bad(p, p->line, "no exercise");
    l->minutes = minutes_of(l->intro.text);
    if (!l->minutes)
        bad(p, 2, "the introduction does not say how many minutes it takes");
}

/* Makes a lesson: tools/lessons/05-fork.md has the name 05-fork, number 5. */
static struct lesson *new_lesson(const char *file)
{
    struct lesson *l = xcalloc(1, sizeof *l);
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    size_t n = strlen(base);
    if (n > 3 && !strcmp(base + n - 3, ".md"))
        n -= 3;
    l->file = xstrdup(file);
    l->name = strndup(base, n);
    l->number = (unsigned)strtoul(base, NULL, 10);
    l->options.text = xstrdup("");
    l->intro.text = xstrdup("");
    for (enum part i = 0; i < PARTS; i++)
        l->exercise[i].text = xstrdup("");
    return l;
}

/* Calls setjmp; has no variables, because longjmp would lose their changes. */
static bool parsed(struct parser *p)
{
    if (setjmp(p->bad))
        return false;
    parse_body(p);
    if (ferror(p->f)) {
        snprintf(p->err, p->nerr, "%s", strerror(errno));
        return false;
    }
    check_whole(p);
    return true;
}

struct lesson *lesson_read(const char *file, char *err, size_t n)
{
    struct parser p = {.err = err, .nerr = n, .f = fopen(file, "r")};
    if (!p.f) {
        snprintf(err, n, "%s", strerror(errno));
        return NULL;
    }
    p.l = new_lesson(file);
    if (!parsed(&p)) {
        lesson_free(p.l);
        p.l = NULL;
    }
    free(p.text);
    fclose(p.f);
    return p.l;
}

static void drop(struct lesson_block *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        free(b[i].text);
        free(b[i].answer.expr);
    }
}

void lesson_free(struct lesson *l)
{
    if (!l)
        return;
    drop(&l->options, 1);
    drop(&l->intro, 1);
    drop(l->block, l->n);
    drop(l->exercise, PARTS);
    free_all(l->block, l->title, l->name, l->file, l);
}
