/* SPDX-License-Identifier: MIT */
/* The named disks, and what `--disk-model list` says of them. */
#include <stdio.h>

#include "time/disk.h"

#define SEEK(cylinders, us) {cylinders, us},
static const struct seek_point cheetah_seek[] = {
#include "time/seek_cheetah9lp.def"
};
static const struct seek_point atlas_seek[] = {
#include "time/seek_atlas10k.def"
};
#undef SEEK

static const struct disk_kind kinds[] = {
    {.name = "cheetah9lp",
     .origin = "Seagate Cheetah 9LP (1998): 9.1 GB, 10,045 rpm",
     .cylinders = 6962,
     .heads = 12,
     .rpm = 10045,
     .track_outer = 213,
     .track_inner = 213,
     .seek = cheetah_seek,
     .seeks = ARRAY_LEN(cheetah_seek),
     .head_switch = 176000,
     .write_settle = 487000,
     .overhead = 300000,
     .buffer_sectors = 2048,
     .bus_rate = 80},
    {.name = "atlas10k",
     .origin = "Quantum Atlas 10K (1999): 9.1 GB, 10,025 rpm",
     .cylinders = 10042,
     .heads = 6,
     .rpm = 10025,
     .track_outer = 334,
     .track_inner = 229,
     .seek = atlas_seek,
     .seeks = ARRAY_LEN(atlas_seek),
     .head_switch = 176000,
     .write_settle = 487000,
     .overhead = 300000,
     .buffer_sectors = 4096,
     .bus_rate = 80},
    {.name = "ssd",
     .origin = "a SATA solid-state disk",
     .read4k = 90000,
     .write4k = 25000,
     .read_rate = 540,
     .write_rate = 500},
    {.name = "emmc",
     .origin = "eMMC on a small board",
     .read4k = 150000,
     .write4k = 150000,
     .read_rate = 250,
     .write_rate = 120},
    {.name = "nvme",
     .origin = "an NVMe solid-state disk",
     .read4k = 75000,
     .write4k = 20000,
     .read_rate = 3200,
     .write_rate = 2800},
    {.name = "ideal", .origin = "done at once"},
};

const struct disk_kind *disk_kind_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strlen(kinds[i].name) == length &&
            !memcmp(kinds[i].name, name, length))
            return &kinds[i];
    return NULL;
}

const char *disk_model_default(void)
{
    return kinds[0].name;
}

static void list_mechanical(const struct disk_kind *k)
{
    printf("%-11s %u cylinders?, %u heads?, %u rpm, %u to %u sectors a "
           "track?, head switch\n%-11s %u us, write settle %u us (both the "
           "Atlas's), overhead %u us?, read ahead\n%-11s %u KiB*, bus %u "
           "MB/s*; seek (cylinders:us):",
           "", k->cylinders, k->heads, k->rpm, k->track_outer, k->track_inner,
           "", k->head_switch / 1000, k->write_settle / 1000,
           k->overhead / 1000, "", k->buffer_sectors / 2, k->bus_rate);
    for (u32 i = 0; i < k->seeks; i++)
        printf("%s%u:%u", i % 7 ? " " : "\n            ", k->seek[i].cylinders,
               k->seek[i].us);
    printf("\n");
}

void disk_model_list(void)
{
    printf("Disks. ? published, from memory; * ours. NAME,nobuffer does "
           "without read ahead.\n");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct disk_kind *k = &kinds[i];
        printf("%-11s %s\n", k->name, k->origin);
        if (k->rpm)
            list_mechanical(k);
        else if (k->read4k)
            printf("%-11s 4 KiB at depth one: %u us read?, %u us write?; "
                   "beyond that %u, %u MB/s*\n",
                   "", k->read4k / 1000, k->write4k / 1000, k->read_rate,
                   k->write_rate);
    }
}
