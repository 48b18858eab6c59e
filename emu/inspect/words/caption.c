/* SPDX-License-Identifier: MIT */
/* Tells a kernel event in a sentence that a student understands. */
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/policy.h"
#include "inspect/process.h"
#include "inspect/walk.h"
#include "inspect/words.h"

#include <stdio.h>

static const char *process_text(struct machine *m, u32 pid, char *buf, size_t n)
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

static void count_shared(void *opaque, const struct ins_leaf *l)
{
    struct shares *c = opaque;
    struct lens_frame f;
    u64 n = 1ull << 9 * l->level; /* frames */
    if (l->pa < RAM_BASE || !(l->pte & PTE_U) ||
        !ins_kernel_frame(c->m, (l->pa - RAM_BASE) >> PAGE_SHIFT, &f))
        return;
    c->cow += (f.state == FS_COW || f.state == FS_SWAPCACHE) * n;
    c->files += (f.state == FS_FILE_CLEAN || f.state == FS_FILE_DIRTY ||
                 f.state == FS_SHMEM) *
                n;
}

/* Finds the child that a fork has just made, by what only a new child has: it
 * has not run, so it has had no fault, and until the kernel starts it, it
 * sleeps. Pids do not tell, since they begin anew. Linux counts no faults of
 * running tasks, but its list of tasks ends with the newest. False: several may
 * be it, or none. */
static bool new_child(struct machine *m, u32 parent, struct ins_proc *child)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(m, p, ARRAY_LEN(p));
    unsigned found = 0, asleep = 0;
    for (unsigned i = 0; i < n; i++) {
        if (p[i].ppid != parent || !p[i].satp ||
            (ins_lens(m) && p[i].min_flt + p[i].maj_flt + p[i].ill_flt))
            continue;
        bool sleeps = p[i].state == PS_SLEEPING;
        if (!ins_lens(m) || sleeps || !asleep)
            *child = p[i];
        asleep += sleeps;
        found++;
    }
    return found && n < ARRAY_LEN(p) &&
           (!ins_lens(m) || asleep == 1 || found == 1);
}

/* A fork's sentence counts the shared frames only this long after the fork:
 * later the child may have written, or begun another program. */
#define FORK_FRESH 100000 /* cycles */

static void fork_sentence(struct machine *m, const struct ins_event *e,
                          const char *who, char *buf, size_t n)
{
    struct ins_proc child, parent;
    struct lens_tunable fork;
    struct shares c = {.m = m};
    bool now =
        machine_now(m) - e->cycle < FORK_FRESH && new_child(m, e->pid, &child);
    if (now && inspect_proc(m, e->pid, &parent) && parent.satp == child.satp) {
        /* The event does not tell vfork from a clone without CLONE_VFORK. */
        snprintf(buf, n,
                 "fork: %s made pid %u, which shares its memory: nothing is "
                 "copied. If the call was vfork, %s waits until the child "
                 "begins a program or ends",
                 who, child.pid, who);
        return;
    }
    if (!now || !inspect_leaves(m, child.pid, count_shared, &c)) {
        snprintf(buf, n,
                 "fork: %s made a child, which shares its memory "
                 "copy-on-write: a page is copied only when one of them "
                 "writes to it",
                 who);
        return;
    }
    bool copies = inspect_tunable(m, "vm.fork", &fork, NULL) && !fork.value;
    snprintf(buf, n,
             copies ? "fork: %s made pid %u and shares %llu private frame%s "
                      "with it: vm.fork=0 copies the others at once. %llu "
                      "more, of files or shared memory, stay shared"
                    : "fork: %s made pid %u and shares %llu frame%s with it "
                      "copy-on-write: a page is copied only when one of them "
                      "writes to it. %llu more are of files or shared memory",
             who, child.pid, c.cow, c.cow == 1 ? "" : "s", c.files);
}

/* Returns the page-cache frame of which a private file mapping gets a copy. */
static u32 cached_page(struct machine *m, const struct ins_event *e)
{
    struct ins_vma v;
    struct lens_frame f;
    if (!inspect_vma_at(m, e->space, e->va, &v) || !(v.flags & VMA_FILE))
        return 0;
    u64 index = (e->va - v.start + v.offset) >> PAGE_SHIFT;
    for (u64 pfn = 0; pfn < ins_nframes(m); pfn++)
        if (ins_kernel_frame(m, pfn, &f) && f.object == v.inode &&
            f.index == index &&
            (f.state == FS_FILE_CLEAN || f.state == FS_FILE_DIRTY ||
             f.state == FS_SHMEM))
            return (u32)pfn;
    return 0;
}

/* Writes the event's address. A call can reach into another process's memory:
 * a read of /proc/PID/cmdline, for example. */
static const char *address(struct machine *m, const struct ins_event *e,
                           char *buf, size_t n)
{
    char whose[40];
    if (!e->va) /* a file page's address is not always known */
        snprintf(buf, n, "a page");
    else if (!e->space || e->space == e->pid || !e->pid)
        snprintf(buf, n, "0x%llx", e->va);
    else
        snprintf(buf, n, "0x%llx in the memory of %s", e->va,
                 process_text(m, e->space, whose, sizeof whose));
    return buf;
}

static void cow_sentence(struct machine *m, const struct ins_event *e,
                         const char *who, char *buf, size_t n)
{
    u32 from = e->source || !e->pid ? e->source : cached_page(m, e);
    bool of_file = inspect_copied_file(e);
    char source[24] = "", va[80];
    if (from)
        snprintf(source, sizeof source, ", frame %u,", from);
    snprintf(buf, n,
             "copy on write: %s %s at %s to a page %s%s and gets a "
             "copy, frame %u: %s",
             who, e->pc ? "wrote" : "is to write", address(m, e, va, sizeof va),
             of_file ? "of a file" : "that it shares", source, e->pfn,
             of_file ? "the mapping is private, and the file stays as it is"
                     : "any others keep the old one");
}

const char *inspect_owner(struct machine *m, const struct ins_event *e,
                          bool now, char *buf, size_t n)
{
    struct ins_proc p;
    *buf = 0;
    if (!e->owner || e->owner == e->pid)
        return buf;
    bool ended = !inspect_proc(m, e->owner, &p) || p.state == PS_ZOMBIE;
    bool slot = now && e->va && e->slot != INS_NO_SLOT && !ended &&
                inspect_page_slot(m, e->owner, e->va) == e->slot;
    bool shared = e->from == FS_COW || e->reason == R_SWAP_MAP ||
                  e->from == FS_SHMEM || (e->from == FS_SWAPCACHE && !slot);
    /* Fork, the swap cache and the last holder's store pass a page on. */
    const char *of = shared || ended ? ", once given to" : " of";
    if (ended)
        snprintf(buf, n, "%s pid %u (ended)", of, e->owner);
    else
        snprintf(buf, n, "%s %s (pid %u)", of, p.name, e->owner);
    return buf;
}

/* Returns the rule by which the victim was chosen, after a colon; "" if it is
 * not known: Linux's probes do not tell it, nor does a user's own policy. */
static const char *rule(struct machine *m, enum actor actor)
{
    static const char *const rules[][3] = {
        /* policies, rule for all of memory, rule for a process at its limit */
        {" clock ", ": nobody used it since the hand last passed",
         ": of its pages it is the first on the hand's way that was not used"},
        {" twohand bsd43 ", ": nobody used it since the front hand passed",
         NULL},
        /* Either hand takes it; a modified page then waits to be pushed. */
        {" sunos solaris8 ", ": a hand had found it unused", NULL},
        {" fifo ", ": it had joined the queue before all others",
         ": of its pages it had joined the queue first"},
        {" lru ", ": it came to the end of the queue unused",
         ": of its pages the policy saw it used longest ago"},
        {" random ", ": it was picked at random",
         ": it was picked at random among its pages"},
        /* Its first use does not count. */
        {" arc ", ": the hand of its clock found it not used again", NULL},
        /* read() alone does not save a page of a file there. */
        {" linux26 linux612 ",
         ": it came to the end of its inactive list, and no program that maps "
         "it had used it",
         NULL},
        {" linux240t kpaged ", ": the scan found it unused", NULL},
        {" linux24 ", ": its age had sunk to 0", NULL},
        {" mach97 gnumach99 ",
         ": it came to the end of the inactive queue unused", NULL},
    };
    struct ins_policy p;
    char name[sizeof p.name + 2];
    bool limit = actor == ACTOR_LIMIT;
    if (actor == ACTOR_SWAPPER)
        return ": all pages of its process go";
    inspect_policy(m, &p);
    snprintf(name, sizeof name, " %s ", p.name);
    for (unsigned i = 0; ins_lens(m) && i < ARRAY_LEN(rules); i++)
        if (strstr(rules[i][0], name) && (!limit || rules[i][2]))
            return rules[i][1 + limit];
    return limit ? ": a clock over its own pages found it unused" : "";
}

static bool has_policy(struct machine *m, const char *name)
{
    struct ins_policy p;
    return inspect_policy(m, &p) && !strcmp(p.name, name);
}

/* True for Mach's default pager, which writes what the daemon sends it. */
static bool is_default_pager(struct machine *m, const struct ins_event *e)
{
    struct ins_proc p;
    return e->actor == ACTOR_PAGEOUT && inspect_proc(m, e->pid, &p) &&
           !strcmp(p.name, "defpager");
}

/* Returns why frames are taken, ", so " included; "" if it is not known. Mach's
 * daemon goes on until each process that waited has run. */
static const char *need(struct machine *m, const struct ins_event *e)
{
    enum actor actor = e->actor;
    if (is_default_pager(m, e))
        return "";
    if (actor == ACTOR_PAGEOUT && has_policy(m, "mach97"))
        return "memory ran low or a process waited, so ";
    if (actor == ACTOR_PAGEOUT && has_policy(m, "gnumach99"))
        return "memory ran low, a process waited, or files had too much, so ";
    return actor == ACTOR_LIMIT     ? "at its RLIMIT_RSS, "
           : actor == ACTOR_SWAPPER ? "to swap a whole process out, "
           : !ins_lens(m)           ? ""
           : actor == ACTOR_PAGEOUT ? "memory ran low, so "
           : actor == ACTOR_WRITER  ? ""
                                    : "a frame was needed, so ";
}

static bool has_hand(struct machine *m)
{
    struct ins_policy p;
    inspect_policy(m, &p);
    return p.hand[0] != LENS_NO_PFN;
}

/* In a sentence {who} is the process or daemon that acts; {va} and {frame} are
 * the event's; {owner} is the process that has the frame; {from} is where the
 * page can be read again; {why} is rule(), {need} the reason for reclaim. */
static const char *const sentences[R_COUNT] = {
    [R_EXEC] = "exec: {who} starts a program in a new address space: each page "
               "comes in when it is first touched",
    [R_PROC_EXIT] = "exit: {who} ended, so the frames of private memory that "
                    "only it had are given back; pages of files may stay",
    [R_COW_REUSE] =
        "last owner: {who} is to write to frame {frame}, which it had "
        "shared. Nobody else has it any more, so nothing is copied",
    [R_COW_SHARE] = "fork: {who} now shares frame {frame} with its child; "
                    "whichever writes to it first gets a copy",
    [R_DEMAND_ZERO] = "demand zero: {who} first needs memory at {va}. It is "
                      "only given when it is needed, so it now gets frame "
                      "{frame}, cleared",
    [R_ZERO_MAP] = "zero page: {who} needs {va} to read, where it has no page: "
                   "it sees the frame of zeros that all share, until it writes",
    [R_STACK_GROW] =
        "stack: {who} needs {va}, below a stack or another mapping that grows "
        "down: it now reaches down to there, and gets frame {frame} for it",
    [R_PAGE_IN] = "demand paging: {who} needed a page of a file at {va} that "
                  "was not in memory: frame {frame} is taken for it, and "
                  "filled from the disk, if that has the page",
    [R_MAP_CACHED] = "in memory: {who} needed a page of a file at {va}, and "
                     "frame {frame} had it already: it need not be read",
    [R_FILE_READ] =
        "file read: {who} asks for a page of a file that was not in "
        "memory: frame {frame} is taken for it, and filled from "
        "the disk, if that has the page",
    [R_FILE_WRITE] =
        "file changed: {who} changed a page of a file. Frame {frame} is now "
        "newer than the disk, and is written there later",
    [R_READ_AHEAD] =
        "read ahead: {who} wants the neighbours of a page of a file, so "
        "the page comes into frame {frame}, too, before it is asked for",
    [R_UNMAP] =
        "unmap: by a call of {who}, frame {frame}{owner} is let go: its "
        "memory was given back, its file was cut, or a fork failed",
    [R_DROP_CACHE] =
        "dropped: frame {frame} is free again. Its page is in its file as "
        "well, or could not be read, or nobody wants it any more",
    [R_EXIT] = "exit: {who} ended, so its frame {frame} is let go",
    [R_RECLAIM] = "reclaim: {need}{who} took frame {frame}{owner} back{why}; "
                  "the page can be had again{from}",
    [R_REF_CLEARED] = "use: frame {frame}{owner} was marked as used, and {who} "
                      "cleared the mark: unless it is set again, the page "
                      "counts as unused",
    [R_SWAP_ADD] = "swap: {need}{who} chose frame {frame}{owner}{why}. "
                   "No file on disk has it: it gets a slot of swap, and must "
                   "be written there before its frame can be free",
    [R_SWAP_OUT] =
        "swap-out: frame {frame}{owner} was written to swap, to make room. Now "
        "that a copy is on disk, the frame may get another page",
    [R_SWAP_IN] = "swap-in: {who} needs {va}, whose page had gone to swap: "
                  "the disk is asked for it, into frame {frame}, and "
                  "the process waits",
    [R_SWAP_AHEAD] =
        "swap-in: a page that nobody touched yet is read back, too, into frame "
        "{frame}: its neighbour on the disk was wanted",
    [R_SWAP_MAP] =
        "swap cache: {who} wanted {va}: the page is still in frame {frame}, or "
        "was read ahead into it, so it need not be read now",
    [R_REFAULT] = "refault: reclaim had taken the page that comes into frame "
                  "{frame}: the kernel's note of it, its shadow, was still "
                  "there",
    [R_WRITE_BACK] = "write-back: frame {frame}, a page of a file, was newer "
                     "than the disk. Its write is over, and it counts as clean",
    [R_FAULT_MINOR] = "page fault: {who} touched {va}: the page was not "
                      "mapped, or not for this access. It was not read from "
                      "a disk for this",
    [R_FAULT_MAJOR] = "page fault: {who} touched {va}. The page had to come "
                      "from its file or from swap, or was being written to "
                      "swap",
    [R_FAULT_HUGE] = "a page of 2 MiB: {who} touched it first, and got 512 "
                     "cleared frames in a row at once, which one leaf of the "
                     "page table maps. Frame {frame} is the one at {va}",
    [R_COLLAPSE] = "collapse: {who} asked for a page of 2 MiB, so its small "
                   "pages were copied to 512 frames in a row",
    [R_SPLIT_RECLAIM] = "split: {need}a page of 2 MiB becomes 512 small "
                        "ones, of which one can go: frame {frame} is their "
                        "page table",
    [R_SPLIT_COW] = "split: {who} writes to a page of 2 MiB of which others "
                    "have a part. Frame {frame} becomes the page table of 512 "
                    "small ones, so that at most the written one is copied",
    [R_SPLIT_PART] = "split: of a page of 2 MiB of {who}, a part is to be "
                     "unmapped, moved, locked, given other rights or copied "
                     "for a child, so frame {frame} becomes the page table of "
                     "512 small ones",
    [R_OOM_THRASH] = "thrashing: waiting for pages that had been taken "
                     "took up too much time, so {who} is chosen to die",
    [R_OOM] =
        "out of memory: no frame could be freed, nor a page sent to swap, in "
        "time, so {who} is chosen to die and gives its memory back",
    [R_FAULT_ILLEGAL] = "illegal access: {who} touched {va}. No mapping allows "
                        "that, or the page cannot be had: its file ends before "
                        "it, or a disk is full or has an error. The kernel "
                        "sends a signal",
};

/* Writes the sentence with its words filled in, cut to n bytes. */
/* The second R_SWAP_IN of a page that is not anonymous. */
static const char back_in_object[] =
    "swap-in: the page that {who} waited for has come from swap. Frame {frame} "
    "leaves the swap cache: it belongs to shared memory or a file again";

static void fill_in(struct machine *m, const char *sentence,
                    const struct ins_event *e, const char *who, char *buf,
                    size_t n)
{
    char va[80], frame[16], owner[72];
    inspect_owner(m, e, true, owner, sizeof owner);
    address(m, e, va, sizeof va);
    snprintf(frame, sizeof frame, "%u", e->pfn);
    /* A file's page that the default pager took is in swap alone. */
    bool pagers = has_policy(m, "mach97") || has_policy(m, "gnumach99");
    const char *from =
        e->from == FS_FILE_CLEAN
            ? pagers ? " from its file or from swap" : " from its file"
        : e->from == FS_SWAPCACHE ? " from swap"
                                  : "";
    const char *const words[][2] = {
        {"{who}", who},
        {"{va}", va},
        {"{frame}", frame},
        {"{from}", from},
        {"{need}", strstr(sentence, "{need}") ? need(m, e) : ""},
        {"{owner}", owner},
        {"{why}", strstr(sentence, "{why}") ? rule(m, e->actor) : ""}};
    size_t at = 0;
    snprintf(buf, n, "%s", ""); /* n may be 1 */
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

/* Returns the sentence of the event's reason, or a truer one for its states;
 * NULL: there is none. */
static const char *sentence_of(struct machine *m, const struct ins_event *e)
{
    if (e->reason == R_REF_CLEARED && has_hand(m) && e->actor != ACTOR_LIMIT)
        return "scan: the hand found frame {frame}{owner} marked as used and "
               "spares it. The mark is cleared: unless it is set again, the "
               "frame may go";
    if (e->reason == R_COW_REUSE && e->fault_va)
        return "last owner: {who} is to write to a page of 2 MiB. Frame "
               "{frame} is its part at {va}: nobody else has it any more, so "
               "nothing is copied";
    if (e->reason == R_SWAP_IN && e->from == FS_SWAPCACHE)
        return back_in_object;
    if (e->reason == R_SWAP_ADD && is_default_pager(m, e))
        return "swap: the pageout daemon sent {who} frame "
               "{frame}{owner}{why}. No file on disk has it: it gets a slot of "
               "swap, and must be written there before its frame can be free";
    if (inspect_mapped_around(e))
        return "fault-around: {who} needed another page of a file. Frame "
               "{frame} has one beside it, and is mapped at {va} by the same "
               "fault, before anybody asks for it";
    if (e->reason == R_SPLIT_PART && e->actor == ACTOR_FAULT)
        return "split: the policy is to see each use of a page of {who}, which "
               "has a limit. So frame {frame} becomes the page table of 512 "
               "small pages, and an access opens one at a time";
    if (e->reason == R_DROP_CACHE && e->from == FS_SWAPCACHE)
        return "dropped: while the disk was at work on frame {frame}{owner}, "
               "the page was given back, or its process ended; or the disk "
               "could not begin. Now the frame is free";
    if (e->reason == R_WRITE_BACK && e->to == FS_FILE_DIRTY)
        return "write-back: frame {frame}, a page of a file, was written, but "
               "changed meanwhile: it is still newer than the disk";
    if (e->reason == R_FILE_WRITE && e->from == FS_FREE)
        return e->to == FS_SHMEM
                   ? "first use: {who} needs a page of shared memory or of a "
                     "tmpfs, which no disk file holds, and gets frame {frame}"
                   : "file: {who} is to write a page of a file, and frame "
                     "{frame} is taken for it";
    if (e->reason == R_FILE_WRITE && e->to == FS_SHMEM)
        return "change: {who} changed frame {frame}, a page of shared memory "
               "or of a tmpfs, which no disk file holds";
    if (e->reason == R_FILE_WRITE && e->actor != ACTOR_SYSCALL)
        return "file changed: a store to a mapping, or the file system, has "
               "changed a page of a file. Frame {frame} is newer than the "
               "disk, and is written there later";
    if (e->reason == R_DEMAND_ZERO && e->to == FS_ANON && e->pc)
        return "demand zero: {who} wrote at {va}, where it had no page of its "
               "own. Memory is only given when it is used, so it now gets "
               "frame {frame}, "
               "cleared";
    if (e->reason == R_REFAULT && e->actor == ACTOR_FAULT && e->va &&
        !e->fault_va)
        return "refault: {who} wants {va} back, which reclaim took: its shadow "
               "was still there. If there are many of these, memory is too "
               "small for all that is in use";
    if (e->reason == R_DEMAND_ZERO && e->to == FS_SHMEM)
        return "demand zero: {who} first used the page of shared memory at "
               "{va}, so it now gets frame {frame}, cleared";
    return e->reason < R_COUNT ? sentences[e->reason] : NULL;
}

void inspect_caption(struct machine *m, const struct ins_event *e, char *buf,
                     size_t n)
{
    char who[40];
    if (is_default_pager(m, e))
        snprintf(who, sizeof who, "the default pager");
    else if (e->actor == ACTOR_PAGEOUT)
        snprintf(who, sizeof who, "the pageout daemon");
    else if (e->actor == ACTOR_SWAPPER)
        snprintf(who, sizeof who, "the swapper");
    else
        process_text(m, e->pid, who, sizeof who);
    if (e->reason == R_FORK) {
        fork_sentence(m, e, who, buf, n);
        return;
    }
    if (e->reason == R_COW_COPY) {
        cow_sentence(m, e, who, buf, n);
        return;
    }
    const char *kept;
    if (inspect_fault_failed(e)) {
        snprintf(buf, n,
                 "page fault: %s touched 0x%llx, and no free frame was "
                 "found for it",
                 who, e->va);
        return;
    }
    if (inspect_kept(e, &kept)) {
        char owner[72];
        inspect_owner(m, e, true, owner, sizeof owner);
        snprintf(buf, n, "reclaim: %s leaves frame %u%s in memory: %s", who,
                 e->pfn, owner, kept);
        return;
    }
    if (inspect_moved(e)) {
        snprintf(buf, n,
                 "compaction: the page of frame %u is moved to frame %u, so "
                 "that free frames lie in a row",
                 e->source, e->pfn);
        return;
    }
    const char *sentence = sentence_of(m, e);
    if (sentence) {
        fill_in(m, sentence, e, who, buf, n);
        return;
    }
    char owner[72];
    inspect_owner(m, e, true, owner, sizeof owner);
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
