/* SPDX-License-Identifier: MIT */
// rooms: history base
/* The input log keeps each entry with its cycle, kind and bytes. Consecutive
 * bytes of the pipe are one entry, since they are a stream. */
#include "unit.h"

#include "history/log.h"

static struct moment at(u64 cycle)
{
    return (struct moment){.cycle = cycle};
}

static void expect(const struct input_log *l, u64 i, u64 cycle,
                   enum input_kind kind, const char *bytes)
{
    struct input_entry e = input_log_at(l, i);
    assert_int_equal(e.at.cycle, cycle);
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.n, strlen(bytes));
    assert_memory_equal(e.bytes, bytes, e.n);
}

TEST(entries_are_kept)
{
    struct input_log *l = input_log_new();
    input_log_add(l, at(10), INPUT_KEYS, "abc", 3);
    input_log_add(l, at(10), INPUT_KEYS, "", 0);
    input_log_add(l, at(25), INPUT_KEYS, "de", 2);
    assert_int_equal(input_log_count(l), 3);
    expect(l, 0, 10, INPUT_KEYS, "abc");
    expect(l, 1, 10, INPUT_KEYS, "");
    expect(l, 2, 25, INPUT_KEYS, "de");
    for (u64 i = 0; i < 1000; i++) /* the log grows */
        input_log_add(l, at(100 + i), INPUT_KEYS, i & 1 ? "odd" : "even",
                      i & 1 ? 3 : 4);
    expect(l, 0, 10, INPUT_KEYS, "abc");
    for (u64 i = 0; i < 1000; i++)
        expect(l, 3 + i, 100 + i, INPUT_KEYS, i & 1 ? "odd" : "even");
    input_log_free(l);
}

TEST(a_pipe_is_one_stream)
{
    struct input_log *l = input_log_new();
    input_log_add(l, at(5), INPUT_PIPE, "ab", 2);
    input_log_add(l, at(9), INPUT_PIPE, "c", 1);
    input_log_add(l, at(11), INPUT_KEYS, "x", 1);
    input_log_add(l, at(12), INPUT_PIPE, "d", 1);
    assert_int_equal(input_log_count(l), 3);
    expect(l, 0, 5, INPUT_PIPE, "abc");
    expect(l, 1, 11, INPUT_KEYS, "x");
    expect(l, 2, 12, INPUT_PIPE, "d");
    input_log_free(l);
    input_log_free(NULL);
}

/* After a cut within a pipe's entry, new bytes of the pipe join that entry. */
TEST(a_log_is_cut_within_a_pipe)
{
    struct input_log *l = input_log_new();
    input_log_add(l, at(5), INPUT_PIPE, "abc", 3);
    input_log_add(l, at(11), INPUT_KEYS, "x", 1);
    input_log_cut(l, (struct input_place){0, 2});
    assert_int_equal(input_log_count(l), 1);
    expect(l, 0, 5, INPUT_PIPE, "ab");
    input_log_add(l, at(9), INPUT_PIPE, "d", 1);
    expect(l, 0, 5, INPUT_PIPE, "abd");
    input_log_free(l);
}
