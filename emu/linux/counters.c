/* SPDX-License-Identifier: MIT */
/* Reads the numbers of /proc/vmstat (Linux 6.12, mm/vmstat.c), watermarks, swap
 * areas and MGLRU's generations. vmstat_text lists names in this order: numbers
 * of zones, of NUMA, of nodes; numbers computed when they are read; events. */
#include "linux/internal.h"

#define ZONES_MOST 8

void lx_zones(struct linux_kernel *k, void (*fn)(void *, u64 zone),
              void *opaque)
{
    u64 node;
    s64 zones = k->layout.value[V_ZONES];
    if (!lx_number(k, k->layout.address[A_NODES], 8, &node) || !node)
        return;
    for (s64 i = 0; i < zones && i < ZONES_MOST; i++)
        fn(opaque,
           lx_at(k, node, F_NODE_ZONES) + (u64)i * k->layout.size[LX_zone]);
}

/* ---- /proc/vmstat ------------------------------------------------------- */

static u64 value_of(const struct linux_kernel *k, enum lx_value v)
{
    return k->layout.value[v] > 0 ? (u64)k->layout.value[v] : 0;
}

void lx_vmstat_names(struct linux_kernel *k)
{
    u64 at = k->layout.address[A_VMSTAT_TEXT], text;
    unsigned last = VMSTAT_MOST;
    for (unsigned i = 0; i < last; i++) {
        char *name = k->vmstat[i];
        if (!lx_number(k, at + 8 * i, 8, &text) || !text ||
            !lx_string(k, text, name, LX_TEXT))
            return;
        if (last == VMSTAT_MOST && !strcmp(name, "pgpgin"))
            last = i + (unsigned)value_of(k, V_EVENTS) < VMSTAT_MOST
                       ? i + (unsigned)value_of(k, V_EVENTS)
                       : VMSTAT_MOST - 1;
        k->nvmstat = i + 1;
    }
}

struct sum {
    struct linux_kernel *k;
    u64 item, total;
};

/* Adds a zone's NUMA events, which the kernel keeps in the CPU's own counters
 * until somebody reads /proc/vmstat. */
static void numa_of_zone(void *opaque, u64 zone)
{
    struct sum *s = opaque;
    u64 stats, value, n = value_of(s->k, V_NUMA_EVENTS);
    u64 each = n ? s->k->layout.field[F_STATS_NUMA].size / n : 0;
    if (each && lx_get(s->k, zone, F_ZONE_STATS, &stats) &&
        lx_number(s->k,
                  lx_at(s->k, stats + s->k->percpu, F_STATS_NUMA) +
                      each * s->item,
                  (unsigned)each, &value))
        s->total += value;
}

static bool level(struct linux_kernel *k, enum lx_address table, u64 i, u64 *v)
{
    bool there = lx_number(k, k->layout.address[table] + 8 * i, 8, v);
    if ((s64)*v < 0) /* a kernel with SMP prints it as 0, too */
        *v = 0;
    return there;
}

static bool event(struct linux_kernel *k, u64 i, u64 *v)
{
    u64 at = k->layout.address[A_EVENT_STAT] + k->percpu + 8 * i;
    bool half = i == value_of(k, V_PGPGIN) || i == value_of(k, V_PGPGOUT);
    if (!lx_number(k, at, 8, v))
        return false;
    *v /= half ? 2 : 1; /* sectors to KiB */
    return true;
}

static bool line(struct linux_kernel *k, unsigned i, u64 *v)
{
    u64 zones = value_of(k, V_ZONE_STATS), numa = value_of(k, V_NUMA_EVENTS);
    u64 nodes = value_of(k, V_NODE_STATS), events = value_of(k, V_EVENTS);
    u64 at = i;
    if (at < zones)
        return level(k, A_ZONE_STAT, at, v);
    at -= zones;
    if (at < numa) {
        struct sum s = {k, at, 0};
        lx_zones(k, numa_of_zone, &s);
        bool there = level(k, A_NUMA_STAT, at, v);
        *v += s.total;
        return there;
    }
    at -= numa;
    if (at < nodes)
        return level(k, A_NODE_STAT, at, v);
    return k->nvmstat >= events && i >= k->nvmstat - events &&
           event(k, i - (k->nvmstat - events), v);
}

const char *linux_counter_nth(struct linux_kernel *k, unsigned i, u64 *value,
                              bool *known)
{
    *value = 0;
    if (i >= k->nvmstat)
        return NULL;
    *known = line(k, i, value);
    return k->vmstat[i];
}

bool linux_counter(struct linux_kernel *k, const char *name, u64 *value)
{
    for (unsigned i = 0; i < k->nvmstat; i++)
        if (!strcmp(k->vmstat[i], name))
            return line(k, i, value);
    return false;
}

/* ---- watermarks, swap --------------------------------------------------- */

struct levels {
    struct linux_kernel *k;
    struct linux_level sum;
    bool known;
};

static void levels_of_zone(void *opaque, u64 zone)
{
    struct levels *l = opaque;
    struct linux_kernel *k = l->k;
    u64 *to[] = {&l->sum.min, &l->sum.low, &l->sum.high}, boost, v;
    static const enum lx_value which[] = {V_MARK_MIN, V_MARK_LOW, V_MARK_HIGH};
    if (!lx_get(k, zone, F_ZONE_BOOST, &boost))
        return;
    for (unsigned i = 0; i < ARRAY_LEN(to); i++)
        if (lx_number(k,
                      lx_at(k, zone, F_ZONE_MARKS) + 8 * value_of(k, which[i]),
                      8, &v)) {
            *to[i] += v + boost;
            l->known = true;
        }
}

bool linux_levels(struct linux_kernel *k, struct linux_level *out)
{
    struct levels l = {.k = k};
    lx_zones(k, levels_of_zone, &l);
    *out = l.sum;
    return l.known;
}

bool linux_swap(struct linux_kernel *k, u64 *total, u64 *used)
{
    u64 left;
    if (!lx_number(k, k->layout.address[A_SWAP_TOTAL], 8, total) ||
        !lx_number(k, k->layout.address[A_SWAP_FREE], 8, &left))
        return false;
    *used = left <= *total ? *total - left : 0;
    return true;
}

unsigned linux_areas(struct linux_kernel *k,
                     struct linux_area out[LINUX_SWAP_AREAS])
{
    unsigned n = 0;
    for (u32 i = 0; i < LINUX_SWAP_AREAS; i++) {
        u64 area, flags, pages, map;
        if (lx_number(k, k->layout.address[A_SWAP_INFO] + 8 * i, 8, &area) &&
            area && lx_get(k, area, F_SWAP_FLAGS, &flags) &&
            (flags & N_SWAP_IN_USE) == N_SWAP_IN_USE &&
            lx_get(k, area, F_SWAP_PAGES, &pages) && pages &&
            pages <= 1u << LX_SLOT_BITS && lx_get(k, area, F_SWAP_MAP, &map))
            out[n++] = (struct linux_area){i, (u32)pages, map};
    }
    return n;
}

bool linux_area_read(struct linux_kernel *k, const struct linux_area *a,
                     u64 first, u8 *to, size_t n)
{
    return first + n <= a->pages && lx_read(k, a->map + first, to, n);
}

bool linux_slot_bad(u8 byte)
{
    return byte == N_SWAP_BAD;
}

bool linux_slot_cached(u8 byte)
{
    return byte & N_SWAP_CACHED;
}

/* ---- MGLRU -------------------------------------------------------------- */

/* Returns memcg's youngest generation (memcg 0: the node's); -1: not known. */
static s64 youngest(struct linux_kernel *k, u64 memcg)
{
    u64 node, lruvec, seq;
    if (k->lru.memcg == memcg + 1)
        return k->lru.youngest;
    k->lru.memcg = memcg + 1;
    k->lru.youngest = -1;
    if (memcg) {
        if (!lx_number(k, lx_at(k, memcg, F_MEMCG_NODES), 8, &node) || !node)
            return -1;
        lruvec = lx_at(k, node, F_MEMCG_LRUVEC);
    } else {
        if (!lx_number(k, k->layout.address[A_NODES], 8, &node) || !node)
            return -1;
        lruvec = lx_at(k, node, F_NODE_LRUVEC);
    }
    if (lx_get(k, lruvec, F_LRUVEC_GEN, &seq))
        k->lru.youngest = (s64)(seq % N_GENERATIONS);
    return k->lru.youngest;
}

u8 lx_generation(struct linux_kernel *k, u64 page_flags, u64 memcg_data)
{
    unsigned gen = page_flags >> N_GEN_SHIFT & N_GEN_MASK; /* 1 + generation mod
                                                            * N_GENERATIONS */
    if (!gen || gen > N_GENERATIONS)
        return 0;
    s64 young = youngest(k, memcg_data & ~(u64)N_MEMCG_FLAGS);
    if (young < 0)
        return 0;
    return (u8)(1 + (young - (gen - 1) + N_GENERATIONS) % N_GENERATIONS);
}
