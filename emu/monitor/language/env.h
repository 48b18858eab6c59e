/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: expressions over a machine. */
#ifndef CLOCKHAND_ENV_H
#define CLOCKHAND_ENV_H

#include "monitor/session/session.h"

void env_init(struct session *s);

#endif
