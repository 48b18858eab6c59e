/* SPDX-License-Identifier: MIT */
/* One ELF file that the cross compiler makes from a source text in a folder of
 * its own; its bytes, to be damaged; RAM to load it into. */
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

/* Writes `text` to `source` in dir, where `command` makes a.elf from it. */
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

/* Copies the image and changes 1 to `most` of its bytes; in every second copy
 * (i odd) only among the first 400, where the headers are. */
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
