/* SPDX-License-Identifier: MIT */
/* Which page goes when memory is short, and who may have the last frames: the
 * seam between mechanism (vm/) and decision (policy/, one file a system).
 *
 * A policy sees frames and address spaces as numbers, and nothing but this
 * header, so that the same file also runs on a host (a simulator, the unit
 * tests). It decides; mechanism does: it maps out, writes, frees, sleeps.
 *
 *     vm/reclaim.c                          policy/NAME.c
 *       a page came ---------- page_in() ----> which list?
 *       needs n frames ------- reclaim() ----> which frame?
 *         policy_take(f) <--------------------  this one
 *       maps it out, writes it, frees it
 *       a frame was asked for  may_grab() ---> is so much left for this kind?
 *       a thread's turn ------ run(now) -----> one step; when is the next?
 *
 * Everything is deterministic. Calls marked [sleeps] may let others run: what
 * was looked at before may have changed, lists too. All others do not. */
#ifndef VM_POLICY_H
#define VM_POLICY_H

#include "abi/abi.h"
#include <stdbool.h>

#define POLICY_NONE 0xffffffffu /* no frame */

/* Who asks for a frame. */
enum policy_grab {
    GRAB_PROGRAM,       /* a program's own memory */
    GRAB_FILE,          /* a program, for a page of a file (an external page) */
    GRAB_KERNEL,        /* the kernel: its data, page tables */
    GRAB_FILE_PAGER,    /* a process that serves files */
    GRAB_DEFAULT_PAGER, /* the process that serves swap */
    GRAB_DAEMON,        /* who frees memory */
    GRAB_DYING,         /* a process on its way out */
    GRAB_KINDS
};

/* How a page came into a frame, or was used by read() and write(). */
enum policy_why {
    CAME_FAULT, /* a program touched it */
    CAME_READ,  /* read() or write() */
    CAME_AHEAD, /* nobody asked: read-ahead */
    CAME_BACK   /* it lay on a cache list, free with identity */
};

enum policy_kind {
    KIND_NONE, /* no page that could be taken */
    KIND_ANON,
    KIND_SHMEM, /* shared anonymous memory, files of tmpfs */
    KIND_FILE
};

/* Three levels that every policy has, in frames; the rest of the kernel knows
 * no others: below min programs wait, below low nothing is read ahead and
 * (unless `pressed` says otherwise) a daemon runs, until high is reached. */
struct policy_levels {
    uint64_t min, low, high;
};

/* Ranges of frames that differ in what they can be used for (vm/zone.h). There
 * is Normal alone, unless a policy has zone_marks and the machine was started
 * with more: then a program's pages and files' may lie in any, HighMem first,
 * the kernel's own in Normal and DMA. */
enum policy_zone {
    ZONE_ANY, /* none in particular */
    ZONE_DMA,
    ZONE_NORMAL,
    ZONE_HIGHMEM,
    POLICY_ZONES
};
/* reserve[i]: frames that must be free in the zone beyond its marks for who
 * could also use zone i, above it (lower_zone_protection, lowmem_reserve). */
struct policy_zone_marks {
    struct policy_levels levels;
    uint64_t reserve[POLICY_ZONES];
};

/* A threshold by name: the panel, `info vm` and --stats show it, as they show
 * min, low, high, the lists' lengths and, with cached_is_free, kept: all frames
 * of LIST_CACHED lists; with pagers, messages. LENS_GAUGES in all. */
struct policy_mark {
    const char *name; /* at most 15 characters; NULL ends the table */
    uint64_t value;   /* frames, unless the name says otherwise */
};

/* A list of frames that mechanism keeps for the policy. Lists are numbered
 * from 1 in the order of this table; 0 is "on none". */
#define POLICY_LISTS 8
enum policy_list_kind {
    LIST_PLAIN,
    LIST_ACTIVE,   /* shown as active: FRAME_F_ACTIVE */
    LIST_INACTIVE, /* FRAME_F_INACTIVE */
    LIST_CACHED    /* free with identity: FRAME_F_CACHED, see policy_cache */
};
struct policy_list {
    const char *name; /* a gauge; NULL ends the table */
    enum policy_list_kind kind;
};

/* When a thread wants its next step: at `until` (nanoseconds of now(); 0: at
 * once, after whoever waits for the hart; NAP_LONG: not by the clock), or
 * earlier by one of `wake`. */
#define NAP_LONG  (~0ull)
#define W_KICK    1u /* policy_kick, or `pressed` named the thread */
#define W_WRITTEN 2u /* a page has been written */
struct policy_nap {
    uint64_t until;
    uint32_t wake;
};

/* A kernel thread of the policy's, seen in ps. At most 4. */
#define POLICY_THREADS 4
struct policy_thread {
    const char *name; /* NULL ends the table */
    struct policy_nap (*run)(uint64_t now);
    enum actor actor; /* of its events: ACTOR_PAGEOUT, ACTOR_WRITER */
    bool privileged;  /* takes frames as GRAB_DAEMON */
    bool idle;        /* runs only when nobody else wants the hart */
};

/* What it has of what other policies lack (abi/notions.def), as bits: without
 * it, the counters that need it are shown as "-". */
enum policy_notion {
#define NOTION(id, word, sentence) POLICY_BIT_##id,
#include "abi/notions.def"
#undef NOTION
};
#define POLICY_HAS(id) (1u << POLICY_BIT_##id)

struct policy_ops {
    const char *name; /* as --policy names it */
    uint32_t notions; /* POLICY_HAS(SCANNER) | ... */

    /* Computes the thresholds for so many frames of RAM (a tunable that is
     * not 0 overrides) into `marks` and *levels. Pure: called at boot, before
     * each run of the standard daemon, and by host tests. */
    void (*set_marks)(uint64_t nframes, struct policy_levels *levels);
    /* The same for each zone, by its frames (0: there is no such zone); the
     * sums are min, low, high. NULL: the policy has one zone, set_marks'. */
    void (*zone_marks)(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks[POLICY_ZONES]);
    struct policy_mark *marks;       /* NULL: only min, low, high */
    const struct policy_list *lists; /* NULL: none */
    /* For each list the zone that its frames are in, or ZONE_ANY. NULL: any. */
    const enum policy_zone *list_zone;

    /* With the number of frames, after set_marks: the start of everything. A
     * simulator calls it anew for each run, so all state begins here. */
    void (*init)(uint32_t nframes);

    /* --- told; each may be NULL --- */
    /* A page came into the frame; its identity is known. shadow: what
     * `evicted` returned when this page last went, 0: nothing. A policy with
     * lists must put the frame on one. */
    void (*page_in)(uint32_t frame, enum policy_why why, uint32_t shadow);
    /* It left; mechanism takes it off its list afterwards. */
    void (*page_gone)(uint32_t frame);
    /* read() or write() used it, or a fault is about to map it (CAME_FAULT;
     * other uses by a program show in policy_used). */
    void (*page_touched)(uint32_t frame, enum policy_why why);
    /* The next page of its object has just been brought in: access seems to
     * be sequential, and to have left this one behind. */
    void (*behind)(uint32_t frame);
    /* read() has copied the end of this page out, which it has come to in
     * sequence, `offset` bytes into the file: its reader is past it. */
    void (*read_past)(uint32_t frame, uint64_t offset);
    /* Reclaim is taking it: up to 32 bits to be kept under the page's
     * identity (not 0), as long as vm/shadow.c has room. */
    uint32_t (*evicted)(uint32_t frame);
    /* A write of it has ended, from an interrupt: policy_cache, and
     * policy_take of what is clean, are allowed. A page that policy_take gave
     * to swap is freed afterwards, unless it is cached or was used. */
    void (*written)(uint32_t frame);
    /* A clean page of a file that nobody maps or holds any more, and that is
     * on no cache list; again each time that happens. */
    void (*idle)(uint32_t frame);

    /* --- asked --- */
    /* One of the two, for the standard daemon (`threads` NULL) and for
     * processes that free memory themselves (`direct`):
     * the next page to go, POLICY_NONE when *budget frames were looked at
     * (counts it down); what the caller then cannot take stays. */
    uint32_t (*victim)(uint64_t *budget);
    /* Or: take up to `want` frames by policy_take; how many were. [sleeps] */
    uint64_t (*reclaim)(uint64_t want);
    /* A process is at its RLIMIT_RSS: which page of its address space goes?
     * POLICY_NONE: none may. NULL: mechanism's clock over its page table. */
    uint32_t (*own_victim)(uint64_t space);
    /* Each use of a data page by a process with an RLIMIT_RSS is told to
     * page_touched (CAME_FAULT): exact, and a fault for each. */
    bool every_use;
    /* Before each run of the standard daemon. NULL: nothing to do. */
    void (*balance)(void);
    /* Threads in the place of the standard daemon; or what that is called
     * (NULL: kpageoutd). */
    const char *daemon;
    const struct policy_thread *threads;
    /* Whether processes that find no frame reclaim themselves (Linux), or
     * only wait until threads have done it (Mach, Sun, BSD). */
    bool waits_only;
    /* Pages leave through pagers (vm/pager.c): policy_page_message, _default.
     */
    bool pagers;
    /* Pages that one request to swap writes at most, if their slots follow
     * each other; 0 or 1: each is a request. */
    uint32_t kluster;
    /* A fault reads all of swap's aligned 2^vm.page-cluster slots around its
     * own (Linux until 3.13), where otherwise misses shrink that window. */
    bool whole_clusters;
    /* Write-back is a thread's business: kflushd makes no rounds. */
    bool own_writeback;
    /* write() pushes full klusters at once, as UFS: vm/writeback.h. */
    bool write_behind;
    /* MemFree counts the frames of LIST_CACHED lists. */
    bool cached_is_free;
    /* May n frames be taken for this kind now? NULL: programs leave min, the
     * kernel and the dying min / 4, who frees memory goes to the last. */
    bool (*may_grab)(enum policy_grab kind, uint64_t n);
    /* The same of one zone. (Zones above low are asked first, from HighMem
     * down, then all again by this.) */
    bool (*zone_may_grab)(unsigned zone, enum policy_grab kind, uint64_t n);
    /* The standard daemon ends when one zone has its high mark, not all. */
    bool any_zone;
    /* After each grab: the threads to kick (bit i: threads[i]). NULL: the
     * first, below low. */
    uint32_t (*pressed)(void);
    /* A frame became free and processes wait: how many may try (first come
     * first). NULL: one for each free frame above min: with all awake who came
     * last runs first when an interrupt wakes them, and takes the frame again
     * that another one has waited for. */
    uint32_t (*wakes)(void);
    /* Nothing could be freed for a process that waits: is somebody to be
     * killed? NULL: yes. False: they wait on, until a frame is free, and with
     * oom_nap no longer than so many nanoseconds. */
    bool (*may_kill)(void);
    uint64_t oom_nap;
    /* Has it given the zone up, as the report's all_unreclaimable? asks?
     * NULL: it keeps no such flag, and the report says "-". */
    bool (*all_unreclaimable)(unsigned zone);
    /* Where its two hands stand at any moment: frames, POLICY_NONE for one it
     * has not. NULL: no hands. */
    const uint64_t *hands;
};

/* ---- what mechanism gives a policy ---- */

/* Frames. kind, and: is it a page that could leave now (counts the look as a
 * scan)? Locked, pinned and pages under I/O may not. */
enum policy_kind policy_kind(uint32_t frame);
bool policy_may_take(uint32_t frame);
bool policy_used(uint32_t frame);       /* used since the mark was cleared */
bool policy_clear_used(uint32_t frame); /* the same, and clears the mark */
/* (The 512 frames of a page of 2 MiB have one mark while it is whole: cleared
 * for one of them, it is left to the others as their own.) */
bool policy_dirty(uint32_t frame); /* must be written before it can go */
bool policy_busy(uint32_t frame);  /* being read or written */
bool policy_being_written(uint32_t frame);
bool policy_locked(uint32_t frame);     /* mlocked */
bool policy_in_swap(uint32_t frame);    /* anonymous, with a slot in swap */
uint32_t policy_mapped(uint32_t frame); /* by so many PTEs */
bool policy_exec(uint32_t frame);       /* some PTE may execute it */
uint32_t policy_owner(uint32_t frame);  /* pid it came for; 0: a file's */
/* Identity: a file's or an address space's number, and the page in it. */
uint64_t policy_object(uint32_t frame);
uint64_t policy_index(uint32_t frame);
/* The frame of the same object's page `delta` further on, POLICY_NONE. */
uint32_t policy_neighbour(uint32_t frame, int64_t delta);
uint32_t *policy_data(uint32_t frame); /* the policy's own; 0 at page_in */

/* Lists. Moving a frame to the list that it is on is allowed. A move from an
 * INACTIVE to an ACTIVE list counts as pgactivate and is an event, and the
 * reverse as pgdeactivate; a mark cleared counts as pgreferenced. */
void policy_add_head(unsigned list, uint32_t frame);
void policy_add_tail(unsigned list, uint32_t frame);
void policy_remove(uint32_t frame);
unsigned policy_list_of(uint32_t frame);
uint32_t policy_first(unsigned list);
uint32_t policy_last(unsigned list);
uint32_t policy_next(uint32_t frame); /* towards the tail */
uint32_t policy_prev(uint32_t frame);
uint64_t policy_count(unsigned list);

/* What may be done with a frame.
 *  take     makes it free: 1 at once, 0 when the disk has written it;
 *           negative: it stays. [sleeps]
 *  launder  begins to write it, with its neighbours; it stays: 0; negative:
 *           clean already, or cannot be now. `written` follows. [sleeps]
 *  unmap    takes it out of all page tables; an anonymous page gets a slot in
 *           swap (and is dirty then). False: swap is full, or it is pinned.
 *  cache    a clean page that nobody maps goes to the tail (or head) of a
 *           LIST_CACHED list: free, but found again by whoever wants the page
 *           (CAME_BACK) until allocation, which takes plain free frames first,
 *           takes the first of the list. Mapped ones are unmapped first.
 *           False: it is dirty, or used by somebody.
 *  free_behind  the same as cache, to the head, for a page that a sequential
 *           reader has left behind; one that is on the list goes to its head.
 */
int policy_take(uint32_t frame);
int policy_launder(uint32_t frame);
bool policy_unmap(uint32_t frame);
bool policy_cache(unsigned list, uint32_t frame, bool at_head);
bool policy_free_behind(unsigned list, uint32_t frame);
/* The first of a LIST_CACHED list loses its page: plainly free, as allocation
 * does it. It was counted as freed when it came there. False: there is none. */
bool policy_reuse_cached(void);
bool policy_zone_reuse_cached(unsigned zone); /* of the zone's frames */

/* With `pagers`.
 *  message  a dirty page of a file, to the file pager; costs kernel memory. It
 *           is unmapped and may be taken as before, but is the default pager's
 *           (`sent`) from now on: in Mach it lies in a temporary object.
 *  default  a dirty page that is not a file's, or was sent, to the default
 *           pager: swap ("double paging" if it was sent).
 * 0; -EINVAL: it may not leave, or is clean; -ENOMEM. When a pager has written
 * the page it is free, or page_in comes again with CAME_BACK. */
int policy_page_message(uint32_t frame);
bool policy_sent(uint32_t frame);
int policy_page_default(uint32_t frame);
uint64_t policy_laundry(void); /* pages that the default pager has */
/* Nobody can get any further: said on the console, and in the event log. */
void policy_deadlock(void);

/* Files and buffers that have been dirty since before `then`: begins to write
 * them. Returns how many pages are under way. [sleeps] */
uint64_t policy_write_older(uint64_t then);
/* The same for buffers alone and, with inodes, all modified inodes: no pages
 * of files. [sleeps] */
void policy_write_metadata(uint64_t then, bool inodes);
/* Asks kflushd to write all that is dirty now, however young. */
void policy_wake_flusher(void);
/* More pages of files are modified than vm.dirty_background_ratio allows: what
 * a writer is kicked for, if not for the first one. */
bool policy_much_dirty(void);
uint64_t policy_writing(void);     /* pages under way to the disk */
uint64_t policy_dirty_files(void); /* pages of files that are dirty */
bool policy_write_room(void);      /* swap could take one more */
void policy_wait_room(void);       /* until it can. [sleeps] */
uint64_t policy_swap_free(void);   /* slots */
uint64_t policy_swap_used(void);
uint64_t policy_swap_cached(void); /* pages in memory that have one */

/* Address spaces, by numbers that are never used again. */
struct policy_space {
    uint64_t rss, swapped; /* pages */
    uint64_t slept_ns;     /* since one of its processes last ran; 0: ready */
    uint64_t since_ns;     /* now() when it was last swapped in or out, made */
    uint32_t pid;          /* of a process of it */
    bool out;              /* swapped out whole: does not run */
    bool wants_in;         /* and would, otherwise */
    bool immune;           /* init and the dying: leave it alone */
};
uint64_t policy_space_after(uint64_t id); /* the next one; 0 at the end */
bool policy_space(uint64_t id, struct policy_space *info); /* false: ended */
uint64_t policy_space_rss(uint64_t id); /* of that only rss; 0: ended */
/* The next mapped page at or after *va, which moves there; POLICY_NONE at the
 * end. Its PTE alone: used and cleared; taken away (policy_unmap of one). */
uint32_t policy_space_frame(uint64_t id, uint64_t *va);
bool policy_space_clear_used(uint64_t id, uint64_t va);
bool policy_space_unmap(uint64_t id, uint64_t va);
/* Its processes stop at their next return to user mode, or go on. The pages
 * are the policy's to take. */
void policy_space_hold(uint64_t id, bool out);

/* Zones. of: the one that the frame is in. scanned: looks since one of its
 * frames was last freed. top: the highest zone whose frames are of use to who
 * frees memory now. */
unsigned policy_zone_of(uint32_t frame);
uint64_t policy_zone_present(unsigned zone); /* frames */
uint64_t policy_zone_free(unsigned zone);
uint64_t policy_zone_cached(unsigned zone); /* on LIST_CACHED lists */
uint64_t policy_zone_scanned(unsigned zone);
const struct policy_levels *policy_zone_levels(unsigned zone);
unsigned policy_zone_top(void);

/* Numbers. */
uint64_t policy_frames(void);        /* all there are */
uint64_t policy_free(void);          /* plain free frames */
uint64_t policy_cached(void);        /* on LIST_CACHED lists */
uint64_t policy_mapped_frames(void); /* that some PTE maps */
uint64_t policy_now(void);           /* nanoseconds since reset */
uint64_t policy_load(void); /* ready processes, 1 min mean, times 65536 */
uint64_t policy_draw(void); /* a number by lot, from --seed */
uint64_t policy_isqrt(uint64_t n); /* the integer square root */
int64_t policy_tunable(enum tunable id);
/* From set_marks: this tunable is set, but not to what this machine and the
 * other thresholds allow. Refused at boot, and in /proc/sys if it is the one
 * written; what the monitor sets so, or what another one's change makes so,
 * counts as not set. */
void policy_unusable(enum tunable id, uint64_t least, uint64_t most);
void policy_count_event(enum counter id, uint64_t n);
void policy_event(uint32_t frame, enum reason why); /* in the event log */
uint64_t policy_waiters(void);                      /* processes that wait */
bool policy_is_daemon(void); /* a thread of ours runs, not a process that
                              * frees memory for itself */

/* Threads. kick: thread i has something to do. hopeless: everything was
 * looked at and nothing can go; who waits then decides what now. */
void policy_kick(unsigned i);
void policy_hopeless(void);
/* So many of those who wait for a frame may try again now. */
void policy_wake(uint32_t n);

/* The table of policies (policy/policies.def); the first is the default. */
extern const struct policy_ops *const policies[];
extern const unsigned npolicies;

/* A policy that is in no table: its file, which `--policy-file` links with the
 * kernel and vmsim loads (tools/policy-template.c), says OWN_POLICY(id, line)
 * once and defines policy_ID. */
struct own_policy {
    const char *name;
    const struct policy_ops *ops;
};
#define OWN_POLICY(id, line)                                                   \
    _Static_assert(sizeof(#id) <= 16 && sizeof(line) <= 80,                    \
                   "OWN_POLICY: a name of at most 15 characters, a line of "   \
                   "at most 79");                                              \
    extern const struct policy_ops policy_##id;                                \
    __attribute__((section(".policies"),                                       \
                   used)) static const struct lens_policy own_row = {#id,      \
                                                                     line};    \
    __attribute__((section(".own_policies"), used))                            \
    const struct own_policy own_policy = {#id, &policy_##id}

#define POLICY(id, line) extern const struct policy_ops policy_##id;
#include "policy/policies.def"
#undef POLICY

#endif
