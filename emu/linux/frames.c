/* SPDX-License-Identifier: MIT */
/* Reads struct page of every frame as fs/proc/page.c of Linux 6.12 does for
 * /proc/kpageflags and /proc/kpagecount, and derives the frame's state from it:
 * one of the states that Clockhand's own guest has (enum frame_state). */
#include "linux/internal.h"

#define PAGE_STRUCT 128        /* bytes of a struct page at most */
#define FOLIO_MOST  (1u << 18) /* frames of the largest folio: 1 GiB */

struct page {
    u64 pfn, va; /* va: of the struct itself */
    u64 flags, mapping, index, private, head, memcg;
    s32 mapcount, refcount; /* mapcount: mappings - 1, or a page type */
};

static u64 number(const struct linux_kernel *k, const u8 *raw, enum lx_field f)
{
    struct lx_member m = k->layout.field[f];
    return get_le(raw + m.at, m.size);
}

static bool page_read(struct linux_kernel *k, u64 pfn, struct page *p)
{
    u8 raw[PAGE_STRUCT];
    u32 size = k->layout.size[LX_page];
    u64 va = k->vmemmap + ((k->ram.base >> PAGE_SHIFT) + pfn) * size;
    if (pfn >= k->nframes || size > sizeof raw || !lx_read(k, va, raw, size))
        return false;
    *p = (struct page){.pfn = pfn,
                       .va = va,
                       .flags = number(k, raw, F_PAGE_FLAGS),
                       .mapping = number(k, raw, F_PAGE_MAPPING),
                       .index = number(k, raw, F_PAGE_INDEX),
                       .private = number(k, raw, F_PAGE_PRIVATE),
                       .head = number(k, raw, F_PAGE_HEAD),
                       .memcg = number(k, raw, F_PAGE_MEMCG),
                       .mapcount = (s32)number(k, raw, F_PAGE_MAPCOUNT),
                       .refcount = (s32)number(k, raw, F_PAGE_REFCOUNT)};
    return true;
}

u64 lx_page_pfn(const struct linux_kernel *k, u64 va)
{
    u32 size = k->layout.size[LX_page];
    u64 first = k->vmemmap + (k->ram.base >> PAGE_SHIFT) * size;
    u64 pfn = (va - first) / size;
    return va >= first && (va - first) % size == 0 && pfn < k->nframes ? pfn
                                                                       : ~0ull;
}

/* Returns the page type in the field mapcount; 0: the field holds a count.
 * Counts may be below 0, but not far. */
static unsigned type_of(const struct linux_kernel *k, const struct page *p)
{
    s64 none = k->layout.value[V_TYPE_NONE];
    return p->mapcount < (s32)((u32)none << N_TYPE_SHIFT)
               ? (u32)p->mapcount >> N_TYPE_SHIFT
               : 0;
}

static bool is_type(const struct linux_kernel *k, const struct page *p,
                    enum lx_value v)
{
    return type_of(k, p) == k->layout.value[v];
}

/* ---- folios ------------------------------------------------------------- */

struct folio {
    struct page head;
    bool large;
    s64 entire, mapped; /* mappings of the whole; of it and its parts */
    bool rmappable;
};

static bool folio_read(struct linux_kernel *k, const struct page *p,
                       struct folio *f)
{
    u64 second, value;
    *f = (struct folio){.head = *p};
    if (p->head & N_HEAD_OF_TAIL) {
        u64 pfn = lx_page_pfn(k, p->head - N_HEAD_OF_TAIL);
        if (pfn >= p->pfn || p->pfn - pfn >= FOLIO_MOST ||
            !page_read(k, pfn, &f->head) || f->head.head & N_HEAD_OF_TAIL)
            return false;
    }
    f->large = f->head.flags >> k->layout.value[V_HEAD] & 1;
    if (!f->large) {
        f->mapped = type_of(k, &f->head) ? 0 : f->head.mapcount + 1;
        return f->head.pfn == p->pfn;
    }
    if (!lx_get(k, f->head.va, F_FOLIO_SECOND, &second) ||
        !lx_get(k, f->head.va, F_FOLIO_ENTIRE, &value))
        return false;
    f->rmappable = second >> k->layout.value[V_LARGE_RMAP] & 1;
    f->entire = (s32)value + 1;
    if (!lx_get(k, f->head.va, F_FOLIO_LARGE, &value))
        return false;
    f->mapped = (s32)value + 1;
    return true;
}

/* ---- the buddy allocator ------------------------------------------------ */

static bool is_free_head(const struct linux_kernel *k, const struct page *p,
                         unsigned *order)
{
    *order = (unsigned)(p->private < N_ORDERS ? p->private : 0);
    return is_type(k, p, V_TYPE_BUDDY);
}

/* True if the frame lies in a free block that begins before it. Blocks begin at
 * multiples of their size. */
static bool within_free(struct linux_kernel *k, u64 pfn)
{
    u64 base = k->ram.base >> PAGE_SHIFT;
    struct page head;
    unsigned order;
    if (pfn >= k->free_block[0] && pfn < k->free_block[1])
        return true;
    for (unsigned i = 1; i < N_ORDERS; i++) {
        u64 inside = (base + pfn) & ((1ull << i) - 1);
        if (inside > pfn || !page_read(k, pfn - inside, &head))
            return false;
        if (is_free_head(k, &head, &order) && order >= i) {
            k->free_block[0] = pfn - inside;
            k->free_block[1] = pfn - inside + (1ull << order);
            return true;
        }
    }
    return false;
}

/* ---- flags and state ---------------------------------------------------- */

static u64 kpageflags(struct linux_kernel *k, const struct page *p,
                      const struct folio *f)
{
    unsigned order;
    u64 u = lx_flags(k, f->head.flags) & ~KPF(HWPOISON);
    u |= lx_flags(k, p->flags) & KPF(HWPOISON);
    if (f->mapped >= 1)
        u |= KPF(MMAP);
    if (f->head.mapping & N_MAPPING_ANON)
        u |= KPF(ANON);
    if ((f->head.mapping & N_MAPPING_KSM) == N_MAPPING_KSM)
        u |= KPF(KSM);
    if (p->pfn != f->head.pfn)
        u |= KPF(COMPOUND_TAIL);
    else if (f->large)
        u |= KPF(COMPOUND_HEAD);
    if (is_type(k, &f->head, V_TYPE_HUGETLB))
        u |= KPF(HUGE);
    else if (f->large && f->rmappable)
        u |= KPF(THP);
    else if (f->head.pfn == k->zero_pfn)
        u |= KPF(ZERO_PAGE);
    if (is_free_head(k, p, &order) ||
        (f->head.refcount == 0 && within_free(k, p->pfn)))
        u |= KPF(BUDDY);
    if (is_type(k, p, V_TYPE_OFFLINE))
        u |= KPF(OFFLINE);
    if (is_type(k, p, V_TYPE_TABLE))
        u |= KPF(PGTABLE);
    if (is_type(k, &f->head, V_TYPE_SLAB))
        u |= KPF(SLAB);
    if (u & KPF(SWAPBACKED) &&
        f->head.flags >> k->layout.value[V_SWAPCACHE] & 1)
        u |= KPF(SWAPCACHE);
    return u;
}

static bool between(u64 pa, const u64 range[2])
{
    return pa >= range[0] && pa < range[1];
}

/* Fills *out for a frame that the kernel uses itself. */
static void kernels(struct linux_kernel *k, const struct page *p,
                    struct linux_frame *out)
{
    u64 pa = k->ram.base + (p->pfn << PAGE_SHIFT), u = out->flags;
    u8 mark = k->mark[p->pfn];
    out->is.state = FS_KDATA;
    out->kind = LINUX_ALLOCATED;
    if (mark == LINUX_PCP && !p->refcount)
        out->is.state = FS_FREE;
    if (between(pa, k->text) || between(pa, k->rodata))
        out->is.state = FS_KCODE;
    if (mark == LINUX_TABLE || u & KPF(PGTABLE))
        out->is.state = FS_PGTABLE;
    if (u & KPF(ZERO_PAGE))
        out->is.state = FS_ZEROED;
    out->is.owner = k->mark_owner[p->pfn];
    if (u & KPF(ZERO_PAGE))
        out->kind = LINUX_ZERO;
    else if (u & KPF(SLAB))
        out->kind = LINUX_SLAB;
    else if (mark && (mark != LINUX_PCP || out->is.state == FS_FREE))
        out->kind = mark;
    else if (u & KPF(PGTABLE))
        out->kind = LINUX_TABLE;
    else if (u & KPF(OFFLINE))
        out->kind = LINUX_OFFLINE;
    else if (u & KPF(HUGE))
        out->kind = LINUX_HUGE;
    else if (u & KPF(RESERVED))
        out->kind = LINUX_RESERVED;
}

static u32 slot_of(u64 entry) /* a swp_entry_t: high bits area, low page */
{
    u64 area = entry >> N_ENTRY_AREA_SHIFT;
    u64 page = entry & ((1ull << N_ENTRY_AREA_SHIFT) - 1);
    return lx_slot(area, page);
}

/* Sets the state of anonymous memory. A page belongs to one process alone if
 * PG_anon_exclusive is set, which is in the first struct page of a page that is
 * mapped as 2 MiB, else in the page's own. Fork clears it, and a write by the
 * last owner sets it again. */
static void of_anon(const struct linux_kernel *k, const struct page *p,
                    const struct folio *f, u64 inside, struct linux_frame *out)
{
    u64 u = out->flags;
    u64 bits = p->flags | (f->entire > 0 ? f->head.flags : 0);
    out->anon = bits >> k->layout.value[V_EXCLUSIVE] & 1 ? FS_ANON : FS_COW;
    out->is.state = out->anon;
    out->is.index = f->head.index + inside;
    if (u & KPF(SWAPCACHE)) {
        out->is.state = FS_SWAPCACHE;
        out->slot = slot_of(f->head.private + inside);
    }
}

static bool of_file(struct linux_kernel *k, const struct folio *f, u64 inside,
                    struct linux_frame *out)
{
    u64 inode, u = out->flags;
    if (!lx_mapping_inode(k, f->head.mapping, &inode))
        return false;
    out->is.state = u & KPF(SWAPBACKED)                 ? FS_SHMEM
                    : u & (KPF(DIRTY) | KPF(WRITEBACK)) ? FS_FILE_DIRTY
                                                        : FS_FILE_CLEAN;
    out->is.object = inode;
    out->is.index = f->head.index + inside;
    out->mapping = f->head.mapping;
    return true;
}

static u8 frame_flags(const struct linux_frame *f)
{
    u64 u = f->flags;
    bool young = f->generation ? f->generation <= 2 : u & KPF(ACTIVE);
    bool filling = u & KPF(LOCKED) && !(u & KPF(UPTODATE));
    u8 out = (u & KPF(WRITEBACK) || filling ? FRAME_F_IO : 0) |
             (u & KPF(DIRTY) ? FRAME_F_DIRTY : 0) |
             (u & KPF(MLOCKED) ? FRAME_F_LOCKED : 0) |
             (u & KPF(REFERENCED) ? FRAME_F_REF : 0);
    if (u & KPF(LRU) && !(u & KPF(UNEVICTABLE)))
        out |= young ? FRAME_F_ACTIVE : FRAME_F_INACTIVE;
    return out;
}

bool linux_frame(struct linux_kernel *k, u64 pfn, struct linux_frame *out)
{
    struct page p;
    struct folio f;
    unsigned order;
    *out = (struct linux_frame){.is.state = 0xff, .slot = LINUX_NO_SLOT};
    if (!k->marked)
        lx_marks(k);
    if (!page_read(k, pfn, &p) || !folio_read(k, &p, &f))
        return false;
    u64 u = out->flags = kpageflags(k, &p, &f), inside = p.pfn - f.head.pfn;
    s64 refs = (type_of(k, &p) ? 0 : p.mapcount + 1) + (f.large ? f.entire : 0);
    out->folio = f.head.va;
    out->is.refs = (s32)(refs > 0 ? refs : 0);
    s64 others = (s64)f.head.refcount - out->is.refs;
    out->is.pins = others > 0 ? (u32)others : 0;
    if (u & KPF(BUDDY)) {
        out->is.state = FS_FREE;
        out->is.order = is_free_head(k, &p, &order) ? (u8)(order + 1) : 0;
    } else if (u & (KPF(SLAB) | KPF(PGTABLE) | KPF(OFFLINE) | KPF(HUGE) |
                    KPF(RESERVED) | KPF(ZERO_PAGE))) {
        kernels(k, &p, out);
    } else if (u & KPF(ANON)) {
        of_anon(k, &p, &f, inside, out);
    } else if (u & KPF(SWAPCACHE)) { /* shared memory that goes to swap */
        out->is.state = FS_SWAPCACHE;
        out->slot = slot_of(f.head.private + inside);
    } else if (!f.head.mapping || f.head.mapping & N_MAPPING_KSM ||
               !of_file(k, &f, inside, out)) {
        kernels(k, &p, out);
    }
    if (u & KPF(LRU))
        out->generation = lx_generation(k, f.head.flags, f.head.memcg);
    out->is.flags = frame_flags(out);
    return true;
}

bool lx_frame(struct linux_kernel *k, u64 pfn, struct linux_frame *out)
{
    bool marked = k->marked;
    k->marked = true; /* so that linux_frame makes no new marks */
    memset(k->free_block, 0, sizeof k->free_block);
    bool ok = linux_frame(k, pfn, out);
    k->marked = marked;
    return ok;
}

bool lx_folio(struct linux_kernel *k, u64 va, u64 *pfn, unsigned *n,
              struct linux_frame *out)
{
    u64 second = 0;
    *pfn = lx_page_pfn(k, va);
    bool ok = lx_frame(k, *pfn, out) && out->folio == va;
    *n = 1;
    if (ok && out->flags & KPF(COMPOUND_HEAD) &&
        lx_get(k, va, F_FOLIO_SECOND, &second) &&
        (second & N_FOLIO_ORDER) < N_ORDERS)
        *n = 1u << (second & N_FOLIO_ORDER);
    return ok;
}

/* ---- all frames --------------------------------------------------------- */

const struct linux_frame *linux_frames(const struct linux_kernel *k)
{
    return k->frame;
}

const u64 *linux_counts(const struct linux_kernel *k)
{
    return k->count;
}

void linux_frames_read(struct linux_kernel *k, u64 from, u64 to)
{
    for (u64 pfn = from; pfn < to && pfn < k->nframes; pfn++) {
        struct linux_frame *f = &k->frame[pfn];
        if (f->is.state < FS_COUNT)
            k->count[f->is.state]--;
        linux_frame(k, pfn, f);
        if (f->is.state < FS_COUNT)
            k->count[f->is.state]++;
    }
}
