/* SPDX-License-Identifier: MIT */
/* Which page goes when memory is short: the seam between mechanism (vm/) and
 * decision (policy/, one file a system). A policy sees frames as numbers and
 * nothing but this header, so that it also runs in a simulator.
 *
 *     vm/reclaim.c                          policy/NAME.c
 *       needs n frames ----- victim() -------> where is the hand? used since?
 *                      <---- a frame --------- not that one, not that one...
 *       maps it out, writes it, frees it
 */
#ifndef VM_POLICY_H
#define VM_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define POLICY_NONE 0xffffffffu

/* What it has of what other policies lack (abi/notions.def), as bits: without
 * it, the counters that need it are shown as "-". */
enum policy_notion {
#define NOTION(id, word, sentence) POLICY_BIT_##id,
#include "abi/notions.def"
#undef NOTION
};
#define POLICY_HAS(id) (1u << POLICY_BIT_##id)

struct policy_ops {
    const char *name; /* as --policy names it */
    uint32_t notions; /* POLICY_HAS(SCANNER) | ... */
    /* Once, with the number of frames. */
    void (*init)(uint32_t nframes);
    /* A page came into the frame; it left it; read() or write() used it (a
     * use by a program shows in policy_used). NULL: it does not care. */
    void (*page_in)(uint32_t frame);
    void (*page_gone)(uint32_t frame);
    void (*page_touched)(uint32_t frame);
    /* The next page to go, POLICY_NONE when *budget frames were looked at;
     * counts *budget down by those it looked at. What it names and the
     * caller cannot take (policy_may_take says so beforehand) stays. */
    uint32_t (*victim)(uint64_t *budget);
    /* Before each run of the daemon. NULL: nothing to balance. */
    void (*balance)(void);
    /* Where the hands stand: frames, POLICY_NONE for one it has not. */
    void (*hands)(uint64_t hand[2]);
};

/* What mechanism gives a policy. */
bool policy_may_take(uint32_t frame);   /* holds a page that could leave now */
bool policy_used(uint32_t frame);       /* used since the mark was cleared */
bool policy_clear_used(uint32_t frame); /* the same, and clears the mark */
uint64_t policy_handspread(void);       /* tunable clock.handspread */

/* The table of policies; the first is the default. */
extern const struct policy_ops *const policies[];
extern const unsigned npolicies;

extern const struct policy_ops policy_clock, policy_twohand;

#endif
