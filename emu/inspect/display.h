/* SPDX-License-Identifier: MIT */
/* struct ins_display holds all that the panel shows, copied once a picture. */
#pragma once

#include "inspect/answers.h"

#define INS_PROCS_MAX    32
#define INS_NAMES_MAX    256
#define INS_LANE_MAX     4096
#define INS_BIOGRAPHY    64
#define INS_FORKED       6
#define INS_CONSOLE_COLS 80
#define INS_CONSOLE_ROWS 24
struct ins_sample {
    u64 cycle, free_frames, histogram[FS_COUNT], counters[C_COUNT];
    u64 kept, swap_used;   /* as in struct ins_policy */
    u64 level[INS_LEVELS]; /* the policy's thresholds then; 0: none */
    u32 hand[2];           /* as in struct ins_policy */
    u32 tally[R_COUNT];    /* events by reason, since the machine began */
};
/* A series of samples, taken at multiples of a step of simulated time, so
 * that stops of the machine do not change them. The series `whole` covers the
 * machine's whole life: when its array is full, the step doubles, and one
 * sample of each new step stays (two if sleeps precede and follow it).
 * `recent` covers the latest seconds: its step stays; a full array's older
 * half is dropped. */
#define INS_SAMPLES 512
struct ins_series {
    u64 step;        /* cycles; 0 until the first sample */
    unsigned n, cut; /* cut: samples dropped with an abandoned future */
    struct ins_sample at[INS_SAMPLES];
};
struct ins_samples {
    u64 life; /* changes when another machine's samples begin */
    struct ins_series whole, recent;
};
/* Returns the end of the last sample's step, or `now` if that is earlier. After
 * the returned cycle no event has come: the hart slept from there to `now`, for
 * there would be another sample if it had run. */
static inline u64 ins_new_until(const struct ins_series *s, u64 now)
{
    u64 next = s->n ? (s->at[s->n - 1].cycle / s->step + 1) * s->step : now;
    return next < now ? next : now;
}
/* Takes the samples that are due now; e may be NULL. Returns a period in
 * cycles; call again at the first instruction boundary at or after each of its
 * multiples (machine_on_clock), and once after a sleep. */
u64 inspect_sample(struct machine *m, const struct ins_events *e,
                   struct ins_samples *s);

/* ins_display.slot holds the slots of all swap areas, one area after another.
 * An area's first page, its header, is SLOT_BAD; so are Linux's bad pages. */
enum ins_slot {
    SLOT_FREE,
    SLOT_USED,   /* only the slot holds the page */
    SLOT_CACHED, /* a frame of the swap cache also holds it */
    SLOT_BAD
};
#define INS_SWAP_AREAS 4
struct ins_swap_area {
    u32 slot;  /* the header's; the slots of the area's pages follow */
    u32 pages; /* with the header */
};

#define INS_OUTS 4 /* out[] has room for so many pages of one slot */

/* The panel draws an address space as a strip of cells. A cell stands for
 * pages_a_cell pages; an area's last cell may have fewer. */
#define INS_STRIP 512
#define INS_AREAS 24
enum ins_area_sort {
    AREA_TEXT,  /* the program's executable and read-only pages */
    AREA_DATA,  /* the program's writable pages and bss */
    AREA_HEAP,  /* grown by brk */
    AREA_MAP,   /* made by mmap: anonymous, or of a file */
    AREA_LIB,   /* a shared library, whatever its rights */
    AREA_STACK, /* the main thread's */
    AREA_SORTS
};
struct ins_area {
    u64 start, pages;
    u16 first, cells; /* in the strip */
    u8 sort;          /* enum ins_area_sort */
    u64 inode;        /* 0: no file */
    char name[24];    /* its file's without path, or [heap], [stack]; else "" */
};
/* A cell holds the most frequent enum frame_state of its touched pages, or
 * STRIP_SWAP, STRIP_NEVER. STRIP_HOT is added if a page was used lately. */
#define STRIP_SWAP  0x7e /* in swap */
#define STRIP_NEVER 0x7f /* none was touched */
#define STRIP_HOT   0x80
struct ins_space {
    u32 pid;
    u64 pages;                     /* of its mappings */
    u64 resident, shared, in_swap; /* resident: in frames; shared: in frames
                                    * that several PTEs map */
    u32 pages_a_cell;
    unsigned nareas;                 /* 0: a kernel thread or zombie */
    struct ins_area area[INS_AREAS]; /* in order of address */
    u16 ncells;
    u8 cell[INS_STRIP];
};
/* A frame was used lately, within about 31 ms, if ins_display.age is below: */
#define INS_RECENT_AGE 40

#define INS_BANKS 32
struct ins_bank {
    bool open;
    u32 row;
    /* hits found their row open, misses no row, conflicts another row. */
    u64 hits, misses, conflicts;
    /* The cycle of the update that first saw the latest access; 0: none. */
    u64 last;
};

/* The place of a file's page on its disk. */
struct ins_block {
    bool known;
    unsigned disk;
    u64 sector;
};

/* Numbers of frames whose page can be taken: hot or cold by the policy's belief
 * (ins_believed), used lately or idle by the machine's record. */
struct ins_belief {
    bool lists; /* belief comes from lists, else from marks and A bits */
    u64 hot_used, hot_idle, cold_used, cold_idle;
    /* Since the start: pages taken, and how many of them were wanted again
     * before memory had turned over once, twice, four times (truth.h). All 0
     * where they are not counted. */
    u64 taken, regretted[3];
};

#define INS_TUNABLES 24
struct ins_slider {
    char name[40], unit[16];
    s64 value, preset, min, max;
    bool sets; /* the policy computes a threshold from the tunable */
    u64 now;   /* that threshold, in frames if the unit is KiB */
    u64 pa;    /* the value's address in the kernel's memory; 0: none */
};

struct ins_update; /* data that display/ keeps between updates */

struct ins_display {
    u64 serial; /* grows with each update */
    u64 whole;  /* serial of the last update that read all data */
    bool running;
    char mode[16]; /* RUN HALT PAST OFF WALK STDIN END */
    char timing[8], policy[16];
    char policy_line[80]; /* as --policy list prints it; or "" */
    struct ins_policy vm;
    u64 catching; /* 1 << enum reason: catches that stop the machine */
    unsigned ndisks;
    struct disk_view disks[DISK_SLOTS];
    u64 cycle, instret, clock_hz;
    u64 present;   /* the latest cycle reached so far */
    bool past;     /* the machine is before `present` and repeats its past */
    bool branched; /* the machine has left a future that is kept aside */
    double mips, pace_limit, pace_now; /* host-side, for show only */
    u64 nframes;
    u8 *kind;  /* enum frame_state of each frame; 0xff: not known */
    u8 *flags; /* FRAME_F_* */
    u8 *age;   /* 8 * log2(1 + epochs since the last use); 255: never used */
    u64 histogram[FS_COUNT];
    u64 free_frames;
    unsigned nprocs;
    struct ins_proc procs[INS_PROCS_MAX];
    unsigned nnames; /* further processes: no room in procs, or ended */
    struct ins_name {
        u32 pid;
        char name[17];
    } names[INS_NAMES_MAX];
    u64 counters[C_COUNT];
    u64 counters_pa, free_pa; /* of counters and free_frames; 0: not known */
    u32 tally[R_COUNT];       /* events by reason */
    struct walk walk;         /* the walk being stepped, or the last one */
    bool walk_live;
    bool covered;         /* hide the walk, which may answer an open question */
    const char *walk_why; /* why the walk faulted; NULL: it did not */
    u64 pc;
    char where[64]; /* symbol+offset of pc */
    struct tlb_entry dtlb[64];
    unsigned ndtlb, dtlb_places; /* valid entries; the TLB's capacity */
    struct ins_frame selected;   /* the frame that the panel asked about */
    bool selected_valid;
    u32 selected_slot;               /* its swap slot; INS_NO_SLOT: none */
    struct ins_block selected_block; /* the place of its page on a disk */
    struct ins_frame source;         /* selected is a copy of this frame */
    bool source_valid;
    /* If the caption tells of a fork: the frames that it shared, the latest
     * first, and its two processes. Not known while the machine runs. */
    struct ins_frame forked[INS_FORKED];
    unsigned nforked;
    u32 parent, child;
    /* If the machine stopped after a stale use: its facts, the instruction that
     * wrote the PTE, and the fence that is missing. */
    bool stale_known;
    struct ins_stale_use stale;
    char stale_by[64], stale_fence[64];
    struct ins_event biography[INS_BIOGRAPHY]; /* selected's, newest first */
    unsigned nbiography;
    char console[INS_CONSOLE_ROWS][INS_CONSOLE_COLS + 1];
    unsigned cursor_row, cursor_col;
    char caption[260];
    char card_figures[200]; /* measured in the card's step; "": not known */
    u32 caption_pfn;   /* the frame that the caption is about, or LENS_NO_PFN */
    u64 caption_cycle; /* of the caption's event; NEVER: it has none */
    bool card;         /* the caption's text is a card of a story */
    bool card_waits;   /* the story waits for its reader */
    bool card_rests;   /* the story has ended; a key lets the guest run on */
    bool card_done;    /* this moment is the end of the card's step */
    bool card_before;  /* `card back` can go to this card or another */

    u64 nslots;
    u8 *slot; /* enum ins_slot each; NULL: no swap, or not known */
    unsigned nswap_areas;
    struct ins_swap_area swap_area[INS_SWAP_AREAS];
    unsigned nspaces; /* as nprocs, in the same order */
    struct ins_space spaces[INS_PROCS_MAX];
    /* 1 for each frame to which all words of lit_words apply. NULL: there are
     * no words, or they have no meaning; lit_error then says why. */
    u8 *lit;
    u64 nlit;
    char lit_words[96], lit_error[96];
    /* If the words name one slot of swap: the pages of processes whose PTEs
     * name that slot. No PTE names a slot of shared memory. */
    u32 lit_slot; /* INS_NO_SLOT: no slot is named */
    bool outs_known;
    unsigned nouts; /* may exceed the array */
    struct ins_out out[INS_OUTS];
    char dram[16];   /* the DRAM part's name */
    unsigned nbanks; /* 0: fast timing */
    struct ins_bank bank[INS_BANKS];
    u64 buddy[INS_ORDERS]; /* free blocks by order */
    bool buddy_known;
    unsigned nkernel_kinds; /* of an unmodified kernel */
    bool silent;            /* an unmodified kernel without probes: no events */
    const char *kernel_kinds[INS_UNMODIFIED_KINDS]; /* words for them */
    struct ins_belief belief;
    unsigned ntunables; /* the tunables of the policy in force come first */
    struct ins_slider tunable[INS_TUNABLES];
    struct ins_update *update; /* NULL in copies */
    u64 of; /* names the display in its copies, too; 0: never updated */

    u64 listed; /* serial of the last update that read the events anew */
    unsigned nevents;
    struct ins_event events[INS_LANE_MAX]; /* newest first */
    struct ins_samples samples;
    /* events and samples come last: inspect_display_copy copies all fields
     * before them in one piece, and of these two only the part that changed. */
};
/* Returns a slot's index in ins_display.slot; nslots: no area has the slot. */
u64 inspect_slot_index(const struct ins_display *d, u32 slot);
/* From now on lights the frames to which all of the words apply; "": none.
 * Words: all, states and marks of frames, an unmodified kernel's kinds and
 * flags, a process (`pid N`, `process N`, `of N` or its name), inode N, va
 * A[-B] (of that process or any), slot [N], bank N, row N; `not WORD` or
 * !WORD. Blanks, commas, `and` or && separate words; == may precede a
 * value. */
void inspect_display_light(struct ins_display *d, const char *words);
struct ins_display *inspect_display_new(struct machine *m);
/* Marks all frames as unknown. Call it before the first drawing.
 * inspect_display_new does not, because many sessions draw nothing. */
void inspect_display_blank(struct ins_display *d);
void inspect_display_free(struct ins_display *d);
/* Fills the display from the machine (kinds, histogram, processes, ...); the
 * session fills the rest (mode, pace, caption, console, ...). Some data take
 * longer to read with more RAM or processes. While d->running, these are read
 * again only after sixty times the duration of their last read, so that the
 * machine loses at most a sixtieth of its speed; else at each call. If the
 * kernel has a lens, its events keep kinds and histogram always up to date. */
void inspect_display_update(struct machine *m, struct ins_events *e,
                            struct ins_display *d, s64 selected_pfn);
void inspect_display_copy(struct ins_display *to,
                          const struct ins_display *from);
