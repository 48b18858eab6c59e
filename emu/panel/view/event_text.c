/* SPDX-License-Identifier: MIT */
/* An event in few words, for the map's tags, and the way that its page went. */
#include "panel/draw/draw.h"

#include <stdio.h>

/* one: follows "frame N: "; %s is the slot, or the frame that was copied. If
 * that number is not known, `unknown` is used instead. many: %s is the number
 * of frames; NULL: such events are too frequent to be counted in a tag. */
static const struct {
    u8 way;
    const char *one, *unknown, *many;
} event_texts[R_COUNT] = {
    [R_ALLOC_KERNEL] = {WAY_FROM_FREE, "for the kernel", NULL,
                        "the kernel took %s frames"},
    [R_ALLOC_PGTABLE] = {WAY_FROM_FREE, "a new page table", NULL,
                         "%s new page tables"},
    [R_DEMAND_ZERO] = {WAY_FROM_FREE, "given out, cleared", NULL,
                       "first writes: %s frames given out"},
    [R_ZERO_MAP] = {WAY_NONE, "the shared zeros, only to be read", NULL, NULL},
    [R_PAGE_IN] = {WAY_FROM_DISK, "comes from disk", NULL,
                   "from disk: %s frames"},
    [R_MAP_CACHED] = {WAY_NONE, "was in memory already", NULL, NULL},
    [R_COW_COPY] = {WAY_FROM_FRAME, "copy of %s", "a copy of its own",
                    "copy on write: %s frames copied"},
    [R_COW_REUSE] = {WAY_NONE, "nobody shares it any more: no copy", NULL,
                     "%s frames kept by their last owner"},
    [R_COW_SHARE] = {WAY_NONE, "shared until somebody writes", NULL,
                     "fork: %s frames shared"},
    [R_STACK_GROW] = {WAY_FROM_FREE, "the stack grows", NULL,
                      "the stack grows by %s frames"},
    [R_FILE_READ] = {WAY_FROM_DISK, "comes from disk", NULL,
                     "from disk: %s frames"},
    [R_FILE_WRITE] = {WAY_NONE, "changed by write()", NULL,
                      "write() changed %s frames"},
    [R_PIPE] = {WAY_FROM_FREE, "buffer of a pipe", NULL, NULL},
    [R_UNMAP] = {WAY_TO_FREE, "given back", NULL, "given back: %s frames"},
    [R_EXIT] = {WAY_TO_FREE, "its process ended", NULL,
                "exit: %s frames given back"},
    [R_EXEC_DISCARD] = {WAY_TO_FREE, "the old program's", NULL,
                        "exec: %s frames of the old program given back"},
    [R_FREE_KERNEL] = {WAY_TO_FREE, "the kernel gave it back", NULL,
                       "the kernel gave %s frames back"},
    [R_FREE_PGTABLE] = {WAY_TO_FREE, "an empty page table", NULL,
                        "%s page tables given back"},
    [R_RECLAIM] = {WAY_TO_FREE, "taken by pageout: free now", NULL,
                   "pageout: %s frames taken"},
    [R_WRITE_BACK] = {WAY_TO_DISK, "written back to disk", NULL,
                      "written back to disk: %s frames"},
    [R_SWAP_OUT] = {WAY_TO_SLOT, "out to slot %s", "out to swap",
                    "out to swap: %s frames"},
    [R_SWAP_IN] = {WAY_FROM_SLOT, "back from slot %s", "back from swap",
                   "back from swap: %s frames"},
    [R_DROP_CACHE] = {WAY_TO_FREE, "dropped: its file has it", NULL,
                      "dropped: %s frames of files"},
    [R_SWAP_ADD] = {WAY_TO_SLOT, "out to slot %s", "gets a slot in swap",
                    "%s frames get a slot in swap"},
    [R_SWAP_KEEP] = {WAY_NONE, "used again: it stays", NULL, NULL},
    [R_SWAP_AHEAD] = {WAY_FROM_SLOT, "read ahead from slot %s",
                      "read ahead from swap", "back from swap: %s frames"},
    [R_SWAP_MAP] = {WAY_NONE, "is in memory: no disk to wait for", NULL, NULL},
    [R_SWAP_FREE] = {WAY_NONE, "its slot is given up", NULL, NULL},
    [R_REF_CLEARED] = {WAY_NONE, "was marked as used: spared", NULL, NULL},
    [R_SWAP_OFF] = {WAY_FROM_SLOT, "back from slot %s", "back from swap",
                    "back from swap: %s frames"},
    [R_TRUNCATE] = {WAY_TO_FREE, "its file was cut", NULL,
                    "a file was cut: %s frames given back"},
    [R_READ_AHEAD] = {WAY_FROM_DISK, "read ahead from disk", NULL,
                      "read ahead: %s frames"},
    [R_INODE_REUSE] = {WAY_TO_FREE, "its file is forgotten", NULL, NULL},
    [R_MLOCK] = {WAY_NONE, "locked: no policy may take it", NULL,
                 "locked: %s frames"},
    [R_MUNLOCK] = {WAY_NONE, "no longer locked", NULL,
                   "no longer locked: %s frames"},
    [R_ACTIVATE] = {WAY_NONE, "in use: to the active list", NULL, NULL},
    [R_DEACTIVATE] = {WAY_NONE, "to the inactive list", NULL, NULL},
    [R_CACHED] = {WAY_TO_FREE, "free, but can be found again", NULL,
                  "pageout: %s frames free, but can be found again"},
    [R_CACHE_FOUND] = {WAY_FROM_FREE, "found again: no disk needed", NULL,
                       "found again: %s frames"},
    [R_CACHE_REUSE] = {WAY_TO_FREE, "what it held is forgotten", NULL, NULL},
    [R_REFAULT] = {WAY_NONE, "back soon after it was taken", NULL, NULL},
    [R_CACHE_IDLE] = {WAY_TO_FREE, "free, but can be found again", NULL,
                      "%s frames of files free, but can be found again"},
    [R_FREE_BEHIND] = {WAY_TO_FREE, "read past: free, but can be found again",
                       NULL, "read past: %s frames free"},
    [R_SCAN_SPARED] = {WAY_NONE, "was used: it stays", NULL, NULL},
    [R_PUSH_QUEUED] = {WAY_NONE, "unused, but changed: to be written", NULL,
                       NULL},
    [R_FORK_COPY] = {WAY_FROM_FRAME, "copy of %s", "copied at once",
                     "fork: %s frames copied"},
    [R_FAULT_HUGE] = {WAY_FROM_FREE, "one of 512 for a page of 2 MiB", NULL,
                      "for pages of 2 MiB: %s frames given out"},
    [R_COLLAPSE] = {WAY_FROM_FREE, "one of 512 for a page of 2 MiB", NULL,
                    "for pages of 2 MiB: %s frames filled"},
    [R_SPLIT_RECLAIM] = {WAY_NONE, "the page table of 2 MiB, now small pages",
                         NULL, NULL},
    [R_SPLIT_COW] = {WAY_NONE, "the page table of 2 MiB, now small pages", NULL,
                     NULL},
    [R_SPLIT_PART] = {WAY_NONE, "the page table of 2 MiB, now small pages",
                      NULL, NULL},
    [R_KEPT] = {WAY_NONE, "reclaim leaves it", NULL, NULL},
    [R_DOUBLE_PAGED] = {WAY_TO_SLOT, "page of a file, out to slot %s",
                        "page of a file, out to swap", NULL},
};

static bool is_free(u8 state)
{
    return state == FS_FREE || state == FS_ZEROED;
}

/* The table's way, if the event's own states agree: a frame that another owner
 * still holds does not go to the free list, and a frame that was not free did
 * not come from there. */
enum page_way event_way(const struct ins_event *e)
{
    enum page_way way =
        e->reason < R_COUNT ? event_texts[e->reason].way : WAY_NONE;
    bool slot = e->slot != INS_NO_SLOT;
    if ((way == WAY_TO_FREE && !is_free(e->to)) ||
        (way == WAY_FROM_FREE && !is_free(e->from)) ||
        (way == WAY_FROM_FRAME && !e->source) ||
        ((way == WAY_TO_SLOT || way == WAY_FROM_SLOT) && !slot))
        return WAY_NONE;
    return way;
}

void event_text_one(const struct ins_event *e, char *buf, size_t n)
{
    char frame[32], what[32] = "";
    const char *one = e->reason < R_COUNT ? event_texts[e->reason].one : NULL;
    const char *why;
    frame_number(frame, e->pfn);
    if (inspect_kept(e, &why)) {
        snprintf(buf, n, "frame %s: %s", frame, why);
        return;
    }
    if (!one) {
        snprintf(buf, n, "frame %s: %s", frame, inspect_reason_word(e->reason));
        return;
    }
    bool frames = event_texts[e->reason].way == WAY_FROM_FRAME;
    if (frames && e->source)
        frame_number(what, e->source);
    else if (!frames && e->slot != INS_NO_SLOT)
        grouped(what, e->slot);
    if (strstr(one, "%s") && !what[0])
        one = event_texts[e->reason].unknown;
    const char *at = strstr(one, "%s");
    int head = at ? (int)(at - one) : (int)strlen(one);
    snprintf(buf, n, "frame %s: %.*s%s%s", frame, head, one, at ? what : "",
             at ? at + 2 : "");
}

bool event_text_many(u8 reason, u32 count, char *buf, size_t n)
{
    const char *many = reason < R_COUNT ? event_texts[reason].many : NULL;
    const char *at = many ? strstr(many, "%s") : NULL;
    char number[32];
    if (!at)
        return false;
    grouped(number, count);
    snprintf(buf, n, "%.*s%s%s", (int)(at - many), many, number, at + 2);
    return true;
}
