/* SPDX-License-Identifier: MIT */
/* The bus finds devices by address; DMA is a device's access to RAM. */
#pragma once

#include "dev/dev.h"

/* One row of map.def. */
struct device_row {
    const char *name;
    u64 base, bytes;
    u32 irq;
};
extern const struct device_row device_map[DEV_COUNT];

/* A device on the bus. Offsets are relative to the row's base, and an access
 * lies wholly inside the row. False is an access fault. `bytes` is 1, 2, 4 or
 * 8; a read extends the value with zeros. */
struct bus_device {
    void *opaque;
    bool (*read)(void *opaque, u64 offset, unsigned bytes, u64 *value);
    bool (*write)(void *opaque, u64 offset, unsigned bytes, u64 value);
};
struct bus {
    struct bus_device device[DEV_COUNT];
};
/* False: no device there, misaligned, across a device's end, or it refuses. */
bool bus_read(const struct bus *b, u64 pa, unsigned bytes, u64 *value);
bool bus_write(const struct bus *b, u64 pa, unsigned bytes, u64 value);

/* Direct memory access. `touched` (or NULL) is called for each access, because
 * modelled caches are coherent and a write makes decoded code stale. */
struct dma {
    u8 *ram;
    u64 ram_bytes;
    void *opaque;
    void (*touched)(void *opaque, u64 pa, u64 bytes, bool write);
};
/* True if [pa, pa+n) is RAM. */
bool dma_ok(const struct dma *d, u64 pa, u64 n);
/* False, and nothing is moved, if part of the range is not RAM. */
bool dma_read(const struct dma *d, u64 pa, void *to, u64 n);
bool dma_write(const struct dma *d, u64 pa, const void *from, u64 n);
