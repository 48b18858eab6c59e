/* SPDX-License-Identifier: MIT */
/* The interface between mechanism (vm/) and policy (policy/, a folder for each
 * family). The policy chooses the victims when memory is short, and decides
 * which callers may have the last frames.
 *
 * A policy knows frames and address spaces by number, and of the kernel only
 * this header, so that the same file also runs on a host (a simulator, the unit
 * tests). The policy decides; mechanism unmaps, writes, frees and sleeps.
 *
 *     vm/policy.c, vm/reclaim.c             policy/FAMILY/NAME.c
 *       a page came in ------- page_in() ----> which list?
 *       needs n frames ------- reclaim() ----> which frame?
 *         policy_take(f) <--------------------  this one
 *       unmaps it, writes it, frees it
 *       a frame was asked for  may_grab() ---> is so much left for this kind?
 *       a thread's turn ------ run(now) -----> one step; when is the next?
 *
 * Everything is deterministic. Only calls marked [sleeps] may let other
 * processes run, so that frames and lists may have changed afterwards. */
#pragma once

#include "abi/abi.h"
#include <stdbool.h>

#define POLICY_NONE 0xffffffffu /* no frame */

/* The classes of allocation, by the kind of caller. */
enum policy_grab {
    GRAB_PROGRAM,       /* a program's own memory */
    GRAB_FILE,          /* a program, for a page of a file (an external page) */
    GRAB_KERNEL,        /* the kernel: its data, page tables */
    GRAB_FILE_PAGER,    /* a process that serves files */
    GRAB_DEFAULT_PAGER, /* the process that serves swap */
    GRAB_DAEMON,        /* a thread or process that frees memory */
    GRAB_DYING,         /* a process on its way out */
    GRAB_KINDS
};

/* The way in which a page came into its frame, or was used. */
enum policy_why {
    CAME_FAULT, /* a program touched it */
    CAME_READ,  /* read() or write() */
    CAME_AHEAD, /* read-ahead; not used yet */
    CAME_BACK   /* from a cache list (free with identity) or from a pager */
};

enum policy_kind {
    KIND_NONE, /* no page that a policy knows */
    KIND_ANON,
    KIND_SHMEM, /* shared anonymous memory, files of tmpfs */
    KIND_FILE
};

/* Every policy's levels of free frames; the kernel uses no others. Below min,
 * programs wait. Below low (or as `pressed` says) a daemon runs, to high. Files
 * are read ahead above (min + low) / 2, swap above low (reads_around: min). */
struct policy_levels {
    uint64_t min, low, high;
};

/* Ranges of frames that differ in what they can be used for (vm/zone.h). Normal
 * is the only zone, unless a policy has zone_marks and the machine was started
 * with more. Then pages of programs and files may lie in any zone, HighMem
 * first, the kernel's own only in Normal and DMA. */
enum policy_zone {
    ZONE_ANY, /* none in particular */
    ZONE_DMA,
    ZONE_NORMAL,
    ZONE_HIGHMEM,
    POLICY_ZONES
};
/* reserve[i]: the frames of this zone that an allocation must leave free beyond
 * a mark if it could also use higher zones, up to zone i
 * (lower_zone_protection, lowmem_reserve). */
struct policy_zone_marks {
    struct policy_levels levels;
    uint64_t reserve[POLICY_ZONES];
};

/* A named threshold. It is a gauge: the panel, `info vm` and --stats show it.
 * Other gauges are min, low, high, each zone's free frames, the lengths of
 * lists and ghost lists, `kept` (cached_is_free) and `messages` (pagers). There
 * are at most LENS_GAUGES in all. */
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

/* The next step of a thread comes at `until` (ns of policy_now; 0: at once,
 * after other ready processes; NAP_LONG: at no fixed time), or earlier, at one
 * of the events in `wake`. A step serves all kicks that came before it. A kick
 * that comes during the step counts for the nap after it. */
#define NAP_LONG  (~0ull)
#define W_KICK    1u /* policy_kick, `pressed`, or a process that waits */
#define W_WRITTEN 2u /* a page has been written */
struct policy_nap {
    uint64_t until;
    uint32_t wake;
};

/* A kernel thread of the policy, visible in ps. At most 4. */
#define POLICY_THREADS 4
struct policy_thread {
    const char *name; /* NULL ends the table */
    struct policy_nap (*run)(uint64_t now);
    enum actor actor; /* of its events: ACTOR_PAGEOUT, ACTOR_WRITER */
    bool privileged;  /* takes frames as GRAB_DAEMON */
    bool idle;        /* runs only when no other task wants the hart */
};

/* Features that only some policies have (abi/notions.def), as bits: without the
 * bit, counters that need the feature are shown as "-". */
enum policy_notion {
#define NOTION(id, word, sentence) POLICY_BIT_##id,
#include "abi/notions.def"
};
#define POLICY_HAS(id) (1u << POLICY_BIT_##id)

/* The system whose formula chooses the victim of an OOM kill, and whose report
 * is printed: the values of vm.oom_formula (proc/oom.c). */
enum policy_oom {
    OOM_BY_DEFAULT, /* that of Linux 6.12 */
    OOM_LINUX_2_4,
    OOM_LINUX_2_6,
    OOM_LINUX_6,
    OOM_THE_ALLOCATOR, /* 2.4.0-test2: the process that asks */
};

struct policy_ops {
    const char *name; /* as --policy names it */
    uint32_t notions; /* POLICY_HAS(SCANNER) | ... */

    /* Computes the thresholds for nframes of RAM into `marks` and *levels; a
     * tunable that is not 0 replaces the computed value. Called at boot,
     * after a tunable changed, before each run of the standard daemon, etc. */
    void (*set_marks)(uint64_t nframes, struct policy_levels *levels);
    /* Like set_marks, for each zone, from its number of frames (0: no such
     * zone); min, low and high are the sums. NULL: the policy has one zone. */
    void (*zone_marks)(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks[POLICY_ZONES]);
    struct policy_mark *marks;       /* NULL: only min, low, high */
    const struct policy_list *lists; /* NULL: none */
    /* For each list the zone that its frames are in, or ZONE_ANY. NULL: any. */
    const enum policy_zone *list_zone;

    /* Called after the first set_marks, before any event. A simulator calls it
     * again for each run, so it must reset all state. */
    void (*init)(uint32_t nframes);

    /* --- events; each may be NULL. During page_in, page_gone, page_touched,
     * evicted and locked the kernel is at work with pages: it panics if the
     * policy takes, launders, unmaps or caches one then. During behind,
     * read_past and idle the policy may cache pages. --- */
    /* A page came into the frame; its identity is set. shadow: the value that
     * `evicted` returned when this page was last evicted, 0: none. A policy
     * with lists must put the frame on one. */
    void (*page_in)(uint32_t frame, enum policy_why why, uint32_t shadow);
    /* The page leaves the frame; mechanism takes it off its list afterwards. */
    void (*page_gone)(uint32_t frame);
    /* read() or write() used the page, or a fault is about to map it
     * (CAME_FAULT; other uses by a program are seen by policy_used). */
    void (*page_touched)(uint32_t frame, enum policy_why why);
    /* The next page of its object has just been brought in: access seems to be
     * sequential, and to have passed this page. */
    void (*behind)(uint32_t frame);
    /* A sequential read() has copied the end of this page, which begins at byte
     * `offset` of the file: the reader is past it. */
    void (*read_past)(uint32_t frame, uint64_t offset);
    /* Reclaim evicts the page. Returns its shadow (if NULL: 1), 0: none. It is
     * kept under the page's identity until the page comes back, its slot is
     * freed, policy_forget drops it, or all places (one a frame) are needed. */
    uint32_t (*evicted)(uint32_t frame);
    /* Names (gauges) of the policy's ghost lists, numbered from 1; NULL ends
     * them. A ghost is an evicted page whose shadow is kept; `evicted` returns
     * the number of the list that it joins as the youngest. NULL: one list. */
    const char *const *ghosts;
    /* A write of the page has ended. Called from an interrupt; policy_cache,
     * and policy_take of clean pages, are allowed. A page that policy_take gave
     * to swap is freed afterwards, unless it is cached or was used. */
    void (*written)(uint32_t frame);
    /* The page is locked (mlock) from now on, or no longer. */
    void (*locked)(uint32_t frame, bool now);
    /* Called each time that a clean page of a file is no longer mapped, pinned
     * or under I/O, and is on no cache list. */
    void (*idle)(uint32_t frame);

    /* --- questions --- */
    /* `victim` or `reclaim` serves direct reclaim and, if the policy has no
     * `threads`, the standard daemon. victim returns the next page to evict, or
     * POLICY_NONE when *budget frames were looked at (it counts *budget down);
     * a victim that the caller cannot take stays. */
    uint32_t (*victim)(uint64_t *budget);
    /* reclaim takes up to `want` frames by policy_take, and returns their
     * number. [sleeps] */
    uint64_t (*reclaim)(uint64_t want);
    /* Returns the victim among the pages of a process at its RLIMIT_RSS, or
     * POLICY_NONE. NULL: mechanism runs a clock over its page table. */
    uint32_t (*own_victim)(uint64_t space);
    /* If true, every use of a data page by a process with an RLIMIT_RSS faults,
     * and page_touched (CAME_FAULT) is told of it. */
    bool every_use;
    /* Called before each run of the standard daemon. NULL: nothing to do. */
    void (*balance)(void);
    /* The standard daemon's name (NULL: kpageoutd). A policy with threads has
     * no such daemon: below low its first thread is kicked, to free memory. */
    const char *daemon;
    const struct policy_thread *threads;
    /* True: a process that finds no frame waits until threads have freed some
     * (Mach, Sun, BSD); false: it reclaims memory itself (Linux). */
    bool waits_only;
    /* Pagers write dirty pages (vm/pager.c): policy_page_message, _default.
     */
    bool pagers;
    /* The most pages that one request writes to or reads from swap, if their
     * slots are contiguous; 0 or 1: a request for each page. */
    uint32_t kluster;
    /* A fault reads all of the aligned 2^vm.page-cluster slots around its own
     * (Linux until 3.13); false: fewer, while pages read ahead stay unused. */
    bool whole_clusters;
    /* A random fault on a mapped file reads vm.read_ahead_pages pages with its
     * own in the middle (Linux since 2.6); otherwise the 16 aligned pages that
     * contain its own. If set, swap is read ahead down to min, not low. */
    bool reads_around;
    /* A read fault on a file's page in memory also maps the cached pages in its
     * aligned group of so many pages (0: none), if vm.fault_around is 0. */
    uint32_t faults_around;
    /* A thread of the policy does write-back; kflushd makes no rounds. */
    bool own_writeback;
    /* write() starts writing full klusters at once, as UFS does:
     * vm/writeback.h. */
    bool write_behind;
    /* MemFree counts the frames of LIST_CACHED lists. */
    bool cached_is_free;
    /* True if n frames may be taken for this class now. NULL: threads that free
     * memory may take the last frame; the kernel and dying processes must leave
     * min / 4 free, all others min. */
    bool (*may_grab)(enum policy_grab kind, uint64_t n);
    /* Like may_grab, for one zone. (Zones above low are tried first, from
     * HighMem down; then zone_may_grab decides for each in the same order.) */
    bool (*zone_may_grab)(unsigned zone, enum policy_grab kind, uint64_t n);
    /* Called after each allocation: returns the threads to kick (bit i:
     * threads[i]). NULL: below low, the first thread is kicked. */
    uint32_t (*pressed)(void);
    /* Called when a frame became free and processes wait: returns how many of
     * them to wake, in the order in which they came. NULL: one for each free
     * frame above min. A process woken beyond that number would find no frame,
     * and would have run only to wait again. */
    uint32_t (*wakes)(void);
    /* Called when nothing could be freed for a process that waits: true if the
     * OOM killer may run. NULL: true. False: waiting processes wait on until a
     * frame is free, but at most oom_nap nanoseconds if that is not 0. */
    bool (*may_kill)(void);
    uint64_t oom_nap;
    enum policy_oom oom;
    /* True if the policy has given the zone up, for the report's
     * all_unreclaimable? flag. NULL: it keeps no such flag, and the report says
     * "-". */
    bool (*all_unreclaimable)(unsigned zone);
    /* The current positions of the policy's two hands: frames, POLICY_NONE for
     * a missing hand. NULL: no hands. */
    const uint64_t *hands;
};

/* ---- functions for policies ---- */

/* Frames. policy_may_take: true if the page could be evicted now (it is then
 * counted in pgscan_*); false: locked, pinned, under I/O, swap full, etc. */
enum policy_kind policy_kind(uint32_t frame);
bool policy_may_take(uint32_t frame);
bool policy_used(uint32_t frame);       /* used since the mark was cleared */
bool policy_clear_used(uint32_t frame); /* policy_used, and clears the mark */
/* (The 512 frames of a page of 2 MiB share one A bit until the page is split.
 * When the bit is cleared for one frame, the others keep it as their mark.) */
bool policy_dirty(uint32_t frame); /* must be written before it can go */
bool policy_busy(uint32_t frame);  /* being read or written */
bool policy_being_written(uint32_t frame);
bool policy_locked(uint32_t frame);     /* mlocked */
bool policy_in_swap(uint32_t frame);    /* anonymous, with a slot in swap */
uint32_t policy_mapped(uint32_t frame); /* number of PTEs */
bool policy_exec(uint32_t frame);       /* some PTE has PTE_X */
uint32_t policy_owner(uint32_t frame);  /* pid; 0: a page of an object */
/* Identity: the number of the file or address space, and of the page in it. */
uint64_t policy_object(uint32_t frame);
uint64_t policy_index(uint32_t frame);
/* Returns the frame of the page `delta` pages further on in the same object, or
 * POLICY_NONE. */
uint32_t policy_neighbour(uint32_t frame, int64_t delta);
uint32_t *policy_data(uint32_t frame); /* for the policy's use; 0 at page_in */

/* Lists. A frame may be moved to the list that it is on. A move from an
 * INACTIVE to an ACTIVE list is an event and counts as pgactivate, the reverse
 * as pgdeactivate. (policy_clear_used counts a used page as pgreferenced.) */
void policy_add_head(unsigned list, uint32_t frame);
void policy_add_tail(unsigned list, uint32_t frame);
void policy_remove(uint32_t frame);
unsigned policy_list_of(uint32_t frame);
uint32_t policy_first(unsigned list);
uint32_t policy_last(unsigned list);
uint32_t policy_next(uint32_t frame); /* towards the tail */
uint32_t policy_prev(uint32_t frame);
uint64_t policy_count(unsigned list);
uint64_t policy_ghosts(unsigned list); /* how many */
bool policy_forget(unsigned list); /* the oldest ghost; false: there is none */

/* Operations on a frame.
 *  take     frees it. 1: it is free; 0: the disk writes it first (a file's page
 *           then stays, clean); negative: it stays. [sleeps]
 *  launder  writes but keeps it (in a file: its neighbours, too). 0: `written`
 *           follows; negative: it is clean, or cannot be written now. [sleeps]
 *  unmap    takes it out of all page tables; an anonymous page without a slot
 *           gets one and is dirty. False: swap is full, or not policy_may_take.
 *  cache    moves a clean page, unmapping it first, to the tail (or head) of a
 *           LIST_CACHED list. Its frame counts as free, but an access to the
 *           page finds it again (CAME_BACK) until the frame is allocated.
 *           Allocation takes plain free frames first, then the first of the
 *           list. False: the page is dirty or in use.
 *  free_behind  does what cache does, to the head, for a page that a sequential
 *           reader has read; a page that is on the list moves to its head.
 */
int policy_take(uint32_t frame);
int policy_launder(uint32_t frame);
bool policy_unmap(uint32_t frame);
bool policy_cache(unsigned list, uint32_t frame, bool at_head);
bool policy_free_behind(unsigned list, uint32_t frame);
/* Takes the page from the first frame of a LIST_CACHED list, as an allocation
 * does. The page counted as freed when it joined. False: there is none. */
bool policy_reuse_cached(void);
bool policy_zone_reuse_cached(unsigned zone); /* of the zone's frames */

/* With `pagers`.
 *  message  unmaps a dirty page of a file, and sends it to the file pager;
 *           costs kernel memory. Until it is written the page counts as sent:
 *           only the default pager may take it (in Mach it is internal then).
 *  default  gives the default pager a dirty page to write to swap: one that
 *           belongs to no file, or was sent (then this is "double paging").
 * Return 0; -ENOMEM; -EINVAL: the page may not leave or, for message, is clean.
 * A page that a pager has written is free, or page_in is told CAME_BACK. */
int policy_page_message(uint32_t frame);
bool policy_sent(uint32_t frame);
int policy_page_default(uint32_t frame);
/* True if the file pager is so far behind that a writer should wait for it. */
bool policy_swamped(void);
uint64_t policy_laundry(void); /* pages that the default pager has */
/* Reports on the console and in the event log that no process can go on. */
void policy_deadlock(void);

/* Begins to write the files and buffers that have been dirty since before
 * `then`. Returns how many pages are under way. [sleeps] */
uint64_t policy_write_older(uint64_t then);
/* Begins to write the buffers dirty since before `then` and, with inodes, all
 * modified inodes, but no pages of files. [sleeps] */
void policy_write_metadata(uint64_t then, bool inodes);
/* Asks kflushd to write all dirty files now, whatever their age. */
void policy_wake_flusher(void);
/* True if more pages of files are modified than vm.dirty_background_ratio
 * allows. (The first dirty inode kicks a policy's writer.) */
bool policy_much_dirty(void);
uint64_t policy_writing(void);     /* pages under way to the disk */
uint64_t policy_dirty_files(void); /* pages of files that are dirty */
bool policy_write_room(void);      /* swap could take one more write */
void policy_wait_room(void);       /* waits until swap can. [sleeps] */
uint64_t policy_swap_free(void);   /* slots */
uint64_t policy_swap_used(void);
uint64_t policy_swap_cached(void); /* anonymous pages in memory with a slot */

/* Address spaces, by numbers that are never used again. */
struct policy_space {
    uint64_t rss, swapped; /* pages */
    uint64_t slept_ns;     /* since one of its processes last ran; 0: ready */
    uint64_t since_ns;     /* policy_now at creation or last swap in or out */
    uint32_t pid;          /* of one of its processes */
    bool out;              /* swapped out whole: does not run */
    bool wants_in;         /* one of its processes would run, were it not out */
    bool immune;           /* init, locked (mlock) or dying: stays in */
};
uint64_t policy_space_after(uint64_t id); /* the next number; 0 at the end */
bool policy_space(uint64_t id, struct policy_space *info); /* false: ended */
uint64_t policy_space_rss(uint64_t id); /* its rss alone; 0: ended */
/* Returns the frame of the next mapped page at or after *va and moves *va
 * there; POLICY_NONE at the end. clear_used and unmap change va's PTE alone. */
uint32_t policy_space_frame(uint64_t id, uint64_t *va);
bool policy_space_clear_used(uint64_t id, uint64_t va);
bool policy_space_unmap(uint64_t id, uint64_t va);
/* If out, the space's processes stop at their next return to user mode; else
 * they go on. The policy has to take the pages itself. */
void policy_space_hold(uint64_t id, bool out);

/* Zones. of: the zone of the frame. scanned: how many pages were looked at
 * since a frame of the zone was last freed. top: the highest zone whose frames
 * are of use to the running task, which frees memory. */
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
uint64_t policy_draw(void); /* a random number, from --seed */
uint64_t policy_isqrt(uint64_t n); /* the integer square root */
int64_t policy_tunable(enum tunable id);
/* Called by set_marks: this tunable is set to a value that this machine or the
 * other thresholds do not allow. The kernel refuses the value at boot, and when
 * it is written to /proc/sys; a value that the monitor set, or that the change
 * of another tunable made unusable, counts as not set. */
void policy_unusable(enum tunable id, uint64_t least, uint64_t most);
void policy_count_event(enum counter id, uint64_t n);
void policy_event(uint32_t frame, enum reason why); /* in the event log */
uint64_t policy_waiters(void);                      /* processes that wait */
bool policy_is_daemon(void); /* a pageout thread runs, not a process
                              * that frees memory for itself */

/* Threads. kick: thread i has something to do. hopeless: all pages were looked
 * at and none can go; the waiting processes then decide what to do. */
void policy_kick(unsigned i);
void policy_hopeless(void);
/* Lets other tasks run if it is their turn, as Linux's cond_resched: for loops
 * over many pages, which would delay the other tasks. [sleeps] */
void policy_cond_resched(void);
/* Lets the first n processes that wait for a frame try again. */
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
