/* SPDX-License-Identifier: MIT */
/* Saves, loads and hashes state.
 *
 * Each part of the machine has one function
 *
 *     void part_state(struct part *p, struct state *s);
 *
 * that names, in a fixed order, every field which can influence the future, and
 * the statistics. The same function saves, loads and hashes, so a forgotten
 * field is missing everywhere; a test that saves, loads and compares finds it.
 *
 * Host accelerators (decoded blocks, host TLB, host pointers) are not state; a
 * part that owns some drops them when state_loading(s). */
#pragma once

#include "base/base.h"

struct state;

/* Hashing: all visited bytes but state_note's go into a 128-bit digest (XXH3).
 * hex must hold 33 bytes. */
struct state *state_hasher(void);
void state_hash_finish(struct state *s, char *hex);

/* The file format's version. Change it when a part's list of fields changes, or
 * the order of exts.def's rows or of enum insn_class (saved as numbers). */
#define STATE_VERSION 11

/* Saving: NULL and errno if the file cannot be created. state_save_finish makes
 * the file appear (base/whole.h); false and errno: a write has failed. */
struct state *state_saver(const char *path);
bool state_save_finish(struct state *s);
/* Recomputes a saved file's checksum, for tests that change some of its bytes.
 */
void state_seal(void *file, size_t n);

/* Keeping and loading in memory, for going back in time. The same fields are
 * visited as for a file, except large memories (state_pages, and parts that ask
 * state_aside), which their owner keeps page by page.
 * => the caller frees what is kept; the next keeper overwrites it
 * => a loader from memory ends with state_load_finish */
struct state_kept {
    u8 *bytes;
    size_t n, room;
};
struct state *state_keeper(struct state_kept *k);
void state_keep_finish(struct state *s);
struct state *state_keep_loader(const u8 *bytes, size_t n);
/* True if large memories are kept elsewhere. */
bool state_aside(const struct state *s);

/* Loading: NULL if the file cannot be opened. After the first mismatch (wrong
 * version or checksum, truncated file, wrong tag, value out of range) every
 * visit leaves its field unchanged, state_error explains the mismatch, and
 * state_load_finish returns false. */
struct state *state_loader(const char *path);
bool state_load_finish(struct state *s);
const char *state_error(const struct state *s);

bool state_loading(const struct state *s);

/* Begins a part; a load stops with an error if the tag differs. */
void state_tag(struct state *s, const char *tag);

void state_bytes(struct state *s, void *p, size_t n);

/* Visits text for users: it is in a file, but not in the hash. */
void state_note(struct state *s, void *p, size_t n);

/* Visits a large, mostly zero region (RAM) by its non-zero 4 KiB pages. n is a
 * multiple of 4096. */
void state_pages(struct state *s, void *p, size_t n);

/* When loading, marks the file as bad unless ok. Every loaded value that is
 * later used as an index or a count must be checked. */
void state_check(struct state *s, bool ok, const char *what);

/* Visits a bool: a loaded byte above 1 marks the file as bad, and *b is
 * false. */
static inline void state_flag(struct state *s, bool *b)
{
    u8 v = *b;
    state_bytes(s, &v, 1);
    state_check(s, v <= 1, "a value that is neither true nor false");
    *b = v == 1;
}

/* Returns the number of bytes left to load; ~0 unless loading. Before
 * allocating room for a loaded count of items, check that it does not exceed
 * this. */
u64 state_left(const struct state *s);

#define state_val(s, lvalue) state_bytes((s), &(lvalue), sizeof(lvalue))
/* state_val for two to eight values, in this order. */
#define STATE_1(s, v)                           state_val(s, v)
#define STATE_2(s, v, ...)                      (state_val(s, v), STATE_1(s, __VA_ARGS__))
#define STATE_3(s, v, ...)                      (state_val(s, v), STATE_2(s, __VA_ARGS__))
#define STATE_4(s, v, ...)                      (state_val(s, v), STATE_3(s, __VA_ARGS__))
#define STATE_5(s, v, ...)                      (state_val(s, v), STATE_4(s, __VA_ARGS__))
#define STATE_6(s, v, ...)                      (state_val(s, v), STATE_5(s, __VA_ARGS__))
#define STATE_7(s, v, ...)                      (state_val(s, v), STATE_6(s, __VA_ARGS__))
#define STATE_8(s, v, ...)                      (state_val(s, v), STATE_7(s, __VA_ARGS__))
#define STATE_N(a, b, c, d, e, f, g, h, n, ...) n
#define state_vals(s, ...)                                                     \
    STATE_N(__VA_ARGS__, STATE_8, STATE_7, STATE_6, STATE_5, STATE_4, STATE_3, \
            STATE_2, )                                                         \
    (s, __VA_ARGS__)
