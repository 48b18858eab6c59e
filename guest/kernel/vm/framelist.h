/* SPDX-License-Identifier: MIT */
/* Lists of frames for a policy: each frame is on one of POLICY_LISTS lists or
 * on none (list 0), and carries one word that belongs to the policy. Links are
 * frame numbers in one table, so that kernel and host share this file. */
#pragma once

#include "vm/policy.h"

struct frame_entry {
    uint32_t next, prev; /* POLICY_NONE at the ends */
    uint32_t data;       /* policy_data */
    uint8_t list;
    uint8_t known; /* the policy has been told of its page */
};

struct framelist {
    struct frame_entry *entry; /* by frame number */
    uint32_t first[POLICY_LISTS + 1], last[POLICY_LISTS + 1];
    uint64_t count[POLICY_LISTS + 1];
};

/* entries: one for each frame, all zero; the caller keeps owning them. */
void framelist_init(struct framelist *, struct frame_entry *entries);
/* => the frame is on no list, list is not 0 */
void framelist_add_head(struct framelist *, unsigned list, uint32_t frame);
void framelist_add_tail(struct framelist *, unsigned list, uint32_t frame);
/* Does nothing if the frame is on no list. */
void framelist_remove(struct framelist *, uint32_t frame);
/* Walks the links of one list. Returns its length, or ~0 if a link or a frame's
 * list number is wrong. limit: number of frames that exist. */
uint64_t framelist_check(const struct framelist *, unsigned list,
                         uint64_t limit);

/* The lists of the policy in force. The kernel, vmsim and the replay of a
 * record share the functions that read them (framelist.c: policy_data to
 * policy_count); each has its own functions that change them. */
extern struct framelist policy_lists;
