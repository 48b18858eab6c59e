/* SPDX-License-Identifier: MIT */
/* For --policy-file of clockhand and vmsim: builds a user's own policy
 * (tools/policy-template.c) with the kit that lies beside the program. */
#pragma once

/* Builds the C file `source` into the file `name` in a temporary folder, which
 * is removed when the program ends. A name *.elf means the guest's kernel with
 * the policy, *.so the policy for this host. The compiler's messages go to
 * standard error unchanged; a failure ends the program. Returns the file's
 * path. => one call per program */
const char *kit_build(const char *source, const char *name);
