/* SPDX-License-Identifier: MIT */
/* Tells an event in few words, for the map's tags, and the way of its page. */
#include "inspect/events.h"
#include "inspect/words.h"
#include "panel/draw/draw.h"

/* one: follows "frame N: "; %s is the slot, or the frame that was copied. If
 * that number is not known, `unknown` is used instead. many: %s is the number
 * of frames; NULL: no tag counts such events, most being too frequent. */
static const struct {
    const char *one, *many;
    u8 way;
    const char *unknown;
} event_texts[R_COUNT] = {
    [R_ALLOC_KERNEL] = {"for the kernel", "the kernel took %s frames",
                        .way = WAY_FROM_FREE},
    [R_ALLOC_PGTABLE] = {"a new page table", "%s new page tables",
                         .way = WAY_FROM_FREE},
    [R_DEMAND_ZERO] = {"given out, cleared", "first use: %s frames given out",
                       .way = WAY_FROM_FREE},
    [R_ZERO_MAP].one = "the shared zeros, only to be read",
    [R_PAGE_IN] = {"comes from disk", "from disk: %s frames",
                   .way = WAY_FROM_DISK},
    [R_MAP_CACHED].one = "was in memory already",
    [R_COW_COPY] = {"copy of %s", "copy on write: %s frames copied",
                    WAY_FROM_FRAME, "a copy of its own"},
    [R_COW_REUSE] = {"nobody shares it any more: no copy",
                     .many = "%s frames kept by their last owner"},
    [R_COW_SHARE] = {"shared until somebody writes",
                     .many = "fork: %s frames shared"},
    [R_STACK_GROW] = {"the stack grows down to it",
                      "stacks that grow: %s frames", .way = WAY_FROM_FREE},
    [R_FILE_READ] = {"comes from disk", "from disk: %s frames",
                     .way = WAY_FROM_DISK},
    [R_FILE_WRITE] = {"a page of a file changed",
                      .many = "%s frames of files changed"},
    [R_PIPE] = {"buffer of a pipe", .way = WAY_FROM_FREE},
    [R_UNMAP] = {"given back", "given back: %s frames", .way = WAY_TO_FREE},
    [R_EXIT] = {"its process ended", "exit: %s frames given back",
                .way = WAY_TO_FREE},
    [R_EXEC_DISCARD] = {"the old program's",
                        "exec: %s frames of the old program given back",
                        .way = WAY_TO_FREE},
    [R_FREE_KERNEL] = {"the kernel gave it back",
                       "the kernel gave %s frames back", .way = WAY_TO_FREE},
    [R_FREE_PGTABLE] = {"an empty page table", "%s page tables given back",
                        .way = WAY_TO_FREE},
    [R_RECLAIM] = {"taken back: free now", "reclaim: %s frames taken back",
                   .way = WAY_TO_FREE},
    [R_WRITE_BACK] = {"written back to disk", "written back to disk: %s frames",
                      .way = WAY_TO_DISK},
    [R_SWAP_OUT] = {"out to slot %s", "out to swap: %s frames", WAY_TO_SLOT,
                    "out to swap"},
    [R_SWAP_IN] = {"back from slot %s", "back from swap: %s frames",
                   WAY_FROM_SLOT, "back from swap"},
    [R_DROP_CACHE] = {"dropped: nobody needs the frame", "dropped: %s frames",
                      .way = WAY_TO_FREE},
    [R_SWAP_ADD] = {"gets slot %s", "%s frames get a slot in swap", WAY_TO_SLOT,
                    "gets a slot in swap"},
    [R_SWAP_KEEP].one = "it stays in memory",
    [R_SWAP_AHEAD] = {"read ahead from slot %s", "from swap, ahead: %s frames",
                      WAY_FROM_SLOT, "read ahead from swap"},
    [R_SWAP_MAP].one = "is in memory: not read now",
    [R_SWAP_FREE].one = "its slot is given up",
    [R_REF_CLEARED].one = "was marked as used: mark cleared",
    [R_SWAP_OFF].one = "swapoff takes its slot",
    [R_TRUNCATE] = {"its file or shared memory was cut, or is gone",
                    "files or shared memory gone: %s frames given back",
                    .way = WAY_TO_FREE},
    [R_READ_AHEAD] = {"read ahead from disk", "read ahead: %s frames",
                      .way = WAY_FROM_DISK},
    [R_INODE_REUSE] = {"its file is forgotten", .way = WAY_TO_FREE},
    [R_MLOCK] = {"locked: no policy may take it", .many = "locked: %s frames"},
    [R_MUNLOCK] = {"no longer locked", .many = "no longer locked: %s frames"},
    [R_ACTIVATE].one = "to the active list",
    [R_DEACTIVATE].one = "to the inactive list",
    [R_CACHED] = {"free, but can be found again",
                  "taken: %s frames free, but can be found again",
                  .way = WAY_TO_FREE},
    [R_CACHE_FOUND] = {"found again: not read", "found again: %s frames",
                       .way = WAY_FROM_FREE},
    [R_CACHE_REUSE] = {"what it held is forgotten", .way = WAY_TO_FREE},
    [R_REFAULT].one = "back: reclaim had taken it",
    [R_CACHE_IDLE] = {"free, but can be found again",
                      "%s frames of files free, but can be found again",
                      .way = WAY_TO_FREE},
    [R_FREE_BEHIND] = {"read past: free, but can be found again",
                       "read past: %s frames free", .way = WAY_TO_FREE},
    [R_SCAN_SPARED].one = "was used: it stays",
    [R_PUSH_QUEUED].one = "changed: to be written before it goes",
    [R_FORK_COPY] = {"copy of %s", "fork: %s frames copied", WAY_FROM_FRAME,
                     "copied at once"},
    [R_FAULT_HUGE] = {"one of 512 for a page of 2 MiB",
                      "for pages of 2 MiB: %s frames given out",
                      .way = WAY_FROM_FREE},
    [R_COLLAPSE] = {"one of 512 for a page of 2 MiB",
                    "for pages of 2 MiB: %s frames filled",
                    .way = WAY_FROM_FREE},
    [R_SPLIT_RECLAIM].one = "page table: 2 MiB are small pages now",
    [R_SPLIT_COW].one = "page table: 2 MiB are small pages now",
    [R_SPLIT_PART].one = "page table: 2 MiB are small pages now",
    [R_KEPT].one = "reclaim leaves it",
    [R_DOUBLE_PAGED] = {"page of a file, out to slot %s", .way = WAY_TO_SLOT,
                        .unknown = "page of a file, out to swap"},
};

/* Returns the table's way. WAY_NONE: the event lacks the slot or source of that
 * way, or contradicts it: a frame that another owner still holds does not go to
 * the free list, and a frame that was not free did not come from that list. */
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

/* Returns a text of the table with a number in the place of its %s. */
static const char *filled(const char *text, const char *number)
{
    const char *at = strstr(text, "%s");
    return at ? phrase("%.*s%s%s", (int)(at - text), text, number, at + 2)
              : text;
}

const char *event_text_one(const struct ins_event *e)
{
    const char *one = e->reason < R_COUNT ? event_texts[e->reason].one : NULL;
    const char *why, *number = NULL;
    if (inspect_kept(e, &why))
        one = why;
    else if (inspect_moved(e))
        one = "moved here from another frame";
    else if (!one)
        one = inspect_reason_word(e->reason);
    else if (event_texts[e->reason].way == WAY_FROM_FRAME)
        number = e->source ? frame_number(e->source) : NULL;
    else
        number = e->slot != INS_NO_SLOT ? grouped(e->slot) : NULL;
    if (strstr(one, "%s") && !number)
        one = event_texts[e->reason].unknown;
    return phrase("frame %s: %s", frame_number(e->pfn), filled(one, number));
}

const char *event_text_many(u8 reason, u32 count)
{
    const char *many = reason < R_COUNT ? event_texts[reason].many : NULL;
    return many ? filled(many, grouped(count)) : NULL;
}
