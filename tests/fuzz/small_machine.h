/* SPDX-License-Identifier: MIT */
/* Configures the smallest machine for harnesses: 1 MiB, an endless program of a
 * few instructions, two disks. */
#pragma once

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "machine/parts.h"

/* An endless loop: a store, a misaligned load, an amoadd, a read of cycle;
 * reads of the UART, the PLIC and a disk, a write to the disk; a load, each
 * time from another of 128 pages. */
static const u32 small_code[] = {
    0x00000297, /* auipc t0, 0x0 */
    0x00130313, /* addi t1, t1, 1 */
    0x1062b023, /* sd t1, 256(t0) */
    0x1012b383, /* ld t2, 257(t0) */
    0x10028e13, /* addi t3, t0, 256 */
    0x006e2eaf, /* amoadd.w t4, t1, (t3) */
    0xc0002f73, /* csrrs t5, cycle, zero */
    0x10000fb7, /* lui t6, 0x10000 */
    0x005fce83, /* lbu t4, 5(t6) */
    0x000fce83, /* lbu t4, 0(t6) */
    0x0c201fb7, /* lui t6, 0xc201 */
    0x004fae83, /* lw t4, 4(t6) */
    0x10001fb7, /* lui t6, 0x10001 */
    0x060fae83, /* lw t4, 96(t6) */
    0x040fa823, /* sw zero, 80(t6) */
    0x03931f13, /* slli t5, t1, 0x39 */
    0x02df5f13, /* srli t5, t5, 0x2d */
    0x005f0f33, /* add t5, t5, t0 */
    0x040f3e83, /* ld t4, 64(t5) */
    0xfb5ff06f  /* j back to the first */
};

/* Makes a RISC-V executable whose segment begins with RAM; returns its path. */
static inline const char *small_program(void)
{
    static u8 image[4096 + sizeof small_code];
    memcpy(image, "\177ELF\2\1\1", 7);
    put_le(image + 16, 2, 2);   /* ET_EXEC */
    put_le(image + 18, 243, 2); /* EM_RISCV */
    put_le(image + 20, 1, 4);
    put_le(image + 24, RAM_BASE, 8); /* entry */
    put_le(image + 32, 64, 8);       /* program headers */
    put_le(image + 52, 64, 2);
    put_le(image + 54, 56, 2);
    put_le(image + 56, 1, 2);
    put_le(image + 58, 64, 2);
    put_le(image + 64, 1, 4); /* PT_LOAD */
    put_le(image + 68, 7, 4);
    put_le(image + 72, 4096, 8);
    put_le(image + 80, RAM_BASE, 8);
    put_le(image + 88, RAM_BASE, 8);
    put_le(image + 96, sizeof small_code, 8);
    put_le(image + 104, 0x1000, 8);
    memcpy(image + 4096, small_code, sizeof small_code);
    static char path[40]; /* read again at each reset of the machine */
    int fd = memfd_create("program", 0);
    ssize_t done = write(fd, image, sizeof image);
    assert(done == sizeof image);
    (void)done;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

/* Returns a configuration that is complete for machine_new. */
static inline struct config *small_config(void)
{
    static struct config c;
    config_defaults(&c);
    c.elf = small_program();
    c.ram_bytes = 1 << 20;
    c.timing = TIMING_CYCLE;
    c.drives[0].memory_bytes = 1 << 20;
    c.drives[1].memory_bytes = 64 << 10;
    c.ndrives = 2;
    return &c;
}
