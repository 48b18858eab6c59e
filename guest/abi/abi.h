/* SPDX-License-Identifier: MIT */
/* The interface between the guest kernel and the machine: the lens.
 *
 * Through the lens the kernel tells the machine where its tables are. It also
 * reports each change of a frame's state by a 64-bit store, after a store of an
 * address if there is one. It works without a lens, too (under QEMU). guest/,
 * emu/ and tools/ share this header: declarations and two inline packers. */
#pragma once

#include <stdint.h>

enum frame_state {
#define STATE(id, word, glyph, colour, sentence) FS_##id,
#include "frame_states.def"
    FS_COUNT
};

enum reason {
#define REASON(id, word, kind, sentence) R_##id,
#include "events.def"
    R_COUNT
};

enum counter {
#define COUNTER(id, name, unit, notion, events, sentence) C_##id,
#include "counters.def"
    C_COUNT
};

enum notion {
#define NOTION(id, word, sentence) NOTION_##id,
#include "notions.def"
    NOTION_COUNT
};

enum gauge {
#define GAUGE(id, name, unit, notion, value, moves, sentence) G_##id,
#include "gauges.def"
    G_COUNT
};

enum output {
#define OUTPUT(id, system, command, sentence) OUT_##id,
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)
#include "outputs.def"
    OUT_COUNT
};
/* The ways to compute a column's cell from its source (outputs.def). */
enum column_kind {
#define KIND(id, unit) COL_##id,
#define OUTPUT(id, system, command, sentence)
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)
#include "outputs.def"
};

enum tunable {
#define TUNABLE(id, name, preset, min, max, unit, origin) TUN_##id,
#include "tunables.def"
    TUN_COUNT
};

/* The part of the kernel that caused an event (4 bits of the event). */
enum actor {
    ACTOR_BOOT,    /* start-up code */
    ACTOR_FAULT,   /* the page-fault handler */
    ACTOR_SYSCALL, /* a system call of pid */
    ACTOR_EXIT,    /* the end of process pid */
    ACTOR_PAGEOUT, /* the pageout daemon */
    ACTOR_WRITER,  /* a daemon that writes files: kflushd ... */
    ACTOR_KERNEL,  /* anything else in the kernel */
    ACTOR_LIMIT,   /* process pid, which replaces pages at its RLIMIT_RSS */
    ACTOR_SWAPPER, /* the swapper, which takes all pages of a process */
    ACTOR_COUNT
};

/* The lens's registers: physical base and byte offsets. The device tree node
 * is compatible with "clockhand,lens"; a kernel that finds no such node runs
 * without a lens. All registers are 64 bits, aligned. */
#define LENS_BASE       0x10200000ul
#define LENS_SIZE       0x1000ul
#define LENS_COMPATIBLE "clockhand,lens"
enum lens_register {
    LENS_MAGIC = 0x00,    /* reads LENS_MAGIC_VALUE */
    LENS_OPEN = 0x08,     /* physical address of struct lens_info; 0: none */
    LENS_EVENT = 0x10,    /* write: one packed event (lens_event) */
    LENS_EVENT_VA = 0x18, /* write: virtual address of the next event, 48 bits;
                           * above them the pid in whose memory it lies; 0: of
                           * the process of the event */
    /* The host's pipes, for --run: byte streams, not a terminal. */
    LENS_OUT = 0x20,  /* write: one byte to the host's standard output */
    LENS_ERR = 0x28,  /* write: one byte to the host's standard error */
    LENS_IN = 0x30,   /* read: next byte of standard input, LENS_EOF at end.
                       * The machine waits until there is a byte, or returns
                       * LENS_LATER: read again */
    LENS_RUN = 0x38,  /* read: next byte of --run's command, LENS_EOF at end;
                       * LENS_EOF at once when there is no --run */
    LENS_EXIT = 0x40, /* write: power off, exit status = low 8 bits */
    LENS_WANT = 0x48, /* write 1: a program sleeps in a read of the console
                       * (only then is input from a file or pipe delivered);
                       * the machine clears it */
    LENS_BOOT = 0x50, /* write: frames taken during start-up (lens_boot) */
};
#define LENS_MAGIC_VALUE 0x31736e656c6b6c63ul /* "clklens1" */
#define LENS_EOF         0xfffffffffffffffful
#define LENS_LATER       0xfffffffffffffffeul

/* An event: pfn 28 | from 4 | to 4 | reason 8 | actor 4 | pid 16 bits, from
 * the low end. pfn counts frames from the start of RAM. */
#define LENS_NO_PFN 0xfffffffu
static inline uint64_t lens_event(uint32_t pfn, enum frame_state from,
                                  enum frame_state to, enum reason reason,
                                  enum actor actor, uint32_t pid)
{
    return (uint64_t)(pfn & 0xfffffffu) | (uint64_t)(from & 15u) << 28 |
           (uint64_t)(to & 15u) << 32 | (uint64_t)(reason & 255u) << 36 |
           (uint64_t)(actor & 15u) << 44 | (uint64_t)(pid & 0xffffu) << 48;
}

/* During start-up n free frames from pfn on went to `state`: pfn 28 | state 4 |
 * n 28 bits. Stands for n events with reason BOOT, one a frame. */
static inline uint64_t lens_boot(uint64_t pfn, enum frame_state state,
                                 uint64_t n)
{
    return (pfn & 0xfffffffu) | (uint64_t)(state & 15u) << 28 |
           (n & 0xfffffffu) << 32;
}

/* One frame. The kernel's struct page begins with (or is) struct lens_frame. */
#define FRAME_F_IO       0x01 /* under I/O */
#define FRAME_F_DIRTY    0x02
#define FRAME_F_LOCKED   0x04 /* mlocked */
#define FRAME_F_INACTIVE 0x08
#define FRAME_F_ACTIVE   0x10
#define FRAME_F_REF      0x20 /* referenced, as the kernel believes */
#define FRAME_F_CACHED   0x40 /* free, but its page can still be found */
#define FRAME_F_INSN     0x80 /* an instruction that faulted still needs it */
/* A value of `order`: `index` frames from this one on have been free since
 * start-up, in blocks of the biggest order; all rows but this one are zeros. */
#define FRAME_DEFERRED 255
#define LENS_MAX_ORDER 10 /* biggest free block: 2^10 frames, 4 MiB */
struct lens_frame {
    uint8_t state; /* enum frame_state */
    uint8_t flags; /* FRAME_F_* */
    uint8_t order; /* FREE: 1 + the order of the free block that starts here,
                    * or FRAME_DEFERRED; 0: no block starts here */
    uint8_t spare;
    int32_t refs;    /* user PTEs that map it; the zero frame has refs, too */
    uint32_t owner;  /* pid that it was given to last; 0: kernel, file page */
    uint32_t pins;   /* other holders: I/O, calls under way, the kernel */
    uint64_t object; /* file page: inode; shared memory: from 2^32; else 0 */
    uint64_t index;  /* page offset in the file, or virtual page number; or a
                      * number of frames (FRAME_DEFERRED) */
};

/* One mapping (vma) of an address space. next and name are kernel virtual
 * addresses in the direct map, 0 at the end. */
#define VMA_R      1u
#define VMA_W      2u
#define VMA_X      4u
#define VMA_SHARED 8u
#define VMA_STACK  16u
#define VMA_HEAP   32u
#define VMA_FILE   64u
#define VMA_DEVICE 128u /* physical addresses from `offset` on, not frames */
/* This PTE bit, which Sv39 leaves to software, marks a page of a device. */
#define LENS_PTE_DEVICE 0x100u
/* The device number of the n-th disk by address; plus k: its partition k. */
#define LENS_DEV_DISK(n) (254u << 20 | (n) << 4)
struct lens_vma {
    uint64_t next;
    uint64_t start, end; /* bytes, page aligned, end exclusive */
    uint32_t flags;      /* VMA_* */
    uint32_t dev; /* of the file: major << 20 | minor; LENS_DEV_DISK: a disk */
    uint64_t inode;
    uint64_t offset; /* bytes into the file */
    uint64_t name;   /* path, a NUL-terminated string, or 0 */
    uint64_t home;   /* frame.index of an anonymous page at its start: the page
                      * number of the address where the mapping was made, which
                      * mremap does not change */
};

/* One slot of the process table. */
enum proc_state {
    PS_UNUSED,
    PS_RUNNING,  /* on the hart */
    PS_READY,    /* R, waiting for the hart */
    PS_SLEEPING, /* S */
    PS_DISK,     /* D, waiting for I/O */
    PS_STOPPED,  /* T */
    PS_ZOMBIE    /* Z */
};
struct lens_proc { /* a task: a process, or a thread of one */
    uint32_t pid, ppid;
    uint32_t tgid;  /* the process's pid; a thread has a pid of its own */
    uint32_t moved; /* mremap has moved a mapping: `home` tells which */
    uint32_t state; /* enum proc_state */
    uint32_t asid;
    uint64_t satp; /* as written to the CSR; 0 for a kernel thread */
    uint64_t vmas; /* first struct lens_vma (direct map), 0 if none; vmas, rss
                    * and vsize are 0 for a thread: its process has them */
    uint64_t min_flt, maj_flt, ill_flt; /* process: of all its threads */
    uint64_t rss;                       /* frames mapped */
    uint64_t vsize;                     /* bytes */
    char name[16];
};

/* The kernel fills struct lens_info at start-up (only `busy` changes later) and
 * tells its address by LENS_OPEN. All *_pa are physical addresses. */
#define LENS_VERSION 8u
#define LENS_GAUGES  20
/* A number that the policy publishes, for example a threshold in frames. */
struct lens_gauge {
    char name[16];     /* "" ends the list */
    uint64_t value_pa; /* uint64_t */
};
struct lens_info {
    uint32_t version;       /* LENS_VERSION */
    volatile uint32_t busy; /* != 0: tables are being changed, audits wait */
    uint64_t ram_base;      /* physical address of frame 0 */
    uint64_t frames_pa;     /* array of frames, frame_stride bytes each */
    uint64_t frame_stride;
    uint64_t nframes;
    uint64_t procs_pa; /* array of struct lens_proc, proc_stride each */
    uint64_t proc_stride;
    uint64_t nprocs;
    uint64_t counters_pa; /* array of uint64_t, by enum counter */
    uint64_t ncounters;
    uint64_t direct_va;   /* virtual = physical + direct_va */
    uint64_t current_pa;  /* uint32_t[2]: tgid and pid of the task on the hart;
                           * 0 and 0 when idle */
    uint64_t free_pa;     /* uint64_t: free frames now */
    uint64_t zero_pfn;    /* the shared zero frame, from ram_base */
    uint64_t kernel_satp; /* the kernel's own page table */
    char policy[16];      /* name of the VM policy in force */
    uint64_t hands_pa;    /* uint64_t[2]: the frames under the policy's hands,
                           * >= nframes for none; hands_pa 0: no hands */
    uint64_t swap_total_pa, swap_used_pa;  /* uint64_t: slots; 0: no swap */
    struct lens_gauge gauges[LENS_GAUGES]; /* min, low, high, ... */
    uint64_t notions; /* 1 << enum notion: the mechanisms of the policy */
};

/* One row of the kernel's table `areas` (vm/swap.c), a symbol of kernel.elf. An
 * entry of the map counts a slot's users (PTEs, shared memory ...) beside
 * LENS_SLOT_CACHED and a bit that says that the page is in its object. */
#define LENS_SLOT_CACHED 0x8000u /* in the swap cache */
struct lens_swap_area {
    uint64_t dev; /* 0: a row that is not in use */
    uint32_t pages, used;
    uint64_t map_va;     /* array of virtual addresses of pieces, 4 KiB each, of
                          * uint16_t by page */
    uint64_t private[4]; /* the kernel's own */
};

/* One row of section .tunables of kernel.elf, from __tunables_start to
 * __tunables_end. The machine changes `value` before the first instruction
 * (--set) or while the kernel runs (the monitor's `set`). */
struct lens_tunable {
    char name[40]; /* NUL-terminated, like the other texts */
    int64_t value, preset, min, max;
    char unit[16];
    char origin[96];
};

/* One row of section .policies, from __policies_start to __policies_end: a
 * policy that --policy may choose. */
struct lens_policy {
    char name[16];
    char line[80];
};
