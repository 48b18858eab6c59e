/* SPDX-License-Identifier: MIT */
/* The only door between the machine and its faces (monitor, gdb, panel,
 * --stats): functions that answer questions in plain structs. Asking changes
 * nothing. README.md says which file answers which question. */
#pragma once

#include "base/word.h"
#include "machine/machine.h"
#include "source/source.h"

/* ---- words -------------------------------------------------------------- */
struct ins_state_word {
    const char *word, *sentence;
    char glyph;
    u32 colour;
};
struct ins_reason_word {
    const char *word, *kind, *sentence;
};
struct ins_term {
    const char *word, *sentence;
};
struct ins_counter_word {
    const char *name, *unit, *sentence;
    const char *events; /* the events that raise it (counters.def) */
    u8 notion;          /* enum notion: only policies with it count this */
};
extern const struct ins_state_word ins_states[FS_COUNT];
extern const struct ins_reason_word ins_reasons[R_COUNT];
extern const struct ins_counter_word ins_counters[C_COUNT];
extern const char *const ins_actors[ACTOR_COUNT];
extern const struct ins_term ins_terms[]; /* glossary.def */
extern const unsigned ins_nterms;

/* ---- the one table of numbers (outputs.c) ------------------------------- */
struct ins_output { /* a historical program (vmstat), or one of its reports */
    const char *system, *command, *sentence;
};
struct ins_column {
    enum output output;
    const char *name;
    enum column_kind kind;
    const char *source, *measures, *isnt; /* guest/abi/outputs.def */
};
struct ins_gauge_word {
    const char *name, *unit, *sentence;
    const char *moves; /* counters whose events move it */
    u8 notion;
};
extern const struct ins_output ins_outputs[OUT_COUNT];
extern const struct ins_column ins_columns[];
extern const unsigned ins_ncolumns;
extern const struct ins_gauge_word ins_gauges[G_COUNT];
extern const struct ins_term ins_notions[NOTION_COUNT];
/* Returns the kernel functions that raise the counter, found in the kernel's
 * source at build time; "": none. */
const char *inspect_raised(unsigned counter);
int inspect_counter_id(const char *name); /* -1: none */
int inspect_gauge_id(const char *name);   /* -1: none */
const char *inspect_column_unit(const struct ins_column *c);
/* Writes "vmstat.re": the command's first word and the column's name. */
void inspect_column_name(const struct ins_column *c, char *buf, size_t n);
/* Returns the first column that `word` names, or the next one after `after` if
 * that is not NULL; NULL: no more. Several programs may have a column of one
 * name; "SYSTEM." before it restricts the search to that system's programs. */
const struct ins_column *inspect_column(const char *word,
                                        const struct ins_column *after);
/* Moves *source to its next name; returns the name's length, 0 at the end. */
size_t inspect_source_next(const char **source);
bool inspect_source_has(const char *source, const char *name);

/* inspect_number reads one number; inspect_source adds up those that the first
 * word of a source names ("a+b-c"). INS_UNKNOWN: one of them cannot be read
 * from outside the kernel. INS_ABSENT: the policy in force has none of them. */
enum ins_known { INS_UNKNOWN, INS_ABSENT, INS_HERE };
enum ins_known inspect_number(struct machine *m, const char *name, size_t n,
                              s64 *value);
enum ins_known inspect_source(struct machine *m, const char *source,
                              s64 *value);

/* inspect_rules gives a counter's rules, and returns their number. An event
 * that matches one raises the counter; for exceptions see inspect_eventless. */
#define INS_RULES   8
#define INS_ANY     0xff
#define INS_NOTHING 0xfe /* an unknown word; a test reports it */
struct ins_rule {
    u8 from, to, reason;
    bool part; /* written ~: only some such events raise the counter */
};
unsigned inspect_rules(unsigned counter, struct ins_rule r[INS_RULES]);
/* Returns a sentence about exceptions: the counter rises without an event, or
 * some events that match its rules do not raise it; "": there are none. */
const char *inspect_eventless(unsigned counter);
bool inspect_rules_match(const struct ins_rule *r, unsigned n, bool frame,
                         u8 from, u8 to, u8 reason);

/* These return a word for any number, because the guest's tables may hold any
 * (words.c). */
const char *inspect_state_word(u32 state);
const char *inspect_reason_word(u32 reason);
const char *inspect_actor_word(u32 actor);
/* Returns the word for a disk_request's type: "read", "discard" ...; "other"
 * for a type that no disk knows. */
const char *inspect_request_word(u8 type);
const char *inspect_proc_state_word(u32 state); /* enum proc_state */
/* Returns the reasons that `catch WORD` stops at, as 1 << enum reason. word
 * names a group (ins_event_groups), else a reason, else a kind. 0: unknown. */
u64 inspect_reason_mask(const char *word);
/* Words that `catch` takes beside reasons and kinds. */
struct ins_event_group {
    const char *word, *sentence;
    u64 reasons;
};
extern const struct ins_event_group ins_event_groups[];
extern const unsigned ins_nevent_groups;
/* A meaning of a word: its sort (frame state, counter, level, term, event ...)
 * and a sentence. */
struct ins_meaning {
    const char *what, *sentence;
};
#define INS_MEANINGS 8
/* Gives all meanings of a word; the number of them, 0 if it is unknown. */
unsigned inspect_meanings(const char *word, struct ins_meaning m[INS_MEANINGS]);
/* Returns the first meaning's sentence, *what its sort; NULL: unknown word. */
const char *inspect_explain(const char *word, const char **what);
/* Returns the sentence about a number that the policy publishes (struct
 * ins_policy, gauge); NULL: there is none, as for a policy of one's own. */
const char *inspect_gauge_sentence(const char *policy, const char *name);

/* ---- tunables ----------------------------------------------------------- */
u64 inspect_tunables(struct machine *m); /* their number */
bool inspect_tunable_nth(struct machine *m, u64 i, struct lens_tunable *out);
/* Finds a tunable; *value_pa is its value's address (value_pa may be NULL). */
bool inspect_tunable(struct machine *m, const char *name,
                     struct lens_tunable *out, u64 *value_pa);
/* True if the policy of that name reads the tunable. sliders.c */
bool inspect_tunable_of(const char *policy, const char *name);

/* Returns the cycle now. While a walk is being stepped, adds the walk's cycles
 * so far, which hart.cycle gets only when the walk's instruction goes on. */
static inline u64 inspect_cycle(const struct machine *m)
{
    const struct walk *w = &m->mmu.walk;
    return machine_now(m) + (w->phase == WALK_IDLE ? 0 : w->cycles);
}

/* ---- the VM policy ------------------------------------------------------ */
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
/* False: no kernel's tables can be read. Hands are known only with a lens. */
bool inspect_policy(struct machine *m, struct ins_policy *out);
bool inspect_gauge(const struct ins_policy *p, const char *name, u64 *value);
const char *inspect_gauge_unit(const char *name); /* policy.c */
/* Gives the name (*mark) and the value of the threshold that the policy
 * computes from the tunable; false: there is none. */
bool inspect_tunable_sets(const struct ins_policy *p, const char *name,
                          const char **mark, u64 *now);
/* The thresholds for free frames, from the lowest. */
enum ins_level { LEVEL_MIN, LEVEL_LOW, LEVEL_HIGH, INS_LEVELS };
extern const char *const ins_levels[INS_LEVELS];
void inspect_levels(const struct ins_policy *p, u64 level[INS_LEVELS]);

/* ---- the kernel that answers (unmodified.c) ---- */
/* True if the kernel's tables can be read: it has opened the lens, or it is an
 * unmodified kernel whose structures are known (Linux 6.12, xv6). */
bool inspect_tables_known(struct machine *m);
/* Returns why the kernel's tables cannot be read, as a sentence; "": they can,
 * or no kernel was looked for. */
const char *inspect_tables_why_not(struct machine *m);
/* Facts of a frame under an unmodified kernel; with a lens all are 0. */
struct ins_unmodified {
    bool known;
    bool flagged;  /* has flags and a generation: Linux's */
    u8 kind;       /* enum linux_kind, or xv6_kind */
    u8 generation; /* of MGLRU, 1 the youngest; 0: none */
    u64 flags;     /* as /proc/kpageflags */
};

/* Writes a frame's kind, flags and generation: "slab dentry: compound_head
 * slab"; "" under a kernel with a lens. */
void inspect_unmodified_words(struct machine *m, u64 pfn,
                              const struct ins_unmodified *f, char *buf,
                              size_t n);

/* Returns the prefix of an unmodified kernel's numbers: "linux" or "xv6". */
const char *inspect_unmodified_name(struct machine *m);
/* Returns the name of an unmodified kernel's i-th number (of /proc/vmstat, or
 * xv6's); NULL: no more. *known: false if RAM does not give it. */
const char *inspect_unmodified_counter(struct machine *m, unsigned i,
                                       u64 *value, bool *known);

/* ---- frames ------------------------------------------------------------- */
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
bool inspect_frame(struct machine *m, u64 pfn, struct ins_frame *out);
/* True if the frame was used, and its last use's epoch ended by `cycle`. */
bool inspect_unused_since(struct machine *m, u64 pfn, u64 cycle);
u64 inspect_frames_by_state(struct machine *m, u64 count[FS_COUNT]);

/* ---- frames by their marks (frame_marks.c) ------------------------------- */
enum mark_id {
#define MARK(id, word, states, flags, shown, sentence) MARK_##id,
#include "inspect/words/marks.def"
    MARK_COUNT
};
struct ins_mark_word {
    const char *word, *sentence;
    u32 states; /* 1 << enum frame_state */
    u8 flags;   /* FRAME_F_* */
    bool shown;
};
extern const struct ins_mark_word ins_marks[MARK_COUNT];
struct ins_row { /* a frame's data in the kernel's tables and page tables */
    u32 pfn;
    u8 state, flags;
    bool of_pid; /* the process given to inspect_rows maps or owns it */
    s32 refs;
    u32 pins, owner, marks; /* 1 << enum mark_id */
    u32 nptes, pid;         /* PTEs of processes; the pid of the first */
    u64 va, pte; /* the va that the first PTE maps; all PTEs' A and D, ORed */
    u64 object, index;
    struct ins_unmodified unmodified;
};
struct ins_rows {
    u64 n;
    u64 rss, mapped; /* the process's RSS, in PTEs; its frames, each once */
    u32 pid;
    struct ins_row *row;
};
/* False: no kernel's tables can be read. Else the caller calls
 * inspect_rows_free. */
bool inspect_rows(struct machine *m, u32 pid, struct ins_rows *out);
void inspect_rows_free(struct ins_rows *r);
/* Returns the row of one frame; of_pid, pid and va are not set. */
struct ins_row inspect_frame_row(const struct ins_frame *f);
/* Writes the marks that say more than the state: "dirty (D), referenced". */
void inspect_row_marks(const struct ins_row *r, char *buf, size_t n);
struct ins_condition { /* a word that selects frames */
    const char *word, *sentence;
    /* Bit sets. A frame satisfies the word if it matches a bit of any set. */
    u32 states, mark;
    u32 kinds;        /* of ins_unmodified.kind */
    u64 kernel_flags; /* of ins_unmodified.flags */
};
bool inspect_condition(const char *word, struct ins_condition *c);
/* As inspect_condition, for an unmodified kernel's kinds and flags (slab). */
bool inspect_unmodified_condition(struct machine *m, const char *word,
                                  struct ins_condition *c);
/* Gives an unmodified kernel's words for kinds of frames (constant strings) and
 * returns their number. 0: the kernel has a lens or is unknown. */
#define INS_UNMODIFIED_KINDS 16
unsigned inspect_unmodified_kinds(struct machine *m,
                                  const char *words[INS_UNMODIFIED_KINDS]);
bool inspect_row_is(const struct ins_row *r, const struct ins_condition *c);
/* Returns the usual word for a synonym ("locked" for "mlocked"), else word. */
const char *inspect_meant(const char *word);

/* ---- the names of files (file_names.c) ----------------------------------- */
struct ins_paths;
struct ins_paths *inspect_paths_open(struct machine *m);
void inspect_paths_close(struct ins_paths *p);
/* Finds the path of the file of which frame pfn holds a page; `state` and
 * `inode` (lens_frame.object) are the frame's. Of several paths it gives the
 * one that it meets first, reading directories from / on. Under Linux it gives
 * the path by the dentry. False: not known for sure, or longer than buf. */
bool inspect_path(struct ins_paths *p, u64 pfn, u8 state, u64 inode, char *buf,
                  size_t n);

/* ---- processes and mappings --------------------------------------------- */
struct ins_proc {
    u32 pid, ppid, state, asid;
    u32 tgid;    /* of a thread: its process's pid; else its own */
    u32 threads; /* without the first; set by inspect_procs and in displays */
    u64 satp, min_flt, maj_flt, ill_flt, rss, vsize;
    char name[17];
    bool current;
};
/* Lists processes; faults include those of threads (Linux: of ended ones). */
unsigned inspect_procs(struct machine *m, struct ins_proc *out, unsigned max);
/* Lists the threads of a process except the first, whose number is the pid.
 * Their rss and vsize are 0, because the memory is the process's. */
unsigned inspect_threads(struct machine *m, u32 pid, struct ins_proc *out,
                         unsigned max);
bool inspect_proc(struct machine *m, u32 pid, struct ins_proc *out);
/* Returns a thread's process, or id itself if it is no thread's. */
u32 inspect_process_of(struct machine *m, u32 id);
struct ins_vma {
    u64 start, end, offset, inode;
    u32 disk;                   /* of the inode; ~0: none (Linux, xv6: 0) */
    u32 flags;                  /* VMA_* */
    u64 resident, anon, shared; /* pages, by walking the page table */
    char name[64];
};
unsigned inspect_vmas(struct machine *m, u32 pid, struct ins_vma *out,
                      unsigned max);
/* Finds the mapping that holds va; does not set resident, anon, shared. */
bool inspect_vma_at(struct machine *m, u32 pid, u64 va, struct ins_vma *out);
/* Lists all mappings; does not set resident, anon, shared. */
unsigned inspect_vma_rows(struct machine *m, u32 pid, struct ins_vma *out,
                          unsigned max);

/* ---- walks -------------------------------------------------------------- */
/* Translates va as the hart would now, without checking rights, for the monitor
 * and gdb. In Bare or M-mode (MPRV clear) pa is va. False: no translation. */
bool inspect_va_to_pa(struct machine *m, u64 va, u64 *pa);
/* Reads n bytes at va, page by page. False: a page is missing or is not RAM. */
bool inspect_read_va(struct machine *m, u64 va, void *p, size_t n);
/* inspect_leaves calls fn for each leaf of the hart's page table (pid 0) or of
 * a process's, in order of address. False: Bare, no process, cyclic tables. */
struct ins_leaf {
    u64 va, pa, pte_pa, pte;
    unsigned level; /* 0: 4 KiB, 1: 2 MiB, 2: 1 GiB */
};
bool inspect_leaves(struct machine *m, u32 pid,
                    void (*fn)(void *, const struct ins_leaf *), void *opaque);

/* Walks va through the hart's page table (pid 0) or a process's. False: Bare,
 * or no such process. out->steps hold level, PTE address, PTE; *pa 0: fault. */
bool inspect_walk(struct machine *m, u64 va, u32 pid, enum access access,
                  struct walk *out, u64 *pa);

/* Returns the slot that the process's PTE for va names; INS_NO_SLOT: none. */
u32 inspect_page_slot(struct machine *m, u32 pid, u64 va);
/* Gives the frame that the process's PTE for va maps, whatever use the PTE
 * allows. False: none, or no RAM. */
bool inspect_page_frame(struct machine *m, u32 pid, u64 va, u32 *pfn);
/* Returns the slot that an invalid PTE names, or INS_NO_SLOT. unmodified.c */
u32 inspect_pte_slot(struct machine *m, u64 pte);

/* A process's page that is in swap, by the guest kernel's PTE. */
struct ins_out {
    u32 pid;
    u64 va, slot;
};
void inspect_swapped(struct machine *m,
                     void (*fn)(void *, const struct ins_out *), void *opaque);
/* True if the frame's page has a slot in swap that a process's PTE names. */
bool inspect_slot_named(struct machine *m, u64 pfn);

/* ---- audit -------------------------------------------------------------- */
struct ins_audit {
    bool ran;    /* false: no lens, or the kernel is changing its tables */
    u64 checked; /* frames */
    u64 errors;
    char first[160]; /* the first disagreement in words; "" if none */
};
/* Compares each frame's reference count with the PTEs of all processes, and its
 * state in the frame table with the state that the events alone give. Also
 * checks the counts of frames, and the states of page tables' frames. */
void inspect_audit(struct machine *m, struct ins_audit *out);

/* ---- events ------------------------------------------------------------- */
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
/* Returns why reclaim left the frame of an R_KEPT in memory: "locked", and a
 * sentence. NULL: another reason's event, or the kernel gave no cause. */
const char *inspect_kept(const struct ins_event *e, const char **sentence);
/* True for a fault that the kernel counted but could not serve, because no
 * frame was free. */
bool inspect_fault_failed(const struct ins_event *e);
/* True if Linux's compaction moved a page to the event's frame: R_COLLAPSE. */
bool inspect_moved(const struct ins_event *e);
/* True if a fault on another page of the file mapped the event's: it is not
 * used yet. */
bool inspect_mapped_around(const struct ins_event *e);
/* True if an R_COW_COPY copied a page of a file (or of a tmpfs), which a
 * private mapping copies whoever else has it, and not a shared page. In our
 * kernel the entry of a shared one still maps it; Linux copies one out of swap,
 * too. */
bool inspect_copied_file(const struct ins_event *e);
/* Returns the frame that this event's frame was copied from; 0: none. */
u32 inspect_copied_from(const struct ins_event *e);
/* Returns the event's word: "kept-CAUSE", "fault-no-frame", "moved" or its
 * reason's. */
const char *inspect_event_word(const struct ins_event *e);
/* Returns the sentence about the event's reason; for R_KEPT, about the cause;
 * for a failed fault, a sentence saying that no frame was free. */
const char *inspect_event_sentence(const struct ins_event *e);
/* Writes " of NAME (pid N)" for a frame that its owner has to itself, else
 * ", once given to NAME (pid N)": if several processes share the frame or its
 * slot in swap, or the first has ended, the present owner is not known. "" if
 * the owner is the event's process. now: the event has just happened, so that
 * the owner's page table shows whether it has the slot. Returns buf. */
const char *inspect_owner(struct machine *m, const struct ins_event *e,
                          bool now, char *buf, size_t n);
/* Collects the kernel's events; the caller owns the result. Events are saved
 * and loaded with the machine, so that a loaded machine has only its own past.
 * The file `csv` (NULL: none) gets this run's events in the order of their
 * arrival; the program ends if the file cannot be opened. */
struct ins_events;
struct ins_events *inspect_events_open(struct machine *m, const char *csv);
/* False: not all of the CSV could be written. */
bool inspect_events_close(struct ins_events *e);
/* Lists a frame's events, or all events (pfn LENS_NO_PFN), the latest first. */
unsigned inspect_events_recent(struct ins_events *e, u32 pfn,
                               struct ins_event *out, unsigned max);
/* Lists all of the frame's events that are still kept, the latest first, in
 * memory that the caller frees. */
unsigned inspect_events_known(struct ins_events *e, u32 pfn,
                              struct ins_event **out);
/* Returns the cycle at which the frame last left FS_FREE; 0: no such event. */
u64 inspect_events_taken(const struct ins_events *e, u32 pfn);

/* Calls fn for each event as it arrives, until inspect_events_unfollow with the
 * same opaque. */
#define INS_FOLLOWERS 5
void inspect_events_follow(struct ins_events *e,
                           void (*fn)(void *, const struct ins_event *),
                           void *opaque);
void inspect_events_unfollow(struct ins_events *e, const void *opaque);
/* For a load that failed half-way: forgets old events and loaded ones. */
void inspect_events_forget(struct ins_events *e);
/* Returns the number of events so far; flushes the CSV. */
u64 inspect_events_count(struct ins_events *e);
/* Writes a CSV row: `how` the machine went to another time (branch ...). */
void inspect_events_went(struct ins_events *e, const char *how);
/* Returns the number of a frame's events, including those no longer kept. */
u32 inspect_events_of_frame(const struct ins_events *e, u32 pfn);
/* Gives the number of events of each reason since the machine began. */
void inspect_events_tally(const struct ins_events *e, u32 tally[R_COUNT]);
/* Returns how many events match the rules (inspect_rules) since the machine's
 * last reset, when the kernel's counters begin anew. */
u64 inspect_events_total(const struct ins_events *e, const struct ins_rule *r,
                         unsigned n);
/* Returns how many events of that reason, since the reset, found their frame in
 * the state `from` and left it in `to`, which may be the same. */
u64 inspect_events_moved(const struct ins_events *e, u8 from, u8 to, u8 reason);
/* inspect_events_first returns the number of the first event since the reset,
 * inspect_events_before the counter's value at that event. */
u64 inspect_events_before(const struct ins_events *e, unsigned counter);
u64 inspect_events_first(const struct ins_events *e);
/* Calls fn for each event that is still kept, newest first, until fn returns
 * false. Returns how often fn returned true. */
u64 inspect_events_each(const struct ins_events *e,
                        bool (*fn)(void *, const struct ins_event *),
                        void *opaque);
struct ins_event inspect_event_of(const struct lens_record *r);

/* Reports events of an unmodified Linux, by probes at its functions
 * (emu/linux). While the machine runs, RAM is searched for such a kernel; once
 * found, its events go to `events`. Takes the engine's hook for probes. */
struct ins_probes;
struct ins_probes *inspect_probes_open(struct machine *m,
                                       struct ins_events *events);
void inspect_probes_close(struct ins_probes *p); /* p or NULL */
/* After a load: forgets calls that had not returned; searches all RAM anew. */
void inspect_probes_forget(struct ins_probes *p);
/* Returns the cycle since which probes are in place; 0: none are. p or NULL */
u64 inspect_probes_since(const struct ins_probes *p);
bool inspect_probed(const struct machine *m); /* probes are in place */
/* Writes the i-th sentence about the probes; false: there are no more. */
bool inspect_probes_words(const struct ins_probes *p, unsigned i, char *buf,
                          size_t n);

/* ---- traces ------------------------------------------------------------- */
/* Writes a Perfetto trace from now on. It shows the thread on the hart, page
 * faults as slices from the trap to the return, every kernel event with its
 * reason on the track of its thread, disk requests, marks, and levels and
 * counters every 1 ms; flows join causes and effects. Times are simulated ns
 * and never run backwards: after the machine has gone back, nothing is written
 * until it has passed the latest packet. One at a time; "-": stdout. */
struct ins_trace;
struct ins_trace *inspect_trace_open(struct machine *m, struct ins_events *e,
                                     const char *path);
void inspect_trace_mark(struct ins_trace *t, const char *name); /* t or NULL */
/* Ends the open slices. False: not all of the trace could be written. */
bool inspect_trace_close(struct ins_trace *t);

/* Writes levels and counters as CSV: a row every `every` cycles, and one at the
 * end; "-": to standard output. While the machine repeats its past, writes
 * nothing. One log at a time. */
struct ins_counter_log;
struct ins_counter_log *inspect_counter_log_open(struct machine *m,
                                                 const char *path, u64 every);
/* False: not all of it could be written. */
bool inspect_counter_log_close(struct ins_counter_log *l);
/* Call when the machine went to another time: writes a row for that moment,
 * and further rows from there on. */
void inspect_counter_log_went(struct ins_counter_log *l);

/* ---- input for simulators ------------------------------------------------ */
/* Writes the file of --refs (guest/abi/refs.h); "-": to standard output. One at
 * a time: it takes the engine's hooks for touches and probes. */
struct ins_refs;
struct ins_refs *inspect_refs_open(struct machine *m, struct ins_events *e,
                                   const char *path);
/* False and errno: not all of it could be written. */
bool inspect_refs_close(struct ins_refs *r);

/* ---- output for test suites --------------------------------------------- */
/* Writes a line for each retired instruction, as Spike's --log-commits; "-": to
 * standard output. One log at a time: it takes the engine's commit hook. */
struct ins_commit_log;
struct ins_commit_log *inspect_commit_log_open(struct machine *m,
                                               const char *path);
/* False: not all of it could be written. */
bool inspect_commit_log_close(struct ins_commit_log *l);
/* inspect_signature_write writes the memory from begin_signature to
 * end_signature, `granularity` (1 or more) bytes a line; it complains if the
 * file cannot be written. inspect_signature_check ends the program if a symbol
 * is missing, end_signature comes first or the region is not in RAM. */
void inspect_signature_check(struct machine *m, const char *path);
void inspect_signature_write(struct machine *m, const char *path,
                             u64 granularity);

/* ---- symbols ------------------------------------------------------------ */
bool inspect_symbol(struct machine *m, const char *name, u64 *addr);
/* Writes "name" or "name+0x1c"; false: no symbol is known for addr. */
bool inspect_symbol_at(struct machine *m, u64 addr, char *buf, size_t n);
/* Returns the i-th symbol's name, for completion; NULL at the end. */
const char *inspect_symbol_name(struct machine *m, size_t i);

/* ---- source level (source.c; emu/source) -------------------------------- */
/* Opens the debug information of the kernel or bare ELF and of the guest's
 * programs. It is read when it is first asked for. */
struct ins_sources;
struct ins_sources *inspect_sources_open(struct machine *m);
void inspect_sources_close(struct ins_sources *s);
/* The kernel, the bare ELF, or a program that a process executes. */
struct ins_code {
    struct source *source; /* NULL: no debug information */
    u64 bias;              /* address = the ELF's address + bias */
    bool user;             /* a process executes it */
    bool moves;            /* each process may map it elsewhere */
};
/* Finds the program in which va lies, as the hart translates now; false: no
 * program is known there. */
bool inspect_code_at(struct ins_sources *s, u64 va, struct ins_code *out);
/* Returns the debug information of the kernel or bare ELF; NULL: none. */
struct source *inspect_main_source(struct ins_sources *s);
/* Writes "name+0x1c", by symbols of the kernel or of the process's program. */
bool inspect_name_at(struct ins_sources *s, u64 va, char *buf, size_t n);
struct source_memory inspect_memory(struct ins_sources *s);
/* A call that has not returned; an inlined call counts as one. The next call in
 * the list is its caller. */
struct ins_call {
    u64 pc;
    bool inlined;
    bool trap;      /* a trap handler: the next call is the interrupted code */
    char where[80]; /* "name+0x1c"; "": not known */
    const char *function, *file; /* by DWARF; NULL: not known */
    unsigned line;
};
/* Lists the hart's calls, innermost first, at most max. */
unsigned inspect_calls(struct ins_sources *s, struct ins_call *out,
                       unsigned max);

/* Finds the addresses of FILE:LINE (source_places) in the first program that
 * has the line; returns their number. Programs are tried in this order: the
 * kernel or bare ELF; those that the process on the hart has mapped; those that
 * other processes have mapped; those whose symbols lie beside the kernel (the
 * addresses are then those of the ELF file). */
unsigned inspect_places(struct ins_sources *s, const char *file, unsigned line,
                        u64 va[SOURCE_PLACES], struct source_row *row,
                        struct ins_code *code);
/* Gives the bias at which the hart's process maps the program; false: none. */
bool inspect_program_bias(struct ins_sources *s, const struct source *program,
                          u64 *bias);
/* Returns the host's file with the symbols of the program that the process on
 * the hart executes, and that program's bias; NULL: none. */
const char *inspect_program_file(struct ins_sources *s, u64 *bias);
/* Finds the addresses of FILE:LINE in one program, as source_lines does. */
unsigned inspect_lines(const struct ins_code *code, const char *file,
                       unsigned line, u64 va[SOURCE_PLACES]);
/* These find a function or a source file in the programs of inspect_places. */
bool inspect_function(struct ins_sources *s, const char *name,
                      struct source_function *out, struct ins_code *code);
const char *inspect_source_file(struct ins_sources *s, const char *name,
                                struct ins_code *code);

/* Lists the hart's pc, then its callers' pcs as far as they are found, at most
 * max in all. Returns their number. */
unsigned inspect_backtrace(struct ins_sources *s, u64 *pc, unsigned max);
/* As inspect_backtrace, for the kernel at pc `at` with registers x. */
unsigned inspect_backtrace_from(struct ins_sources *s, const u64 x[32], u64 at,
                                u64 *pc, unsigned max);

/* ---- counters and statistics -------------------------------------------- */
/* Finds a number by its name: a kernel counter (pgfault), vm.free, vm.frames,
 * vm.STATE (vm.file_clean), the policy's (vm.low, vm.swap_used, vm.hand0), an
 * unmodified kernel's (xv6.free), or an integer of --stats (tlb.dtlb.misses,
 * disks.0.reads), except those of "belief". False: no such number now. */
bool inspect_counter(struct machine *m, const char *name, u64 *value);
/* Calls fn with every name that inspect_counter knows. */
void inspect_counter_names(struct machine *m,
                           void (*fn)(void *, const char *name, u64 value),
                           void *opaque);
/* Counts free buddy blocks by order. False: no kernel's tables are known. */
#define INS_ORDERS 16
bool inspect_buddy(struct machine *m, u64 blocks[INS_ORDERS]);
/* Makes the JSON object of --stats; the caller frees *text. It has the member
 * "belief" if truth is not NULL. */
struct ins_truth;
void inspect_stats_json(struct machine *m, const struct ins_truth *truth,
                        double host_seconds, double startup_seconds,
                        char **text);

/* ---- profile ------------------------------------------------------------ */
#define INS_CAUSES 9 /* of struct cycles_by, in its order */
extern const char *const ins_causes[INS_CAUSES];
/* Charges every cycle from now on to one function, cause and call stack. Each
 * sample, taken every `every` cycles in which the hart is not asleep, charges
 * the cycles since the last one to the stack that it finds. every 0: samples
 * after each instruction, as slow as --commit-log, whose hook it takes. The sum
 * is exact; the machine is not affected. One profile at a time. */
struct ins_profile;
struct ins_profile *inspect_profile_open(struct machine *m, u64 every);
void inspect_profile_close(struct ins_profile *p);
/* For history_also: makes the profile in *slot (NULL: none) go back with the
 * machine. Before the cycle at which it began, the profile is empty. */
void inspect_profile_past(void *slot, struct state *s);
/* Begins the profile anew, after a saved machine was loaded. */
void inspect_profile_restart(struct ins_profile *p);
struct ins_profile_facts {
    u64 every, samples;
    u64 began; /* the cycle */
};
struct ins_profile_facts inspect_profile_facts(const struct ins_profile *p);
/* Lists the functions that have cycles of their own, those with most first;
 * `total` includes functions that they called. User code is named by the
 * symbols of its file on the guest's disk, else FILE+OFFSET, rounded down to
 * 64 bytes. The caller frees *out; p owns the names. */
struct ins_function {
    const char *name;
    u64 by[INS_CAUSES], self, total;
};
unsigned inspect_profile_functions(struct ins_profile *p,
                                   struct ins_function **out);
/* Writes folded stacks, the input of flame graphs, a line for each stack:
 * `process;[kernel];f;g CYCLES`. False and errno: not all could be written. */
bool inspect_profile_folded(struct ins_profile *p, const char *path);

/* ---- a hart that gets no further (stuck.c) ------------------------------ */

/* Requires a hart in wfi and no future event (MS_HUNG). False: a key could wake
 * the hart. True: buf says why it never wakes. */
bool inspect_asleep_for_ever(struct machine *m, char *buf, size_t n);
/* True: the hart does nothing but trap, since the trap handler's first
 * instruction traps, too; buf then says where, and what the first trap was. */
bool inspect_trap_loop(const struct machine *m, char *buf, size_t n);
struct ins_progress {
    u64 pc, instret, traps;
};
struct ins_progress inspect_progress(const struct machine *m);
/* True if the hart is in a trap loop, or if it has stayed since `before` at a
 * jump to itself with interrupts off; buf then says why this never ends. */
bool inspect_no_progress(struct machine *m, const struct ins_progress *before,
                         char *buf, size_t n);
