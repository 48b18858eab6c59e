/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr isa hart mmu time engine dev boot history config machine inspect console show monitor linux xv6
/* Tests the command line's grammar: verbs, words, texts, formats, comments.
 * A bad argument is an error even though the machine has no parts. */

/* cmocka's macro `fail` breaks terminal.h's function, so verbs.h is first. */
#include "inspect/symbols.h"
#include "monitor/session/sources.h"

#include "machine/parts.h"

#include "unit.h"

static struct session s;
static struct machine_parts parts; /* of a machine that has nothing */
static struct machine machine = {.parts = &parts};
static char said[20000];

static void on_say(UNUSED void *opaque, const char *text, UNUSED bool json)
{
    strncat(said, text, sizeof said - strlen(said) - 1);
}

static int no_register(UNUSED void *opaque, UNUSED const char *name)
{
    return -1;
}

static bool nothing(UNUSED void *opaque, UNUSED const char *name,
                    UNUSED u64 *value)
{
    return false;
}

BEFORE_EACH
{
    inspect_sources_close(s.sources);
    memset(&s, 0, sizeof s);
    s.m = &machine;
    s.sources = inspect_sources_open(&machine);
    static const struct run_port port = {.file = script_run};
    s.run.port = &port;
    s.lead.who = IN_PROMPT; /* errors go to on_say, not to stderr */
    s.env = (struct expr_env){.clock_hz = 1000000000,
                              .find_register = no_register,
                              .symbol = nothing,
                              .named_number = nothing};
    session_output(&s, on_say, NULL);
    said[0] = 0;
}

static enum command_status run(const char *line)
{
    said[0] = 0;
    return session_command(&s, line);
}

TEST(verbs)
{
    char err[100];
    for (unsigned i = 0; i < ncommands; i++) {
        const char *v = commands[i].verb;
        assert_ptr_equal(command_find(v, strlen(v), err, sizeof err),
                         &commands[i]);
        assert_true(*commands[i].help);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(v, commands[k].verb);
    }
    static const char *const ways[][2] = {
        {"c", "continue"}, {"cont", "continue"}, {"si", "stepi"},
        {"p", "print"},    {"b", "break"},       {"i", "info"},
        {"q", "quit"},     {"sw", "step-walk"},  {"aud", "audit"}};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        const struct command *c =
            command_find(ways[i][0], strlen(ways[i][0]), err, sizeof err);
        assert_non_null(c);
        assert_string_equal(c->verb, ways[i][1]);
    }
    assert_null(command_find("frob", 4, err, sizeof err));
    assert_non_null(strstr(err, "unknown verb"));
    assert_null(command_find("re", 2, err, sizeof err));
    assert_non_null(strstr(err, "more than one"));
    /* `next` is gdb's verb, not short for next-event */
    assert_null(command_find("next", 4, err, sizeof err));
    assert_non_null(strstr(err, "(the verb gdb opens it here)"));
}

TEST(lines)
{
    assert_int_equal(run(""), CMD_OK);
    assert_int_equal(run("   \t \n"), CMD_OK);
    assert_int_equal(run("# a comment"), CMD_OK);
    assert_int_equal(run("  echo one  two # three"), CMD_OK);
    assert_string_equal(said, "one  two\n");
    assert_int_equal(run("echo a#b"), CMD_OK);
    assert_string_equal(said, "a#b\n");
    assert_int_equal(run("echo \"a # \\\" b\\t\\x41\\101\" # c"), CMD_OK);
    assert_string_equal(said, "a # \" b\tAA\n");
    assert_int_equal(run("echo \"open"), CMD_BAD);
    assert_int_equal(run("echo \"bad \\q\""), CMD_BAD);
    char text[2060];
    snprintf(text, sizeof text, "echo \"%2047s\"", "x");
    assert_int_equal(run(text), CMD_OK);
    snprintf(text, sizeof text, "echo \"%2048s\"", "x");
    assert_int_equal(run(text), CMD_BAD);
    assert_int_equal(run("frobnicate now"), CMD_BAD);
    assert_string_equal(said, "frobnicate: unknown verb (see help)\n");
    assert_int_equal(run("quit 3 4"), CMD_BAD);
    assert_int_equal(run("quit 256"), CMD_BAD);
    assert_int_equal(run("quit 3"), CMD_QUIT);
    assert_int_equal(s.exit_status, 3);
}

TEST(json_lines)
{
    assert_int_equal(run("json explain tlb"), CMD_OK);
    assert_int_equal(said[0], '{');
    assert_int_equal(strcspn(said, "\n"), strlen(said) - 1);
    assert_int_equal(run("explain tlb"), CMD_OK); /* for that line only */
    assert_int_not_equal(said[0], '{');
    assert_int_equal(run("json json explain tlb"), CMD_OK);
    assert_int_equal(said[0], '{');
    assert_int_equal(run("json"), CMD_OK);
    assert_int_equal(run("json assert 1 == 1"), CMD_OK);
    assert_string_equal(said, "{\"assert\":\"1 == 1\",\"holds\":true}\n");
    assert_int_equal(run("json help"), CMD_OK);
    assert_int_equal(said[0], '[');
}

TEST(asserts)
{
    assert_int_equal(run("assert 2 + 2 == 4"), CMD_OK);
    assert_int_equal(run("assert 2 + 2 == 5"), CMD_FAILED);
    assert_non_null(strstr(said, "left is 4 (0x4), right is 5"));
    assert_int_equal(run("assert"), CMD_BAD);
    assert_int_equal(run("assert 1 +"), CMD_BAD);
    assert_int_equal(run("assert 1 2"), CMD_BAD);
    assert_int_equal(run("assert nosuch"), CMD_BAD);
}

TEST(arguments)
{
    struct answer a = {.s = &s, .to = &s.lead};
    struct format f = {1, 'x', 8};
    const char *p = "/12iw rest";
    char word[8];
    u64 v;
    assert_true(args_format(&a, &p, &f));
    assert_int_equal(f.count, 12);
    assert_int_equal(f.letter, 'i');
    assert_int_equal(f.size, 4);
    p = "/4q";
    assert_false(args_format(&a, &p, &f));
    p = "  10us  7 ";
    assert_true(args_value(&a, &p, &v, "a time") && v == 10000);
    assert_true(args_value(&a, &p, &v, "a number") && v == 7);
    assert_false(args_value(&a, &p, &v, "a number"));
    p = "seven77";
    assert_true(args_word(&a, &p, word, sizeof word, "a word"));
    p = "eight888";
    assert_false(args_word(&a, &p, word, sizeof word, "a word"));
    p = "\"in quotes\"";
    assert_false(args_word(&a, &p, word, sizeof word, "a word"));
}

TEST(bad_arguments)
{
    /* clang-format off */
    static const char *const rows[] = {
        "run-for", "run-for sideways", "run-for 1 2", "stepi x", "break",
        "break nowhere", "watch 5", "watch", "catch nonsense", "x", "x/4q 0",
        "walk", "page", "page x", "pmap", "explain zzz", "print", "print 1 +",
        "mark", "mark a-b", "expect", "expect x 1", "expect \"x\"", "send",
        "send x", "pace", "pace fast", "pace -1", "timing", "timing warp",
        "info nonsense", "save", "load", "source", "source /nowhere",
        "delete 99", "set 5 = 6", "hash now", "help nonsense", "goto 5", "goto",
        "reverse-stepi", "reverse-continue", "last-write", "first-touch",
        "branch", "branch leave", "run-until", "continue now", "sysrq mm",
        "repeat 2", "while 1", "if 1", "else", "end"};
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum command_status st = run(rows[i]);
        char gone[64]; /* the error must not be that the verb is unknown */
        snprintf(gone, sizeof gone, "%.*s: unknown verb",
                 (int)strcspn(rows[i], " "), rows[i]);
        if (st != CMD_BAD || !*said ||
            strcspn(said, "\n") != strlen(said) - 1 ||
            !strncmp(said, gone, strlen(gone)))
            fail_msg("%s: status %d, said '%s'", rows[i], st, said);
    }
}

TEST(expect_consumes_input)
{
    static struct streams st;
    memcpy(st.heard, "login: user\nlogin: ", 19);
    st.nheard = 19;
    assert_true(streams_expect(&st, "login: "));
    assert_int_equal(st.nheard, 12); /* consumed through the match only */
    assert_true(streams_expect(&st, "user\nlog"));
    assert_false(streams_expect(&st, "login"));
    assert_true(streams_expect(&st, "in: "));
    assert_int_equal(st.nheard, 0);
}

TEST(options)
{
    char file[] = "/tmp/test_commandXXXXXX", **v;
    static const char text[] =
        "# options: --ram 8M --append \"a b\" --run 'x  y' c\\ d\necho\n";
    int fd = mkstemp(file);
    assert_true(write(fd, text, sizeof text - 1) == sizeof text - 1);
    assert_int_equal(script_options(file, &v), 8);
    static const char *const words[] = {"--ram", "8M",   "--append", "a b",
                                        "--run", "x  y", "c d"};
    assert_string_equal(v[0], file);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_string_equal(v[i + 1], words[i]);
    assert_null(v[8]);
    free(v);
    assert_true(ftruncate(fd, 5) == 0);
    assert_int_equal(script_options(file, &v), 0);
    assert_true(ftruncate(fd, 0) == 0);
    assert_int_equal(script_options(file, &v), 0);
    close(fd);
    unlink(file);
    assert_int_equal(script_options(file, &v), -1);
}
