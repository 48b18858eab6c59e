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

struct shares {
    struct machine *m;
    u64 cow, files;
};

static void count_leaf(void *opaque, const struct ins_leaf *l)
{
    struct shares *c = opaque;
    struct lens_frame f;
    if (l->pa < RAM_BASE ||
        !ins_lens_frame(c->m, (l->pa - RAM_BASE) >> PAGE_SHIFT, &f))
        return;
    c->cow += f.state == FS_COW || f.state == FS_SWAPCACHE;
    c->files += f.state == FS_FILE_CLEAN || f.state == FS_FILE_DIRTY ||
                f.state == FS_SHMEM;
}

/* The child that a process made last. */
static bool youngest(struct machine *m, u32 parent, struct ins_proc *child)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(m, p, ARRAY_LEN(p));
    bool found = false;
    for (unsigned i = 0; i < n; i++)
        if (p[i].ppid == parent && p[i].satp &&
            (!found || p[i].pid > child->pid)) {
            *child = p[i];
            found = true;
        }
    return found;
}

/* Of the fork itself, while the machine stands at it; afterwards the child may
 * have written, or begun another program. */
#define STILL 100000 /* cycles */

static void fork_sentence(struct machine *m, const struct ins_event *e,
                          const char *who, char *buf, size_t n)
{
    struct ins_proc child, parent;
    struct shares c = {.m = m};
    bool now = m->hart.cycle - e->cycle < STILL && youngest(m, e->pid, &child);
    if (now && inspect_proc(m, e->pid, &parent) && parent.satp == child.satp) {
        snprintf(buf, n,
                 "vfork: %s lends its memory to pid %u until that "
                 "begins a program or ends; nothing is copied",
                 who, child.pid);
        return;
    }
    if (!now || !inspect_leaves(m, child.pid, count_leaf, &c)) {
        snprintf(buf, n,
                 "fork: the child of %s shares its memory, "
                 "copy-on-write; each write copies a frame",
                 who);
        return;
    }
    snprintf(buf, n,
             "fork: %s made pid %u, which shares %llu frame%s of it "
             "copy-on-write (each write copies one) and %llu of files",
             who, child.pid, (unsigned long long)c.cow, c.cow == 1 ? "" : "s",
             (unsigned long long)c.files);
}

/* A private mapping's page of a file is copied from the page cache. */
static u32 cached_page(struct machine *m, const struct ins_event *e)
{
    struct ins_vma v;
    struct lens_frame f;
    if (!inspect_vma_at(m, e->pid, e->va, &v) || !(v.flags & VMA_FILE))
        return 0;
    u64 index = (e->va - v.start + v.offset) >> PAGE_SHIFT;
    for (u64 pfn = 0; pfn < ins_nframes(m); pfn++)
        if (ins_lens_frame(m, pfn, &f) && f.object == v.inode &&
            f.index == index &&
            (f.state == FS_FILE_CLEAN || f.state == FS_FILE_DIRTY))
            return (u32)pfn;
    return 0;
}

static void cow_sentence(struct machine *m, const struct ins_event *e,
                         const char *who, char *buf, size_t n)
{
    u32 from = e->source || !e->pid ? e->source : cached_page(m, e);
    char source[24] = "";
    if (from)
        snprintf(source, sizeof source, ", frame %u,", from);
    snprintf(
        buf, n,
        "copy on write: %s wrote to a %s page at 0x%llx%s and gets a copy, "
        "frame %u",
        who, from && !e->source ? "file's" : "shared",
        (unsigned long long)e->va, source, e->pfn);
}

/* {who} loses the frame to the daemon: for whom it was taken. */
static void owner_text(struct machine *m, const struct ins_event *e, char *buf,
                       size_t n)
{
    char name[40];
    *buf = 0;
    if (!e->owner || e->owner == e->pid)
        return;
    name_of(m, e->owner, name, sizeof name);
    snprintf(buf, n, " of %s", name);
}

/* {who} {va} {frame} stand for the event's; {from} for where a frame's content
 * can be had again. */
static const char *const sentences[R_COUNT] = {
    [R_EXEC] = "exec: {who} begins; its pages come when it touches them",
    [R_PROC_EXIT] = "exit: {who} ended; its private frames are free again",
    [R_COW_REUSE] = "last owner: {who} wrote to frame {frame}, which nobody "
                    "shares any more: no copy",
    [R_DEMAND_ZERO] = "demand zero: {who} first wrote at {va}: frame {frame}, "
                      "cleared",
    [R_PAGE_IN] = "demand paging: {who} needed a page of a file at {va}: read "
                  "from disk into frame {frame}",
    [R_RECLAIM] =
        "reclaim: {who} took frame {frame}{owner} back: nobody had used "
        "it, and what it held can be had again{from}",
    [R_REF_CLEARED] = "the hand passes frame {frame}: it was used, so it is "
                      "spared; its mark is cleared, until the next time round",
    [R_SWAP_ADD] =
        "swap: frame {frame}{owner} gets a slot on the swap disk; once "
        "written there it can be taken",
    [R_SWAP_OUT] =
        "swap-out: frame {frame}{owner} was written to swap: now a copy is "
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
static void fill_in(struct machine *m, const char *sentence,
                    const struct ins_event *e, const char *who, char *buf,
                    size_t n)
{
    char va[24], frame[16], owner[48];
    owner_text(m, e, owner, sizeof owner);
    snprintf(va, sizeof va, "0x%llx", (unsigned long long)e->va);
    snprintf(frame, sizeof frame, "%u", e->pfn);
    const char *from = e->from == FS_FILE_CLEAN  ? " from its file"
                       : e->from == FS_SWAPCACHE ? " from swap"
                                                 : "";
    const char *const words[][2] = {{"{who}", who},
                                    {"{va}", va},
                                    {"{frame}", frame},
                                    {"{from}", from},
                                    {"{owner}", owner}};
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
        fork_sentence(m, e, who, buf, n);
        return;
    }
    if (e->reason == R_COW_COPY) {
        cow_sentence(m, e, who, buf, n);
        return;
    }
    if (e->reason < R_COUNT && sentences[e->reason]) {
        fill_in(m, sentences[e->reason], e, who, buf, n);
        return;
    }
    char owner[48];
    owner_text(m, e, owner, sizeof owner);
    if (e->pfn == LENS_NO_PFN)
        snprintf(buf, n, "%s: %s (%s)", inspect_reason_word(e->reason),
                 e->reason < R_COUNT ? ins_reasons[e->reason].sentence : "",
                 who);
    else
        snprintf(buf, n, "frame %u%s: %s -> %s: %s (%s)", e->pfn, owner,
                 inspect_state_word(e->from), inspect_state_word(e->to),
                 e->reason < R_COUNT ? ins_reasons[e->reason].sentence : "?",
                 who);
}
