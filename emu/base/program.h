/* SPDX-License-Identifier: MIT */
/* What lines of die() and complain() begin with: "clockhand", unless a tool's
 * main() says otherwise before anything else. */
#ifndef CLOCKHAND_PROGRAM_H
#define CLOCKHAND_PROGRAM_H

extern const char *program_name;

#endif
