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

/* {who} {va} {frame} stand for the event's; {from} for where a frame's content
 * can be had again. */
static const char *const sentences[R_COUNT] = {
    [R_EXEC] = "exec: {who} begins; its pages come when it touches them",
    [R_PROC_EXIT] = "exit: {who} ended; its private frames are free again",
    [R_COW_COPY] = "copy on write: {who} wrote to a shared page at {va} and "
                   "got a copy, frame {frame}",
    [R_COW_REUSE] = "last owner: {who} wrote to frame {frame}, which nobody "
                    "shares any more: no copy",
    [R_DEMAND_ZERO] = "demand zero: {who} first wrote at {va}: frame {frame}, "
                      "cleared",
    [R_PAGE_IN] = "demand paging: {who} needed a page of a file at {va}: read "
                  "from disk into frame {frame}",
    [R_RECLAIM] = "reclaim: {who} took frame {frame} back: nobody had used it, "
                  "and what it held can be had again{from}",
    [R_REF_CLEARED] = "the hand passes frame {frame}: it was used, so it is "
                      "spared; its mark is cleared, until the next time round",
    [R_SWAP_ADD] = "swap: frame {frame} gets a slot on the swap disk; once "
                   "written there it can be taken",
    [R_SWAP_OUT] = "swap-out: frame {frame} was written to swap: now a copy is "
                   "on disk and the frame may go",
    [R_SWAP_IN] = "swap-in: {who} touched {va}, which was in swap: it is read "
                  "back into frame {frame}, and waited for",
    [R_SWAP_MAP] = "swap cache: {who} wanted {va} back before frame {frame} "
                   "was reused: no disk needed",
    [R_WRITE_BACK] = "write-back: frame {frame}, a dirty page of a file, was "
                     "written to disk: it is clean again",
    [R_OOM_THRASH] = "thrashing: nobody could run for want of pages: {who} is "
                     "chosen to die",
    [R_OOM] = "out of memory: no frame can be freed, nor any page go to swap: "
              "{who} is chosen to die",
    [R_FAULT_ILLEGAL] = "illegal access: {who} touched {va}, which no mapping "
                        "allows: it gets a signal",
};

/* The sentence with its words put in, cut to n bytes. */
static void fill_in(const char *sentence, const struct ins_event *e,
                    const char *who, char *buf, size_t n)
{
    char va[24], frame[16];
    snprintf(va, sizeof va, "0x%llx", (unsigned long long)e->va);
    snprintf(frame, sizeof frame, "%u", e->pfn);
    const char *from = e->from == FS_FILE_CLEAN  ? " from its file"
                       : e->from == FS_SWAPCACHE ? " from swap"
                                                 : "";
    const char *const words[][2] = {
        {"{who}", who}, {"{va}", va}, {"{frame}", frame}, {"{from}", from}};
    size_t at = 0;
    snprintf(buf, n, "%s", ""); /* there may be room for no more */
    for (const char *p = sentence; *p && at + 1 < n;) {
        size_t i = 0, skip = 0;
        for (; !skip && i < ARRAY_LEN(words); i++)
            if (!strncmp(p, words[i][0], strlen(words[i][0])))
                skip = strlen(words[i][0]);
        int put = skip ? snprintf(buf + at, n - at, "%s", words[i - 1][1])
                       : snprintf(buf + at, n - at, "%c", *p);
        at += (size_t)put;
        p += skip ? skip : 1;
    }
}

void inspect_caption(struct machine *m, const struct ins_event *e, char *buf,
                     size_t n)
{
    char who[40];
    name_of(m, e->pid, who, sizeof who);
    if (e->reason == R_FORK) {
        fork_sentence(m, who, buf, n);
        return;
    }
    if (e->reason < R_COUNT && sentences[e->reason]) {
        fill_in(sentences[e->reason], e, who, buf, n);
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
