/* SPDX-License-Identifier: MIT */
/* Linux's numbers for the calls that map memory (mmap(2), riscv64). */
#ifndef SYS_MMAN_H
#define SYS_MMAN_H

#define PROT_READ  1u
#define PROT_WRITE 2u
#define PROT_EXEC  4u
#define PROT_ALL   7u

#define MAP_SHARED          0x01u
#define MAP_PRIVATE         0x02u
#define MAP_SHARED_VALIDATE 0x03u
#define MAP_TYPE            0x0fu
#define MAP_FIXED           0x10u
#define MAP_ANONYMOUS       0x20u
#define MAP_GROWSDOWN       0x100u
#define MAP_LOCKED          0x2000u
#define MAP_NORESERVE       0x4000u
#define MAP_POPULATE        0x8000u
#define MAP_NONBLOCK        0x10000u
#define MAP_HUGETLB         0x40000u
#define MAP_FIXED_NOREPLACE 0x100000u
/* The flags that MAP_SHARED_VALIDATE takes for a file (Linux 6.12,
 * include/linux/mman.h: LEGACY_MAP_MASK): those above, and DENYWRITE,
 * EXECUTABLE, STACK, the sizes of huge pages. */
#define MAP_LEGACY                                                             \
    (0x7c065800u | MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS |           \
     MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK)

#endif
