/* SPDX-License-Identifier: MIT */
/* An address space is a page table and the ordered list of its mappings. */
#pragma once

#include "abi/abi.h"
#include "task/mutex.h"
#include "vm/object.h"

struct file;
struct proc;

#define USER_TOP  (1ul << 38)           /* end of Sv39's lower half */
#define USER_MIN  0x10000ul             /* no mapping lies below */
#define VDSO_BASE (USER_TOP - 0x2000ul) /* the signal trampoline's page */
#define STACK_TOP (USER_TOP - 0x10000ul)
#define STACK_GAP 0x100000ul /* between the stack's limit and mmap */
#define PIE_BASE  0x2aaaaaa000ul

struct vma;
struct vmtree { /* a mapping's place in the tree of its space: vm/vmtree.c */
    struct vma *up, *left, *right;
    u64 gap, max_gap; /* bytes */
    u32 rank;
};

/* One mapping. lens.flags has the current rights (VMA_R/W/X), may_flags those
 * that mprotect may give. object NULL: private anonymous memory or a device. */
struct vma {
    struct lens_vma lens; /* must be first: next, start, end, flags, name */
    struct vmtree tree;
    struct vm_object *object;
    struct list sharer;  /* in object->vmas while its space lives */
    struct space *space; /* NULL until it is in a space's list */
    struct file *file;   /* holds a reference; NULL: anonymous memory */
    u64 last_came;       /* address of the last private page mapped */
    u64 merge_group; /* mappings of one group may be merged again; chosen with
                      * the first private page (Linux: anon_vma), 0 before */
    u32 may_flags;
    u32 attrs;   /* ATTR_* */
    bool forked; /* made by fork: no mapping may join its merge_group */
};

/* How a mapping is treated, apart from its rights. Mappings merge only if these
 * are the same. */
#define ATTR_GROWSDOWN 1u   /* a stack: grows to a fault below it */
#define ATTR_LOCKED    2u   /* mlock: vm/mlock.c */
#define ATTR_ONFAULT   4u   /* absent pages are not read in: MLOCK_ONFAULT */
#define ATTR_HUGE      8u   /* MADV_HUGEPAGE: vm/huge.c */
#define ATTR_NOHUGE    16u  /* MADV_NOHUGEPAGE */
#define ATTR_NORESERVE 32u  /* not promised (overcommit): MAP_NORESERVE */
#define ATTR_ACCOUNTED 64u  /* private, has been writable: vm/commit.c */
#define ATTR_NOFORK    128u /* a child does not get it: MADV_DONTFORK */
#define ATTR_WIPED     256u /* a child gets it empty: MADV_WIPEONFORK */

/* A range that the owner of space.changing removes, replaces or moves, or that
 * a space empties when it ends. A fault in it waits (space_settle). */
struct change {
    struct list link;
    u64 start, end;
};

struct space {
    u32 refs;  /* processes, and readers: procfs, swapoff, the audit */
    u32 users; /* processes only; the space is emptied at 0 */
    u32 asid;
    struct mutex changing;    /* held while a process changes or copies the
                               * mappings and may sleep. Faults do not take it,
                               * although they map pages and grow the stack */
    struct list changes;      /* struct change: ranges where faults must wait */
    u64 *root;                /* top page table, in the direct map */
    u64 *leaf, leaf_of;       /* last-level table found last, its va >> 21 */
    struct list all;          /* spaces that have a page table */
    struct anon *anon;        /* its place in the reverse map (vm/rmap.h) */
    bool moved;               /* mremap has moved some mapping */
    u64 serial;               /* its number, never used again */
    struct proc *owner;       /* its lens.rss, vsize, vmas are kept current */
    struct vma *vmas;         /* list, by address */
    struct vma *tree;         /* the same mappings as a tree */
    struct vma *hint;         /* mapping found last */
    u64 generation;           /* raised by every change of the mappings */
    u64 rss;                  /* frames mapped, without the zero frame */
    u64 rss_anon;             /* anonymous frames in rss */
    u64 rss_shmem;            /* frames of shared memory in rss */
    u64 swapped;              /* pages in swap: entries that name a slot */
    u64 nmaps;                /* mappings */
    u64 vsize;                /* bytes in all mappings */
    u64 peak_rss, peak_vsize; /* frames, bytes */
    u64 locked;               /* bytes in mappings that are locked */
    u64 tables;               /* page-table frames */
    u64 huge;                 /* leaves of 2 MiB */
    struct list huge_tables;  /* a spare page table for each leaf */
    u64 brk_start, brk;
    u64 code_start, code_end, data_start, data_end, stack_start;
    u64 arg_start, arg_end, env_start, env_end;
    u64 auxv;      /* address of the auxiliary vector */
    u32 future;    /* ATTR_* of future mappings: mlockall */
    bool dumpable; /* its user may look at it: PR_SET_DUMPABLE */
    bool held;     /* swapped out whole: vm/policy_space.c */
    u64 held_ns;   /* time of the last change of held */
    u32 barriers;  /* membarrier commands registered: sys/membarrier.c */
    u64 at_gate;   /* its processes that wait in space_gate */
    u64 rss_hand;  /* vm/limit.c: address at which its clock stands */
    u64 rss_open, rss_open_too; /* last use; start of a page-crossing access */
};

/* fault.c: makes a page of the space accessible. access: VMA_R, VMA_W or VMA_X.
 * Returns 0, or -EFAULT and the signal due in *sig, *code (pointers NULL: the
 * kernel makes the access). Counts minor, major, illegal faults. => sleeps */
int vm_fault(struct space *, u64 va, u32 access, int *sig, int *code);

/* limit.c: enforces the running process's RLIMIT_RSS before a fault of s is
 * served: evicts pages of s while the fault would exceed it. => sleeps */
void rss_make_room(struct space *, u64 va, bool write);
/* Tells a policy with every_use of the access whose fault was served. */
void rss_used(struct space *, u64 va);

/* policy_space.c: waits until some space is swapped in again or a signal comes;
 * the caller then checks its own space again. => sleeps, with nothing held */
void space_gate(struct space *);

/* space.c */
/* Makes a space; NULL: no memory. parent: the space that is forked, or NULL. */
struct space *space_new(struct proc *owner, const struct space *parent);
struct space *space_fork(struct space *, struct proc *child); /* COW */
/* Returns the process that the space's private pages belong to. A child of
 * vfork runs in its parent's space, and swapoff fills others. */
u32 space_pid(const struct space *);
void space_ref(struct space *);
void space_unref(struct space *);
/* Called when a process leaves the space (exit, exec); the last one empties
 * it. */
void space_leave(struct space *, struct proc *, enum reason why);
void space_activate(struct space *);           /* NULL: the kernel's own */
struct vma *vma_find(struct space *, u64 va);  /* contains va */
struct vma *vma_after(struct space *, u64 va); /* first with end > va */
static inline struct vma *vma_next(struct vma *v)
{
    return (struct vma *)v->lens.next;
}

/* map.c: waits while va lies in a range under change. False: the caller is to
 * die. => sleeps; the owner of a change waits for nothing but memory */
bool change_wait(struct space *, u64 va);
static inline bool space_settle(struct space *s, u64 va)
{
    return list_empty(&s->changes) || change_wait(s, va);
}
/* Mapping calls, on any space: 0, an address, or -errno (space_brk: never). */
struct map_request {
    u64 start, len; /* page aligned; start 0: anywhere */
    u32 flags;      /* VMA_* */
    u32 may_flags;
    u64 offset;               /* bytes, page aligned */
    struct file *file;        /* reference taken */
    struct vm_object *object; /* reference taken if file is NULL */
    u64 home;                 /* of private pages that are moved here; or 0 */
    u64 merge_group;          /* of the mapping that is moved here */
    u32 attrs;                /* ATTR_* */
    bool fixed, noreplace, forked;
    bool promised;        /* commit.c and limit.c have allowed it already */
    struct change *moves; /* mremap, which moves an existing mapping here: the
                           * range is under change until the caller ends it */
};
s64 space_map(struct space *, const struct map_request *);
s64 space_unmap(struct space *, u64 start, u64 len);
s64 space_protect(struct space *, u64 start, u64 len, u32 flags);
s64 space_remap(struct space *, u64 old, u64 old_len, u64 new_len, u32 flags,
                u64 new_addr);
s64 space_brk(struct space *, u64 brk);
/* madvise: clears and sets ATTR_* of the mappings in a range of whole pages.
 * -EINVAL: it stopped at a mapping with one of the VMA_* in `refused`; -ENOMEM,
 * -EINTR. => sleeps */
s64 space_apply(struct space *, u64 start, u64 len, u32 refused, u32 clear,
                u32 set);
/* MADV_DONTNEED: unmaps the pages, keeps the mappings. -EINVAL: it stopped at a
 * locked mapping; -EINTR. => sleeps */
s64 space_forget(struct space *, u64 start, u64 len);

/* mlock.c. lock: ATTR_LOCKED, with ATTR_ONFAULT or without; 0: unlock. */
extern u64 mlocked_frames; /* frames with FRAME_F_LOCKED */
/* Locks or unlocks whole pages [start, start + len); reads no page in. Returns
 * 0; -ENOMEM: over RLIMIT_MEMLOCK, an unmapped hole (pages before it are done),
 * or a mapping cannot be split; -EINTR. => sleeps */
int space_lock(struct space *, u64 start, u64 len, u32 lock);
int space_lock_all(struct space *, u32 lock); /* all existing mappings */
/* Returns how many bytes of the range are locked. */
u64 space_locked_in(struct space *, u64 start, u64 len);
/* True if RLIMIT_MEMLOCK allows `more` bytes; CAP_IPC_LOCK: always. */
bool lock_allowed(const struct space *, u64 more);
/* Brings the range's pages (except of ATTR_ONFAULT mappings) into memory, as a
 * use of them would. 0; -ENOMEM (an unmapped hole), -EFAULT (no right to access
 * it, or after a file's end), -EINTR (the caller is to die). only_locked: pages
 * of locked mappings only, and no error but -EINTR. => sleeps */
int space_populate(struct space *, u64 start, u64 len, bool only_locked);

/* One entry in use, for smaps and the like. */
struct page_view {
    bool present, zero, dirty, accessed;
    bool huge; /* mapped by a leaf of 2 MiB */
    u32 slot;  /* not present: its slot in swap; else 0 */
    struct page *page;
};
/* Describes the first entry in use at or after *va and below end; moves *va
 * there. False: none, or the caller is to die. => may sleep first; the caller
 * holds a reference to the space */
bool space_view_next(struct space *, u64 *va, u64 end, struct page_view *);
/* Clears the A bits of [start, end); reclaim still sees the uses.
 * => as space_view_next */
void space_clear_refs(struct space *, u64 start, u64 end);

/* Frames by use, for meminfo. */
struct vm_stats {
    u64 total; /* frames that the allocator got at boot */
    u64 free;
    u64 anon;        /* anonymous, mapped */
    u64 anon_all;    /* anonymous, in memory or in swap */
    u64 swap_cached; /* anonymous with a slot in swap */
    u64 active;      /* on active lists, or used (vm/stats.c) */
    u64 inactive;    /* on inactive lists, or not used */
    u64 mlocked;     /* frames that mlock keeps */
    u64 writeback;   /* frames on their way to a disk */
    u64 available;   /* could be allocated without swapping */
    u64 file;        /* FILE_CLEAN + FILE_DIRTY */
    u64 dirty;
    u64 mapped; /* object pages with a PTE */
    u64 shmem;
    u64 slab;
    u64 kstack; /* frames of kernel stacks */
    u64 pgtables;
    u64 kernel;                /* KCODE + KDATA, with slab, kstack */
    u64 committed;             /* pages promised (vm/commit.c) */
    u64 swap_total, swap_free; /* slots of all swap areas, in pages */
};
void vm_stats(struct vm_stats *);
void vm_stats_activity(struct vm_stats *); /* fills active, inactive */
u64 commit_limit(void); /* of vm.overcommit_memory=2, in pages */

/* Recounts the frame states, the PTEs of every frame and more (vm/audit.c).
 * Prints a line for each of the first 8 mismatches. 0, -EIO or -ENOMEM. */
int vm_audit(void); /* => sleeps first */
/* Allocates the audit's memory, which it keeps; called at the start and when
 * swap is added. */
bool audit_reserve(void);

void vm_init(void); /* caches, zero frame, trampoline page, policy */
extern struct page *zero_page;
struct vm_object *trampoline_object(void); /* rt_sigreturn's page */
