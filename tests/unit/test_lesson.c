/* SPDX-License-Identifier: MIT */
// rooms: base source inspect monitor lesson linux xv6 boot
/* A lesson's file: the structs made of it, and each mistake with its line. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "lesson/internal.h"

static char err[300];

static struct lesson *from(const char *text)
{
    char path[] = "/tmp/lesson-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    *err = 0;
    struct lesson *l = lesson_read(path, err, sizeof err);
    unlink(path);
    return l;
}

#define HEAD "# 5. Fork\n\nTakes seven\nminutes.\n\n"
#define STEP "## One\n"
#define ASK  "```predict\nHow many?\n```\n"
#define RUN  "```clockhand\nexpect \"# \" 60s\n```\n"
#define TELL "```compare\nanswer: 50 is 25 * 2 within 5%\nWhy.\n```\n"
#define LAST                                                                   \
    "```exercise\nlet n 2 * seed\nlet m n + 1\noptions: --ram {n}M\n"          \
    "ask: How many?\nOf {m}?\nrun:\nlet x 1\ncontinue\n"                       \
    "answer: let.x + n within 3\nsay: It is.\n```\n"
#define GOOD HEAD STEP "Text.\n\n" ASK RUN "More.\n" TELL LAST

TEST(a_good_one)
{
    struct lesson *l = from(GOOD);
    assert_non_null(l);
    assert_string_equal(l->title, "Fork");
    assert_int_equal(l->minutes, 7);
    assert_string_equal(l->options, "");
    assert_int_equal(l->n, 1);
    struct lesson_step *s = &l->step[0];
    static const enum block_kind kinds[] = {
        BLOCK_PROSE, BLOCK_PREDICT, BLOCK_RUN, BLOCK_PROSE, BLOCK_COMPARE};
    assert_string_equal(s->title, "One");
    assert_int_equal(s->n, ARRAY_LEN(kinds));
    for (unsigned i = 0; i < s->n; i++)
        assert_int_equal(s->block[i].kind, kinds[i]);
    assert_string_equal(s->block[1].choices, "");
    assert_int_equal(s->block[2].lines.line[0].number, 13);
    struct lesson_answer *a = &s->block[4].answer;
    assert_int_equal(a->letter, 0);
    assert_true(a->number == 50 && a->within == 5 && a->percent);
    assert_string_equal(a->expr, "25 * 2");
    lesson_free(l);
}

TEST(its_exercise)
{
    struct lesson *l = from(GOOD);
    assert_non_null(l);
    struct lesson_exercise *e = &l->exercise;
    assert_int_equal(e->nlets, 2);
    assert_string_equal(e->let[1].name, "m");
    assert_string_equal(e->let[1].expr, "n + 1");
    assert_string_equal(e->options, "--ram {n}M");
    assert_int_equal(e->ask.lines.n, 2);
    assert_string_equal(e->ask.lines.line[1].text, "Of {m}?");
    assert_int_equal(e->run.lines.n, 2); /* let belongs to the commands there */
    assert_string_equal(e->run.lines.line[0].text, "let x 1");
    assert_string_equal(e->answer.answer.expr, "let.x + n");
    assert_true(e->answer.answer.within == 3 && !e->answer.answer.percent);
    assert_string_equal(e->answer.lines.line[0].text, "It is.");
    lesson_free(l);
}

TEST(choices)
{
    struct lesson *l =
        from(HEAD STEP "```predict\nWhich?\na. this\nb. that\n```\n" RUN
                       "```compare\nanswer: b if 1 < 2\nSo.\n```\n" LAST);
    assert_non_null(l);
    assert_string_equal(l->step[0].block[0].choices, "ab");
    assert_int_equal(l->step[0].block[2].answer.letter, 'b');
    assert_string_equal(l->step[0].block[2].answer.expr, "1 < 2");
    lesson_free(l);
}

TEST(machines)
{
    struct lesson *l = from(HEAD STEP "## Two\nProse.\n```options\n--ram 8M\n"
                                      "--policy fifo\n```\n" LAST);
    assert_non_null(l);
    assert_null(l->step[0].options);
    assert_string_equal(l->step[1].options, "--ram 8M --policy fifo");
    lesson_free(l);
}

TEST(mistakes)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "line 1: no title (# N. Title)"},
        {"# 1. A\n# 2. B\n", "line 2: a second title (# ...)"},
        {HEAD, "line 5: no step (## ...)"},
        {HEAD ASK, "line 6: it stands before the first step (## ...)"},
        {HEAD "```options\n```\n```options\n```\n",
         "line 8: options for the second time"},
        {HEAD STEP "```options\n```\n",
         "line 7: options belong before the first step"},
        {HEAD STEP "## Two\n```options\n```\n```options\n```\n",
         "line 10: options for the second time"},
        {HEAD STEP "## Two\n" RUN "```options\n```\n",
         "line 11: options of a step come before its other fences"},
        {HEAD STEP "```python\n```\n",
         "line 7: a fence of kind 'python' (options, predict, clockhand, "
         "check, compare, exercise)"},
        {HEAD STEP "```predict\nQ?\n", "line 7: a fence that is not closed"},
        {HEAD STEP "```predict\n```\n",
         "line 7: a prediction without a question"},
        {HEAD STEP "```predict\nThe same, and. Are there\na. x\nb. y\n```\n",
         "line 7: the last sentence of a question ends in '?' and has 119 "
         "bytes at most"},
        {HEAD STEP "```predict\nQ?\na. x\n```\n",
         "line 7: a single choice is none"},
        {HEAD STEP "```predict\nQ?\na. x\nc. x\n```\n",
         "line 10: choice c. where b. is expected"},
        {HEAD STEP ASK ASK,
         "line 10: the question of line 7 has no compare yet"},
        {HEAD STEP ASK "## Two\n",
         "line 10: the question of line 7 has no compare in its step"},
        {HEAD STEP ASK TELL,
         "line 10: nothing is run between predict and compare"},
        {HEAD STEP RUN TELL,
         "line 10: compare without a predict before it in its step"},
        {HEAD STEP ASK RUN "```compare\nWhy.\n```\n",
         "line 14: compare begins with 'answer:'"},
        {HEAD STEP ASK RUN "```compare\nanswer: 5\nx\n```\n",
         "line 14: neither 'LETTER if EXPR' nor 'NUMBER is EXPR'"},
        {HEAD STEP ASK RUN "```compare\nanswer: a if 1\nx\n```\n",
         "line 14: the answer is none of the question's choices"},
        {HEAD STEP ASK RUN "```compare\nanswer: 5 is 5 within x\nx\n```\n",
         "line 14: 'within x' is no tolerance (within 5%, within 3)"},
        {HEAD STEP ASK RUN "```compare\nanswer: 5 is 5\n```\n",
         "line 13: compare explains nothing"},
        {HEAD STEP ASK RUN TELL, "line 16: no exercise"},
        {HEAD STEP "```exercise\nask: x\n```\n",
         "line 7: the exercise has no run:"},
        {HEAD STEP "```exercise\nfoo: x\n```\n",
         "line 8: 'foo: x' is none of let, options:, ask:, try:, run:, "
         "answer:, "
         "say:"},
        {HEAD STEP "```exercise\nlet 1 2\n```\n",
         "line 8: not 'let NAME EXPR'"},
        {HEAD STEP LAST "Text.\n", "line 19: text behind the exercise"},
        {"# 1. A\n" STEP LAST,
         "line 2: the introduction does not say how many minutes it takes"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct lesson *l = from(cases[i].text);
        assert_null(l);
        assert_string_equal(err, cases[i].says);
    }
}

TEST(no_file)
{
    assert_null(lesson_read("/nonexistent/1.md", err, sizeof err));
    assert_null(lesson_read("/", err, sizeof err));
    assert_true(*err);
}

TEST(numbers_in_text)
{
    struct names k = {0};
    names_add(&k, "seed", 3);
    names_add(&k, "minus", -5);
    static const struct {
        const char *text, *is;
    } cases[] = {{"{seed} and {seed * 2}", "3 and 6"},
                 {"{minus}", "-5"},
                 {"{/x seed + 13}", "0x10"},
                 {"{/2 810}", "8.10"},
                 {"{/2 minus}", "-0.05"},
                 {"none", "none"}};
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        char *t = text_filled(&k, cases[i].text, false, err, sizeof err);
        assert_non_null(t);
        assert_string_equal(t, cases[i].is);
        free(t);
    }
    assert_null(text_filled(&k, "{nothing}", false, err, sizeof err));
    assert_null(text_filled(&k, "{seed", false, err, sizeof err));
    assert_null(text_filled(&k, "{/q seed}", false, err, sizeof err));
    char *t = text_filled(&k, "a{1..9}{seed}", true, err, sizeof err);
    assert_string_equal(t, "a{1..9}3");
    free(t);
    names_free(&k);
}

TEST(noted_numbers)
{
    struct names k = {0};
    names_add(&k, "let.frame", 206);
    names_add(&k, "let.pc", 0x10f64);
    names_add(&k, "mark.trap", 70000);
    static const struct {
        const char *text, *is;
    } cases[] = {{"page let.frame", "page 206"},
                 {"tbreak let.pc", "tbreak 0x10f64"},
                 {"print cycle - mark.trap", "print cycle - 70000"},
                 {"print/x let.pc", "print/x 0x10f64"},
                 {"page let.frames + outlet.frame", /* other names */
                  "page let.frames + outlet.frame"},
                 {"x pa:8+let.frame*4", "x pa:8+206*4"}};
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        char *t = text_noted(&k, cases[i].text);
        assert_string_equal(t, cases[i].is);
        free(t);
    }
    names_free(&k);
}

/* The panel shows a question's last sentence as its caption while the question
 * waits, so it must say something by itself ("Which?" does not). */
TEST(captions)
{
    glob_t g;
    unsigned questions = 0;
    assert_int_equal(glob("tools/lessons/[0-9]*.md", 0, NULL, &g), 0);
    for (size_t f = 0; f < g.gl_pathc; f++) {
        struct lesson *l = lesson_read(g.gl_pathv[f], err, sizeof err);
        assert_non_null(l);
        for (unsigned i = 0; i < l->n; i++)
            for (unsigned k = 0; k < l->step[i].n; k++) {
                const struct lesson_block *b = &l->step[i].block[k];
                char said[CAPTION_MAX];
                unsigned words = 1;
                if (b->kind != BLOCK_PREDICT)
                    continue;
                questions++;
                assert_true(question_sentence(&b->lines, said, sizeof said));
                for (const char *p = said; *p; p++)
                    words += *p == ' ';
                if (words < 7 || !strncmp(said, "And ", 4))
                    fail_msg("%s: \"%s\" says nothing by itself", l->name,
                             said);
            }
        lesson_free(l);
    }
    globfree(&g);
    assert_true(questions > 12);
}

TEST(what_people_type)
{
    double v;
    assert_true(text_number(" 14,000 ", &v) && v == 14000);
    assert_true(text_number("0x1f", &v) && v == 31);
    assert_true(text_number("8.5", &v) && v == 8.5);
    assert_true(text_number("-3", &v) && v == -3);
    assert_true(text_number("1,000,000", &v) && v == 1000000);
    assert_true(text_number("16,", &v) && v == 16);
    assert_false(text_number("1,0", &v)); /* not 10 */
    assert_false(text_number("0,300", &v));
    assert_false(text_number("1,0000", &v));
    assert_false(text_number("", &v));
    assert_false(text_number("b", &v));
    assert_false(text_number("12 frames", &v));
    assert_false(text_number("info", &v));
    assert_false(text_number("nan", &v));

    char text[40];
    assert_string_equal(text_of_number(31, text, sizeof text), "31");
    assert_string_equal(text_of_number(8.5, text, sizeof text), "8.5");
    /* An unsigned result above the largest signed one. */
    assert_string_equal(text_of_number(0x1p63, text, sizeof text),
                        "9.22337e+18");

    struct lesson_answer exact = {.claimed = true};
    struct lesson_answer loose = {
        .claimed = true, .within = 20, .percent = true};
    struct result r = {.right = 100}, b = {.letter = 'b'};
    struct lesson_answer measured = {.claimed = true, .within = 1};
    assert_true(answer_right(&exact, &r, "100", 10));
    assert_false(answer_right(&exact, &r, "101", 10)); /* no tolerance */
    assert_true(answer_right(&measured, &r, "109", 10));
    assert_false(answer_right(&measured, &r, "111", 10));
    assert_false(answer_right(&measured, &r, "102", 0));
    assert_true(answer_right(&loose, &r, "120", 0));
    assert_true(answer_right(&exact, &b, "B", 10));
    assert_true(answer_right(&exact, &b, " b. ", 10));
    assert_false(answer_right(&exact, &b, "bad", 10));
    assert_false(answer_right(&exact, &b, "", 10));
    assert_false(answer_right(&exact, &r, "", 10));
}

TEST(words_of_options)
{
    char **w = lesson_words("  --ram 16M --append \"a b\" --x='c d' ''");
    static const char *const are[] = {"--ram", "16M",     "--append",
                                      "a b",   "--x=c d", ""};
    for (unsigned i = 0; i < ARRAY_LEN(are); i++)
        assert_string_equal(w[i], are[i]);
    assert_null(w[ARRAY_LEN(are)]);
    free(w);
}
