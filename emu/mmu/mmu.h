/* SPDX-License-Identifier: MIT */
/* Models Sv39: the walk as a sequence of steps, the TLBs, and the walker's own
 * cache of non-leaf PTEs.
 *
 * Software can see stale translations. So the TLBs and the walker cache belong
 * to the machine's state in fast and in cycle timing, and behave alike on every
 * host. Replacement is FIFO: a hit changes nothing, so that a host accelerator
 * (engine/host_tlb.c) may serve hits without asking.
 *
 * Manual: privileged 1.12, chapter 4.3-4.4 (walk), 4.2.1 (sfence.vma), 5
 * (Svnapot), 6 (Svpbmt), 7 (Svinval). */
#pragma once

#include "base/state.h"
#include "mmu/pte.h"

/* The source of the walker's PTE; in fast timing its cache or SERVED_RAM. */
enum served {
    SERVED_NONE,
    SERVED_PWC,
    SERVED_L1,
    SERVED_L2,
    SERVED_DRAM_HIT,
    SERVED_DRAM_CLOSED,
    SERVED_DRAM_CONFLICT,
    SERVED_RAM,
    SERVED_COUNT
};
extern const char *const served_name[SERVED_COUNT];

/* The walker's access to memory. Both functions return false for an access
 * fault (no RAM there, or PMP); *cycles becomes the cost (0 in fast timing). */
struct mmu_port {
    void *opaque;
    bool (*read_pte)(void *opaque, u64 pa, u64 *pte, u32 *cycles,
                     enum served *where);
    /* Sets A and D by compare-and-swap: if the PTE is still `expect`, makes it
     * pte; else *done is false, and the walk reads that level again. */
    bool (*update_pte)(void *opaque, u64 pa, u64 expect, u64 pte, u32 *cycles,
                       bool *done);
};

enum step_kind { STEP_READ, STEP_SET_AD, STEP_DONE, STEP_FAULT };

/* One step of a walk, as the monitor shows it:
 *   STEP_READ   reads a PTE; another step follows, because it is a pointer, or
 *               a leaf whose A or D must be set
 *   STEP_SET_AD sets A or D in the leaf (pte: the new value); the walk is then
 *               FILLED, or repeats the level if the PTE had changed
 *   STEP_DONE   reads a leaf that needs nothing more; the walk is then FILLED
 *   STEP_FAULT  PTE faults or cannot be accessed; pte_pa 0: va is not canonical
 * So a 4 KiB page takes 3 steps, or 4 if A or D must be set. */
struct walk_step {
    u8 kind;  /* enum step_kind */
    u8 level; /* 2, 1, 0 */
    u8 where; /* enum served */
    u8 cause; /* trap cause of STEP_FAULT */
    u32 cycles;
    u64 pte_pa, pte;
};

/* A translation. A NAPOT range has one entry for all of its 64 KiB. */
struct tlb_entry {
    u64 vpn; /* va >> 12 of the first page of the leaf */
    u64 ppn; /* pa >> 12 of that page */
    union {
        struct {
            u16 asid;
            u8 level; /* 0: 4 KiB, 1: 2 MiB, 2: 1 GiB */
            u8 valid;
            u8 flags; /* PTE bits 7..0 (D A G U X W R V) */
            u8 napot; /* level 0: 16 pages of 4 KiB */
            u8 type;  /* enum memtype */
        };
        u64 kind; /* all of these, to be compared at once */
    };
    u32 held;   /* a bit for each host table that may hold the page; the engine
                 * sets it in L1 D-TLB entries (not state) */
    u32 source; /* index in struct stale; 0: not followed (not state) */
};

/* Returns the number of 4 KiB pages that e spans. */
static inline u64 tlb_pages(const struct tlb_entry *e)
{
    return likely(!(e->level | e->napot)) ? 1
           : e->napot                     ? NAPOT_PAGES
                                          : 1ull << (9 * e->level);
}

/* Returns the physical address of va, which e must translate. */
static inline u64 tlb_pa(const struct tlb_entry *e, u64 va)
{
    return (e->ppn << PAGE_SHIFT) + (va & ((tlb_pages(e) << PAGE_SHIFT) - 1));
}

/* One kind of access in one context. An entry of the same address space serves
 * it if (flags & mask) == value; with MXR other entries may serve it, too.
 * word_mask and word make this test on the whole of tlb_entry.kind, for a 4 KiB
 * page of the usual type. */
struct tlb_key {
    u16 asid;
    u8 mask, value;
    u64 word_mask, word;
};
static inline struct tlb_key tlb_key(u16 asid, u8 mask, u8 value)
{
    struct tlb_entry m = {.asid = 0xffff,
                          .level = 0xff,
                          .valid = 0xff,
                          .flags = mask,
                          .napot = 0xff,
                          .type = 0xff};
    struct tlb_entry e = {.asid = asid, .valid = 1, .flags = value};

    return (struct tlb_key){asid, mask, value, m.kind, e.kind};
}
/* Makes e the entry for a 4 KiB page of the usual type, which serves k. Writes
 * whole words: a host stalls if it reads a word just written byte by byte. */
static inline void tlb_page(struct tlb_entry *e, const struct tlb_key *k,
                            u64 vpn, u64 pte)
{
    const u64 flag = ((struct tlb_entry){.flags = 1}).kind;

    e->vpn = vpn;
    e->ppn = PTE_PPN(pte);
    e->kind = k->word | (pte & 0xff) * flag;
    e->held = e->source = 0;
}
static inline bool tlb_serves(const struct tlb_entry *e,
                              const struct tlb_key *k)
{
    return (e->flags & k->mask) == k->value;
}

/* A walk in progress or just finished; it is state of the hart. It starts at
 * hart.cycle; `cycles` is its time so far, which the port adds to hart.cycle to
 * time its accesses to the caches. The next translation for the same access
 * consumes a finished walk: it does not walk again, and is charged that walk's
 * cycles. So hart.cycle stands still while a walk is stepped, and stepping does
 * not change the run. IDLE keeps the last walk's steps for display. */
#define WALK_STEPS_MAX 8
enum walk_phase {
    WALK_IDLE,
    WALK_ARMED,
    WALK_RUNNING,
    WALK_FILLED,
    WALK_FAULTED
};
struct walk {
    u32 phase; /* enum walk_phase */
    u32 access;
    u64 va;
    struct mmu_ctx ctx;
    u32 level;       /* the level that the next step reads */
    u64 table;       /* physical address of its table */
    u64 pte, pte_pa; /* the leaf, while set_ad */
    u32 set_ad;      /* the next step sets A/D */
    u32 cause;       /* of the fault */
    u32 cycles;      /* so far */
    u32 nsteps;
    struct walk_step steps[WALK_STEPS_MAX];
    struct tlb_entry filled;
};

struct tlb_stats {
    u64 accesses, misses, flushes;
};
enum l1_tlb { L1_ITLB, L1_DTLB };
enum { TLB_SIZES = 4 /* 4 KiB, 2 MiB, 1 GiB, 64 KiB */, TLB_NEAR = 1024 };
struct tlb_shape {
    u32 entries, ways; /* ways == entries: fully associative */
    u32 large; /* further entries, fully associative, for all pages larger than
                * 4 KiB; 0: large pages share the entries of 4 KiB pages */
};
struct tlb {
    u32 entries, ways, large; /* as in tlb_shape */
    u32 sets; /* of `entries`; the large entries form one more set */
    /* Derived from the shape: the set mask of a direct-mapped TLB (one way, no
     * `large`, the number of sets a power of two above 1); else 0. */
    u32 direct;
    struct tlb_entry *e; /* [sets][ways], then [large] */
    u32 *fifo;           /* next victim way of each set */
    /* Derived, for searching. key: low bits of each entry's vpn; same: mask of
     * the bits that must agree; used: number of entries in each set; busy: a
     * bit for each set that has had entries since the last complete flush. */
    u32 *key, *same, *used;
    u64 *busy;
    /* Derived, too: numbers of entries by size (sized), and by size and page
     * number (near), so that most misses, and most fills without a competitor,
     * need no search. A direct-mapped TLB counts no 4 KiB pages by number. */
    u32 sized[TLB_SIZES], near_shift;
    u16 near[TLB_SIZES][TLB_NEAR];
    struct tlb_stats stats;
};

/* Unless --tlb or --tlb2 is given, fast timing has no L2 TLB, and its L1 TLBs
 * have this shape. It is large because a miss then costs only host time. */
#define TLB_FAST                                                               \
    (struct tlb_shape)                                                         \
    {                                                                          \
        .entries = 4096, .ways = 4, .large = 64                                \
    }

struct pwc_entry {
    u64 pte_pa, pte;
    u8 valid, level;
    u16 asid;
};
#define PWC_ENTRIES  8
#define PWC_PLACES   64
#define LARGE_PLACES 64

struct stale; /* stale.h */

struct mmu {
    struct tlb itlb, dtlb, l2tlb; /* l2tlb.entries may be 0 */
    struct pwc_entry pwc[PWC_ENTRIES];
    u32 pwc_fifo;
    bool asids; /* --asid on; off: the ASID is always 0 */
    bool timed; /* charge l2_hit_cycles and pwc_hit_cycles (mmu_set_timed;
                 * default true) */
    struct tlb_shape shape[2][3]; /* [timed][itlb, dtlb, l2tlb] */
    struct walk walk;
    /* derived from pwc[]: search keys; a bit for each empty entry */
    u32 pwc_key[PWC_ENTRIES], pwc_holes;
    struct tlb_entry *placed; /* L1 entry of the last walk (not state) */
    u32 quick; /* derived: the L2's set mask if quick.h can serve the shapes of
                * L1 D-TLB and L2, else 0 */
    u8 pwc_place[PWC_PLACES];      /* index in pwc by PTE address (not state) */
    u16 large_place[LARGE_PLACES]; /* index in dtlb, by va >> 21, of the large
                                    * page found last (not state) */
    bool large_once; /* derived: dtlb holds a large page once, not in each set
                      * that has been searched for it */
    struct stale *stale; /* follows the entries (not state); or NULL */
    bool catch_walk;     /* stop before the next walk (not state) */
    u32 l2_hit_cycles;   /* cost of an L2 TLB hit, added to *tlb_cycles; a miss
                          * costs only its walk */
    u32 pwc_hit_cycles;  /* cost of a level that the walker's cache serves */
    /* walker statistics */
    u64 walks, pte_reads, walk_cycles, served[SERVED_COUNT];
    /* Drops the L1 entry e (NULL: all) from the host TLB. Called when e goes or
     * changes, except by quick.h, or is a suspect (stale.c). May be NULL. */
    void (*evicted)(void *opaque, enum l1_tlb tlb, const struct tlb_entry *e);
    void *opaque;
};

struct mmu_config {
    u32 itlb_entries, itlb_ways, dtlb_entries, dtlb_ways, l2_entries, l2_ways;
    u32 l2_hit_cycles, pwc_hit_cycles;
    bool asids;
    struct tlb_shape fast; /* both L1 in fast timing (TLB_FAST); 0 entries: fast
                            * timing uses the values above */
};

void mmu_init(struct mmu *m, const struct mmu_config *c);
void mmu_free(struct mmu *m);
void mmu_state(struct mmu *m, struct state *s);
/* Switches timing: empties TLBs and walker cache, drops a walk in progress, and
 * gives the TLBs their shapes in the new timing. */
void mmu_set_timed(struct mmu *m, bool timed);
/* mmu_translate counts its own accesses. This adds those that a host
 * accelerator served, all of them L1 hits. */
void mmu_count_hits(struct mmu *m, enum l1_tlb tlb, u64 hits);

enum mmu_verdict { MMU_OK, MMU_FAULT, MMU_CAUGHT };

/* Translates va for one access that lies within one page; asks the L1 TLB, the
 * L2 TLB, then walks. Adds the costs to *walk_cycles and *tlb_cycles. An L1 or
 * L2 entry that forbids the access causes a fault without a walk (stale
 * permissions are visible, as on Rocket); a store to a clean entry walks. The
 * caller handles Bare mode (satp.MODE 0).
 * => MMU_OK: *pa, *leaf (the L1 entry used; its D is set if access is a store)
 * => MMU_FAULT: *cause becomes that of a page fault, or of an access fault if a
 *    PTE could not be accessed. A non-canonical va faults without walk or miss.
 * => MMU_CAUGHT: catch_walk was set and a walk is needed. Only m->walk changed
 *    (WALK_ARMED); the instruction must be retried. The retry completes the
 *    ARMED or RUNNING walk instead of catching it again. */
enum mmu_verdict mmu_translate(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                               enum access access, const struct mmu_port *port,
                               u64 *pa, struct tlb_entry **leaf, u32 *cause,
                               u32 *tlb_cycles, u32 *walk_cycles);

/* Does mmu_translate's usual case quickly, but counts no access. Returns the L1
 * D-TLB's entry for va. NULL: mmu_translate must go on. */
struct tlb_entry *mmu_refill(struct mmu *m, const struct mmu_ctx *ctx,
                             const struct tlb_key *key, u64 va,
                             enum access access, const struct mmu_port *port,
                             u32 *cycles);

/* Performs one step of m->walk (ARMED or RUNNING). mmu_translate does all steps
 * in a loop, the monitor's step-walk one at a time. */
struct walk_step mmu_walk_step(struct mmu *m, const struct mmu_port *port);

/* Performs sfence.vma; va or asid is absent if its has_ flag is false. Flushes
 * L1, L2 and walker cache as the manual 4.2.1 says (never less). With a va the
 * walker cache keeps its non-leaf PTEs: the manual then orders only leaf PTEs,
 * and Rocket keeps them, too. Each TLB counts one flush. */
void mmu_sfence(struct mmu *m, bool has_va, u64 va, bool has_asid, u16 asid);
void mmu_flush_all(struct mmu *m);

/* Walks without changing or counting anything, for the verb walk, the panel and
 * the audit; peek reads RAM. out->phase becomes FILLED or FAULTED. */
void mmu_probe(const struct mmu_ctx *ctx, u64 va, enum access access,
               bool (*peek)(void *opaque, u64 pa, u64 *pte), void *opaque,
               struct walk *out);

/* Returns the step that read, or could not read, the last PTE; NULL: none. */
const struct walk_step *mmu_walk_last_read(const struct walk *w);
/* Returns the verdict on that PTE. After a faulted walk PTE_SERVES means that
 * the address was not canonical, or that the PTE could not be accessed. */
enum pte_verdict mmu_walk_verdict(const struct walk *w);
/* Returns the reason of a walk's fault, in words. */
const char *mmu_walk_why(const struct walk *w);

/* True if bits 63..39 of va equal bit 38. */
static inline bool sv39_canonical(u64 va)
{
    return (u64)sext(va, 39) == va;
}
