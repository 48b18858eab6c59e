/* SPDX-License-Identifier: MIT */
// rooms: base dwarf isa hart mmu time engine dev boot history machine inspect linux xv6
/* An event's caption is one or more sentences, cut to the room there is. */
#include "unit.h"

#include "inspect/display.h"
#include "inspect/events.h"
#include "machine/parts.h"

/* There is no lens, so process 0 is the kernel, no other process has a name,
 * and no policy explains its choice. */
static struct machine_parts parts;
static struct machine m = {.parts = &parts};

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

TEST(words_in_sentences)
{
    assert_string_equal(
        caption(R_COW_COPY, FS_COW, 7, 200),
        "copy on write: the kernel is to write at 0x12340 to a page "
        "that it shares and gets a copy, frame 7: any others keep the old one");
    assert_string_equal(
        caption(R_PROC_EXIT, 0, LENS_NO_PFN, 200),
        "exit: the kernel ended, so the frames of private memory that only it "
        "had are given back; pages of files may stay");
    assert_string_equal(
        caption(R_SWAP_IN, FS_SWAPCACHE, 7, 200),
        "swap-in: the page that the kernel waited for has come from swap. "
        "Frame 7 leaves the swap cache: it belongs to shared memory or a file "
        "again");
}

/* Sentences of a reason that differ by the frame's states. */
TEST(states_in_sentences)
{
    struct ins_event e = {
        .pfn = 9, .to = FS_FILE_DIRTY, .reason = R_WRITE_BACK};
    char buf[200];
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "still newer than the disk"));
    e.to = FS_FILE_CLEAN;
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "counts as clean"));
    e.to = FS_SHMEM;
    e.reason = R_FILE_WRITE;
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "which no disk file holds"));
    e.reason = R_COLLAPSE;
    e.source = 8;
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "the page of frame 8 is moved to frame 9"));
    assert_string_equal(inspect_event_word(&e), "moved");
}

/* A sentence says what the event tells. Without our kernel's tables nobody
 * knows why the daemon acts, nor by which rule it chooses. */
TEST(who_and_why)
{
    struct ins_event e = {.pfn = 9,
                          .pid = 0,
                          .from = FS_ANON,
                          .reason = R_SWAP_ADD,
                          .actor = ACTOR_PAGEOUT};
    char buf[200];
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_string_equal(buf,
                        "swap: the pageout daemon chose frame 9. No file on "
                        "disk has it: it gets a slot of swap, and must be "
                        "written there before its frame can be free");
    e.actor = ACTOR_LIMIT;
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "at its RLIMIT_RSS, the kernel chose frame 9: "
                                "a clock over its own pages found it unused"));
    e.actor = ACTOR_SWAPPER;
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_non_null(strstr(buf, "to swap a whole process out, the swapper "
                                "chose frame 9: all pages of its process go"));
}

/* Process 6 has ended, so its page is another's now. Who had the page first is
 * not known: fork and the swap cache pass it on. */
TEST(owners)
{
    struct ins_event e = {
        .pfn = 9, .pid = 8, .owner = 6, .from = FS_ANON, .reason = R_RECLAIM};
    char buf[72];
    assert_string_equal(inspect_owner(&m, &e, true, buf, sizeof buf),
                        ", once given to pid 6 (ended)");
    e.owner = 8;
    assert_string_equal(inspect_owner(&m, &e, true, buf, sizeof buf), "");
}

/* The caption of a page that is spared speaks of its mark, not of a use. */
TEST(marks_of_use)
{
    struct ins_event e = {.pfn = 25,
                          .from = FS_COW,
                          .to = FS_COW,
                          .reason = R_REF_CLEARED,
                          .actor = ACTOR_PAGEOUT};
    char buf[200];
    inspect_caption(&m, &e, buf, sizeof buf);
    assert_string_equal(buf,
                        "use: frame 25 was marked as used, and the pageout "
                        "daemon cleared the mark: unless it is set again, the "
                        "page counts as unused");
}

/* A sentence names no call and no cause that the event cannot tell. */
TEST(only_what_is_known)
{
    static const struct {
        struct ins_event e;
        const char *says, *no;
    } rows[] = {
        {{.reason = R_DEMAND_ZERO, .to = FS_ANON, .va = 16, .pc = 4},
         "wrote at 0x10, where it had no page of its own", /* but zeros */
         "first"},
        {{.reason = R_DEMAND_ZERO, .to = FS_ANON, .va = 16}, /* mlock */
         "first needs memory at 0x10",
         "wrote"},
        {{.reason = R_DEMAND_ZERO,
          .to = FS_SHMEM,
          .va = 16,
          .pc = 4}, /* read */
         "first used",
         "wrote"},
        {{.reason = R_COW_COPY, .va = 16, .pc = 4}, "wrote at 0x10", NULL},
        {{.reason = R_COW_COPY, .source = 5, .origin = FS_COW},
         "that it shares, frame 5, and gets a copy",
         "file"},
        {{.reason = R_COW_COPY,
          .source = 5,
          .origin = FS_FILE_CLEAN}, /* read */
         "of a file, frame 5, and gets a copy, frame 0: the mapping is private",
         "share"},
        {{.reason = R_COW_COPY, .source = 5, .origin = FS_SHMEM}, /* tmpfs */
         "the file stays as it is",
         "share"},
        {{.reason = R_COW_COPY, .pid = 7, .slot = INS_NO_SLOT}, /* not mapped */
         "of a file and gets a copy",
         "share"},
        {{.reason = R_COW_COPY, .pid = 7, .slot = 9}, /* Linux: from swap */
         "that it shares and gets a copy",
         "file"},
        {{.reason = R_UNMAP, .from = FS_ANON}, "or a fork failed", "ended"},
        {{.reason = R_OOM}, "in time", "no page can go"}, /* a slow disk */
        {{.reason = R_OOM_THRASH}, "took up too much time", "just"},
        {{.reason = R_DROP_CACHE}, "could not be read", NULL},
        {{.reason = R_DROP_CACHE, .from = FS_SWAPCACHE},
         "or the disk could not begin",
         NULL},
        {{.reason = R_FAULT_MAJOR, .va = 16, .pid = 7, .space = 6},
         "pid 7 touched 0x10 in the memory of pid 6", /* /proc/6/cmdline */
         NULL},
        {{.reason = R_MAP_CACHED, .va = 16, .fault_va = 8192},
         "mapped at 0x10 by the same fault, before anybody asks for it",
         "needed a page of a file at"},
        {{.reason = R_MAP_CACHED, .va = 16},
         "needed a page of a file at 0x10",
         "another page"},
        {{.reason = R_SPLIT_PART, .actor = ACTOR_FAULT},
         "see each use of a page",
         "a part is to be"},
        {{.reason = R_SPLIT_PART, .actor = ACTOR_SYSCALL}, /* fork, or mlock */
         "locked, given other rights or copied for a child",
         "changed"},
        {{.reason = R_FAULT_MINOR, .va = 16}, /* it waited for a frame */
         "It was not read from a disk for this",
         "No disk"},
        {{.reason = R_FAULT_MAJOR, .va = 16}, /* a hole: nothing was read */
         "had to come from its file or from swap",
         "wait"},
        {{.reason = R_MAP_CACHED, .va = 16}, /* a store may need its block */
         "had it already: it need not be read",
         "disk"},
        {{.reason = R_SWAP_MAP, .va = 16}, /* a store may wait for its write */
         "it need not be read now",
         "wait"},
        {{.reason = R_STACK_GROW, .va = 16}, /* MAP_GROWSDOWN; by many pages */
         "below a stack or another mapping that grows down",
         "its stack"},
        {{.reason = R_FILE_READ, .actor = ACTOR_SYSCALL}, /* a part written */
         "asks for a page of a file", /* posix_fadvise, too */
         "reads"},
        {{.reason = R_FILE_WRITE,
          .from = FS_FILE_CLEAN,
          .to = FS_FILE_DIRTY,
          .actor = ACTOR_SYSCALL}, /* ftruncate */
         "changed a page of a file",
         "write:"},
        {{.reason = R_FILE_WRITE, /* a mark that pageout finds in an entry */
          .from = FS_FILE_CLEAN,
          .to = FS_FILE_DIRTY,
          .actor = ACTOR_PAGEOUT},
         "a store to a mapping, or",
         "daemon"},
        {{.reason = R_FILE_WRITE, .to = FS_SHMEM, .actor = ACTOR_SYSCALL},
         "needs a page of shared memory or of a tmpfs", /* read() of a hole */
         "changed"},
        {{.reason = R_SWAP_ADD, .from = FS_SHMEM}, /* of a tmpfs */
         "No file on disk has it",
         "in no file"},
        {{.reason = R_FAULT_ILLEGAL, .va = 16}, /* SIGBUS has several causes */
         "its file ends before it, or a disk is full or has an error",
         NULL},
        {{.reason = R_REFAULT, .va = 16, .actor = ACTOR_FAULT},
         "wants 0x10 back, which reclaim took",
         NULL},
        {{.reason = R_REFAULT, .va = 16, .actor = ACTOR_SYSCALL}, /* swapoff */
         "reclaim had taken the page that comes",
         "too small"},
        {{.reason = R_REFAULT,
          .va = 16,
          .fault_va = 8192,
          .actor = ACTOR_FAULT},
         "reclaim had taken the page that comes", /* read ahead */
         "too small"},
    };
    char buf[200];
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        inspect_caption(&m, &rows[i].e, buf, sizeof buf);
        if (!strstr(buf, rows[i].says) ||
            (rows[i].no && strstr(buf, rows[i].no)))
            fail_msg("row %u: %s", i, buf);
    }
    static const struct {
        struct ins_event e;
        const char *no;
    } short_ones[] = {
        {{.reason = R_UNMAP}, "munmap or brk gave"}, /* MADV_DONTNEED */
        {{.reason = R_FILE_READ}, "read() brought"},
        {{.reason = R_FAULT_ILLEGAL}, "that no mapping allows:"},
        {{.reason = R_FAULT_ILLEGAL}, "whose file has no such page:"},
        {{.reason = R_FAULT_MINOR}, "without disk"}, /* for a frame */
        {{.reason = R_FAULT_MAJOR}, "waited"},       /* not for a hole */
        {{.reason = R_STACK_GROW}, "by a page"},
        {{.reason = R_ACTIVATE}, "treats it as in use"},  /* being written */
        {{.reason = R_SWAP_OFF}, "swapoff read it back"}, /* most were there */
        {{.reason = R_DEADLOCK}, "all processes"},        /* others sleep */
        {{.reason = R_SPLIT_PART}, ": a part of it was unmapped"}, /* fork */
        {{.reason = R_COW_COPY}, "write to a shared page:"},
        {{.reason = R_WRITE_BACK}, "written back"}, /* it may have failed */
        {{.reason = R_PUSH_QUEUED}, "unused"},      /* by the swapper */
        {{.reason = R_SCAN_SPARED}, "front hand"},  /* it may not have passed */
        {{.reason = R_FILE_WRITE, .to = FS_SHMEM}, "changed"},
        {{.reason = R_FILE_WRITE, .from = FS_FILE_CLEAN, .to = FS_FILE_DIRTY},
         "write() changed"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(short_ones); i++)
        if (strstr(inspect_event_sentence(&short_ones[i].e), short_ones[i].no))
            fail_msg("row %u: %s", i, inspect_event_sentence(&short_ones[i].e));
}

/* Even the longest name and numbers are not cut after "catch 100: ". */
TEST(room_for_all)
{
    static char buf[1024];
    struct ins_event e = {.va = 0x3fffffffff,
                          .pfn = 1048575,
                          .pid = 99999,
                          .owner = 99998,
                          .from = FS_SWAPCACHE,
                          .actor = ACTOR_PAGEOUT};
    for (unsigned r = 0; r < R_COUNT; r++) {
        if (r == R_FORK || r == R_COW_COPY) /* these captions read tables */
            continue;
        e.reason = (u8)r;
        inspect_caption(&m, &e, buf, sizeof buf);
        /* A pid has no name here; in a machine it may have 16 letters. */
        size_t room = sizeof(((struct ins_display *)0)->caption) - 1 -
                      strlen("catch 100: ") - strlen("sixteen-letters- ()");
        assert_in_range(strlen(buf), 10, room);
    }
}

TEST(where_it_can_be_had)
{
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

/* Every reason's caption ends in its buffer, and every {word} is filled in. */
TEST(every_room)
{
    for (unsigned r = 0; r < 256; r++) {
        if (r == R_FORK) /* its caption counts the machine's frames */
            continue;
        for (size_t room = 1; room < 200; room += 3)
            caption((u8)r, FS_ANON, 5, room);
        const char *c = caption((u8)r, FS_ANON, 5, 200);
        assert_true(*c);
        assert_null(strpbrk(c, "{}"));
    }
}
