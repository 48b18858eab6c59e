/* SPDX-License-Identifier: MIT */
/* Executes hart/semantics.def's words for the system: CSRs, returns, waiting,
 * fences. All but system_csr_read return the next record, as a handler does. */
#pragma once

#include "engine/exec.h"

/* A CSR instruction, and its results so far. */
struct csr_access {
    bool read, write;
    unsigned effects; /* enum hart_effect */
    u64 value;        /* the value read */
    u64 old;          /* the value that a write modifies */
};
/* False: the access is illegal, and nothing has changed. */
bool system_csr_read(struct engine *e, const struct rec *r,
                     struct csr_access *c);
const struct rec *system_csr_write(struct engine *e, const struct rec *r,
                                   struct csr_access *c, u64 value);
const struct rec *system_return(struct engine *e, const struct rec *r,
                                bool (*xret)(struct hart *));
const struct rec *system_wfi(struct engine *e, const struct rec *r);
const struct rec *system_wrs(struct engine *e, const struct rec *r,
                             enum wrs kind);
const struct rec *system_sfence(struct engine *e, const struct rec *r);
