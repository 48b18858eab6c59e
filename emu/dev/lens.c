/* SPDX-License-Identifier: MIT */
/* Nothing here trusts the guest. The info block is copied, and every table in
 * it must lie in RAM before it is read. An event that names no existing frame
 * changes no frame's state. A refused LENS_OPEN closes the lens. */
#include "dev/lens.h"

#include <stdlib.h>

void lens_init(struct lens *l, const struct dma *dma)
{
    memset(l, 0, sizeof(*l));
    l->dma = *dma;
    l->frames = dma->ram_bytes / PAGE_BYTES;
    l->shadow = xcalloc(l->frames, 1);
    l->count[FS_FREE] = l->frames;
}

void lens_free(struct lens *l)
{
    free(l->shadow);
    l->shadow = NULL;
}

void lens_reset(struct lens *l)
{
    static_assert(FS_FREE == 0, "the shadow comes as zeros");
    if (l->events) /* otherwise still clear */
        memset(l->shadow, FS_FREE, l->frames);
    memset(l->count, 0, sizeof(l->count));
    l->count[FS_FREE] = l->frames;
    l->run_at = l->info_pa = l->event_va = l->events = 0;
    l->open = false;
    memset(&l->info, 0, sizeof(l->info));
}

/* True if n elements of `stride` bytes, each at least `size`, are inside RAM
 * and aligned for 8-byte fields. */
static bool table_ok(const struct lens *l, u64 pa, u64 n, u64 stride, u64 size)
{
    if (stride < size || stride % 8 || pa % 8 || n == 0)
        return false;
    if (n > l->dma.ram_bytes / stride)
        return false;
    return dma_ok(&l->dma, pa, n * stride);
}

/* True if n aligned doublewords at pa are in RAM, or pa is 0: none. */
static bool optional_ok(const struct lens *l, u64 pa, u64 n)
{
    return !pa || (pa % 8 == 0 && dma_ok(&l->dma, pa, 8 * n));
}

static bool gauges_ok(const struct lens *l, const struct lens_info *i)
{
    for (unsigned k = 0; k < LENS_GAUGES && i->gauges[k].name[0]; k++)
        if (!i->gauges[k].value_pa || !optional_ok(l, i->gauges[k].value_pa, 1))
            return false;
    return true;
}

/* Ends the block's names with a 0, and checks its tables. */
static bool info_ok(const struct lens *l, struct lens_info *i)
{
    i->policy[sizeof(i->policy) - 1] = 0;
    for (unsigned k = 0; k < LENS_GAUGES; k++)
        i->gauges[k].name[sizeof(i->gauges[k].name) - 1] = 0;
    return i->version == LENS_VERSION && i->ram_base == RAM_BASE &&
           i->nframes <= l->frames &&
           table_ok(l, i->frames_pa, i->nframes, i->frame_stride,
                    sizeof(struct lens_frame)) &&
           table_ok(l, i->procs_pa, i->nprocs, i->proc_stride,
                    sizeof(struct lens_proc)) &&
           table_ok(l, i->counters_pa, i->ncounters, 8, 8) &&
           i->ncounters <= C_COUNT && i->current_pa % 4 == 0 &&
           dma_ok(&l->dma, i->current_pa, 8) && i->free_pa % 8 == 0 &&
           dma_ok(&l->dma, i->free_pa, 8) && i->zero_pfn < i->nframes &&
           optional_ok(l, i->hands_pa, 2) &&
           optional_ok(l, i->swap_total_pa, 1) &&
           optional_ok(l, i->swap_used_pa, 1) && gauges_ok(l, i);
}

/* Copies the block at pa if it is valid. The machine reads it, not the guest,
 * so the read takes no time and leaves the modelled caches alone. */
static bool take_info(struct lens *l, u64 pa, struct lens_info *out)
{
    if (pa % 8 || !dma_ok(&l->dma, pa, sizeof(*out)))
        return false;
    memcpy(out, l->dma.ram + (pa - RAM_BASE), sizeof(*out));
    return info_ok(l, out);
}

void lens_state(struct lens *l, struct state *s)
{
    state_tag(s, "lens");
    state_vals(s, l->run_at, l->info_pa, l->event_va);
    state_flag(s, &l->open);
    state_vals(s, l->events, l->info);
    state_bytes(s, l->shadow, l->frames);
    if (!state_loading(s))
        return;
    memset(l->count, 0, sizeof(l->count));
    for (u64 i = 0; i < l->frames; i++) {
        state_check(s, l->shadow[i] < FS_COUNT, "lens: no such frame state");
        l->count[l->shadow[i] % FS_COUNT]++;
    }
    state_check(s,
                !l->open || (l->info_pa % 8 == 0 && info_ok(l, &l->info) &&
                             dma_ok(&l->dma, l->info_pa, sizeof(l->info))),
                "lens: bad tables");
    state_check(s, l->run_at <= (l->run ? strlen(l->run) : 0),
                "lens: beyond the command's end");
    if (state_error(s)) {
        memset(l->shadow, FS_FREE, l->frames);
        lens_reset(l);
    }
}

bool lens_busy(const struct lens *l)
{
    u32 busy;
    if (!l->open)
        return true;
    memcpy(&busy,
           l->dma.ram + (l->info_pa - RAM_BASE) +
               offsetof(struct lens_info, busy),
           4);
    return busy != 0;
}

static void event(struct lens *l, u64 now, u64 packed)
{
    struct lens_record r = {.cycle = now, .event = packed, .va = l->event_va};
    u64 pfn = packed & 0xfffffff, to = packed >> 32 & 15;
    unsigned reason = packed >> 36 & 255;
    l->event_va = 0;
    l->events++;
    if (pfn < l->frames && to < FS_COUNT) {
        l->count[l->shadow[pfn]]--;
        l->count[to]++;
        l->shadow[pfn] = (u8)to;
    }
    if (l->hook)
        l->hook(l->hook_opaque, &r);
    static_assert(R_COUNT <= 64, "a bit each in catch");
    if (reason < 64 && l->catch >> reason & 1)
        l->caught(l->opaque, &r);
}

static void boot(struct lens *l, u64 now, u64 packed)
{
    u64 first = packed & 0xfffffff, n = packed >> 32 & 0xfffffff;
    enum frame_state state = packed >> 28 & 15;
    for (u64 pfn = first; pfn < first + n && pfn < l->frames; pfn++)
        event(l, now,
              lens_event((u32)pfn, FS_FREE, state, R_BOOT, ACTOR_BOOT, 0));
}

bool lens_read(struct lens *l, u64 offset, unsigned bytes, UNUSED u64 now,
               u64 *value)
{
    if (bytes != 8)
        return false;
    *value = 0;
    switch (offset) {
    case LENS_MAGIC:
        *value = LENS_MAGIC_VALUE;
        break;
    case LENS_OPEN:
        *value = l->open ? l->info_pa : 0;
        break;
    case LENS_IN: {
        int byte = l->pipe_in(l->opaque);
        *value = byte >= 0               ? (u64)byte
                 : byte == HOST_IN_LATER ? LENS_LATER
                                         : LENS_EOF;
        break;
    }
    case LENS_RUN:
        *value = LENS_EOF;
        if (l->run && l->run[l->run_at])
            *value = (u8)l->run[l->run_at++];
        break;
    }
    return true;
}

bool lens_write(struct lens *l, u64 offset, unsigned bytes, u64 now, u64 value)
{
    if (bytes != 8)
        return false;
    switch (offset) {
    case LENS_OPEN: {
        struct lens_info info;
        l->open = take_info(l, value, &info);
        l->info_pa = l->open ? value : 0;
        if (l->open)
            l->info = info;
        break;
    }
    case LENS_EVENT:
        event(l, now, value);
        break;
    case LENS_BOOT:
        boot(l, now, value);
        break;
    case LENS_EVENT_VA:
        l->event_va = value;
        break;
    case LENS_OUT:
        if (l->io->pipe_out)
            l->io->pipe_out(l->io->opaque, (u8)value);
        break;
    case LENS_ERR:
        if (l->io->pipe_err)
            l->io->pipe_err(l->io->opaque, (u8)value);
        break;
    case LENS_EXIT:
        l->off(l->opaque, (int)(value & 255));
        break;
    case LENS_WANT:
        if (value & 1)
            l->want(l->opaque);
        break;
    }
    return true;
}
