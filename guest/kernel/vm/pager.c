/* SPDX-License-Identifier: MIT */
#include "vm/pager.h"

#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/policy.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"

/* Kernel memory for one message to a pager: a kmsg (ipc_kmsg.h: 256 bytes), a
 * vm_map_copy with room for 64 pages (560, with pointers of 8 bytes) and a
 * vm_object (144), rounded up to the next size of kmalloc. */
#define MESSAGE_BYTES 1024
#define AT_A_TIME     16 /* the most that pager_bring_back reads */

/* In Mach (vm_pageout.c, vm_pageout_page and vm_pageout_setup) the page of a
 * message lies in a temporary object, which is internal. So it stays on the
 * queues, is not pinned, and the default pager may get it before the file pager
 * does. Here the page keeps its place in the file and is marked PAGE_SENT. The
 * message names the page by object and index, by which the file pager looks it
 * up, in memory or in swap. */
struct message {
    struct list link;
    struct vm_object *object; /* NULL: the message is void */
    u64 index;
};
struct job {
    struct list link;
    struct page *page; /* pinned: Mach calls it wired */
};

static struct list messages = LIST_INIT(messages), jobs = LIST_INIT(jobs);
u64 pager_messages;
static u64 njobs;
static struct waitq messages_waiting = WAITQ_INIT(messages_waiting),
                    jobs_waiting = WAITQ_INIT(jobs_waiting);

u64 policy_laundry(void)
{
    return njobs + swap_writes();
}

/* ---- slots of files' pages ---- */

void pager_forget_page(struct vm_object *o, u64 index)
{
    if (shmem_slot(o, index)) {
        assert(o->paged);
        shmem_drop(o, index);
        o->paged--;
    }
}

void pager_forget(struct vm_object *o, u64 from)
{
    struct message *m;
    list_for_each_entry(m, &messages, link)
    {
        if (m->object == o && m->index >= from)
            m->object = NULL;
    }
    while (o->in_pager)
        sleep_on(&page_io_done);
    if (o->fresh == FS_SHMEM) /* its pages' home is swap */
        shmem_forget(o, from);
    else if (o->paged) {
        u64 gone = shmem_forget(o, from);
        assert(o->paged >= gone);
        o->paged -= gone;
    }
}

/* => sleeps for each page; a page is not read if a truncation has dropped its
 * slot meanwhile */
bool pager_bring_back(struct vm_object *o)
{
    u64 index[AT_A_TIME];
    unsigned n = shmem_indexes(o, index, AT_A_TIME);
    for (unsigned i = 0; i < n; i++) {
        bool major = false;
        int err = 0;
        if (!shmem_slot(o, index[i]))
            continue;
        struct page *page =
            object_get_page(o, index[i], ACTOR_SYSCALL, &major, &err);
        if (!page)
            return false;
        page_put(page);
    }
    return n != 0;
}

/* ---- to the pagers ---- */

/* A message takes kernel memory, and its page perhaps a slot in swap until the
 * message is served; any dirty page may get a message. Mach sets no limit: a
 * writer faster than its pager fills RAM and swap, and no process can go on. */
bool policy_swamped(void)
{
    return pager_messages >= nframes * 2 ||
           (swap_slots && nr_dirty + pager_messages >= swap_slots / 2);
}

int policy_page_message(u32 pfn)
{
    _Static_assert(sizeof(struct message) <= MESSAGE_BYTES, "");
    struct page *page = &frames[pfn];
    struct message *m;
    if (!page_reclaimable(page) || !page_is_cache(page) || policy_sent(pfn))
        return -EINVAL;
    page_unmap_all(page, R_RECLAIM); /* vm_pageout_scan does so first */
    if (page->frame.state != FS_FILE_DIRTY)
        return -EINVAL;
    if (!(m = kmalloc(MESSAGE_BYTES)))
        return -ENOMEM;
    m->object = page->object;
    m->index = page->frame.index;
    list_add_tail(&m->link, &messages);
    pager_messages++;
    page->frame.spare |= PAGE_SENT;
    COUNT(PAGER_FILE);
    wake_up(&messages_waiting);
    return 0;
}

bool policy_sent(u32 pfn)
{
    const struct page *page = &frames[pfn];
    return policy_kind(pfn) == KIND_FILE && (page->frame.spare & PAGE_SENT);
}

int policy_page_default(u32 pfn)
{
    struct page *page = &frames[pfn];
    struct job *j;
    if (!page_reclaimable(page) || swap_full() || swap_is_stuck(page) ||
        (policy_kind(pfn) == KIND_FILE && !policy_sent(pfn)))
        return -EINVAL;
    if (!(j = kmalloc(sizeof *j)))
        return -ENOMEM;
    j->page = page;
    page_pin(page);
    list_add_tail(&j->link, &jobs);
    njobs++;
    COUNT(PAGER_DEFAULT);
    wake_up(&jobs_waiting);
    return 0;
}

/* Frees a file's clean page not used meanwhile; tells the policy of others. */
static void release_page(struct page *page)
{
    u32 pfn = page_pfn(page);
    page_pin(page);
    page_put(page); /* frees the page if it has no owner left */
    if (!policy_kind(pfn) || page->frame.pins ||
        (page->frame.flags & FRAME_F_IO))
        return;
    if (page_is_cache(page) && !(page->frame.flags & FRAME_F_REF) &&
        object_evict(page, R_RECLAIM))
        return;
    if (policy->page_in)
        policy->page_in(pfn, CAME_BACK, 0);
}

/* ---- the file pager ---- */

/* Writes one page and waits for the disk. => the caller has pinned it */
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

/* Allocates a frame for the pager itself, for the time of one request. */
static struct page *own_frame(void)
{
    struct page *page;
    while (!(page = page_alloc(FS_KDATA, R_ALLOC_KERNEL, current->lens.tgid))) {
        COUNT(PAGER_FILE_WAITS);
        memory_wait();
    }
    return page;
}

/* Returns the page that the message names, pinned; NULL: the page is gone, or
 * cannot be read. => sleeps and takes a frame if the page is in swap */
static struct page *message_page(struct vm_object *o, u64 index)
{
    struct page *page = object_peek_page(o, index);
    bool major = false;
    int err = 0;
    if (page && !being_read(page)) {
        page_hold(page); /* service does not count as a use */
        return page;
    }
    if (!page && !shmem_slot(o, index))
        return NULL;
    page = object_get_page(o, index, ACTOR_KERNEL, &major, &err);
    if (page)
        page_unmark(page);
    return page;
}

/* Serves the oldest message. A Hurd pager receives it with a thread (libports,
 * manage-multithread.c), which takes a frame for its kernel stack and at least
 * one for its user stack. The pager gives the page's address to the disk, so a
 * page that has gone to swap must be read back first. (The driver's
 * buffers come from a pool of its own: gnumach 1997, linux_kmem.c.) */
static void serve_message(void)
{
    struct page *kernel_stack = own_frame(), *stack = own_frame();
    struct message *m = list_first_entry(&messages, struct message, link);
    struct vm_object *o = m->object;
    struct page *page;
    list_del(&m->link);
    assert(pager_messages);
    pager_messages--;
    if (o) {
        o->in_pager++;
        if ((page = message_page(o, m->index))) {
            write_page(page);
            page->frame.spare &= (u8)~PAGE_SENT;
            page_unpin(page);
            release_page(page);
        }
        assert(o->in_pager);
        o->in_pager--;
        wake_up(&page_io_done);
    }
    kfree(m);
    page_free(stack, R_FREE_KERNEL);
    page_free(kernel_stack, R_FREE_KERNEL);
}

static void filepager(void *arg)
{
    current->actor = ACTOR_WRITER;
    current->grab = GRAB_FILE_PAGER;
    current->sig_blocked = ~0ul;
    for (;;) {
        signal_discard(current, ~0ul);
        if (list_empty(&messages)) {
            sleep_until(NEVER, &messages_waiting);
            continue;
        }
        serve_message();
    }
}

/* ---- the default pager ---- */

/* Ends the write of a double-paged page to swap. => from an interrupt */
static void double_page_done(struct page *page, int status)
{
    struct vm_object *o = page->object;
    u64 index = page->frame.index;
    bool changed = page->frame.flags & FRAME_F_DIRTY;
    page_pin(page); /* keeps the page over object_write_ended */
    object_write_ended(page, 0, R_DOUBLE_PAGED);
    page_unpin(page);
    if (!status && !changed && !(page->frame.flags & FRAME_F_REF) &&
        object_evict(page, R_RECLAIM))
        return;
    object_page_dirty(page, R_FILE_WRITE); /* releases the slot */
    pager_forget_page(o, index);
    release_page(page);
}

/* Writes a file's page to swap. Returns 0; -EAGAIN, -ENOSPC, -ENOMEM; or
 * -EINVAL: the page need not be written. */
static int double_page(struct page *page)
{
    struct vm_object *o = page->object;
    u64 index = page->frame.index;
    if (!o || page->frame.state != FS_FILE_DIRTY || shmem_slot(o, index))
        return -EINVAL;
    if (!swap_io_room())
        return -EAGAIN;
    int err = shmem_give_slot(o, index);
    if (err)
        return err;
    o->paged++;
    page_unmap_all(page, R_RECLAIM);
    page_unmark(page);
    if (!object_begin_write(page)) {
        pager_forget_page(o, index);
        return -EINVAL;
    }
    err = swap_write(page, shmem_slot(o, index), double_page_done);
    if (err) {
        object_write_ended(page, -ENOMEM, R_DOUBLE_PAGED); /* dirty again */
        pager_forget_page(o, index);
        return err;
    }
    COUNT(PAGER_DOUBLE);
    return 0;
}

/* => sleeps while no request is free. The pin keeps the frame, but not the
 * page's identity: page_reclaimable looks again each time */
static void write_job(struct page *page)
{
    int err = 0;
    page_unpin(page);
    while (page_reclaimable(page)) {
        err = page->frame.state == FS_FILE_DIRTY ? double_page(page)
                                                 : policy_take(page_pfn(page));
        if (err != -EAGAIN)
            break;
        page_pin(page);
        swap_wait_any();
        page_unpin(page);
    }
    if (page->frame.state != FS_FREE && !(page->frame.flags & FRAME_F_IO))
        release_page(page);
}

static void defpager(void *arg)
{
    current->actor = ACTOR_PAGEOUT;
    current->grab = GRAB_DEFAULT_PAGER;
    current->sig_blocked = ~0ul;
    for (;;) {
        signal_discard(current, ~0ul);
        if (list_empty(&jobs)) {
            sleep_until(NEVER, &jobs_waiting);
            continue;
        }
        struct job *j = list_first_entry(&jobs, struct job, link);
        struct page *page = j->page;
        list_del(&j->link);
        kfree(j);
        write_job(page);
        assert(njobs);
        njobs--;
        if (!policy_write_room())
            swap_wait_any();
    }
}

/* ---- deadlock ---- */

void policy_deadlock(void)
{
    COUNT(DEADLOCK);
    lens_report(LENS_NO_PFN, 0, 0, R_DEADLOCK);
    kprintf("vm: deadlock: %lu frames free, %lu processes wait for one; %lu "
            "messages to the file pager, %lu pages for the default pager\n",
            free_frames, memory_waiters, pager_messages, njobs);
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
