/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr isa hart mmu time engine dev boot history config machine inspect console show monitor lesson linux xv6
/* Tests lessons: a file becomes structs, a mistake is reported with its
 * line, answers are judged. */
#include <glob.h>

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
    "```exercise\nlet n 2 * let.seed\nlet m n\noptions: --ram {let.n}M\n"      \
    "ask: How many?\nOf {let.m}?\nrun:\nlet x 1\ncontinue\n"                   \
    "answer: let.x + let.n within 3\nsay: It is.\n```\n"
#define GOOD HEAD STEP "Text.\n\n" ASK RUN "More.\n" TELL LAST

TEST(a_good_one)
{
    struct lesson *l = from(GOOD);
    assert_non_null(l);
    assert_string_equal(l->title, "Fork");
    assert_int_equal(l->number, 5); /* the file's name has none */
    assert_int_equal(l->minutes, 7);
    assert_string_equal(l->options.text, "");
    static const struct {
        enum block_kind kind;
        unsigned line;
        const char *text;
    } blocks[] = {{BLOCK_MACHINE, 0, ""},
                  {BLOCK_STEP, 6, "One"},
                  {BLOCK_PROSE, 7, "Text.\n"},
                  {BLOCK_PREDICT, 10, "How many?"},
                  {BLOCK_RUN, 13, "expect \"# \" 60s"},
                  {BLOCK_PROSE, 15, "More."},
                  {BLOCK_COMPARE, 18, "Why."},
                  {BLOCK_PAUSE, 0, ""}};
    assert_int_equal(l->steps, 1);
    assert_int_equal(l->questions, 1);
    assert_int_equal(l->n, ARRAY_LEN(blocks));
    for (unsigned i = 0; i < l->n; i++) {
        assert_int_equal(l->block[i].kind, blocks[i].kind);
        assert_int_equal(l->block[i].line, blocks[i].line);
        assert_string_equal(l->block[i].text, blocks[i].text);
    }
    struct lesson_answer *a = &l->block[6].answer;
    assert_int_equal(a->letter, 0);
    assert_true(a->number == 50 && a->within == 5 && a->percent);
    assert_string_equal(a->expr, "25 * 2");
    lesson_free(l);
}

TEST(its_exercise)
{
    struct lesson *l = from(GOOD);
    assert_non_null(l);
    static const char *const parts[PARTS] = {
        [PART_LET] = "let n 2 * let.seed\nlet m n",
        [PART_MACHINE] = "--ram {let.n}M",
        [PART_ASK] = "How many?\nOf {let.m}?",
        [PART_TRY] = "",
        [PART_RUN] = "let x 1\ncontinue", /* in RUN, let is a command */
        [PART_SAY] = "It is."};
    for (unsigned i = 0; i < PARTS; i++)
        assert_string_equal(l->exercise[i].text, parts[i]);
    struct lesson_answer *a = &l->exercise[PART_SAY].answer;
    assert_string_equal(a->expr, "let.x + let.n");
    assert_true(a->within == 3 && !a->percent && !a->claimed);
    lesson_free(l);
}

TEST(choices)
{
    char letters[CHOICES_MAX];
    struct lesson *l =
        from(HEAD STEP "```predict\nWhich?\na. this\nb. that\n```\n" RUN
                       "```compare\nanswer: b if 1 < 2\nSo.\n```\n" LAST);
    assert_non_null(l);
    choices_of(l->block[2].text, letters);
    assert_string_equal(letters, "ab");
    assert_string_equal(choice_at(l->block[2].text, 1), "b. that");
    assert_int_equal(l->block[4].answer.letter, 'b');
    assert_string_equal(l->block[4].answer.expr, "1 < 2");
    lesson_free(l);
}

TEST(machines)
{
    struct lesson *l = from(HEAD STEP "## Two\nProse.\n```options\n--ram 8M\n"
                                      "--policy fifo\n```\n" LAST);
    assert_non_null(l);
    assert_string_equal(l->block[0].text, "");
    assert_int_equal(l->block[3].kind, BLOCK_MACHINE);
    assert_string_equal(l->block[3].text, "--ram 8M --policy fifo");
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
        {HEAD ASK, "line 6: a fence before the first step (## ...)"},
        {HEAD "```options\n```\n```options\n```\n",
         "line 8: options for the second time"},
        {HEAD STEP "```options\n```\n",
         "line 7: options belong before the first step"},
        {HEAD STEP "## Two\n```options\n```\n```options\n```\n",
         "line 10: options for the second time"},
        {HEAD STEP "## Two\n" RUN "```options\n```\n",
         "line 11: options of a step come before its other fences"},
        {HEAD "```options\n--ram 8M --policy list\n```\n",
         "line 7: 'list' is no option of a lesson's machine"},
        {HEAD STEP "```exercise\noptions: --load=x --ram 8M\n```\n",
         "line 8: '--load=x' is no option of a lesson's machine"},
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
         "line 7: a question with a single choice"},
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
        {"# 1. A\nTakes -3 minutes.\n" STEP LAST,
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

static bool known(UNUSED void *opaque, const char *name, u64 *value)
{
    static const struct {
        const char *name;
        s64 value;
    } names[] = {{"let.seed", 3},
                 {"let.minus", -5},
                 {"let.frame", 206},
                 {"let.pc", 0x10f64},
                 {"mark.trap", 70000}};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(name, names[i].name)) {
            *value = (u64)names[i].value;
            return true;
        }
    return false;
}

static bool no_symbol(UNUSED void *opaque, UNUSED const char *name,
                      UNUSED u64 *value)
{
    return false;
}

static const struct expr_env env = {
    .clock_hz = 1, .named_number = known, .symbol = no_symbol};

TEST(numbers_in_text)
{
    static const struct {
        const char *text, *is;
    } cases[] = {{"{let.seed} and {let.seed * 2}", "3 and 6"},
                 {"{let.minus}", "-5"},
                 {"{/x let.seed + 13}", "0x10"},
                 {"{/2 810}", "8.10"},
                 {"{/2 let.minus}", "-0.05"},
                 {"none", "none"}};
    unsigned line = 1;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        char *t =
            text_filled(&env, cases[i].text, false, &line, err, sizeof err);
        assert_non_null(t);
        assert_string_equal(t, cases[i].is);
        free(t);
    }
    static const char *const bad[] = {"{nothing}", "{let.seed", "{/q let.seed}",
                                      "{let.seed\n}"};
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        assert_null(text_filled(&env, bad[i], false, &line, err, sizeof err));
    assert_int_equal(line, 1);
    assert_null(text_filled(&env, "{1}\n\n{", false, &line, err, sizeof err));
    assert_int_equal(line, 3);
    char *t =
        text_filled(&env, "a{1..9}{let.seed}", true, &line, err, sizeof err);
    assert_string_equal(t, "a{1..9}3");
    free(t);
}

TEST(noted_numbers)
{
    static const struct {
        const char *text, *is;
    } cases[] = {{"page let.frame", "page 206"},
                 {"tbreak let.pc", "tbreak 0x10f64"},
                 {"print cycle - mark.trap", "print cycle - 70000"},
                 {"print/x let.pc", "print/x 0x10f64"},
                 {"page let.frames + outlet.frame", /* longer names */
                  "page let.frames + outlet.frame"},
                 {"x pa:8+let.frame*4", "x pa:8+206*4"}};
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        char *t = text_noted(&env, cases[i].text);
        assert_string_equal(t, cases[i].is);
        free(t);
    }
}

/* The panel shows a question's last sentence as its caption while the question
 * waits, so that sentence must make sense alone ("Which?" does not). */
TEST(captions)
{
    glob_t g;
    unsigned questions = 0;
    assert_int_equal(glob("tools/lessons/[0-9]*.md", 0, NULL, &g), 0);
    for (size_t f = 0; f < g.gl_pathc; f++) {
        struct lesson *l = lesson_read(g.gl_pathv[f], err, sizeof err);
        assert_non_null(l);
        for (unsigned i = 0; i < l->n; i++) {
            const struct lesson_block *b = &l->block[i];
            char said[CAPTION_MAX];
            unsigned words = 1;
            if (b->kind != BLOCK_PREDICT)
                continue;
            questions++;
            assert_true(question_sentence(b->text, said, sizeof said));
            for (const char *p = said; *p; p++)
                words += *p == ' ';
            if (words < 7 || !strncmp(said, "And ", 4))
                fail_msg("%s: \"%s\" says nothing by itself", l->name, said);
        }
        lesson_free(l);
    }
    globfree(&g);
    assert_true(questions > 12);
}

TEST(what_people_type)
{
    static const struct {
        const char *text;
        double is;
    } numbers[] = {{" 14,000 ", 14000}, {"0x1f", 31},           {"8.5", 8.5},
                   {"-3", -3},          {"1,000,000", 1000000}, {"16,", 16}};
    static const char *const none[] = {
        "1,0", /* not 10 */ "0,300", "1,0000", "",
        "b",   "12 frames",          "info",   "nan"};
    double v;
    for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
        assert_true(text_number(numbers[i].text, &v) && v == numbers[i].is);
    for (unsigned i = 0; i < ARRAY_LEN(none); i++)
        assert_false(text_number(none[i], &v));

    struct lesson_answer exact = {.claimed = true};
    struct lesson_answer loose = {
        .claimed = true, .within = 20, .percent = true};
    struct lesson_answer measured = {.claimed = true, .within = 1};
    struct lesson_answer letter = {.letter = 'b'};
    const struct {
        const struct lesson_answer *answer;
        const char *exercise, *given;
        bool right;
    } cases[] = {{&exact, NULL, "100", true},
                 {&exact, NULL, "101", false}, /* no tolerance */
                 {&exact, NULL, "", false},
                 {&measured, NULL, "109", true},
                 {&measured, NULL, "111", false},
                 {&measured, "", "102", false},
                 {&loose, "", "120", true},
                 {&letter, NULL, "B", true},
                 {&letter, NULL, " b. ", true},
                 {&letter, NULL, "bad", false},
                 {&letter, NULL, "", false}};
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct question q = {.answer = cases[i].answer,
                             .options = cases[i].exercise,
                             .right = 100};
        assert_int_equal(answer_right(&q, cases[i].given), cases[i].right);
    }
    /* The right answer is accepted if it is typed as it is shown. */
    static const char *const shown[] = {
        "0 - 5", "/2 1234567", "/1 18014398509481985", "0xffffffffffffffff"};
    struct question q = {.answer = &exact};
    for (unsigned i = 0; i < ARRAY_LEN(shown); i++) {
        assert_true(number_read(&env, shown[i], &q.is, err, sizeof err));
        q.right = number_value(q.is);
        assert_true(answer_right(&q, answer_text(&q, (char[40]){0}, 40)));
    }
}
