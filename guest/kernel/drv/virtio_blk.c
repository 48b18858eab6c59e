/* SPDX-License-Identifier: MIT */
/* virtio-blk driver.
 *
 *   blk_submit -> queue (FIFO) -> one of NSLOTS slots -> device
 *                                       |  interrupt
 *   done(r)  <--------------------------+  -> next of the queue
 *
 * A request takes a slot (header and status byte) and a chain of free
 * descriptors: one for the header, one for each contiguous range of memory, one
 * for the status. Pieces that are adjacent in memory share a descriptor. */
#include "drv/virtio_blk.h"

#include "arch/fdt.h"
#include "arch/irq.h"
#include "fs/vfs.h"
#include "proc/time.h"
#include "vm/page.h"

enum { /* registers, virtio 1.1 table 4.1 */
       REG_MAGIC = 0x000,
       REG_VERSION = 0x004,
       REG_DEVICE_ID = 0x008,
       REG_DEVICE_FEATURES = 0x010,
       REG_DEVICE_FEATURES_SEL = 0x014,
       REG_DRIVER_FEATURES = 0x020,
       REG_DRIVER_FEATURES_SEL = 0x024,
       REG_GUEST_PAGE_SIZE = 0x028, /* version 1 (4.2.4) */
       REG_QUEUE_SEL = 0x030,
       REG_QUEUE_NUM_MAX = 0x034,
       REG_QUEUE_NUM = 0x038,
       REG_QUEUE_ALIGN = 0x03c, /* version 1 */
       REG_QUEUE_PFN = 0x040,   /* version 1 */
       REG_QUEUE_READY = 0x044,
       REG_QUEUE_NOTIFY = 0x050,
       REG_INTERRUPT_STATUS = 0x060,
       REG_INTERRUPT_ACK = 0x064,
       REG_STATUS = 0x070,
       REG_QUEUE_DESC = 0x080,
       REG_QUEUE_DRIVER = 0x090,
       REG_QUEUE_DEVICE = 0x0a0,
       REG_CONFIG = 0x100
};
#define VIRTIO_MAGIC   0x74726976
#define VIRTIO_ID_BLK  2
#define S_ACKNOWLEDGE  1
#define S_DRIVER       2
#define S_DRIVER_OK    4
#define S_FEATURES_OK  8
#define S_FAILED       128
#define F_BLK_SEG_MAX  (1u << 2)
#define F_BLK_RO       (1u << 5)
#define F_BLK_FLUSH    (1u << 9)
#define F_VERSION_1_HI (1u << 0) /* feature bit 32 */

#define QUEUE_SIZE 128
#define NSLOTS     16
#define CFG_SEGMAX (REG_CONFIG + 12)
#define BLK_MAJOR  254

enum { DESC_NEXT = 1, DESC_WRITE = 2 };

struct virtq_desc {
    u64 addr;
    u32 len;
    u16 flags, next;
};
struct virtq { /* written by the driver: descriptors, available ring */
    struct virtq_desc desc[QUEUE_SIZE];
    struct {
        u16 flags, idx, ring[QUEUE_SIZE];
    } driver;
};
struct virtq_used { /* written by the device; version 1: on the next page */
    u16 flags, idx;
    struct {
        u32 id, len;
    } ring[QUEUE_SIZE];
};
#define QUEUE_ORDER 1 /* two frames */
struct blk_header {
    u32 type, reserved;
    u64 sector;
};

struct blkdev {
    volatile u32 *regs;
    struct virtq *q;
    struct virtq_used *used;
    bool legacy;     /* transport version 1 */
    u16 size;        /* of the queue: number of descriptors */
    u16 seen;        /* used-ring entries handled */
    u16 free, nfree; /* first of the free descriptors, linked by next */
    u16 max_segs;
    struct blkreq *slot[NSLOTS];
    u8 slot_of[QUEUE_SIZE]; /* by the chain's first descriptor */
    struct blk_header header[NSLOTS];
    u8 status[NSLOTS];
    struct list queue; /* struct blkreq waiting for a slot */
    u64 sectors;
    bool readonly, can_flush;
    u64 base; /* physical address of the registers */
    char name[8];
    u32 devno;
    struct blkstat stat;
    u64 busy_since;
    u64 quiet_until; /* no report of an error before, in ns */
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

/* Orders memory and device accesses before it before those after it. */
static void barrier(void)
{
    __asm__ volatile("fence rw, rw" ::: "memory");
}

/* Lists the contiguous memory ranges of r; returns their number, at most
 * r->nsegs or 1. */
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

/* Fills the next free descriptor and links `last` to it. => one is free */
static u16 add_desc(struct blkdev *d, u16 last, u64 pa, u32 len, u16 flags)
{
    u16 i = d->free;

    d->free = d->q->desc[i].next;
    d->nfree--;
    d->q->desc[i] = (struct virtq_desc){pa, len, flags, 0};
    if (last != QUEUE_SIZE) {
        d->q->desc[last].next = i;
        d->q->desc[last].flags |= DESC_NEXT;
    }
    return i;
}

/* Frees the descriptors of a chain. */
static void free_chain(struct blkdev *d, u16 i)
{
    for (;;) {
        bool more = d->q->desc[i].flags & DESC_NEXT;
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
    u16 write = r->op == BLK_READ ? DESC_WRITE : 0;

    if (n + 2 > d->nfree)
        return false;
    d->slot[s] = r;
    r->wait_ns = now_ns() - r->start_ns;
    d->header[s] = (struct blk_header){.type = r->op, .sector = r->sector};
    d->status[s] = 0xff;
    u16 head = add_desc(d, QUEUE_SIZE, va_pa(&d->header[s]),
                        sizeof(struct blk_header), 0);
    u16 last = head;
    for (u32 i = 0; i < n; i++)
        last = add_desc(d, last, va_pa(piece[i].kva), piece[i].bytes, write);
    add_desc(d, last, va_pa(&d->status[s]), 1, DESC_WRITE);
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
        reg_put(d, REG_QUEUE_NOTIFY, 0);
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

/* As Linux, but at most one line a second for each disk. */
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

    reg_put(d, REG_INTERRUPT_ACK, reg_get(d, REG_INTERRUPT_STATUS));
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

void blk_stat(struct blkdev *d, struct blkstat *out)
{
    *out = d->stat;
    if (d->stat.in_flight)
        out->busy_ns += now_ns() - d->busy_since;
}

/* virtio 1.1, 3.1.1: the order of these writes is prescribed. */
static bool negotiate(struct blkdev *d)
{
    reg_put(d, REG_STATUS, 0);
    reg_put(d, REG_STATUS, S_ACKNOWLEDGE);
    reg_put(d, REG_STATUS, S_ACKNOWLEDGE | S_DRIVER);
    reg_put(d, REG_DEVICE_FEATURES_SEL, 0);
    u32 features = reg_get(d, REG_DEVICE_FEATURES) &
                   (F_BLK_RO | F_BLK_FLUSH | F_BLK_SEG_MAX);
    d->readonly = features & F_BLK_RO;
    d->can_flush = features & F_BLK_FLUSH;
    /* Without the feature only one segment is guaranteed. */
    d->max_segs = features & F_BLK_SEG_MAX ? BLK_MAX_SEGS : 1;
    reg_put(d, REG_DRIVER_FEATURES_SEL, 0);
    reg_put(d, REG_DRIVER_FEATURES, features);
    if (d->legacy)
        return true;
    reg_put(d, REG_DRIVER_FEATURES_SEL, 1);
    reg_put(d, REG_DRIVER_FEATURES, F_VERSION_1_HI);
    reg_put(d, REG_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
    return reg_get(d, REG_STATUS) & S_FEATURES_OK;
}

/* Passes the addresses of the rings to the device. */
static void give_queue(struct blkdev *d)
{
    reg_put(d, REG_QUEUE_NUM, d->size);
    if (d->legacy) {
        reg_put(d, REG_QUEUE_ALIGN, PAGE_SIZE);
        reg_put(d, REG_QUEUE_PFN, (u32)(va_pa(d->q) / PAGE_SIZE));
        return;
    }
    reg_put64(d, REG_QUEUE_DESC, va_pa(d->q->desc));
    reg_put64(d, REG_QUEUE_DRIVER, va_pa(&d->q->driver));
    reg_put64(d, REG_QUEUE_DEVICE, va_pa(d->used));
    reg_put(d, REG_QUEUE_READY, 1);
}

static bool set_up_queue(struct blkdev *d)
{
    _Static_assert(sizeof(struct virtq) <= PAGE_SIZE, "fits its page");
    if (d->legacy)
        reg_put(d, REG_GUEST_PAGE_SIZE, PAGE_SIZE);
    reg_put(d, REG_QUEUE_SEL, 0);
    u32 max = reg_get(d, REG_QUEUE_NUM_MAX);
    if (max < 4 || reg_get(d, d->legacy ? REG_QUEUE_PFN : REG_QUEUE_READY))
        return false;
    /* In version 1 the available ring directly follows the descriptors, so a
     * queue of fewer than QUEUE_SIZE would have it elsewhere. */
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
    if (regs[REG_MAGIC / 4] != VIRTIO_MAGIC ||
        regs[REG_DEVICE_ID / 4] != VIRTIO_ID_BLK)
        return NULL;
    u32 version = regs[REG_VERSION / 4];
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
        reg_put(d, REG_STATUS, S_FAILED);
        kprintf("virtio-blk: the device at %lx refuses\n", pa);
        kfree(d);
        return NULL;
    }
    d->sectors = reg_get(d, REG_CONFIG) | (u64)reg_get(d, REG_CONFIG + 4) << 32;
    if (d->max_segs > 1)
        d->max_segs = (u16)MAX(1u, MIN(d->max_segs, reg_get(d, CFG_SEGMAX)));
    reg_put(d, REG_STATUS,
            S_ACKNOWLEDGE | S_DRIVER | S_DRIVER_OK |
                (d->legacy ? 0 : S_FEATURES_OK));
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
