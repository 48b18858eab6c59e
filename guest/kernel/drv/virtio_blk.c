/* SPDX-License-Identifier: MIT */
/* Drives virtio-blk disks.
 *
 *   blk_submit -> queue (FIFO) -> one of NSLOTS slots -> device
 *                                       |  interrupt
 *   done(r)  <--------------------------+  -> next request of the queue
 *
 * A request takes a slot (header and status byte) and a chain of free
 * descriptors: one for the header, one for each contiguous range of memory, one
 * for the status. Pieces that are adjacent in memory share a descriptor. */
#include "drv/virtio_blk.h"

#include "arch/fdt.h"
#include "arch/irq.h"
#include "fs/vfs.h"
#include "task/time.h"
#include "vm/page.h"

#include <linux/virtio_blk.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#define VIRTIO_MAGIC   0x74726976
#define F_SEG_MAX      (1u << VIRTIO_BLK_F_SEG_MAX)
#define F_RO           (1u << VIRTIO_BLK_F_RO)
#define F_FLUSH        (1u << VIRTIO_BLK_F_FLUSH)
#define F_VERSION_1_HI (1u << (VIRTIO_F_VERSION_1 - 32))

#define QUEUE_SIZE 128
#define NSLOTS     16
#define CFG_SEGMAX                                                             \
    (VIRTIO_MMIO_CONFIG + offsetof(struct virtio_blk_config, seg_max))
#define BLK_MAJOR 254

struct virtq { /* written by the driver: descriptors, available ring */
    struct vring_desc desc[QUEUE_SIZE];
    struct {
        u16 flags, idx, ring[QUEUE_SIZE];
    } driver;
};
struct virtq_used { /* by the device; version 1 wants it on the next page */
    u16 flags, idx;
    struct vring_used_elem ring[QUEUE_SIZE];
};
#define QUEUE_ORDER 1 /* two frames */
struct blkdev {
    volatile u32 *regs;
    struct virtq *q;
    struct virtq_used *used;
    bool legacy;     /* transport version 1 */
    u16 size;        /* of the queue: number of descriptors */
    u16 seen;        /* used-ring entries handled */
    u16 free, nfree; /* first and number of free descriptors, linked by next */
    u16 max_segs;
    struct blkreq *slot[NSLOTS];
    u8 slot_of[QUEUE_SIZE]; /* indexed by a chain's first descriptor */
    struct virtio_blk_outhdr header[NSLOTS];
    u8 status[NSLOTS];
    struct list queue; /* struct blkreq waiting for a slot */
    u64 sectors;
    bool readonly, can_flush;
    u64 base; /* physical address of the registers */
    char name[8];
    u32 devno;
    struct blkstat stat;
    u64 busy_since;
    u64 quiet_until; /* no report of an error before this now_ns() time */
    bool claimed;    /* by a mount, a swap area or O_EXCL */
    int users;       /* files open for writing; -1: a mount or a swap area */
};

static struct blkdev *disks[BLK_MAX_DISKS];
static int ndisks;

static u32 reg_get(struct blkdev *d, u32 reg)
{
    return d->regs[reg / 4];
}
static void reg_put(struct blkdev *d, u32 reg, u32 value)
{
    d->regs[reg / 4] = value;
}
static void reg_put64(struct blkdev *d, u32 reg, u64 value)
{
    reg_put(d, reg, (u32)value);
    reg_put(d, reg + 4, (u32)(value >> 32));
}

/* Orders all earlier memory accesses before all later ones. */
static void barrier(void)
{
    __asm__ volatile("fence rw, rw" ::: "memory");
}

/* Lists the contiguous memory ranges of r and returns their number: 0 for a
 * flush, 1 if r->nsegs is 0, else at most r->nsegs. */
static u32 memory_ranges(const struct blkreq *r, struct blkseg *out)
{
    u32 n = 0;

    if (r->op == BLK_FLUSH)
        return 0;
    if (!r->nsegs) {
        out[0] = (struct blkseg){r->kva, r->nsectors * SECTOR_SIZE};
        return 1;
    }
    for (u32 i = 0; i < r->nsegs; i++) {
        const struct blkseg *seg = &r->segs[i];
        if (n && (u8 *)out[n - 1].kva + out[n - 1].bytes == seg->kva)
            out[n - 1].bytes += seg->bytes;
        else
            out[n++] = *seg;
    }
    return n;
}

/* Fills the next free descriptor and links `last` (QUEUE_SIZE: none) to it;
 * returns its index. => a descriptor is free */
static u16 add_desc(struct blkdev *d, u16 last, u64 pa, u32 len, u16 flags)
{
    u16 i = d->free;

    d->free = d->q->desc[i].next;
    d->nfree--;
    d->q->desc[i] = (struct vring_desc){pa, len, flags, 0};
    if (last != QUEUE_SIZE) {
        d->q->desc[last].next = i;
        d->q->desc[last].flags |= VRING_DESC_F_NEXT;
    }
    return i;
}

static void free_chain(struct blkdev *d, u16 i)
{
    for (;;) {
        bool more = d->q->desc[i].flags & VRING_DESC_F_NEXT;
        u16 next = d->q->desc[i].next;
        d->q->desc[i].next = d->free;
        d->free = i;
        d->nfree++;
        if (!more)
            return;
        i = next;
    }
}

/* Puts r into slot s. False if too few descriptors are free. */
static bool start_slot(struct blkdev *d, u32 s, struct blkreq *r)
{
    struct blkseg piece[BLK_MAX_SEGS];
    u32 n = memory_ranges(r, piece);
    u16 write = r->op == BLK_READ ? VRING_DESC_F_WRITE : 0;

    if (n + 2 > d->nfree)
        return false;
    d->slot[s] = r;
    r->wait_ns = now_ns() - r->start_ns;
    d->header[s] =
        (struct virtio_blk_outhdr){.type = r->op, .sector = r->sector};
    d->status[s] = 0xff;
    u16 head = add_desc(d, QUEUE_SIZE, va_pa(&d->header[s]),
                        sizeof(struct virtio_blk_outhdr), 0);
    u16 last = head;
    for (u32 i = 0; i < n; i++)
        last = add_desc(d, last, va_pa(piece[i].kva), piece[i].bytes, write);
    add_desc(d, last, va_pa(&d->status[s]), 1, VRING_DESC_F_WRITE);
    d->slot_of[head] = (u8)s;

    d->q->driver.ring[d->q->driver.idx % d->size] = head;
    barrier();
    d->q->driver.idx++;
    if (d->stat.in_flight++ == 0)
        d->busy_since = now_ns();
    return true;
}

/* Moves queued requests to free slots and notifies the device. */
static void start_queue(struct blkdev *d)
{
    bool any = false;

    for (u32 s = 0; s < NSLOTS && !list_empty(&d->queue); s++) {
        if (d->slot[s])
            continue;
        struct blkreq *r = list_first_entry(&d->queue, struct blkreq, link);
        if (!start_slot(d, s, r))
            break;
        list_del(&r->link);
        any = true;
    }
    if (any) {
        barrier();
        reg_put(d, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
    }
}

int blk_submit(struct blkdev *d, struct blkreq *r)
{
    if (r->op != BLK_FLUSH &&
        (r->sector > d->sectors || r->nsectors > d->sectors - r->sector))
        return -EIO;
    if (r->op == BLK_WRITE && d->readonly)
        return -EROFS;
    assert(r->nsegs <= d->max_segs);
    r->finished = false;
    r->start_ns = now_ns();
    list_add_tail(&r->link, &d->queue);
    start_queue(d);
    return 0;
}

/* Prints Linux's line for a failed request, at most one a second per disk. */
static void report_error(struct blkdev *d, const struct blkreq *r)
{
    if (now_ns() < d->quiet_until)
        return;
    d->quiet_until = now_ns() + NSEC_PER_SEC;
    kprintf("I/O error, dev %s, sector %lu op %s\n", d->name, r->sector,
            r->op == BLK_READ    ? "READ"
            : r->op == BLK_WRITE ? "WRITE"
                                 : "FLUSH");
}

static void request_done(struct blkdev *d, u32 s)
{
    struct blkreq *r = d->slot[s];
    u64 now = now_ns();

    d->slot[s] = NULL;
    if (--d->stat.in_flight == 0)
        d->stat.busy_ns += now - d->busy_since;
    if (r->op != BLK_FLUSH) {
        d->stat.ios[r->op]++;
        d->stat.sectors[r->op] += r->nsectors;
        d->stat.ns[r->op] += now - r->start_ns;
        d->stat.wait_ns += r->wait_ns;
    }
    r->status = d->status[s] == 0 ? 0 : -EIO;
    if (r->status)
        report_error(d, r);
    if (!r->status && r->op == BLK_READ)
        COUNT_ADD(PGPGIN, r->nsectors * SECTOR_SIZE / 1024);
    if (!r->status && r->op == BLK_WRITE)
        COUNT_ADD(PGPGOUT, r->nsectors * SECTOR_SIZE / 1024);
    r->finished = true;
    r->done(r);
}

static void blk_interrupt(void *arg)
{
    struct blkdev *d = arg;

    reg_put(d, VIRTIO_MMIO_INTERRUPT_ACK,
            reg_get(d, VIRTIO_MMIO_INTERRUPT_STATUS));
    barrier();
    while (d->seen != *(volatile u16 *)&d->used->idx) {
        barrier();
        u32 id = d->used->ring[d->seen % d->size].id;
        d->seen++;
        u32 s = id < d->size ? d->slot_of[id] : NSLOTS;
        if (s >= NSLOTS || !d->slot[s])
            panic("%s: the disk answered what nobody asked (%u)", d->name, id);
        d->slot_of[id] = NSLOTS;
        free_chain(d, (u16)id);
        request_done(d, s);
    }
    start_queue(d);
}

static void wake_waiter(struct blkreq *r)
{
    wake_up(&r->wait);
}

static int transfer(struct blkdev *d, enum blk_op op, u64 sector, void *kva,
                    u32 nsectors)
{
    struct blkreq r = {.op = op,
                       .sector = sector,
                       .kva = kva,
                       .nsectors = nsectors,
                       .done = wake_waiter};

    if (!d)
        return -ENXIO;
    waitq_init(&r.wait);
    int err = blk_submit(d, &r);
    if (err)
        return err;
    while (!*(volatile bool *)&r.finished)
        sleep_on(&r.wait);
    return r.status;
}

int blk_read(struct blkdev *d, u64 sector, void *kva, u32 nsectors)
{
    return transfer(d, BLK_READ, sector, kva, nsectors);
}

int blk_write(struct blkdev *d, u64 sector, const void *kva, u32 nsectors)
{
    return transfer(d, BLK_WRITE, sector, (void *)kva, nsectors);
}

int blk_flush(struct blkdev *d)
{
    if (d && !d->can_flush)
        return 0;
    return transfer(d, BLK_FLUSH, 0, NULL, 0);
}

struct blkdev *blk_dev(int n)
{
    return n >= 0 && n < ndisks ? disks[n] : NULL;
}
u32 blk_max_segs(struct blkdev *d)
{
    return d->max_segs;
}
u64 blk_sectors(struct blkdev *d)
{
    return d->sectors;
}
bool blk_readonly(struct blkdev *d)
{
    return d->readonly;
}
const char *blk_name(struct blkdev *d)
{
    return d->name;
}
u32 blk_devno(struct blkdev *d)
{
    return d->devno;
}

bool blk_claim(struct blkdev *d)
{
    bool was = d->claimed;
    d->claimed = true;
    return !was;
}

void blk_unclaim(struct blkdev *d)
{
    assert(d->claimed);
    d->claimed = false;
}

bool blk_take(struct blkdev *d, bool alone)
{
    if (d->users < 0 || (alone && (d->users || !blk_claim(d))))
        return false;
    d->users = alone ? -1 : d->users + 1;
    return true;
}

void blk_give(struct blkdev *d)
{
    assert(d->users);
    if (d->users < 0)
        blk_unclaim(d);
    d->users = d->users < 0 ? 0 : d->users - 1;
}

bool blk_written(struct blkdev *d)
{
    return d->users > 0;
}

void blk_stat(struct blkdev *d, struct blkstat *out)
{
    *out = d->stat;
    if (d->stat.in_flight)
        out->busy_ns += now_ns() - d->busy_since;
}

/* virtio 1.1, 3.1.1: the order of these writes is prescribed. */
static bool negotiate(struct blkdev *d)
{
    reg_put(d, VIRTIO_MMIO_STATUS, 0);
    reg_put(d, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
    reg_put(d, VIRTIO_MMIO_STATUS,
            VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
    reg_put(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    u32 features =
        reg_get(d, VIRTIO_MMIO_DEVICE_FEATURES) & (F_RO | F_FLUSH | F_SEG_MAX);
    d->readonly = features & F_RO;
    d->can_flush = features & F_FLUSH;
    /* Without the feature only one segment is guaranteed. */
    d->max_segs = features & F_SEG_MAX ? BLK_MAX_SEGS : 1;
    reg_put(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
    reg_put(d, VIRTIO_MMIO_DRIVER_FEATURES, features);
    if (d->legacy)
        return true;
    reg_put(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
    reg_put(d, VIRTIO_MMIO_DRIVER_FEATURES, F_VERSION_1_HI);
    reg_put(d, VIRTIO_MMIO_STATUS,
            VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
                VIRTIO_CONFIG_S_FEATURES_OK);
    return reg_get(d, VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void give_queue(struct blkdev *d)
{
    reg_put(d, VIRTIO_MMIO_QUEUE_NUM, d->size);
    if (d->legacy) {
        reg_put(d, VIRTIO_MMIO_QUEUE_ALIGN, PAGE_SIZE);
        reg_put(d, VIRTIO_MMIO_QUEUE_PFN, (u32)(va_pa(d->q) / PAGE_SIZE));
        return;
    }
    reg_put64(d, VIRTIO_MMIO_QUEUE_DESC_LOW, va_pa(d->q->desc));
    reg_put64(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, va_pa(&d->q->driver));
    reg_put64(d, VIRTIO_MMIO_QUEUE_USED_LOW, va_pa(d->used));
    reg_put(d, VIRTIO_MMIO_QUEUE_READY, 1);
}

static bool set_up_queue(struct blkdev *d)
{
    _Static_assert(sizeof(struct virtq) <= PAGE_SIZE, "fits its page");
    if (d->legacy)
        reg_put(d, VIRTIO_MMIO_GUEST_PAGE_SIZE, PAGE_SIZE);
    reg_put(d, VIRTIO_MMIO_QUEUE_SEL, 0);
    u32 max = reg_get(d, VIRTIO_MMIO_QUEUE_NUM_MAX);
    if (max < 4 ||
        reg_get(d, d->legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY))
        return false;
    /* In version 1 the available ring directly follows the descriptors, which
     * is true of struct virtq only with QUEUE_SIZE of them. */
    if (max < QUEUE_SIZE && d->legacy)
        return false;
    for (d->size = QUEUE_SIZE; d->size > max; d->size /= 2)
        ;
    struct page *page =
        page_alloc_order(QUEUE_ORDER, FS_KDATA, R_ALLOC_KERNEL, 0);
    if (!page)
        return false;
    d->q = page_va(page);
    d->used = (void *)((u8 *)d->q + PAGE_SIZE);
    page_clear(d->q);
    page_clear(d->used);
    memset(d->slot_of, NSLOTS, sizeof(d->slot_of));
    for (d->nfree = 0; d->nfree < d->size; d->nfree++)
        d->q->desc[d->nfree].next = (u16)(d->nfree + 1);
    d->max_segs = MIN(d->max_segs, (u16)(d->size - 2));
    give_queue(d);
    return true;
}

/* Sets up the disk at a virtio,mmio node, or returns NULL. */
static struct blkdev *probe(int node)
{
    u64 pa, size;

    if (!fdt_enabled(node) || !fdt_reg(node, 0, &pa, &size))
        return NULL;
    volatile u32 *regs = fdt_map(pa);
    if (regs[VIRTIO_MMIO_MAGIC_VALUE / 4] != VIRTIO_MAGIC ||
        regs[VIRTIO_MMIO_DEVICE_ID / 4] != VIRTIO_ID_BLOCK)
        return NULL;
    u32 version = regs[VIRTIO_MMIO_VERSION / 4];
    if (version != 1 && version != 2) {
        kprintf("virtio-blk: unknown version %u at %lx\n", version, pa);
        return NULL;
    }
    struct blkdev *d = kzalloc(sizeof(*d));
    if (!d)
        return NULL;
    d->regs = regs;
    d->legacy = version == 1;
    d->base = pa;
    list_init(&d->queue);
    if (!negotiate(d) || !set_up_queue(d) ||
        irq_register(fdt_irq(node, 0), d->name, blk_interrupt, d)) {
        reg_put(d, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FAILED);
        kprintf("virtio-blk: the device at %lx refuses\n", pa);
        kfree(d);
        return NULL;
    }
    d->sectors = reg_get(d, VIRTIO_MMIO_CONFIG) |
                 (u64)reg_get(d, VIRTIO_MMIO_CONFIG + 4) << 32;
    if (d->max_segs > 1)
        d->max_segs = (u16)MAX(1u, MIN(d->max_segs, reg_get(d, CFG_SEGMAX)));
    reg_put(d, VIRTIO_MMIO_STATUS,
            VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
                VIRTIO_CONFIG_S_DRIVER_OK |
                (d->legacy ? 0 : VIRTIO_CONFIG_S_FEATURES_OK));
    return d;
}

/* Disks are numbered by address, since a device tree may list nodes in any
 * order. */
static void disk_insert(struct blkdev *d)
{
    int i = ndisks++;

    for (; i > 0 && disks[i - 1]->base > d->base; i--)
        disks[i] = disks[i - 1];
    disks[i] = d;
}

void virtio_blk_init(void)
{
    int node = -1;

    while ((node = fdt_compatible(node, "virtio,mmio")) >= 0 &&
           ndisks < BLK_MAX_DISKS) {
        struct blkdev *d = probe(node);
        if (d)
            disk_insert(d);
    }
    for (int i = 0; i < ndisks; i++) {
        snprintf(disks[i]->name, sizeof(disks[i]->name), "vd%c", 'a' + i);
        disks[i]->devno = MKDEV(BLK_MAJOR, 16 * i);
    }
}
