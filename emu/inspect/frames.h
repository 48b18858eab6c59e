/* SPDX-License-Identifier: MIT */
/* Frames: one, all with their marks, those to which words apply. */
#pragma once

#include "inspect/answers.h"

bool inspect_frame(struct machine *m, u64 pfn, struct ins_frame *out);
/* True if the frame was used, and its last use's epoch ended by `cycle`. */
bool inspect_unused_since(struct machine *m, u64 pfn, u64 cycle);
u64 inspect_frames_by_state(struct machine *m, u64 count[FS_COUNT]);
/* Counts free buddy blocks by order. False: no kernel's tables are known. */
bool inspect_buddy(struct machine *m, u64 blocks[INS_ORDERS]);

/* ---- frames by their marks (frame_marks.c) ---- */
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
unsigned inspect_unmodified_kinds(struct machine *m,
                                  const char *words[INS_UNMODIFIED_KINDS]);
bool inspect_row_is(const struct ins_row *r, const struct ins_condition *c);
/* Returns the usual word for a synonym ("locked" for "mlocked"), else word. */
const char *inspect_meant(const char *word);
/* The frames that inspect_light finds: those to which all of the words apply.
 * The caller frees `frame`. False: the words have no meaning; err says why. */
struct ins_lit {
    u8 *frame;          /* 1 where the words hold */
    u64 n;              /* the number of such frames */
    u32 slot;           /* the slot that the words name; INS_NO_SLOT: none */
    bool of_pid, alone; /* of_pid: they name process pid; alone: nothing else */
    u32 pid;
};
bool inspect_light(struct machine *m, const char *words, struct ins_lit *to,
                   char *err, size_t n);
/* Calls fn with the words for frames that every kernel has, but no synonyms. */
void inspect_frame_words(void (*fn)(void *, const char *), void *opaque);

/* ---- the names of files (file_names.c) ---- */
struct ins_paths;
struct ins_paths *inspect_paths_open(struct machine *m);
void inspect_paths_close(struct ins_paths *p);
/* Finds the path of the file of which frame pfn holds a page; `state` and
 * `inode` (lens_frame.object) are the frame's. Of several paths it gives the
 * one that it meets first, reading directories from / on. Under Linux it gives
 * the path by the dentry. False: not known for sure, or longer than buf. */
bool inspect_path(struct ins_paths *p, u64 pfn, u8 state, u64 inode, char *buf,
                  size_t n);
