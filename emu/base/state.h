/* SPDX-License-Identifier: MIT */
/* The one list of state.
 *
 * Each part of the machine has one function
 *
 *     void part_state(struct part *p, struct state *s);
 *
 * that names every field which can influence the future, in a fixed order.
 * The same function saves, loads and hashes: what it forgets is forgotten
 * everywhere, and a test that saves, loads and compares hashes finds it.
 *
 * Host accelerators (decoded blocks, software TLB, host pointers) are not
 * state; a part that owns some drops them when state_loading(s). */
#ifndef CLOCKHAND_STATE_H
#define CLOCKHAND_STATE_H

#include "base/base.h"

struct state;

/* Hash: everything visited goes into a 128-bit digest (XXH3).
 * hex must hold 33 bytes. */
struct state *state_hasher(void);
void state_hash_finish(struct state *s, char *hex);

/* Of the file's format: another one when a part's list changes. */
#define STATE_VERSION 6

/* Save: NULL and errno when the file cannot be created. The file appears with
 * the finish (base/whole.h), which returns false and errno when a write
 * failed. */
struct state *state_saver(const char *path);
bool state_save_finish(struct state *s);
/* The checksum anew of a saved file's n bytes, for tests that change some. */
void state_seal(void *file, size_t n);

/* Keep and back: the same list into memory and out of it again, for the
 * machine's own history. Large memories (state_pages, and whatever asks
 * state_aside) are left out: their owner keeps them page by page.
 * => what is kept is the caller's to free; the next keeper writes over it
 * => a loader from memory ends with state_load_finish */
struct state_kept {
    u8 *bytes;
    size_t n, room;
};
struct state *state_keeper(struct state_kept *k);
void state_keep_finish(struct state *s);
struct state *state_keep_loader(const u8 *bytes, size_t n);
/* Are large memories somebody else's business? */
bool state_aside(const struct state *s);

/* Load: NULL when it cannot be read. After the first mismatch (wrong version
 * or checksum, truncated file, wrong tag, value out of range) every visit
 * leaves its field alone and state_error says what was wrong; finish returns
 * false then. */
struct state *state_loader(const char *path);
bool state_load_finish(struct state *s);
const char *state_error(const struct state *s);

bool state_loading(const struct state *s);

/* A part's beginning; a load stops with an error where the tag differs. */
void state_tag(struct state *s, const char *tag);

void state_bytes(struct state *s, void *p, size_t n);

/* Words for people: in a file, not in the hash. */
void state_note(struct state *s, void *p, size_t n);

/* A large, mostly zero region (RAM, disk overlay): saved by non-zero 4 KiB
 * pages. n is a multiple of 4096. */
void state_pages(struct state *s, void *p, size_t n);

/* On load, marks the file as bad unless ok. For indexes and counts: check
 * every loaded value that is later used as one. */
void state_check(struct state *s, bool ok, const char *what);

/* A bool: a loaded byte that is neither 0 nor 1 marks the file as bad and
 * never becomes one. */
static inline void state_flag(struct state *s, bool *b)
{
    u8 v = *b;
    state_bytes(s, &v, 1);
    state_check(s, v <= 1, "a value that is neither true nor false");
    *b = v == 1;
}

/* Loading: how many bytes there still are. A count of things to come that says
 * more is no reason to ask the host for memory. ~0 otherwise. */
u64 state_left(const struct state *s);

#define state_val(s, lvalue) state_bytes((s), &(lvalue), sizeof(lvalue))

#endif
