/* SPDX-License-Identifier: MIT */
/* Tables that a kernel's image carries for the machine: tunables and
 * policies (guest/abi/abi.h). They lie between two symbols each. */
#ifndef CLOCKHAND_BOOT_TABLES_H
#define CLOCKHAND_BOOT_TABLES_H

#include "abi.h"
#include "boot/elf.h"
#include "config.h"

struct boot_table {
    void *rows; /* a copy from the file, malloc'ed; NULL if n is 0 */
    u64 n;
    u64 pa; /* where the first row is loaded */
};
/* Both are empty for a file without them, or that is no ELF file. Texts end
 * with a NUL whatever the file says. */
struct boot_table boot_tunables(const char *kernel);
struct boot_table boot_policies(const char *kernel);

/* --set list, --policy list: one line a row on standard output. Die when
 * there is none. */
void boot_tunables_list(const char *kernel);
void boot_policies_list(const char *kernel);
/* Which one a kernel takes that is told none (xstrdup; NULL: it has no
 * policies, or there is no kernel). */
const char *boot_policy_default(const char *kernel);
/* The last policy of a kernel that has more of them than the other (xstrdup;
 * NULL: it has no more). */
const char *boot_policy_added(const char *kernel, const char *without);
/* Dies with one line if the kernel has no such policy. */
void boot_policy_check(const char *kernel, const char *name);

/* Puts every NAME=VALUE of c->sets into the loaded image. Dies with one line
 * on an unknown name or a value that is malformed or out of range. Returns
 * where the rows are. */
struct boot_range boot_tunables_apply(const struct config *c,
                                      const char *kernel,
                                      const struct boot_ram *ram);

/* A decimal or hexadecimal number, perhaps negative. */
bool boot_tunable_number(const char *text, s64 *value);

#endif
