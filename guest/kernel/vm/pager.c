/* SPDX-License-Identifier: MIT */
#include "vm/pager.h"

#include "lib/tunable.h"
#include "proc/proc.h"
#include "vm/policy.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"
#include "vm/writeback.h"

/* A message with its temporary object and map entry: of the order of those of
 * Mach's ikm_alloc and vm_object_allocate together; ours. */
#define MESSAGE_BYTES 512
#define AT_A_TIME     16 /* pages that are read back in a row */

struct message {
    struct list link;
    struct vm_object *object; /* NULL: it has been forgotten */
    u64 index;
    struct page *page; /* pinned; NULL: it lies in swap */
    bool served;       /* by filepager, now */
};
struct job {
    struct list link;
    struct page *page; /* pinned: Mach calls it wired */
};

static struct list messages = LIST_INIT(messages), jobs = LIST_INIT(jobs);
static u64 nmessages, njobs;
static struct waitq mail = WAITQ_INIT(mail), work = WAITQ_INIT(work);

u64 pager_messages(void)
{
    return nmessages;
}

u64 policy_messages(void)
{
    return nmessages;
}

u64 policy_laundry(void)
{
    return njobs + swap_writes();
}

/* ---- slots of files' pages ---- */

void pager_forget_page(struct vm_object *o, u64 index)
{
    if (shmem_slot(o, index)) {
        shmem_drop(o, index);
        o->paged--;
    }
}

void pager_forget(struct vm_object *o, u64 from)
{
    struct message *m;
    list_for_each_entry(m, &messages, link)
    {
        if (m->object == o && m->index >= from && !m->page)
            m->object = NULL;
    }
    while (o->in_pager)
        sleep_on(&page_io_done);
    if (o->fresh == FS_SHMEM) /* swap is where it lives */
        shmem_forget(o, from);
    else if (o->paged)
        o->paged -= shmem_forget(o, from);
}

bool pager_bring_back(struct vm_object *o)
{
    u64 index[AT_A_TIME];
    unsigned n = shmem_indexes(o, index, AT_A_TIME);
    for (unsigned i = 0; i < n; i++) {
        bool major = false;
        int err = 0;
        struct page *page =
            object_get_page(o, index[i], ACTOR_SYSCALL, &major, &err);
        if (!page)
            return false;
        page_put(page);
    }
    return n != 0;
}

/* ---- to the pagers ---- */

static struct message *send(struct vm_object *o, u64 index)
{
    _Static_assert(sizeof(struct message) <= MESSAGE_BYTES, "");
    struct message *m = kmalloc(MESSAGE_BYTES);
    if (!m)
        return NULL;
    m->object = o;
    m->index = index;
    m->page = NULL;
    m->served = false;
    list_add_tail(&m->link, &messages);
    nmessages++;
    COUNT(PAGER_FILE);
    wake_up(&mail);
    return m;
}

int policy_page_message(u32 pfn)
{
    struct page *page = &frames[pfn];
    if (!page_reclaimable(page) || page->frame.state != FS_FILE_DIRTY)
        return -EINVAL;
    struct message *m = send(page->object, page->frame.index);
    if (!m)
        return -ENOMEM;
    m->page = page;
    page->frame.pins++;
    return 0;
}

int policy_page_default(u32 pfn)
{
    struct page *page = &frames[pfn];
    struct job *j;
    if (!page_reclaimable(page) || swap_full())
        return -EINVAL;
    if (!(j = kmalloc(sizeof *j)))
        return -ENOMEM;
    if (page->frame.state == FS_FILE_DIRTY &&
        !send(page->object, page->frame.index)) {
        kfree(j);
        return -ENOMEM;
    }
    j->page = page;
    page->frame.pins++;
    list_add_tail(&j->link, &jobs);
    njobs++;
    COUNT(PAGER_DEFAULT);
    wake_up(&work);
    return 0;
}

/* Back to the policy's lists, or free if nobody uses it. */
static void let_go(struct page *page)
{
    u32 pfn = page_pfn(page);
    page->frame.pins++;
    page_put(page); /* frees what has no owner any more */
    if (!policy_kind(pfn) || page->frame.pins ||
        (page->frame.flags & FRAME_F_IO))
        return;
    if (page_is_cache(page) && !(page->frame.flags & FRAME_F_REF) &&
        object_evict(page, R_RECLAIM))
        return;
    if (policy->page_in)
        policy->page_in(pfn, CAME_BACK, 0);
}

bool policy_page_recall(u32 pfn)
{
    struct page *page = &frames[pfn];
    struct message *m;
    list_for_each_entry(m, &messages, link)
    {
        if (m->page != page || m->served)
            continue;
        list_del(&m->link);
        nmessages--;
        kfree(m);
        page->frame.pins--;
        if (policy_page_default(pfn) == 0)
            return true;
        let_go(page);
        return false;
    }
    return false;
}

/* ---- the file pager ---- */

/* Writes this one page and waits for the disk. => it is pinned */
static void write_page(struct page *page)
{
    struct vm_object *o = page->object;
    while (page->object && (page->frame.flags & FRAME_F_IO))
        sleep_on(&page_io_done);
    if (page->object != o || !o || !object_begin_write(page))
        return;
    if (o->ops->start_write(o, &page, 1))
        return;
    while (page->frame.flags & FRAME_F_IO)
        sleep_on(&page_io_done);
}

/* The frame that a request needs while it is served: the pager's own memory,
 * its stack and buffers, and the disk's. */
static struct page *own_frame(void)
{
    struct page *page;
    while (!(page = page_alloc(FS_KDATA, R_ALLOC_KERNEL, current->lens.pid))) {
        COUNT(PAGER_FILE_WAITS);
        memory_wait();
    }
    return page;
}

/* The oldest message, once there is a frame for it: NULL if it was the last
 * and has been recalled meanwhile. */
static struct message *serve(void)
{
    struct page *own = own_frame();
    struct message *m = list_empty(&messages)
                            ? NULL
                            : list_first_entry(&messages, struct message, link);
    if (!m) {
        page_free(own, R_FREE_KERNEL);
        return NULL;
    }
    struct page *page = m->page;
    struct vm_object *o = m->object;
    m->served = true;
    if (!page && o && shmem_slot(o, m->index)) {
        bool major = false;
        int err = 0;
        o->in_pager++;
        page = object_get_page(o, m->index, ACTOR_KERNEL, &major, &err);
        if (page)
            write_page(page);
        o->in_pager--;
        wake_up(&page_io_done);
    } else if (page) {
        write_page(page);
    }
    if (page) {
        page->frame.flags &= (u8)~FRAME_F_REF;
        page->frame.pins--;
        let_go(page);
    }
    page_free(own, R_FREE_KERNEL);
    return m;
}

static void filepager(void *arg)
{
    (void)arg;
    current->actor = ACTOR_WRITER;
    current->grab = GRAB_FILE_PAGER;
    current->sig_blocked = ~0ul;
    for (;;) {
        current->sig_pending = 0;
        if (list_empty(&messages)) {
            sleep_until(NEVER, &mail);
            continue;
        }
        struct message *m = serve();
        if (!m)
            continue;
        list_del(&m->link);
        nmessages--;
        kfree(m);
    }
}

/* ---- the default pager ---- */

/* A double-paged page has been written. => from an interrupt */
static void to_swap(struct page *page, int status)
{
    struct vm_object *o = page->object;
    u64 index = page->frame.index;
    bool changed = page->frame.flags & FRAME_F_DIRTY;
    page->frame.pins++; /* over object_write_ended */
    object_write_ended(page, 0, R_DOUBLE_PAGED);
    page->frame.pins--;
    if (!status && !changed && !(page->frame.flags & FRAME_F_REF) &&
        object_evict(page, R_RECLAIM))
        return;
    object_page_dirty(page, R_FILE_WRITE); /* gives the slot up */
    pager_forget_page(o, index);
    let_go(page);
}

/* 0, or -EAGAIN, -ENOSPC, -ENOMEM, -EINVAL: it need not be written. */
static int double_page(struct page *page)
{
    struct vm_object *o = page->object;
    u64 index = page->frame.index;
    u32 slot;
    if (!o || page->frame.state != FS_FILE_DIRTY || shmem_slot(o, index))
        return -EINVAL;
    if (!swap_io_room())
        return -EAGAIN;
    if (!(slot = swap_alloc()))
        return -ENOSPC;
    int err = shmem_keep(o, index, slot);
    swap_uncache(slot);
    if (err)
        return err;
    o->paged++;
    page_unmap_all(page, R_RECLAIM);
    page->frame.flags &= (u8)~FRAME_F_REF;
    if (!object_begin_write(page)) {
        pager_forget_page(o, index);
        return -EINVAL;
    }
    err = swap_write(page, slot, to_swap);
    if (err) {
        object_write_ended(page, -ENOMEM, R_DOUBLE_PAGED); /* dirty again */
        pager_forget_page(o, index);
        return err;
    }
    COUNT(PAGER_DOUBLE);
    return 0;
}

static void write_job(struct page *page)
{
    int err = 0;
    page->frame.pins--;
    while (page_reclaimable(page)) {
        err = page->frame.state == FS_FILE_DIRTY ? double_page(page)
                                                 : policy_take(page_pfn(page));
        if (err != -EAGAIN)
            break;
        page->frame.pins++;
        swap_wait_any();
        page->frame.pins--;
    }
    if (page->frame.state != FS_FREE && !(page->frame.flags & FRAME_F_IO))
        let_go(page);
}

static void defpager(void *arg)
{
    (void)arg;
    current->actor = ACTOR_PAGEOUT;
    current->grab = GRAB_DEFAULT_PAGER;
    current->sig_blocked = ~0ul;
    for (;;) {
        current->sig_pending = 0;
        if (list_empty(&jobs)) {
            sleep_until(NEVER, &work);
            continue;
        }
        struct job *j = list_first_entry(&jobs, struct job, link);
        struct page *page = j->page;
        list_del(&j->link);
        kfree(j);
        write_job(page);
        njobs--;
        if (!policy_write_room())
            swap_wait_any();
    }
}

/* ---- nobody gets any further ---- */

void policy_deadlock(void)
{
    COUNT(DEADLOCK);
    lens_report(LENS_NO_PFN, 0, 0, R_DEADLOCK);
    kprintf("vm: deadlock: %lu frames free, %lu processes wait for one; %lu "
            "messages to the file pager, %lu pages for the default pager\n",
            free_frames, memory_waiters, nmessages, njobs);
    if (tun(TUN_PANIC_ON_DEADLOCK))
        panic("deadlock of the pagers");
}

void pager_start(void)
{
    if (!policy->pagers)
        return;
    if (!proc_spawn_kernel("filepager", filepager, NULL) ||
        (tun(TUN_MACH_DEFAULT_PAGER) &&
         !proc_spawn_kernel("defpager", defpager, NULL)))
        panic("no memory for the pagers");
}
