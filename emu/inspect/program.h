/* SPDX-License-Identifier: MIT */
/* Internal to inspect/: a user program as it is on the guest's first disk. */
#ifndef CLOCKHAND_PROGRAM_H
#define CLOCKHAND_PROGRAM_H

#include "inspect/inspect.h"

struct program;
/* Of an inode of the root file system (ext2). Never NULL: a file that cannot
 * be read, or without symbols, knows none. */
struct program *program_read(struct machine *m, u64 inode);
void program_free(struct program *p);
/* The function at an offset of the file; NULL: not known. */
const char *program_symbol(const struct program *p, u64 offset, u64 *distance);

#endif
