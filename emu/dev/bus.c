/* SPDX-License-Identifier: MIT */
#include "dev/bus.h"

const struct device_row device_map[DEV_COUNT] = {
#define DEVICE(id, name, base, size, irq) {name, base, size, irq},
#include "dev/map.def"
};

/* Returns the device at [pa, pa+bytes); NULL: none, or misaligned. */
static const struct bus_device *find(const struct bus *b, u64 pa,
                                     unsigned bytes, u64 *offset)
{
    if (pa & (bytes - 1))
        return NULL;
    for (int i = 0; i < DEV_COUNT; i++) {
        u64 off = pa - device_map[i].base;
        if (off < device_map[i].bytes && bytes <= device_map[i].bytes - off) {
            *offset = off;
            return &b->device[i];
        }
    }
    return NULL;
}

bool bus_read(const struct bus *b, u64 pa, unsigned bytes, u64 *value)
{
    u64 off;
    const struct bus_device *d = find(b, pa, bytes, &off);
    return d && d->read && d->read(d->opaque, off, bytes, value);
}

bool bus_write(const struct bus *b, u64 pa, unsigned bytes, u64 value)
{
    u64 off;
    const struct bus_device *d = find(b, pa, bytes, &off);
    if (bytes < 8)
        value &= (1ull << bytes * 8) - 1;
    return d && d->write && d->write(d->opaque, off, bytes, value);
}

bool dma_ok(const struct dma *d, u64 pa, u64 n)
{
    return pa >= RAM_BASE && n <= d->ram_bytes &&
           pa - RAM_BASE <= d->ram_bytes - n;
}

bool dma_read(const struct dma *d, u64 pa, void *to, u64 n)
{
    if (!dma_ok(d, pa, n))
        return false;
    if (n && d->touched)
        d->touched(d->opaque, pa, n, false);
    memcpy(to, d->ram + (pa - RAM_BASE), n);
    return true;
}

bool dma_write(const struct dma *d, u64 pa, const void *from, u64 n)
{
    if (!dma_ok(d, pa, n))
        return false;
    memcpy(d->ram + (pa - RAM_BASE), from, n);
    if (n && d->touched)
        d->touched(d->opaque, pa, n, true);
    return true;
}
