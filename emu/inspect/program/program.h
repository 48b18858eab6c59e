/* SPDX-License-Identifier: MIT */
/* Internal to inspect/: a user program on a disk of the guest. */
#pragma once

#include "inspect/answers.h"
#include "dwarf/dwarf.h"

struct program;
/* Reads the program in the inode's file on a disk with ext2. Never NULL: if the
 * file cannot be read or has no symbols, program_symbol returns NULL. */
struct program *program_read(struct machine *m, unsigned disk, u64 inode);
void program_free(struct program *p);
/* Returns the function at a file offset, and the *distance from its start;
 * NULL: not known. */
const char *program_symbol(const struct program *p, u64 offset, u64 *distance);
/* Gives a file offset's address by the program headers; false: not loaded. */
bool program_address(const struct program *p, u64 offset, u64 *va);
/* Returns the name of the host's file with the symbols that the program lacks;
 * NULL: the program has its own symbols, or none are known. */
const char *program_beside(const struct program *p);
/* Opens the debug information; close it before program_free. NULL: none. */
struct source *program_source(struct program *p, struct machine *m);
/* Calls fn for each file in the folder `symbols` beside the kernel and in its
 * subfolders, sorted, until fn returns true. */
void programs_beside(const struct machine *m,
                     bool (*fn)(void *, const char *file), void *opaque);
