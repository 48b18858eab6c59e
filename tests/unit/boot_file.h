/* SPDX-License-Identifier: MIT */
/* Compiles a source text to an ELF file with the cross compiler, in a temporary
 * folder. Tests read it, damage copies of its bytes (image), and fill ram. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"

#define RAM (1u << 20)

static char dir[] = "/tmp/clockhand-boot-XXXXXX";
static char file[64]; /* a.elf */
static u8 *image, *ram;
static size_t size; /* of image, at most RAM */

/* Writes `text` to the file `source` in dir, runs `command`, which must make
 * a.elf of it, and reads a.elf into image. */
static void make_file(const char *source, const char *text, const char *command)
{
    char path[64], shell[1000];
    FILE *f;
    assert(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/%s", dir, source);
    f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    snprintf(shell, sizeof(shell), "cd %s && %s", dir, command);
    if (system(shell))
        exit(1);
    unlink(path);
    snprintf(file, sizeof(file), "%s/a.elf", dir);
    f = fopen(file, "rb");
    image = xcalloc(1, RAM);
    size = fread(image, 1, RAM, f);
    fclose(f);
    ram = xcalloc(1, RAM);
}

/* Copies the image and changes 1 to `most` bytes of the copy; if i is odd, only
 * bytes among the first 400 (the headers). */
static void damage(u8 *copy, u64 *rng, int i, unsigned most)
{
    memcpy(copy, image, size);
    for (u64 k = 1 + rand_step(rng) % most; k-- > 0;)
        copy[rand_step(rng) % (i & 1 ? 400 : size)] = (u8)rand_step(rng);
}

static void remove_file(void)
{
    unlink(file);
    rmdir(dir);
    free(image);
    free(ram);
}
