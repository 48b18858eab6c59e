/* SPDX-License-Identifier: MIT */
/* The structs that the display or the session keeps of answers. The functions
 * that give the answers are in the headers of their nouns (README.md), so that
 * a new question compiles only those files anew that ask about its noun. */
#pragma once

#include "machine/machine.h"
#include "dwarf/dwarf.h"

struct ins_gauge {
    char name[16];
    u64 value;
}; /* min, low, high, ... */

struct ins_policy {
    char name[16]; /* "": not known */
    unsigned ngauges;
    struct ins_gauge gauge[LENS_GAUGES];
    u64 kept; /* frames that count as free but keep their pages' contents */
    /* [0]: the frame under the hand that takes frames; [1]: under the front
     * hand, which only clears marks; LENS_NO_PFN: no such hand. */
    u32 hand[2];
    u64 notions;               /* the policy's: bits 1 << enum notion */
    bool swap;                 /* swap_total and swap_used are known */
    u64 swap_total, swap_used; /* slots */
};

/* The thresholds for free frames, from the lowest. */
enum ins_level { LEVEL_MIN, LEVEL_LOW, LEVEL_HIGH, INS_LEVELS };

#define INS_ORDERS           16
#define INS_UNMODIFIED_KINDS 16
/* Facts of a frame under an unmodified kernel; with a lens all are 0. */
struct ins_unmodified {
    bool known;
    bool flagged;  /* has flags and a generation: Linux's */
    u8 kind;       /* enum linux_kind, or xv6_kind */
    u8 generation; /* of MGLRU, 1 the youngest; 0: none */
    u64 flags;     /* as /proc/kpageflags */
};

#define INS_PTES_MAX 32
struct ins_pte {
    u32 pid; /* 0: the kernel's own table */
    u8 level;
    u64 va, pte_pa, pte;
};
struct ins_frame {
    u64 pfn, pa; /* pfn counts from the start of RAM */
    bool known;  /* the kernel's frame table was readable */
    u8 state;    /* frame_state by the kernel's table, else PTEs; 0xff: none */
    u8 shadow;   /* the state that the events alone give; 0xff: no lens */
    u8 flags;
    s32 refs;
    u32 pins, owner;
    char owner_name[16];
    u64 object, index;
    u64 last_use_epoch, epoch_now; /* 1 + ms of simulated time; 0: never used */
    u64 age_cycles; /* since the beginning of the epoch of its last use */
    u64 age_grid;   /* an epoch, in cycles: age_cycles' greatest error */
    unsigned nptes; /* all PTEs found; may exceed the array */
    unsigned users; /* PTEs of processes among them */
    u64 pte;        /* the A and D bits of the users' PTEs, ORed */
    struct ins_pte ptes[INS_PTES_MAX];
    unsigned dram_bank;
    u32 dram_row;
    struct ins_unmodified unmodified;
    char what[64]; /* unmodified kernel: "slab dentry", or its file's path */
};

struct ins_proc {
    u32 pid, ppid, state, asid;
    u32 tgid;    /* of a thread: its process's pid; else its own */
    u32 threads; /* without the first; set by inspect_procs and in displays */
    u64 satp, min_flt, maj_flt, ill_flt, rss, vsize;
    char name[17];
    bool current;
};

/* A process's page that is in swap, by the guest kernel's PTE. */
struct ins_out {
    u32 pid;
    u64 va, slot;
};

struct ins_events; /* all events that are kept (events.h) */
#define INS_NO_SLOT (~0u)
struct ins_event {
    u64 cycle, number;
    /* Of recorded events: the address of the page, in the address space of pid
     * `space`. For the faulting page it is the faulting address. For a frame
     * that another page's fault took, scanned or wrote, it is the address at
     * which the frame's page is mapped (0: not known, or a file's page). */
    u64 va;
    u64 fault_va; /* the address of that other page's fault; 0: none */
    u32 space;
    u32 pfn, pid; /* pfn LENS_NO_PFN: no frame */
    u32 tid : 28; /* of recorded events: the thread; 0: the first, or unknown */
    u32 origin : 4; /* of R_COW_COPY: the state of the frame copied from;
                     * FS_FREE: not known */
    u8 from, to, reason, actor;
    /* Of recorded events: the process that gave back its private page, else the
     * one that the frame was given to last (0: none, or the kernel). */
    u32 owner;
    u32 source; /* of a copy (cow or fork): the frame copied from (0: not
                 * mapped); of R_KEPT: the cause (inspect_kept); of
                 * R_FAULT_MINOR: 1 if no frame was free */
    /* The slot of a page that goes to swap, is in swap or comes from it, as
     * `info swap slots` numbers it (no page has slot 0); else INS_NO_SLOT. */
    u32 slot;
    u64 pc; /* of the faulting instruction; 0: no fault, or sepc has changed */
};

/* A use of a translation that the page table no longer gave, or of a frame that
 * is free. It is a window if the kernel can still flush in time, else a sin. */
struct ins_stale_use {
    struct stale_use use;
    struct stale_source from, by; /* copies of *use.from, *use.by */
    bool sin, by_device; /* by_device: use.pa, .kind, .access, cycle are set */
    char why[120];       /* why it is a sin, or still a window */
    u64 cycle;
    u32 pid;
};

/* The kernel, the bare ELF, or a program that a process executes. */
struct ins_code {
    struct source *source; /* NULL: no debug information */
    u64 bias;              /* address = the ELF's address + bias */
    bool user;             /* a process executes it */
    bool moves;            /* each process may map it elsewhere */
};

struct ins_progress {
    u64 pc, instret, traps;
};
