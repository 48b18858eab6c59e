/* SPDX-License-Identifier: MIT */
/* Numbers, sizes, times and names as text. */
#include "panel/draw/draw.h"

#include <stdio.h>

enum { AGE_RECENT = 40 }; /* ins_display.age below this: within 32 ms */

bool frame_recent(const struct ins_display *d, u64 pfn)
{
    return d->age[pfn] < AGE_RECENT;
}

const char *grouped(char *buf, u64 n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", n);
    char *p = buf;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = 0;
    return buf;
}

const char *sim_time(char *buf, const struct ins_display *d, u64 cycles)
{
    double s = d->clock_hz ? (double)cycles / (double)d->clock_hz : 0;
    if (s < 1e-3)
        snprintf(buf, 32, "%.1f µs", s * 1e6);
    else if (s < 1)
        snprintf(buf, 32, "%.2f ms", s * 1e3);
    else if (s < 1000)
        snprintf(buf, 32, "%.3f s", s);
    else
        snprintf(buf, 32, "%.0f s", s);
    return buf;
}

const char *size_text(char *buf, u64 bytes)
{
    static const char unit[] = "KMGT";
    double v = (double)bytes / 1024;
    unsigned i = 0;
    while (v >= 1000 && i < 3) {
        v /= 1024;
        i++;
    }
    snprintf(buf, 32, i && v < 10 ? "%.1f%c" : "%.0f%c", v, unit[i]);
    return buf;
}

u64 kind_frames(const struct ins_display *d, u8 kind)
{
    return kind == FS_FREE ? d->free_frames : d->histogram[kind];
}

const char *proc_name(const struct ins_display *d, u32 pid)
{
    if (!pid)
        return "kernel";
    for (unsigned i = 0; i < d->nprocs && i < INS_PROCS_MAX; i++)
        if (d->procs[i].pid == pid)
            return d->procs[i].name;
    for (unsigned i = 0; i < d->nnames && i < INS_NAMES_MAX; i++)
        if (d->names[i].pid == pid)
            return d->names[i].name;
    return "ended";
}
