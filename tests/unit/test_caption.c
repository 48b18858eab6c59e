/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine inspect
/* Captions: an event's words in its sentence, in full, and cut to the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "inspect/inspect.h"

/* Process 0 is the kernel: no table of processes is asked for. */
static struct machine m;

static const char *caption(u8 reason, u8 from, u32 pfn, size_t room)
{
    static char buf[200];
    struct ins_event e = {.va = 0x12340,
                          .pfn = pfn,
                          .from = from,
                          .to = FS_FREE,
                          .reason = reason};
    memset(buf, '#', sizeof buf);
    inspect_caption(&m, &e, buf, room);
    assert_non_null(memchr(buf, 0, room));
    return buf;
}

static void words_in_sentences(void **unused)
{
    (void)unused;
    assert_string_equal(caption(R_COW_COPY, FS_COW, 7, 200),
                        "copy on write: the kernel wrote to a shared page at "
                        "0x12340 and gets a copy, frame 7");
    assert_string_equal(caption(R_PROC_EXIT, 0, LENS_NO_PFN, 200),
                        "exit: the kernel ended; its private frames are free "
                        "again");
}

static void where_it_can_be_had(void **unused)
{
    (void)unused;
    static const struct {
        u8 from;
        const char *end;
    } rows[] = {{FS_FILE_CLEAN, "can be had again from its file"},
                {FS_SWAPCACHE, "can be had again from swap"},
                {FS_ANON, "can be had again"}};
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const char *c = caption(R_RECLAIM, rows[i].from, 9, 200);
        assert_string_equal(c + strlen(c) - strlen(rows[i].end), rows[i].end);
    }
}

/* Every reason, in every room: a NUL inside it, no brace left over. */
static void every_room(void **unused)
{
    (void)unused;
    for (unsigned r = 0; r < 256; r++) {
        if (r == R_FORK) /* counts the machine's frames */
            continue;
        for (size_t room = 1; room < 200; room += 3)
            caption((u8)r, FS_ANON, 5, room);
        const char *c = caption((u8)r, FS_ANON, 5, 200);
        assert_true(*c);
        assert_null(strpbrk(c, "{}"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_in_sentences),
                                       cmocka_unit_test(where_it_can_be_had),
                                       cmocka_unit_test(every_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
