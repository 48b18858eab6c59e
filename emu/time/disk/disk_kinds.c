/* SPDX-License-Identifier: MIT */
/* Defines the named disks, and prints `--disk-model list`. */
#include <stdio.h>

#include "time/disk/disk.h"

#define SEEK(cylinders, us) {cylinders, us},
static const struct seek_point cheetah_seek[] = {
#include "time/disk/seek_cheetah9lp.def"
};
static const struct seek_point atlas_seek[] = {
#include "time/disk/seek_atlas10k.def"
};
static const struct seek_point maxtor_seek[] = {
#include "time/disk/seek_maxtor300g.def"
};
#undef SEEK

/* Segments and read-ahead: DiskSim 4.0, valid/cheetah9LP.diskspecs and
 * valid/atlas10k.diskspecs; of the Maxtor only the read-ahead ("maximum
 * read-ahead" in DIXtrac's maxtor300g.diskspecs). */
static const struct disk_kind kinds[] = {
    {.name = "cheetah9lp",
     .origin = "Seagate Cheetah 9LP (1998): 9.1 GB, 10,045 rpm",
     .tags = 64,
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
     .segments = 3,
     .segment = 561,
     .ahead = 561,
     .bus_rate = 80},
    {.name = "atlas10k",
     .origin = "Quantum Atlas 10K (1999): 9.1 GB, 10,025 rpm",
     .tags = 64,
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
     .segments = 10,
     .segment = 374,
     .ahead = 354,
     .bus_rate = 80},
    {.name = "maxtor300g",
     .origin = "Maxtor, 300 GB, 10,001 rpm; geometry as an Atlas 10K V (2005)",
     .tags = 64,
     .cylinders = 80500,
     .heads = 8,
     .rpm = 10001,
     .track_outer = 1043,
     .track_inner = 657,
     .seek = maxtor_seek,
     .seeks = ARRAY_LEN(maxtor_seek),
     .head_switch = 176000,
     .write_settle = 487000,
     .overhead = 300000,
     .segments =
         32, /* DIXtrac's 2048 segments of 128 sectors would be 128 MiB */
     .segments_ours = true,
     .segment = 512,
     .ahead = 512,
     .bus_rate = 320},
    {.name = "ssd",
     .origin = "a SATA solid-state disk",
     .queue = DISK_NCQ,
     .tags = 32,
     .dies = 16,
     .cache = 8192,
     .read4k = 90000,
     .write4k = 25000,
     .read_rate = 540,
     .write_rate = 500,
     .marks = "?*"},
    {.name = "emmc",
     .origin = "eMMC on a small board",
     .tags = 1,
     .dies = 4,
     .cache = 512,
     .read4k = 150000,
     .write4k = 150000,
     .read_rate = 250,
     .write_rate = 120,
     .marks = "?*"},
    {.name = "nvme",
     .origin = "an NVMe solid-state disk",
     .queue = DISK_NCQ,
     .tags = 128,
     .dies = 32,
     .cache = 16384,
     .read4k = 75000,
     .write4k = 20000,
     .read_rate = 3200,
     .write_rate = 2800,
     .marks = "?*"},
    {.name = "ideal", .origin = "done at once", .tags = 1},
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

static const char *const disciplines[] = {
    [DISK_FIFO] = "fifo", [DISK_CLOOK] = "clook", [DISK_NCQ] = "ncq"};

static void list_mechanical(const struct disk_kind *k)
{
    printf("%-11s %u cylinders?, %u heads?, %u rpm, %u to %u sectors a "
           "track?, head switch\n%-11s %u us, write settle %u us (both the "
           "Atlas's), overhead %u us?,\n",
           "", k->cylinders, k->heads, k->rpm, k->track_outer, k->track_inner,
           "", k->head_switch / 1000, k->write_settle / 1000,
           k->overhead / 1000);
    printf("%-11s buffer %u segments%s of %u sectors, reads %u ahead,\n"
           "%-11s bus %u MB/s*, holds %u requests*; queue=%s* (or fifo, "
           "clook, ncq);\n%-11s seek (cylinders:us):",
           "", k->segments, k->segments_ours ? "*" : "", k->segment, k->ahead,
           "", k->bus_rate, k->tags, disciplines[k->queue], "");
    for (u32 i = 0; i < k->seeks; i++)
        printf("%s%u:%u", i % 7 ? " " : "\n            ", k->seek[i].cylinders,
               k->seek[i].us);
    printf("\n");
}

static void list_flash(const struct disk_kind *k)
{
    printf("%-11s 4 KiB at depth one: %u us read%c, %u us write%c; beyond 4 "
           "KiB %u, %u MB/s%c;\n%-11s %u dies read at once*, holds %u "
           "request%s*; write cache %u KiB*;\n%-11s queue=%s%s\n",
           "", k->read4k / 1000, k->marks[0], k->write4k / 1000, k->marks[0],
           k->read_rate, k->write_rate, k->marks[1], "", k->dies, k->tags,
           k->tags > 1 ? "s" : "", k->cache, "", disciplines[k->queue],
           k->tags > 1 ? " (or fifo)" : "");
}

void disk_model_list(void)
{
    printf("Disks. ? quoted from memory; * ours. %s is the default.\n"
           "NAME,nobuffer does without read ahead. NAME,queue=Q chooses the "
           "next request:\n"
           "  fifo   in the order asked\n"
           "  clook  upwards by sector, then again from the lowest\n"
           "  ncq    the least positioning time minus 1/64 of the age*; flash "
           "serves many at once\n"
           "A disk's buffer is also its write cache (--drive FILE,cut=SEED): "
           "nobuffer removes both.\n"
           "NAME,phase=DEGREES: where the platters stand when the machine "
           "starts (default 0).\n",
           disk_model_default());
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct disk_kind *k = &kinds[i];
        printf("%-11s %s\n", k->name, k->origin);
        if (k->rpm)
            list_mechanical(k);
        else if (k->read4k)
            list_flash(k);
    }
}
