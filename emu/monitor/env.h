/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: expressions over a machine. */
#ifndef CLOCKHAND_ENV_H
#define CLOCKHAND_ENV_H

#include "monitor/session.h"

void env_init(struct session *s);
/* A CSR's value without any effect; false: there is none of that number. */
bool env_csr(const struct machine *m, unsigned csr, u64 *value);

#endif
