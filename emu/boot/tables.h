/* SPDX-License-Identifier: MIT */
/* Reads the tables of tunables and policies in a kernel's image
 * (guest/abi/abi.h), each between two symbols. */
#pragma once

#include "abi.h"
#include "boot/elf.h"
#include "config/config.h"

struct boot_table {
    void *rows; /* a copy from the file, malloc'ed; NULL if n is 0 */
    u64 n;
    u64 pa; /* load address of the first row */
};
/* These return an empty table if the file has none, or is no ELF file. Texts
 * end with a NUL whatever the file contains. */
struct boot_table boot_tunables(const char *kernel);
struct boot_table boot_policies(const char *kernel);

/* For --set list, --policy list: print a line for each row, or die if none. */
void boot_tunables_list(const char *kernel);
void boot_policies_list(const char *kernel);
/* Returns the policy that a kernel uses by default (xstrdup; NULL: it has none,
 * or there is no kernel). */
const char *boot_policy_default(const char *kernel);
/* Returns the name of kernel's last policy (xstrdup) if `kernel` has more
 * policies than the kernel `without`; else NULL. */
const char *boot_policy_added(const char *kernel, const char *without);
/* Dies with one line if the kernel has no such policy. */
void boot_policy_check(const char *kernel, const char *name);

/* Writes every NAME=VALUE of c->sets into the loaded image. Dies with one line
 * if the kernel has no tunables, a name is unknown, or a value is malformed or
 * out of range. Returns the range of the rows. */
struct boot_range boot_tunables_apply(const struct config *c,
                                      const char *kernel,
                                      const struct boot_ram *ram);

/* Parses a decimal or hexadecimal number, perhaps negative. */
bool boot_tunable_number(const char *text, s64 *value);
