/* SPDX-License-Identifier: MIT */
// rooms: base dwarf isa hart mmu time engine dev boot history machine inspect linux xv6
/* Tests words, the tables of numbers, JSON text, rings of events, their CSV. */
#include "unit.h"

#include "inspect/events.h"
#include "inspect/json.h"
#include "inspect/numbers.h"
#include "inspect/words.h"
#include "machine/machine.h"

/* ---- the machine, as far as inspect/kernel/events.c asks ----------------- */

static void (*hook)(void *, const struct lens_record *);
static void *hook_opaque;

void machine_seen(UNUSED struct machine *m, UNUSED const struct lens_record *r)
{
}

void machine_on_event(UNUSED struct machine *m,
                      void (*fn)(void *, const struct lens_record *),
                      void *opaque)
{
    hook = fn;
    hook_opaque = opaque;
}

void machine_on_past(UNUSED struct machine *m,
                     void (*fn)(void *, struct state *), UNUSED void *opaque)
{
    (void)fn;
}

void history_memory(UNUSED struct history *h,
                    UNUSED const struct history_memory *r)
{
}

bool history_repeats(UNUSED const struct history *h)
{
    return false;
}

bool machine_peek(UNUSED struct machine *m, UNUSED u64 pa, UNUSED void *p,
                  UNUSED size_t n)
{
    return false;
}

const struct lens_view *machine_lens(UNUSED const struct machine *m)
{
    return NULL;
}

/* ---- words -------------------------------------------------------------- */

TEST(numbers_without_a_word)
{
    assert_string_equal(inspect_state_word(0xff), "unknown");
    assert_string_equal(inspect_reason_word(0xff), "?");
    assert_string_equal(inspect_actor_word(0xff), "?");
    assert_string_equal(inspect_proc_state_word(99), "?");
}

TEST(words_are_unique)
{
    for (unsigned i = 0; i < R_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(ins_reasons[i].word, ins_reasons[k].word);
    for (unsigned i = 0; i < FS_COUNT; i++)
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(ins_states[i].word, ins_states[k].word);
            assert_int_not_equal(ins_states[i].glyph, ins_states[k].glyph);
        }
}

TEST(masks)
{
    assert_true(inspect_reason_mask("fork") == 1ull << R_FORK);
    assert_true(inspect_reason_mask("cow-share") == 1ull << R_COW_SHARE);
    assert_true(
        inspect_reason_mask("cow") ==
        (1ull << R_COW_COPY | 1ull << R_COW_REUSE | 1ull << R_FORK_COPY));
    assert_true(inspect_reason_mask("fault") ==
                (1ull << R_FAULT_MINOR | 1ull << R_FAULT_MAJOR |
                 1ull << R_FAULT_ILLEGAL));
    /* "oom" includes kills for thrashing */
    assert_true(inspect_reason_mask("oom") ==
                (1ull << R_OOM | 1ull << R_OOM_THRASH));
    /* These words are promised; no mask may be empty. */
    static const char *const events[] = {"fault",   "cow",    "fork",    "exec",
                                         "pageout", "swapin", "reclaim", "oom"};
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        assert_true(inspect_reason_mask(events[i]));
    assert_true(!inspect_reason_mask("nonsense"));
}

TEST(explanations)
{
    const char *what;
    assert_non_null(inspect_explain("cow-shared", &what));
    assert_string_equal(what, "frame state");
    assert_non_null(inspect_explain("pgmajfault", &what));
    assert_string_equal(what, "counter");
    assert_non_null(inspect_explain("TLB", &what));
    assert_string_equal(what, "term");
    assert_non_null(inspect_explain("page-in", &what));
    assert_null(inspect_explain("flux capacitor", &what));
}

/* ---- the one table of numbers ------------------------------------------- */

static bool number_exists(const char *name)
{
    return inspect_counter_id(name) >= 0 || inspect_gauge_id(name) >= 0;
}

static void each_number(const char *p, bool (*known)(const char *))
{
    for (size_t n; (n = inspect_source_next(&p)); p += n) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        if (!known(name))
            fail_msg("%s: no such number", name);
    }
}

static bool is_counter(const char *name)
{
    return inspect_counter_id(name) >= 0;
}

TEST(numbers_hang_together)
{
    for (unsigned i = 0; i < ins_ncolumns; i++) {
        char name[64];
        each_number(ins_columns[i].source, number_exists);
        inspect_column_name(&ins_columns[i], name, sizeof name);
        assert_non_null(inspect_column(name, NULL));
    }
    for (unsigned i = 0; i < G_COUNT; i++) {
        each_number(ins_gauges[i].moves, is_counter);
        assert_true(inspect_counter_id(ins_gauges[i].name) < 0);
    }
    for (unsigned i = 0; i < C_COUNT; i++) {
        struct ins_rule r[INS_RULES];
        unsigned n = inspect_rules(i, r);
        /* no name stands twice */
        assert_int_equal(inspect_counter_id(ins_counters[i].name), i);
        for (unsigned k = 0; k < n; k++) {
            if (r[k].from == INS_NOTHING || r[k].to == INS_NOTHING ||
                r[k].reason == INS_NOTHING)
                fail_msg("%s: no such event: %s", ins_counters[i].name,
                         ins_counters[i].events);
            assert_true(r[k].part == r[0].part); /* all partial or none */
        }
    }
}

TEST(rules)
{
    struct ins_rule r[INS_RULES];
    unsigned n = inspect_rules(C_PGALLOC, r);
    assert_int_equal(n, 1);
    assert_true(inspect_rules_match(r, n, true, FS_FREE, FS_ANON, R_NONE));
    assert_false(inspect_rules_match(r, n, true, FS_ANON, FS_FREE, R_NONE));
    assert_false(inspect_rules_match(r, n, true, FS_FREE, FS_KDATA, R_BOOT));
    assert_false(inspect_rules_match(r, n, false, FS_FREE, FS_ANON, R_FORK));
    n = inspect_rules(C_DFREE, r);
    assert_true(inspect_rules_match(r, n, true, FS_ANON, FS_FREE, R_RECLAIM));
    assert_false(inspect_rules_match(r, n, true, FS_ANON, FS_FREE, R_EXIT));
    n = inspect_rules(C_PGFAULT, r);
    assert_int_equal(n, 2);
    assert_true(inspect_rules_match(r, n, false, 0, 0, R_FAULT_MAJOR));
    assert_false(inspect_rules_match(r, n, false, 0, 0, R_FAULT_ILLEGAL));
}

/* ---- JSON --------------------------------------------------------------- */

TEST(json_text)
{
    struct json j FREED_BY(json_free) = {0};
    json_open(&j, NULL, '{');
    json_str(&j, "s",
             "a\"b\\c\n\u00b5\u20ac\U0001f600 "
             "\xc1\xe0\x9f\xed\xa0\xf4\x90\xc3"); /* not UTF-8 */
    json_open(&j, "empty", '[');
    json_close(&j, ']');
    json_open(&j, "list", '[');
    json_u64(&j, NULL, ~0ull);
    json_s64(&j, NULL, -1);
    json_hex(&j, NULL, 0xabc);
    json_close(&j, ']');
    json_double(&j, "zero_by_zero", 0.0 / 0.0);
    json_double(&j, "half", .5);
    json_bool(&j, "yes", true);
    json_close(&j, '}');
    assert_string_equal(
        j.text,
        "{\"s\":\"a\\\"b\\\\c\\u000a\u00b5\u20ac\U0001f600 "
        "\\u00c1\\u00e0\\u009f"
        "\\u00ed\\u00a0\\u00f4\\u0090\\u00c3\",\"empty\":[],"
        "\"list\":[18446744073709551615,-1,\"0xabc\"],\"zero_by_zero\":0,"
        "\"half\":0.5,\"yes\":true}");
}

/* ---- events ------------------------------------------------------------- */

static struct machine m = {.ram_bytes = 16 * PAGE_BYTES};

static void happen(u64 cycle, u32 pfn, enum frame_state from,
                   enum frame_state to, enum reason why)
{
    struct lens_record r = {.cycle = cycle,
                            .event =
                                lens_event(pfn, from, to, why, ACTOR_FAULT, 7)};
    hook(hook_opaque, &r);
}

TEST(event_rings)
{
    struct ins_event e[20];
    struct ins_events *ev = inspect_events_open(&m, NULL);
    happen(1, 3, FS_FREE, FS_ANON, R_DEMAND_ZERO);
    for (u64 i = 0; i < 12; i++)
        happen(2 + i, 6, FS_FREE, FS_ANON, R_UNMAP);
    assert_int_equal(inspect_events_recent(ev, 6, e, 20), 12);
    for (u64 i = 0; i < 150000; i++) /* the ring wraps around */
        happen(10 + i, 5 + i % 2 * 2, FS_FREE, FS_ANON, R_UNMAP);
    happen(200000, LENS_NO_PFN, 0, 0, R_FORK);
    happen(200001, 0xfffff, FS_FREE, FS_ANON, R_BOOT); /* beyond RAM */
    assert_int_equal(inspect_events_count(ev), 150015);
    assert_int_equal(inspect_events_recent(ev, LENS_NO_PFN, e, 20), 20);
    assert_int_equal(e[0].cycle, 200001);
    assert_int_equal(e[1].reason, R_FORK);
    assert_int_equal(e[1].pfn, LENS_NO_PFN);
    assert_int_equal(e[2].cycle, 10 + 149999);
    /* A frame with few events keeps them. */
    assert_int_equal(inspect_events_recent(ev, 3, e, 20), 1);
    assert_int_equal(e[0].cycle, 1);
    assert_int_equal(e[0].reason, R_DEMAND_ZERO);
    assert_int_equal(e[0].pid, 7);
    assert_int_equal(e[0].actor, ACTOR_FAULT);
    /* A frame with many events keeps the last eight; the ring may have more. */
    assert_int_equal(inspect_events_recent(ev, 6, e, 20), 8);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(e[i].cycle, 2 + 11 - i);
    assert_int_equal(inspect_events_recent(ev, 7, e, 20), 20);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(e[i].cycle, 10 + 149999 - 2 * i);
        assert_int_equal(e[i].pfn, 7);
    }
    assert_int_equal(inspect_events_recent(ev, 16, e, 20), 0);
    u32 tally[R_COUNT];
    inspect_events_tally(ev, tally);
    assert_int_equal(tally[R_UNMAP], 150012);
    assert_int_equal(tally[R_FORK], 1);
    assert_int_equal(tally[R_SWAP_IN], 0);
    inspect_events_close(ev);
    assert_null(hook);
}

TEST(event_csv)
{
    char file[] = "/tmp/test_wordsXXXXXX", text[400];
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    struct ins_events *ev = inspect_events_open(&m, file);
    happen(12, 3, FS_FREE, FS_ANON, R_DEMAND_ZERO);
    happen(15, LENS_NO_PFN, 0, 0, R_FORK);
    inspect_events_close(ev);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    unlink(file);
    assert_true(n > 0);
    text[n] = 0;
    assert_string_equal(text, "cycle,pid,pfn,from,to,reason,actor\n"
                              "12,7,3,free,anonymous,demand-zero,fault\n"
                              "15,7,,,,fork,fault\n");
}
