/* SPDX-License-Identifier: MIT */
/* The display snapshot: what the panel shows, copied from the machine once a
 * picture. */
#pragma once

#include "inspect/inspect.h"
#include "inspect/parts.h"

#define INS_PROCS_MAX    32
#define INS_NAMES_MAX    256
#define INS_LANE_MAX     4096
#define INS_BIOGRAPHY    64
#define INS_FORKED       6
#define INS_CONSOLE_COLS 80
#define INS_CONSOLE_ROWS 24
struct ins_sample {
    u64 cycle, free_frames, histogram[FS_COUNT], counters[C_COUNT];
    u64 kept, swap_used;
    u64 level[INS_LEVELS]; /* the thresholds in force then; 0: none */
    u32 hand[2];           /* of the clock */
    u32 tally[R_COUNT];    /* events by reason, since the machine began */
};
/* Samples at multiples of a step of simulated time, so that they are the same
 * however runs are cut: of the machine's whole life (when the array is full,
 * every other one is dropped and the step doubles), and of its latest seconds
 * (the step stays; when the array is full, the older half is dropped). */
#define INS_SAMPLES 512
struct ins_series {
    u64 step;        /* cycles; 0 until the first */
    unsigned n, cut; /* cut: samples dropped when the future became another */
    struct ins_sample at[INS_SAMPLES];
};
struct ins_samples {
    u64 life; /* another number: the samples are those of another life */
    struct ins_series whole, recent;
};
/* The hart is not sampled while it sleeps, and nothing is counted then. So all
 * that was counted between the last sample and `now` came before this cycle, at
 * most a step after that sample. */
static inline u64 ins_new_until(const struct ins_series *s, u64 now)
{
    u64 next = s->n ? (s->at[s->n - 1].cycle / s->step + 1) * s->step : now;
    return next < now ? next : now;
}
/* Takes the samples that are due now; e may be NULL. Returns the period in
 * cycles at whose multiples samples can be due: the caller calls it at the
 * first instruction boundary at or after each multiple (machine_on_clock), and
 * once after a sleep. */
u64 inspect_sample(struct machine *m, const struct ins_events *e,
                   struct ins_samples *s);

/* The slots of all swap areas, one area after another. The first page of an
 * area, its header, is a SLOT_BAD. */
enum ins_slot {
    SLOT_FREE,
    SLOT_USED,   /* the page is in the slot only */
    SLOT_CACHED, /* a frame of the swap cache also holds it */
    SLOT_BAD
};
#define INS_SWAP_AREAS 4
struct ins_swap_area {
    u32 slot; /* of its header; the slots of its pages follow */
    u32 pages;
};

#define INS_OUTS 4 /* pages of one slot that are listed */

/* An address space as a strip of cells, each of pages_a_cell pages (an area's
 * last one has the rest), and the areas in order of address. */
#define INS_STRIP 512
#define INS_AREAS 24
enum ins_area_sort {
    AREA_TEXT,  /* of the program: executable or read-only */
    AREA_DATA,  /* of the program: writable; bss */
    AREA_HEAP,  /* brk's */
    AREA_MAP,   /* mmap's: anonymous, or of a file */
    AREA_LIB,   /* a shared library, whatever its rights */
    AREA_STACK, /* the main thread's */
    AREA_SORTS
};
struct ins_area {
    u64 start, pages;
    u16 first, cells; /* in the strip */
    u8 sort;          /* enum ins_area_sort */
    u64 inode;        /* 0: no file */
    char name[24];    /* of its file, without the path; "": none */
};
/* A cell: the commonest enum frame_state of the touched pages in its range, or
 * one of these; | STRIP_HOT if one of the pages was used lately. */
#define STRIP_SWAP  0x7e /* in swap */
#define STRIP_NEVER 0x7f /* none was touched */
#define STRIP_HOT   0x80
struct ins_space {
    u32 pid;
    u64 pages;                     /* of its mappings */
    u64 resident, shared, in_swap; /* resident: in frames; shared: of those, in
                                    * frames that several PTEs map */
    u32 pages_a_cell;
    unsigned nareas; /* 0: a kernel thread */
    struct ins_area area[INS_AREAS];
    u16 ncells;
    u8 cell[INS_STRIP];
};
/* Used lately: the code of an age (ins_display.age) below this, 32 ms. */
#define INS_RECENT_AGE 40

#define INS_BANKS 32
struct ins_bank {
    bool open;
    u32 row;
    /* Accesses that found the row open, no row open, another row open. */
    u64 hits, misses, conflicts;
    /* The cycle of the update that first saw the latest access; 0: none. */
    u64 last;
};

/* The sector at which a frame's page lies in its file's disk. */
struct ins_block {
    bool known;
    unsigned disk;
    u64 sector;
};

/* The policy's belief (ins_believed) against the machine's record of use, over
 * frames whose page can be taken. used: within INS_RECENT_AGE. */
struct ins_belief {
    bool lists; /* active and inactive lists; else marks and A bits */
    u64 hot_used, hot_idle, cold_used, cold_idle;
    /* Since the start: pages taken, and how many of them were wanted again
     * before memory had turned over once, twice, four times (truth.h). All 0
     * in the past and where they are not counted. */
    u64 taken, regretted[3];
};

#define INS_TUNABLES 24
struct ins_slider {
    char name[40], unit[16];
    s64 value, preset, min, max;
    bool sets; /* a threshold of the policy is computed from the tunable: */
    u64 now;   /* its value, in frames if the unit is KiB, else in the unit */
    u64 pa;    /* of the value, in the kernel's memory; 0: none */
};

struct ins_update; /* what the parts of display/ keep between updates */

struct ins_display {
    u64 serial; /* grows with each publication */
    u64 whole;  /* serial of the last whole update */
    bool running;
    char mode[16]; /* "RUN" "HALT" "PAST" "OFF" "WALK" "STDIN" */
    char timing[8], policy[16];
    char policy_line[80]; /* as --policy list prints it; or "" */
    struct ins_policy vm;
    u64 catching; /* 1 << enum reason: catches that stop the machine */
    unsigned ndisks;
    struct disk_view disks[DISK_SLOTS];
    u64 cycle, instret, clock_hz;
    u64 present;   /* the latest cycle reached so far */
    bool past;     /* the machine is before `present`, and repeats its past */
    bool branched; /* ... with another future put aside */
    double mips, pace_limit, pace_now; /* host-side, for show only */
    u64 nframes;
    u8 *kind;  /* enum frame_state per frame, 0xff unknown */
    u8 *flags; /* FRAME_F_* */
    u8 *age;   /* 0: used this epoch .. 255: never (8*log2) */
    u64 histogram[FS_COUNT];
    u64 free_frames;
    unsigned nprocs;
    struct ins_proc procs[INS_PROCS_MAX];
    unsigned nnames; /* of processes that procs has no room for: names alone */
    struct ins_name {
        u32 pid;
        char name[17];
    } names[INS_NAMES_MAX];
    u64 counters[C_COUNT];
    u64 counters_pa, free_pa; /* of counters and free_frames; 0: not known */
    u32 tally[R_COUNT];       /* events by reason */
    struct walk walk;         /* the walk being stepped, or the last one */
    bool walk_live;
    bool covered;         /* hide the walk: it answers a question still open */
    const char *walk_why; /* why the walk faulted; NULL: it did not */
    u64 pc;
    char where[64]; /* symbol+offset of pc */
    struct tlb_entry dtlb[64];
    unsigned ndtlb, dtlb_places; /* valid entries; the TLB's capacity */
    struct ins_frame selected;   /* the frame that the panel asked about */
    bool selected_valid;
    u32 selected_slot;               /* of swap; INS_NO_SLOT: none */
    struct ins_block selected_block; /* of its file */
    struct ins_frame source;         /* from which its page was copied */
    bool source_valid;
    /* If the caption tells of a fork: frames that it shared, the latest first,
     * and the two processes. Known while the machine stands. */
    struct ins_frame forked[INS_FORKED];
    unsigned nforked;
    u32 parent, child;
    /* If the machine stands right behind a stale use that it was to stop at:
     * its facts, the instruction that wrote, and the fence that is missing. */
    bool stale_known;
    struct ins_stale_use stale;
    char stale_by[64], stale_fence[64];
    struct ins_event biography[INS_BIOGRAPHY]; /* selected's, newest first */
    unsigned nbiography;
    char console[INS_CONSOLE_ROWS][INS_CONSOLE_COLS + 1];
    unsigned cursor_row, cursor_col;
    char caption[260];
    u32 caption_pfn;   /* the frame that it is about, or LENS_NO_PFN */
    u64 caption_cycle; /* of its event; NEVER: there is none */
    bool card;         /* the caption is a card of a story, about no event */
    bool card_waits;   /* ... and the story goes on when the reader does */

    u64 nslots;
    u8 *slot; /* enum ins_slot each; NULL: no swap, or not known */
    unsigned nswap_areas;
    struct ins_swap_area swap_area[INS_SWAP_AREAS];
    unsigned nspaces; /* as nprocs, in the same order */
    struct ins_space spaces[INS_PROCS_MAX];
    /* 1 for each frame to which all words of lit_words apply. NULL: no words,
     * or words without a meaning, which lit_error explains. */
    u8 *lit;
    u64 nlit;
    char lit_words[96], lit_error[96];
    /* If the words name one slot of swap: the pages of processes whose PTEs
     * name it. No PTE names the slots of shared memory. */
    u32 lit_slot; /* INS_NO_SLOT: no slot is named */
    bool outs_known;
    unsigned nouts; /* may be more than there is room for */
    struct ins_out out[INS_OUTS];
    char dram[16];   /* the DRAM part's name */
    unsigned nbanks; /* 0: fast timing */
    struct ins_bank bank[INS_BANKS];
    u64 buddy[INS_ORDERS]; /* free blocks by order */
    bool buddy_known;
    unsigned
        nkernel_kinds; /* an unmodified kernel's words for kinds of frames */
    bool silent;       /* an unmodified kernel without probes: no events */
    const char *kernel_kinds[INS_UNMODIFIED_KINDS];
    struct ins_belief belief;
    unsigned ntunables; /* those of the policy in force first */
    struct ins_slider tunable[INS_TUNABLES];
    struct ins_update *update; /* NULL in copies */
    u64 of; /* identifies the display that this is a copy of; 0: none */

    u64 listed; /* serial of the last update that changed the events */
    unsigned nevents;
    struct ins_event events[INS_LANE_MAX]; /* newest first */
    struct ins_samples samples;
    /* A copy has most of events and samples from the copy before: they come
     * last, so that the rest is copied in one piece. */
};
/* The index of a slot in ins_display.slot; nslots: none. */
u64 inspect_slot_index(const struct ins_display *d, u32 slot);
/* The address of a cell's first page; 0: the cell is in no area. */
u64 inspect_cell_va(const struct ins_space *s, unsigned cell);
/* The cell of an address; INS_STRIP: none. */
unsigned inspect_cell_of(const struct ins_space *s, u64 va);
/* Lights the frames to which all of the words apply, from now on; "": none.
 * Words: states and marks of frames, a process (pid N, or its name), inode N,
 * va A-B (of that process, or of any), slot [N], bank N, row N; `not WORD` and
 * !WORD; between them blanks, commas, `and`, && and ==. */
void inspect_display_light(struct ins_display *d, const char *words);
/* Finds the frames to which words apply, at once, for `info frames`. False: err
 * says why. Else the caller frees `frame`. */
struct ins_lit {
    u8 *frame;          /* 1 where the words hold */
    u64 n;              /* the number of such frames */
    u32 slot;           /* that the words name; INS_NO_SLOT: none */
    bool of_pid, alone; /* the words name process pid, and nothing else */
    u32 pid;
};
bool inspect_light(struct machine *m, const char *words, struct ins_lit *to,
                   char *err, size_t n);
/* Calls fn with each word that selects frames. */
void inspect_frame_words(void (*fn)(void *, const char *), void *opaque);
struct ins_display *inspect_display_new(struct machine *m);
/* Marks all frames as unknown. Called before the first drawing and not by
 * inspect_display_new, so that a session that draws nothing does no work that
 * grows with RAM. */
void inspect_display_blank(struct ins_display *d);
void inspect_display_free(struct ins_display *d);
/* Fills the display from the machine (kinds, histogram, processes, ...); the
 * session fills mode, pace, caption, console and selection. What takes a time
 * that grows with RAM or processes is read whole, always if d->running is not
 * set, else no sooner than sixty times that time after the last such update:
 * the machine loses at most a sixtieth of its speed. Kinds of frames and the
 * histogram are always up to date, by the events of a kernel with a lens. */
void inspect_display_update(struct machine *m, struct ins_events *e,
                            struct ins_display *d, s64 selected_pfn);
void inspect_display_copy(struct ins_display *to,
                          const struct ins_display *from);

/* A caption: one sentence for people about a kernel event. */
void inspect_caption(struct machine *m, const struct ins_event *e, char *buf,
                     size_t n);
