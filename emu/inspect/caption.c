/* SPDX-License-Identifier: MIT */
/* What just happened, in a sentence that a student understands. */
#include "inspect/ram.h"

#include <stdio.h>

static const char *name_of(struct machine *m, u32 pid, char *buf, size_t n)
{
    struct ins_proc p;
    if (!pid)
        snprintf(buf, n, "the kernel");
    else if (inspect_proc(m, pid, &p))
        snprintf(buf, n, "%s (pid %u)", p.name, pid);
    else
        snprintf(buf, n, "pid %u", pid);
    return buf;
}

static void fork_sentence(struct machine *m, const char *who, char *buf,
                          size_t n)
{
    u64 count[FS_COUNT];
    inspect_frames_by_state(m, count);
    snprintf(buf, n,
             "fork: the child of %s shares its memory; %llu frame%s now "
             "copy-on-write, and each write copies one",
             who, (unsigned long long)count[FS_COW],
             count[FS_COW] == 1 ? " is" : "s are");
}

void inspect_caption(struct machine *m, const struct ins_event *e, char *buf,
                     size_t n)
{
    char who[40];
    unsigned long long va = e->va;
    name_of(m, e->pid, who, sizeof who);
    switch (e->reason) {
    case R_FORK:
        fork_sentence(m, who, buf, n);
        return;
    case R_EXEC:
        snprintf(buf, n, "exec: %s begins; its pages come when it touches them",
                 who);
        return;
    case R_PROC_EXIT:
        snprintf(buf, n, "exit: %s ended; its private frames are free again",
                 who);
        return;
    case R_COW_COPY:
        snprintf(buf, n,
                 "copy on write: %s wrote to a shared page at 0x%llx and got "
                 "a copy, frame %u",
                 who, va, e->pfn);
        return;
    case R_COW_REUSE:
        snprintf(buf, n,
                 "last owner: %s wrote to frame %u, which nobody shares any "
                 "more: no copy",
                 who, e->pfn);
        return;
    case R_DEMAND_ZERO:
        snprintf(buf, n,
                 "demand zero: %s first wrote at 0x%llx: frame %u, "
                 "cleared",
                 who, va, e->pfn);
        return;
    case R_PAGE_IN:
        snprintf(buf, n,
                 "demand paging: %s needed a page of a file at "
                 "0x%llx: read from disk into frame %u",
                 who, va, e->pfn);
        return;
    case R_RECLAIM:
        snprintf(buf, n,
                 "reclaim: %s took frame %u back: nobody had used it, and "
                 "what it held can be had again%s",
                 who, e->pfn,
                 e->from == FS_FILE_CLEAN  ? " from its file"
                 : e->from == FS_SWAPCACHE ? " from swap"
                                           : "");
        return;
    case R_REF_CLEARED:
        snprintf(buf, n,
                 "the hand passes frame %u: it was used, so it is spared; its "
                 "mark is cleared, until the next time round",
                 e->pfn);
        return;
    case R_SWAP_ADD:
        snprintf(buf, n,
                 "swap: frame %u gets a slot on the swap disk; once written "
                 "there it can be taken",
                 e->pfn);
        return;
    case R_SWAP_OUT:
        snprintf(buf, n,
                 "swap-out: frame %u was written to swap: now a copy is on "
                 "disk and the frame may go",
                 e->pfn);
        return;
    case R_SWAP_IN:
        snprintf(buf, n,
                 "swap-in: %s touched 0x%llx, which was in swap: it is read "
                 "back into frame %u, and waited for",
                 who, va, e->pfn);
        return;
    case R_SWAP_MAP:
        snprintf(buf, n,
                 "swap cache: %s wanted 0x%llx back before frame %u was "
                 "reused: no disk needed",
                 who, va, e->pfn);
        return;
    case R_WRITE_BACK:
        snprintf(buf, n,
                 "write-back: frame %u, a dirty page of a file, was written "
                 "to disk: it is clean again",
                 e->pfn);
        return;
    case R_OOM:
        snprintf(buf, n,
                 "out of memory: no frame can be freed and swap has no room: "
                 "%s is chosen to die",
                 who);
        return;
    case R_FAULT_ILLEGAL:
        snprintf(buf, n,
                 "illegal access: %s touched 0x%llx, which no mapping "
                 "allows: it gets a signal",
                 who, va);
        return;
    }
    if (e->pfn == LENS_NO_PFN)
        snprintf(buf, n, "%s: %s (%s)", inspect_reason_word(e->reason),
                 e->reason < R_COUNT ? ins_reasons[e->reason].sentence : "",
                 who);
    else
        snprintf(buf, n, "frame %u: %s -> %s: %s (%s)", e->pfn,
                 inspect_state_word(e->from), inspect_state_word(e->to),
                 e->reason < R_COUNT ? ins_reasons[e->reason].sentence : "?",
                 who);
}
