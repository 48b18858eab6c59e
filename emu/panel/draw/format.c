/* SPDX-License-Identifier: MIT */
/* Writes numbers, sizes, times and names as text. */
#include "panel/draw/draw.h"

#include <stdarg.h>
#include <stdio.h>

bool frame_recent(const struct ins_display *d, u64 pfn)
{
    return d->age[pfn] < INS_RECENT_AGE;
}

s64 ram_frame(const struct ins_display *d, u64 pa)
{
    u64 pfn = (pa - RAM_BASE) >> PAGE_SHIFT;
    return pa >= RAM_BASE && pfn < d->nframes ? (s64)pfn : NO_FRAME;
}

const char *phrase(const char *fmt, ...)
{
    enum { RING = 65536, LONGEST = 512 };
    static _Thread_local char ring[RING + LONGEST];
    static _Thread_local unsigned at;
    char *text = ring + at;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, LONGEST, fmt, ap);
    va_end(ap);
    at = (at + (unsigned)strlen(text) + 1) % RING;
    return text;
}

const char *grouped(u64 n)
{
    char digits[24], buf[32], *p = buf;
    int len = snprintf(digits, sizeof digits, "%llu", n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = 0;
    return phrase("%s", buf);
}

const char *sim_time(const struct ins_display *d, u64 cycles)
{
    double s = d->clock_hz ? (double)cycles / (double)d->clock_hz : 0;
    return s < 1e-3   ? phrase("%.1f µs", s * 1e6)
           : s < 1    ? phrase("%.2f ms", s * 1e3)
           : s < 1000 ? phrase("%.3f s", s)
                      : phrase("%.0f s", s);
}

const char *size_text(u64 bytes)
{
    static const char unit[] = "KMGT";
    double v = (double)bytes / 1024;
    unsigned i = 0;
    while (v >= 1000 && i < 3) {
        v /= 1024;
        i++;
    }
    return phrase(i && v < 10 ? "%.1f%c" : "%.0f%c", v, unit[i]);
}

u64 kind_frames(const struct ins_display *d, u8 kind)
{
    return kind == FS_FREE ? d->free_frames : d->histogram[kind];
}

const char *disk_name(unsigned slot)
{
    return phrase("vd%c", 'a' + (int)(slot % 26));
}

const struct ins_proc *proc_of(const struct ins_display *d, s64 pid)
{
    EACH(p, d->procs, d->nprocs)
        if (p->pid == pid)
            return p;
    return NULL;
}

const char *proc_name(const struct ins_display *d, u32 pid)
{
    const struct ins_proc *p = proc_of(d, pid);
    if (!pid)
        return "kernel";
    if (p)
        return p->name;
    EACH(it, d->names, d->nnames)
        if (it->pid == pid)
            return it->name;
    return d->past ? "not there" : "ended"; /* past: perhaps not yet begun */
}

const char *proc_text(const struct ins_display *d, u32 pid)
{
    return phrase("%.16s (%u)", proc_name(d, pid), pid);
}
