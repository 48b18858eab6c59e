/* SPDX-License-Identifier: MIT */
/* Linux's flags of mmap(2) on riscv64. */
#pragma once

#include <linux/mman.h>

#define PROT_ALL 7u

/* The flags that MAP_SHARED_VALIDATE takes for a file (Linux 6.12,
 * include/linux/mman.h: LEGACY_MAP_MASK). The number stands for DENYWRITE,
 * EXECUTABLE, NORESERVE, STACK, HUGETLB and the sizes of huge pages. */
#define MAP_LEGACY                                                             \
    (0x7c065800u | MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS |           \
     MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK)
