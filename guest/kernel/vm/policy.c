/* SPDX-License-Identifier: MIT */
/* Tells the policy of events, and has the functions that the policy calls for
 * frames and lists (vm/policy.h). Others are in framelist.c (reading lists),
 * policy_space.c, policy_number.c, pageout.c (threads, writing), zone.c,
 * pager.c, and reclaim.c (taking, laundering and unmapping a page). */
#include "vm/policy.h"
#include "arch/fdt.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/framelist.h"
#include "vm/pager.h"
#include "vm/reclaim.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shadow.h"
#include "vm/shmem.h"
#include "vm/swap.h"

const struct policy_ops *policy;
u64 cached_frames, cached_files;
static unsigned list_zone[POLICY_LISTS + 1];
static enum policy_list_kind kinds[POLICY_LISTS + 1];
static unsigned nlists, nghosts;
static struct page *last_used; /* by read(), write() or a fault */
static const struct proc *last_user;

/* The rows that --policy list shows. */
static const struct lens_policy rows[]
    __attribute__((section(".policies"), used)) = {
#define POLICY(id, line) {#id, line},
#include "policy/policies.def"
};
#define POLICY(id, line)                                                       \
    _Static_assert(sizeof(#id) <= 16 && sizeof(line) <= 80,                    \
                   "policies.def: " #id);
#include "policy/policies.def"

const struct policy_ops *const policies[] = {
#define POLICY(id, line) &policy_##id,
#include "policy/policies.def"
};
const unsigned npolicies = ARRAY_SIZE(policies);
/* The policy that --policy-file links with the kernel (OWN_POLICY), or none. */
extern const struct own_policy __own_policies_start[], __own_policies_end[];

/* ---- start-up ---- */

static unsigned ngauges;

static void gauge(const char *name, const u64 *value)
{
    assert(ngauges < LENS_GAUGES); /* vm/policy.h says how many there may be */
    struct lens_gauge *g = &lens_info.gauges[ngauges++];
    strlcpy(g->name, name, sizeof g->name);
    g->value_pa = va_pa(value);
}

const struct policy_ops *named_policy(void)
{
    char name[16] = "";
    if (!boot_arg("vm.policy", name, sizeof name))
        return policies[0];
    for (unsigned i = 0; i < npolicies; i++)
        if (!strcmp(policies[i]->name, name))
            return policies[i];
    for (const struct own_policy *own = __own_policies_start;
         own < __own_policies_end; own++)
        if (!strcmp(own->name, name))
            return own->ops;
    panic("vm.policy: no policy '%s'", name);
}

/* `unusable` is the first tunable whose value set_marks could not use. After
 * marks_accept(id) `asked` is id, and only id can become `unusable`. */
static enum tunable asked = TUN_COUNT;
static struct {
    bool is;
    enum tunable id;
    u64 least, most;
} unusable;

void policy_unusable(enum tunable id, u64 least, u64 most)
{
    if (asked == TUN_COUNT ? !unusable.is : id == asked) {
        unusable.is = true;
        unusable.id = id;
        unusable.least = least;
        unusable.most = most;
    }
}

bool marks_accept(enum tunable id)
{
    asked = id;
    unusable.is = false;
    compute_marks();
    return !unusable.is;
}

void compute_marks(void)
{
    zones_set_marks(policy);
}

void start_policy(void)
{
    struct frame_entry *entries = kzalloc(nframes * sizeof *entries);
    struct shadow_memory shadows = {
        .entries = kzalloc(nframes * sizeof *shadows.entries),
        .tags = kzalloc(nframes * sizeof *shadows.tags),
        .links = kzalloc(shadow_links(nframes) * sizeof *shadows.links)};
    if (!entries || !shadows.entries || !shadows.tags || !shadows.links)
        panic("no memory for the policy's tables");
    framelist_init(&policy_lists, entries);
    shadow_init(&shadows, (u32)nframes);
    for_each_zone(z) z->managed = z->free;
    policy = named_policy();
    compute_marks();
    if (unusable.is) {
        panic_status = 2;
        panic("%s: %ld is not in %lu..%lu", tunables[unusable.id].name,
              tun(unusable.id), unusable.least, unusable.most);
    }
    if (policy->init)
        policy->init((u32)nframes);
    strlcpy(lens_info.policy, policy->name, sizeof lens_info.policy);
    lens_info.notions = policy->notions | 1u << NOTION_ANY;
    lens_info.hands_pa = policy->hands ? va_pa(policy->hands) : 0;
    lens_info.swap_total_pa = va_pa(&swap_slots);
    lens_info.swap_used_pa = va_pa(&swap_used);
    gauge("min", &memory_levels.min);
    gauge("low", &memory_levels.low);
    gauge("high", &memory_levels.high);
    for_each_zone(z)
    {
        static const char *const name[] = {"", "free_dma", "free_normal",
                                           "free_high"};
        if (zone_present(z) < nframes)
            gauge(name[z - zones], &z->free);
    }
    for (const struct policy_mark *m = policy->marks; m && m->name; m++)
        gauge(m->name, &m->value);
    for (const struct policy_list *l = policy->lists; l && l->name; l++) {
        assert(nlists < POLICY_LISTS);
        kinds[++nlists] = l->kind;
        if (policy->list_zone)
            list_zone[nlists] = policy->list_zone[l - policy->lists];
        if (!list_zone[nlists] || zone_present(&zones[list_zone[nlists]]))
            gauge(l->name, &policy_lists.count[nlists]);
    }
    for (; policy->ghosts && policy->ghosts[nghosts]; nghosts++) {
        assert(nghosts < POLICY_LISTS);
        gauge(policy->ghosts[nghosts], shadow_count(nghosts + 1));
    }
    if (policy->cached_is_free)
        gauge("kept", &cached_frames);
    if (policy->pagers)
        gauge("messages", &pager_messages);
}

bool reclaim_has(enum notion notion)
{
    return notion == NOTION_ANY || (policy && (policy->notions >> notion & 1));
}

/* ---- events for the policy ---- */

/* The event in progress, which forbids the policy to evict pages, or NULL. */
static const char *told;

void policy_may_evict(const char *call)
{
    if (told)
        panic("policy %s: %s within %s", policy->name, call, told);
}

#define TELL(event, ...)                                                       \
    do {                                                                       \
        told = #event;                                                         \
        policy->event(__VA_ARGS__);                                            \
        told = NULL;                                                           \
    } while (0)

/* Returns the key of the page's shadow. A page that has a slot comes back by
 * its slot, whether it is anonymous or an object's. */
static u64 identity(const struct page *page)
{
    if (page->frame.state == FS_SWAPCACHE)
        return shadow_of_slot(page->slot);
    struct vm_object *o = page_is_cache(page) ? page->object : NULL;
    if (!o)
        return 0;
    u32 slot = shmem_slot(o, page->frame.index);
    return slot ? shadow_of_slot(slot)
                : shadow_of_object(o->serial, page->frame.index);
}

static enum policy_why why_of_reason(enum reason why)
{
    switch (why) {
    case R_READ_AHEAD:
    case R_SWAP_AHEAD:
        return CAME_AHEAD;
    case R_FILE_READ:
    case R_FILE_WRITE:
        return CAME_READ;
    default:
        return CAME_FAULT;
    }
}

bool tell_is_known(const struct page *page)
{
    return policy && policy_lists.entry[page_pfn(page)].known;
}

void tell_page_came(struct page *page, enum reason why)
{
    u32 pfn = page_pfn(page);
    if (!policy || !state_reclaimable(page->frame.state))
        return;
    assert(!tell_is_known(page) && !policy_lists.entry[pfn].list);
    u64 key = identity(page);
    u32 shadow = key ? shadow_take(key) : 0;
    if (shadow) {
        COUNT(REFAULT);
        counters[goes_to_swap(page) ? C_REFAULT_ANON : C_REFAULT_FILE]++;
        page_set_state(page, page->frame.state, R_REFAULT);
    }
    policy_lists.entry[pfn].known = 1;
    policy_lists.entry[pfn].data = 0;
    if (policy->page_in)
        TELL(page_in, pfn, why_of_reason(why), shadow);
}

static void set_list(struct page *page, unsigned list, bool at_head);

void tell_page_gone(struct page *page)
{
    u32 pfn = page_pfn(page);
    if (!policy || !policy_lists.entry[pfn].known)
        return;
    if (policy->page_gone)
        TELL(page_gone, pfn);
    set_list(page, 0, false);
    policy_lists.entry[pfn].known = 0;
    if (page == last_used)
        last_used = NULL;
}

/* Takes a page off its cache list (free with identity): it is used again. */
static void leave_cache_list(struct page *page)
{
    set_list(page, 0, false);
    COUNT(PGREC);
    COUNT(PGFREC);
    page_set_state(page, page->frame.state, R_CACHE_FOUND);
    if (policy->page_in)
        TELL(page_in, page_pfn(page), CAME_BACK, 0);
}

void tell_page_found(struct page *page)
{
    if (page->frame.flags & FRAME_F_CACHED)
        leave_cache_list(page);
}

void tell_page_used(struct page *page, enum actor who)
{
    page_mark(page);
    tell_page_found(page);
    if (!policy || !policy->page_touched ||
        !policy_lists.entry[page_pfn(page)].known)
        return;
    if (page == last_used && current == last_user)
        return; /* a read in pieces or a retried fault counts once */
    last_used = page;
    last_user = current;
    TELL(page_touched, page_pfn(page),
         who == ACTOR_FAULT ? CAME_FAULT : CAME_READ);
}

void tell_page_behind(struct page *page)
{
    if (policy && policy->behind && policy_lists.entry[page_pfn(page)].known &&
        !(page->frame.flags & FRAME_F_CACHED))
        policy->behind(page_pfn(page));
}

void tell_read_past(struct vm_object *o, u64 index)
{
    struct page *page =
        policy && policy->read_past ? object_peek_page(o, index) : NULL;
    if (page && policy_lists.entry[page_pfn(page)].known)
        policy->read_past(page_pfn(page), index * PAGE_SIZE);
}

void tell_page_evicted(struct page *page)
{
    u64 key = identity(page);
    u32 value = 1;
    if (!key || !policy_lists.entry[page_pfn(page)].known)
        return;
    told = "evicted";
    if (policy->evicted)
        value = policy->evicted(page_pfn(page));
    told = NULL;
    assert(!policy->ghosts || value <= nghosts); /* a list of ghosts, or none */
    if (value)
        shadow_put(key, policy->ghosts ? value : 1, value);
}

bool tell_page_written(struct page *page)
{
    if (policy && policy->written && policy_lists.entry[page_pfn(page)].known)
        policy->written(page_pfn(page));
    return page->frame.state != FS_FREE;
}

void tell_page_locked(struct page *page, bool now)
{
    if (policy && policy->locked && policy_lists.entry[page_pfn(page)].known)
        TELL(locked, page_pfn(page), now);
}

static bool idling; /* the policy is being told of an idle page */

void tell_page_idle(struct page *page)
{
    const struct lens_frame *f = &page->frame;
    if (policy && policy->idle && f->state == FS_FILE_CLEAN && !f->refs &&
        !f->pins && page->object && !(f->flags & PAGE_HELD) &&
        policy_lists.entry[page_pfn(page)].known) {
        idling = true;
        policy->idle(page_pfn(page));
        idling = false;
    }
}

/* ---- frames ---- */

enum policy_kind policy_kind(u32 pfn)
{
    const struct page *page = &frames[pfn];
    if (!policy_lists.entry[pfn].known)
        return KIND_NONE;
    if (page_is_anon(page))
        return KIND_ANON;
    return page->frame.state == FS_SHMEM ? KIND_SHMEM : KIND_FILE;
}

bool policy_may_take(u32 pfn)
{
    zone_of(pfn)->pages_scanned += state_reclaimable(frames[pfn].frame.state);
    const struct page *page = &frames[pfn];
    if (!page_reclaimable(&frames[pfn]))
        return false;
    if (policy_is_daemon())
        COUNT(PGSCAN_KSWAPD);
    else
        COUNT(PGSCAN_DIRECT);
    counters[goes_to_swap(page) ? C_PGSCAN_ANON : C_PGSCAN_FILE]++;
    return true;
}

bool policy_used(u32 pfn)
{
    return page_test_ref(&frames[pfn]);
}

bool policy_clear_used(u32 pfn)
{
    bool was = page_test_clear_ref(&frames[pfn]);
    if (was)
        COUNT(PGREF);
    return was;
}

bool policy_dirty(u32 pfn)
{
    struct page *page = &frames[pfn];
    enum frame_state s = page->frame.state;
    return s == FS_ANON || s == FS_COW || s == FS_FILE_DIRTY ||
           (page->frame.flags & FRAME_F_DIRTY) ||
           (s == FS_SHMEM && page_is_mapped_dirty(page));
}

bool policy_busy(u32 pfn)
{
    return frames[pfn].frame.flags & FRAME_F_IO;
}

bool policy_being_written(u32 pfn)
{
    return policy_busy(pfn) && (frames[pfn].frame.spare & PAGE_WRITE);
}

bool policy_locked(u32 pfn)
{
    return frames[pfn].frame.flags & FRAME_F_LOCKED;
}

bool policy_in_swap(u32 pfn)
{
    return page_is_anon(&frames[pfn]) && frames[pfn].slot;
}

u32 policy_mapped(u32 pfn)
{
    return (u32)frames[pfn].frame.refs;
}

static bool may_execute(struct space *s, u64 va, u64 *slot, void *arg)
{
    *(bool *)arg = *slot & PTE_X;
    return !(*slot & PTE_X);
}

bool policy_exec(u32 pfn)
{
    bool yes = false;
    rmap_walk(&frames[pfn], may_execute, &yes);
    return yes;
}

u32 policy_owner(u32 pfn)
{
    return frames[pfn].frame.owner;
}

u64 policy_object(u32 pfn)
{
    const struct page *page = &frames[pfn];
    if (page_is_cache(page))
        return page->object ? page->object->serial : 0;
    return page_is_anon(page) ? rmap_space(page) : 0;
}

u64 policy_index(u32 pfn)
{
    return frames[pfn].frame.index;
}

u32 policy_neighbour(u32 pfn, s64 delta)
{
    const struct page *page = &frames[pfn];
    if (!page_is_cache(page) || !page->object)
        return POLICY_NONE;
    page = object_peek_page(page->object, page->frame.index + (u64)delta);
    return page && policy_lists.entry[page_pfn(page)].known ? page_pfn(page)
                                                            : POLICY_NONE;
}

/* ---- lists ---- */

static u8 flag_of(enum policy_list_kind kind)
{
    static const u8 flag[] = {[LIST_ACTIVE] = FRAME_F_ACTIVE,
                              [LIST_INACTIVE] = FRAME_F_INACTIVE,
                              [LIST_CACHED] = FRAME_F_CACHED};
    return flag[kind];
}

/* Moves a frame to another list; no other function does. */
static void set_list(struct page *page, unsigned to, bool at_head)
{
    u32 pfn = page_pfn(page);
    assert(pfn < nframes);
    unsigned from = policy_lists.entry[pfn].list;
    assert(to <= nlists && (!to || policy_lists.entry[pfn].known));
    enum policy_list_kind was = kinds[from], is = kinds[to];
    lens_busy();
    assert(!list_zone[to] || zone_of(pfn) == &zones[list_zone[to]]);
    assert(is != LIST_CACHED || (!page->frame.refs && !page->frame.pins &&
                                 !(page->frame.flags & FRAME_F_DIRTY)));
    assert(was != LIST_CACHED || zone_of(pfn)->cached);
    u64 more = (u64)(is == LIST_CACHED) - (was == LIST_CACHED);
    cached_frames += more;
    cached_files += page_is_cache(page) ? more : 0;
    zone_of(pfn)->cached += more;
    framelist_remove(&policy_lists, pfn);
    if (to && at_head)
        framelist_add_head(&policy_lists, to, pfn);
    else if (to)
        framelist_add_tail(&policy_lists, to, pfn);
    page->frame.flags &=
        (u8) ~(FRAME_F_ACTIVE | FRAME_F_INACTIVE | FRAME_F_CACHED);
    page->frame.flags |= flag_of(is);
    if (was == LIST_INACTIVE && is == LIST_ACTIVE) {
        COUNT(PGACTIVATE);
        page_set_state(page, page->frame.state, R_ACTIVATE);
    } else if (was == LIST_ACTIVE && is == LIST_INACTIVE) {
        COUNT(PGDEACTIVATE);
        page_set_state(page, page->frame.state, R_DEACTIVATE);
    }
    lens_ready();
}

void policy_add_head(unsigned list, u32 pfn)
{
    assert(list && list <= nlists && kinds[list] != LIST_CACHED);
    set_list(&frames[pfn], list, true);
}

void policy_add_tail(unsigned list, u32 pfn)
{
    assert(list && list <= nlists && kinds[list] != LIST_CACHED);
    set_list(&frames[pfn], list, false);
}

void policy_remove(u32 pfn)
{
    set_list(&frames[pfn], 0, false);
}

uint64_t policy_ghosts(unsigned list)
{
    assert(list && list <= nghosts);
    return *shadow_count(list);
}

bool policy_forget(unsigned list)
{
    assert(list && list <= nghosts);
    return shadow_forget(list);
}

/* ---- free with identity ---- */

static bool enter_cache_list(unsigned list, u32 pfn, bool at_head,
                             enum reason why)
{
    struct page *page = &frames[pfn];
    enum frame_state s = page->frame.state;
    policy_may_evict("policy_cache");
    assert(pfn < nframes && list <= nlists && kinds[list] == LIST_CACHED);
    if ((s != FS_FILE_CLEAN && s != FS_SWAPCACHE) || !page_reclaimable(page) ||
        (page->frame.flags & FRAME_F_DIRTY))
        return false;
    page_pin(page); /* keeps the frame when its last PTE goes */
    page_unmap_all(page, R_RECLAIM);
    page_unpin(page);
    if (page->frame.flags & FRAME_F_DIRTY) /* a D bit was set */
        return false;
    page_unmark(page);
    lens_busy();
    set_list(page, list, at_head);
    page_set_state(page, page->frame.state, why);
    if (!idling) {
        count_page_freed(page);
        count_page_stolen(goes_to_swap(page));
    }
    lens_ready();
    if (memory_waiters)
        memory_freed();
    return true;
}

bool policy_cache(unsigned list, u32 pfn, bool at_head)
{
    return enter_cache_list(list, pfn, at_head,
                            idling ? R_CACHE_IDLE : R_CACHED);
}

bool policy_free_behind(unsigned list, u32 pfn)
{
    if (policy_lists.entry[pfn].list != list)
        return enter_cache_list(list, pfn, true, R_FREE_BEHIND);
    set_list(&frames[pfn], list, true);
    page_set_state(&frames[pfn], frames[pfn].frame.state, R_FREE_BEHIND);
    return true;
}

bool policy_zone_reuse_cached(unsigned zone)
{
    for (unsigned i = 1; zones[zone].cached && i <= nlists; i++) {
        if (kinds[i] != LIST_CACHED || policy_lists.first[i] == POLICY_NONE ||
            (list_zone[i] && list_zone[i] != zone))
            continue;
        struct page *page = &frames[policy_lists.first[i]];
        bool gone = page->frame.state == FS_SWAPCACHE
                        ? swapcache_evict(page, R_CACHE_REUSE)
                        : object_evict(page, R_CACHE_REUSE);
        assert(gone);
        return true;
    }
    return false;
}

bool policy_reuse_cached(void)
{
    for (unsigned i = POLICY_ZONES - 1; i >= ZONE_DMA; i--)
        if (policy_zone_reuse_cached(i))
            return true;
    return false;
}

u64 memory_spare(void)
{
    u64 n = 0;
    for_each_zone(z) n += zone_usable(z);
    return n;
}

/* ---- for the audit and /proc/meminfo ---- */

const char *lists_audit(u32 *pfn)
{
    u64 listed[POLICY_LISTS + 1] = {0}, cached = 0, files = 0, ignored;
    bool all =
        lists_activity(&ignored, &ignored); /* then every page is on a list */
    for (u32 i = 0; i < nframes; i++) {
        const struct frame_entry *e = &policy_lists.entry[i];
        const struct lens_frame *f = &frames[i].frame;
        u8 flags =
            f->flags & (FRAME_F_ACTIVE | FRAME_F_INACTIVE | FRAME_F_CACHED);
        *pfn = i;
        if (e->list > nlists || flags != flag_of(kinds[e->list]))
            return "list and flags of frame";
        if (e->list && !e->known)
            return "list of a frame that the policy has not been told of";
        if (e->known && !state_reclaimable(f->state))
            return "page that the policy knows of, but it has gone, frame";
        /* (write() fills a frame before it has a place in the cache.) */
        if (!e->known && state_reclaimable(f->state) &&
            (frames[i].object || !f->pins))
            return "page that the policy has not been told of, frame";
        if (all && e->known && !e->list && !f->pins)
            return "page that is on no list, frame";
        if ((flags & FRAME_F_CACHED) &&
            (f->refs || f->pins || (f->flags & (FRAME_F_DIRTY | FRAME_F_IO))))
            return "page free with identity, but in use, frame";
        if (list_zone[e->list] && zone_of(i) != &zones[list_zone[e->list]])
            return "page on a list of another zone, frame";
        listed[e->list]++;
        cached += (flags & FRAME_F_CACHED) != 0;
        files += (flags & FRAME_F_CACHED) && page_is_cache(&frames[i]);
    }
    *pfn = 0;
    for (unsigned i = 1; i <= nlists; i++, ++*pfn)
        if (listed[i] != policy_lists.count[i] ||
            framelist_check(&policy_lists, i, nframes) != policy_lists.count[i])
            return "length of list, less one:";
    return cached == cached_frames && files == cached_files
               ? NULL
               : "frames that are free, cached";
}

bool lists_activity(u64 *active, u64 *inactive)
{
    bool any = false;
    *active = *inactive = 0;
    for (unsigned i = 1; i <= nlists; i++) {
        *active += kinds[i] == LIST_ACTIVE ? policy_lists.count[i] : 0;
        *inactive += kinds[i] == LIST_INACTIVE ? policy_lists.count[i] : 0;
        any |= kinds[i] == LIST_ACTIVE || kinds[i] == LIST_INACTIVE;
    }
    return any;
}
