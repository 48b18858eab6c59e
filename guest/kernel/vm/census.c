/* SPDX-License-Identifier: MIT */
/* Counts the pages of the cache by class of use, for /proc/cache. */
#include "vm/census.h"
#include "vm/pte.h"

const char *const cache_class_name[CACHE_CLASSES] = {
#define CLASS(id, name, what) [CACHE_##id] = name,
#include "vm/census.def"
};

static enum cache_class class_of(const struct page *page)
{
    const struct lens_frame *f = &page->frame;
    if (f->state == FS_SWAPCACHE)
        return f->flags & (FRAME_F_DIRTY | FRAME_F_IO) ? CACHE_PENDING
                                                       : CACHE_SWAPPED;
    if (f->spare & PAGE_AHEAD)
        return CACHE_AHEAD;
    if (f->refs > 1)
        return CACHE_SHARED;
    if (f->spare & PAGE_ORIGINAL)
        return CACHE_ORIGINAL;
    if (f->refs)
        return CACHE_MAPPED;
    return f->spare & PAGE_LEFT ? CACHE_LEFT : CACHE_IO;
}

void cache_census(u64 n[CACHE_CLASSES])
{
    memset(n, 0, CACHE_CLASSES * sizeof n[0]);
    for (u64 i = 0; i < nframes; i++) {
        const struct page *page = &frames[i];
        if (page->frame.state == FS_SWAPCACHE ||
            (page_is_cache(page) && page->object))
            n[class_of(page)]++;
    }
}
