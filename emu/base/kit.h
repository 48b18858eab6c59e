/* SPDX-License-Identifier: MIT */
/* --policy-file, of clockhand and vmsim: a policy of one's own
 * (tools/policy-template.c), built with the kit that lies beside the
 * program. */
#ifndef CLOCKHAND_KIT_H
#define CLOCKHAND_KIT_H

/* Builds the C file `source` into a file of that name in a temporary folder,
 * which goes when the program ends: *.elf is the guest's kernel with the
 * policy, *.so the policy for this host. => one call a program
 * What the compiler says goes to standard error as it is; a failure ends the
 * program. Returns the file's path. */
const char *kit_build(const char *source, const char *name);

#endif
