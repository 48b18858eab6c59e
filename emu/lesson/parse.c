/* SPDX-License-Identifier: MIT */
/* Reads a lesson's file: Markdown, in which only `# N. Title`, `## Step` and
 * fences have a meaning. Errors are reported with their line. */
#include "base/text.h"
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
    struct lesson_block *asked; /* a predict that has no compare yet */
    bool shown;                 /* a block was run since */
    struct lesson_lines lines;  /* of options */
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
    size_t n = strlen(p->text);
    while (n && isspace((u8)p->text[n - 1]))
        p->text[--n] = 0;
    return true;
}

static void add(struct lesson_lines *to, unsigned number, const char *text)
{
    to->line = xrealloc(to->line, (to->n + 1) * sizeof *to->line);
    to->line[to->n++] = (struct lesson_line){number, xstrdup(text)};
}

static bool blank(const char *text)
{
    return !text[strspn(text, " \t")];
}

/* The rest of a line that begins with `word`; NULL: another line. */
static const char *rest_after(const char *line, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(line, word, n))
        return NULL;
    return line + n + strspn(line + n, " \t");
}

/* ---- answers --------------------------------------------------------- */

/* Reads `within 5%` at the end, and cuts it off. */
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

/* Each string belongs to the lesson at once, because bad() does not return. */
static void keep_expr(struct parser *p, struct lesson_answer *a,
                      const char *text)
{
    a->expr = xstrdup(text + strspn(text, " \t"));
    parse_tolerance(p, a, a->expr);
    if (!*a->expr)
        bad(p, a->line, "an answer without an expression");
}

/* Reads LETTER if EXPR, or NUMBER is EXPR. */
static void parse_claim(struct parser *p, struct lesson_answer *a,
                        const char *text)
{
    char *end;
    if (islower((u8)*text) && !strncmp(text + 1, " if ", 4)) {
        a->letter = *text;
        a->expr = xstrdup(text + 5);
        return;
    }
    a->claimed = true;
    a->number = strtod(text, &end);
    if (end == text || strncmp(end, " is ", 4))
        bad(p, a->line, "neither 'LETTER if EXPR' nor 'NUMBER is EXPR'");
    keep_expr(p, a, end + 4);
}

/* ---- fences ---------------------------------------------------------- */

/* Reads the lines up to the closing fence. */
static void fenced(struct parser *p, unsigned from, struct lesson_lines *lines)
{
    while (next(p)) {
        if (!strcmp(p->text, "```"))
            return;
        add(lines, p->line, p->text);
    }
    bad(p, from, "a fence that is not closed");
}

static void drop_lines(struct lesson_lines *lines)
{
    for (unsigned i = 0; i < lines->n; i++)
        free(lines->line[i].text);
    free(lines->line);
    *lines = (struct lesson_lines){0};
}

static void parse_options(struct parser *p, unsigned from)
{
    struct lesson *l = p->l;
    struct lesson_step *s = l->n ? &l->step[l->n - 1] : NULL;
    if (s ? s->options : l->options)
        bad(p, from, "options for the second time");
    if (l->n == 1)
        bad(p, from, "options belong before the first step");
    if (l->exercise.line)
        bad(p, from, "options behind the exercise");
    for (unsigned i = 0; s && i < s->n; i++)
        if (s->block[i].kind != BLOCK_PROSE)
            bad(p, from, "options of a step come before its other fences");
    fenced(p, from, &p->lines);
    *(s ? &s->options_line : &l->options_line) = from + 1;
    *(s ? &s->options : &l->options) = lines_joined(&p->lines, " ");
    drop_lines(&p->lines);
}

static struct lesson_block *add_block(struct parser *p, enum block_kind kind,
                                      unsigned from)
{
    struct lesson *l = p->l;
    if (!l->n)
        bad(p, from, "it stands before the first step (## ...)");
    if (l->exercise.line)
        bad(p, from, "it stands behind the exercise");
    struct lesson_step *s = &l->step[l->n - 1];
    size_t asked = p->asked ? (size_t)(p->asked - s->block) : 0;
    s->block = xrealloc(s->block, (s->n + 1) * sizeof *s->block);
    if (p->asked)
        p->asked = &s->block[asked];
    struct lesson_block *b = &s->block[s->n++];
    *b = (struct lesson_block){.kind = kind, .line = from};
    return b;
}

/* Reads the choices: `a. text`, in order. */
static void parse_choices(struct parser *p, struct lesson_block *b)
{
    unsigned n = 0;
    for (unsigned i = 0; i < b->lines.n; i++) {
        const char *t = b->lines.line[i].text;
        if (!is_choice(t))
            continue;
        if (t[0] != (char)('a' + n))
            bad(p, b->lines.line[i].number, "choice %c. where %c. is expected",
                t[0], 'a' + (int)n);
        b->choices[n++] = t[0];
    }
    if (n == 1)
        bad(p, b->line, "a single choice is none");
    if (!b->lines.n || (n && b->lines.n == n))
        bad(p, b->line, "a prediction without a question");
}

static void parse_predict(struct parser *p, unsigned from)
{
    if (p->asked)
        bad(p, from, "the question of line %u has no compare yet",
            p->asked->line);
    struct lesson_block *b = add_block(p, BLOCK_PREDICT, from);
    fenced(p, from, &b->lines);
    parse_choices(p, b);
    char sentence[CAPTION_MAX];
    if (!question_sentence(&b->lines, sentence, sizeof sentence))
        bad(p, from,
            "the last sentence of a question ends in '?' and has %d bytes at "
            "most",
            CAPTION_MAX - 1);
    p->asked = b;
    p->shown = false;
}

static void parse_compare(struct parser *p, unsigned from)
{
    if (!p->asked)
        bad(p, from, "compare without a predict before it in its step");
    if (!p->shown)
        bad(p, from, "nothing is run between predict and compare");
    struct lesson_block *b = add_block(p, BLOCK_COMPARE, from);
    fenced(p, from, &b->lines);
    const char *text =
        b->lines.n ? rest_after(b->lines.line[0].text, "answer:") : NULL;
    if (!text)
        bad(p, from + 1, "compare begins with 'answer:'");
    b->answer.line = from + 1;
    parse_claim(p, &b->answer, text);
    free(b->lines.line[0].text);
    memmove(b->lines.line, b->lines.line + 1,
            --b->lines.n * sizeof *b->lines.line);
    if (!b->lines.n)
        bad(p, from, "compare explains nothing");
    if (b->answer.letter ? !strchr(p->asked->choices, b->answer.letter)
                         : *p->asked->choices != 0)
        bad(p, b->answer.line, "the answer is none of the question's choices");
    p->asked = NULL;
}

/* ---- the exercise ---------------------------------------------------- */

static void parse_let(struct parser *p, struct lesson_exercise *e,
                      const char *text)
{
    size_t n = 0;
    while (isalnum((u8)text[n]) || text[n] == '_')
        n++;
    const char *expr = text + n + strspn(text + n, " \t");
    if (!n || isdigit((u8)*text) || n > 31 || !*expr || expr == text + n)
        bad(p, p->line, "not 'let NAME EXPR'");
    e->let = xrealloc(e->let, (e->nlets + 1) * sizeof *e->let);
    e->let[e->nlets++] =
        (struct lesson_let){p->line, strndup(text, n), xstrdup(expr)};
}

static void exercise_answer(struct parser *p, struct lesson_exercise *e,
                            const char *text)
{
    if (e->answer.answer.line)
        bad(p, p->line, "answer for the second time");
    e->answer.answer.line = p->line;
    keep_expr(p, &e->answer.answer, text);
}

/* Reads a line of the exercise; *more: the list that lines without a keyword
 * continue. */
static void exercise_line(struct parser *p, struct lesson_exercise *e,
                          struct lesson_lines **more)
{
    const char *t = p->text, *rest;
    if (*more != &e->run.lines && (rest = rest_after(t, "let "))) {
        parse_let(p, e, rest);
    } else if ((rest = rest_after(t, "options:"))) {
        e->options_line = p->line;
        free(e->options);
        e->options = xstrdup(rest);
    } else if ((rest = rest_after(t, "answer:"))) {
        exercise_answer(p, e, rest);
        *more = NULL;
    } else if ((rest = rest_after(t, "ask:")) ||
               (rest = rest_after(t, "say:")) ||
               (rest = rest_after(t, "run:")) ||
               (rest = rest_after(t, "try:"))) {
        *more = *t == 'a'   ? &e->ask.lines
                : *t == 's' ? &e->answer.lines
                : *t == 't' ? &e->try_lines
                            : &e->run.lines;
        if (*rest)
            add(*more, p->line, rest);
    } else if (*more) {
        add(*more, p->line, t);
    } else if (!blank(t)) {
        bad(p, p->line,
            "'%.40s' is none of let, options:, ask:, try:, run:, answer:, say:",
            t);
    }
}

static void parse_exercise(struct parser *p, unsigned from)
{
    struct lesson_exercise *e = &p->l->exercise;
    struct lesson_lines *more = NULL;
    if (e->line)
        bad(p, from, "a second exercise");
    if (p->asked)
        bad(p, from, "the question of line %u has no compare yet",
            p->asked->line);
    e->line = from;
    for (;;) {
        if (!next(p))
            bad(p, from, "a fence that is not closed");
        if (!strcmp(p->text, "```"))
            break;
        exercise_line(p, e, &more);
    }
    const char *missing = !e->ask.lines.n          ? "ask:"
                          : !e->run.lines.n        ? "run:"
                          : !e->answer.answer.line ? "answer:"
                          : !e->answer.lines.n     ? "say:"
                                                   : NULL;
    if (missing)
        bad(p, from, "the exercise has no %s", missing);
    if (!e->options)
        e->options = xstrdup("");
}

/* ---- the whole file -------------------------------------------------- */

static void parse_fence(struct parser *p)
{
    unsigned from = p->line;
    const char *kind = p->text + 3;
    if (!strcmp(kind, "options"))
        parse_options(p, from);
    else if (!strcmp(kind, "predict"))
        parse_predict(p, from);
    else if (!strcmp(kind, "compare"))
        parse_compare(p, from);
    else if (!strcmp(kind, "exercise"))
        parse_exercise(p, from);
    else if (!strcmp(kind, "clockhand") || !strcmp(kind, "check")) {
        bool check = *kind == 'c' && kind[1] == 'h';
        struct lesson_block *b =
            add_block(p, check ? BLOCK_CHECK : BLOCK_RUN, from);
        fenced(p, from, &b->lines);
        p->shown |= !check;
    } else
        bad(p, from,
            "a fence of kind '%.40s' (options, predict, clockhand, check, "
            "compare, exercise)",
            kind);
}

static void parse_step(struct parser *p, const char *title)
{
    struct lesson *l = p->l;
    if (p->asked)
        bad(p, p->line, "the question of line %u has no compare in its step",
            p->asked->line);
    if (l->exercise.line)
        bad(p, p->line, "a step behind the exercise");
    l->step = xrealloc(l->step, (l->n + 1) * sizeof *l->step);
    l->step[l->n++] =
        (struct lesson_step){.line = p->line, .title = xstrdup(title)};
}

static void parse_title(struct parser *p, const char *text)
{
    char *end;
    if (p->l->title)
        bad(p, p->line, "a second title (# ...)");
    strtoul(text, &end, 10);
    if (end > text && *end == '.')
        text = end + 1 + strspn(end + 1, " ");
    p->l->title = xstrdup(text);
}

static void parse_prose(struct parser *p)
{
    struct lesson *l = p->l;
    if (l->exercise.line)
        bad(p, p->line, "text behind the exercise");
    if (!l->n) {
        add(&l->intro, p->line, p->text);
        return;
    }
    struct lesson_step *s = &l->step[l->n - 1];
    struct lesson_block *b = s->n ? &s->block[s->n - 1] : NULL;
    if (!b || b->kind != BLOCK_PROSE) {
        if (blank(p->text))
            return;
        b = add_block(p, BLOCK_PROSE, p->line);
    }
    add(&b->lines, p->line, p->text);
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
        else if (!blank(p->text) || !p->l->exercise.line)
            parse_prose(p);
    }
}

/* "12", "twelve"; 0: not a number. */
static unsigned number_word(const char *from, size_t n)
{
    static const char *const words[] = {
        "one",   "two",  "three", "four",   "five",   "six",      "seven",
        "eight", "nine", "ten",   "eleven", "twelve", "thirteen", "fourteen"};
    unsigned number = (unsigned)strtoul(from, NULL, 10);
    for (unsigned w = 0; !number && w < ARRAY_LEN(words); w++)
        if (strlen(words[w]) == n && !strncasecmp(words[w], from, n))
            number = w + 1;
    return number;
}

/* "ten minutes" in the introduction, perhaps on two lines; 0: none. */
static unsigned minutes_of(const struct lesson_lines *intro)
{
    char *text = lines_joined(intro, " ");
    unsigned n = 0;
    for (char *at = text; !n && (at = strstr(at, " minutes")); at++) {
        char *from = at;
        while (from > text && isalnum((u8)from[-1]))
            from--;
        n = number_word(from, (size_t)(at - from));
    }
    free(text);
    return n;
}

static void check_whole(struct parser *p)
{
    struct lesson *l = p->l;
    if (!l->title)
        bad(p, 1, "no title (# N. Title)");
    if (!l->n)
        bad(p, p->line, "no step (## ...)");
    if (p->asked)
        bad(p, p->asked->line, "a question without a compare");
    if (!l->exercise.line)
        bad(p, p->line, "no exercise");
    l->minutes = minutes_of(&l->intro);
    if (!l->minutes)
        bad(p, 2, "the introduction does not say how many minutes it takes");
    if (!l->options)
        l->options = xstrdup("");
}

/* tools/lessons/05-fork.md has the name 05-fork and the number 5. */
static void name_lesson(struct lesson *l, const char *file)
{
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    size_t n = strlen(base);
    if (n > 3 && !strcmp(base + n - 3, ".md"))
        n -= 3;
    l->file = xstrdup(file);
    l->name = strndup(base, n);
    l->number = (unsigned)strtoul(base, NULL, 10);
}

/* setjmp is called in a function without variables of its own, because longjmp
 * would lose their changes. */
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
    p.l = xcalloc(1, sizeof *p.l);
    name_lesson(p.l, file);
    if (!parsed(&p)) {
        lesson_free(p.l);
        p.l = NULL;
    }
    drop_lines(&p.lines);
    free(p.text);
    fclose(p.f);
    return p.l;
}

static void drop_block(struct lesson_block *b)
{
    drop_lines(&b->lines);
    free(b->answer.expr);
}

static void free_step(struct lesson_step *s)
{
    for (unsigned i = 0; i < s->n; i++)
        drop_block(&s->block[i]);
    free(s->block);
    free(s->title);
    free(s->options);
}

void lesson_free(struct lesson *l)
{
    if (!l)
        return;
    struct lesson_exercise *e = &l->exercise;
    for (unsigned i = 0; i < l->n; i++)
        free_step(&l->step[i]);
    for (unsigned i = 0; i < e->nlets; i++) {
        free(e->let[i].name);
        free(e->let[i].expr);
    }
    drop_lines(&l->intro);
    drop_lines(&e->try_lines);
    drop_block(&e->ask);
    drop_block(&e->run);
    drop_block(&e->answer);
    free(e->let);
    free(e->options);
    free(l->step);
    free(l->options);
    free(l->title);
    free(l->name);
    free(l->file);
    free(l);
}
