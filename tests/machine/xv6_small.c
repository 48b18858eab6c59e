/* SPDX-License-Identifier: MIT */
/* A kernel of a few structures with xv6-riscv's names but another layout: a
 * free list, a kernel page table, four processes with page tables, a page that
 * two of them share, a buffer cache. The allocator also records each frame's
 * purpose, and the kernel prints the record: xv6_reader.t compares it
 * with what the machine reads in the structures. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef u64 *pagetable_t;

#define PAGE       4096ul
#define BASE       0x80000000ul
#define PHYSTOP    (BASE + 0x180000) /* RAM has more */
#define FRAMES     (0x180000 / PAGE)
#define NPROC      6
#define NBUF       5
#define TRAMPOLINE ((1ul << 38) - PAGE)
#define TRAPFRAME  (TRAMPOLINE - PAGE)
#define KSTACK(i)  (TRAMPOLINE - ((i) + 1) * 2 * PAGE)
enum { V = 1, R = 2, W = 4, X = 8, U = 16 };

struct spinlock {
    u32 locked;
    char *name;
};
struct run {
    struct run *next;
};
struct {
    struct run *freelist;
    struct spinlock lock;
} kmem;

struct buf {
    struct spinlock lock;
    int valid;
    u32 dev, refcnt, blockno;
    struct buf *prev, *next;
    u8 data[1024];
};
struct {
    u64 of_ours;
    struct buf buf[NBUF];
    struct buf head;
} bcache;

enum procstate { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };
struct trapframe {
    u64 kernel_satp, epc;
};
struct proc {
    char name[16];
    u64 sz, of_ours;
    pagetable_t pagetable;
    struct trapframe *trapframe;
    struct proc *parent;
    enum procstate state;
    int pid;
    void *chan;
    u64 kstack;
} proc[NPROC];
struct cpu {
    int noff;
    struct proc *proc;
} cpus[2];
pagetable_t kernel_pagetable;
extern char end[], etext[], trampoline[];

asm(".text\n.globl _start\n_start: la sp, stack_top\n j run\n"
    /* In M-mode: opens all memory to S-mode, and goes there with paging. */
    ".globl go\ngo: li t0, -1\n csrw pmpaddr0, t0\n li t0, 0x1f\n"
    " csrw pmpcfg0, t0\n csrw satp, a0\n sfence.vma\n"
    " li t0, 0x1800\n csrc mstatus, t0\n li t0, 0x800\n csrs mstatus, t0\n"
    " csrw mepc, ra\n mret\n"
    ".balign 4096\n.globl trampoline\ntrampoline: ret\n.balign 4096\n"
    ".bss\n.balign 16\n.skip 8192\nstack_top:\n.text\n");
void go(u64 satp);

/* ---- console ------------------------------------------------------------ */

static void put(char c)
{
    asm volatile("" ::: "memory"); /* all stores are made by now */
    *(volatile u8 *)0x10000000 = (u8)c;
}

static void text(const char *s)
{
    while (*s)
        put(*s++);
}

static void number(u64 v)
{
    put(' ');
    text("0x");
    for (int i = 60; i >= 0; i -= 4)
        put("0123456789abcdef"[v >> i & 15]);
}

/* ---- frames ------------------------------------------------------------- */

enum what { IMAGE, FREE, TABLE, STACK, FRAME, USER, GUARD, OTHER };
static struct {
    u8 what, refs;
    int pid;
} truth[FRAMES];
static void *stacks[NPROC];
static const char *const words[] = {"image",     "free", "table", "stack",
                                    "trapframe", "user", "guard", "other"};

static u64 pfn(void *pa)
{
    return ((u64)pa - BASE) / PAGE;
}

static void kfree(void *pa)
{
    struct run *r = pa;
    truth[pfn(pa)].what = FREE;
    truth[pfn(pa)].pid = truth[pfn(pa)].refs = 0;
    r->next = kmem.freelist;
    kmem.freelist = r;
}

static void *kalloc(enum what what, int pid)
{
    struct run *r = kmem.freelist;
    kmem.freelist = r->next;
    truth[pfn(r)].what = what;
    truth[pfn(r)].pid = pid;
    for (u64 i = 0; i < PAGE / 8; i++)
        ((u64 *)r)[i] = 0;
    return r;
}

static u64 *walk(pagetable_t table, u64 va, int pid)
{
    for (int level = 2; level > 0; level--) {
        u64 *pte = &table[va >> (12 + 9 * level) & 511];
        if (!(*pte & V))
            *pte = (u64)kalloc(TABLE, pid) >> 12 << 10 | V;
        table = (pagetable_t)(*pte >> 10 << 12);
    }
    return &table[va >> 12 & 511];
}

static void map(pagetable_t table, u64 va, void *pa, u64 rights, int pid)
{
    *walk(table, va, pid) = (u64)pa >> 12 << 10 | rights | V;
    if (pid)
        truth[pfn(pa)].refs++;
}

/* ---- processes ---------------------------------------------------------- */

static struct proc *process(int slot, int pid, enum procstate state,
                            const char *name, struct proc *parent)
{
    struct proc *p = &proc[slot];
    p->pid = pid;
    truth[pfn(stacks[slot])].pid = pid;
    p->state = state;
    p->parent = parent;
    for (int i = 0; name[i]; i++)
        p->name[i] = name[i];
    p->pagetable = kalloc(TABLE, pid);
    p->trapframe = kalloc(FRAME, pid);
    map(p->pagetable, TRAMPOLINE, trampoline, R | X, pid);
    map(p->pagetable, TRAPFRAME, p->trapframe, R | W, pid);
    return p;
}

static void *page(struct proc *p, u64 va, u64 rights)
{
    void *pa = kalloc(rights & U ? USER : GUARD, p->pid);
    map(p->pagetable, va, pa, rights, p->pid);
    return pa;
}

/* ---- output ------------------------------------------------------------- */

static void print_frames(const char *name)
{
    for (u64 i = pfn(end + PAGE - 1); i < FRAMES; i++) {
        text("frame");
        number(i);
        number((u64)truth[i].pid);
        number(truth[i].refs);
        put(' ');
        text(words[truth[i].what]);
        put('\n');
    }
    text("moment ");
    text(name);
    put('\n');
}

static void kernel_tables(void)
{
    for (char *p = (char *)((u64)(end + PAGE - 1) & -PAGE); p < (char *)PHYSTOP;
         p += PAGE)
        kfree(p);
    kernel_pagetable = kalloc(TABLE, 0);
    map(kernel_pagetable, 0x10000000, (void *)0x10000000, R | W, 0);
    map(kernel_pagetable, 0x100000, (void *)0x100000, R | W, 0);
    for (u64 pa = BASE; pa < PHYSTOP; pa += PAGE)
        map(kernel_pagetable, pa, (void *)pa, R | (pa < (u64)etext ? X : W), 0);
    map(kernel_pagetable, TRAMPOLINE, trampoline, R | X, 0);
    for (int i = 0; i < NPROC; i++) {
        proc[i].kstack = KSTACK(i);
        map(kernel_pagetable, KSTACK(i), stacks[i] = kalloc(STACK, 0), R | W,
            0);
    }
}

static void buffers(void)
{
    for (u32 i = 0; i < NBUF; i++) {
        bcache.buf[i].valid = i != 3;
        bcache.buf[i].blockno = 40 + i;
        bcache.buf[i].refcnt = i < 2;
    }
}

void run(void)
{
    kernel_tables();
    buffers();
    text("moment early\n");
    go(8ul << 60 | (u64)kernel_pagetable >> 12);

    /* init: text, data, guard, stack, heap; the child shares its text. */
    struct proc *init = process(0, 1, SLEEPING, "init", 0);
    void *shared = page(init, 0, R | X | U);
    page(init, PAGE, R | W | U);
    page(init, 2 * PAGE, R | W);
    page(init, 3 * PAGE, R | W | U);
    page(init, 4 * PAGE, R | W | U);
    init->sz = 5 * PAGE;
    struct proc *sh = process(2, 7, RUNNING, "sh", init);
    map(sh->pagetable, 0, shared, R | X | U, 7);
    page(sh, PAGE, R | W | U);
    sh->sz = 2 * PAGE;
    cpus[0].proc = sh;
    struct proc *reader = process(3, 8, SLEEPING, "reader", sh);
    reader->chan = &bcache.buf[1];
    page(reader, 0, R | W | X | U);
    reader->sz = 9; /* bytes of one page */
    struct proc *dead = process(5, 9, ZOMBIE, "dead", sh);
    void *gone = page(dead, 0, R | W | U);
    dead->sz = PAGE;
    kalloc(OTHER, 0);
    proc[1].pid = 3; /* the slot is UNUSED: this pid does not count */
    print_frames("full");

    /* The zombie's page is freed, sh grows lazily. */
    *walk(dead->pagetable, 0, 9) = 0;
    kfree(gone);
    dead->sz = 0;
    page(sh, 2 * PAGE, R | W);
    page(sh, 3 * PAGE, R | W | U);
    page(sh, 6 * PAGE, R | W | U);
    sh->sz = 8 * PAGE;
    cpus[0].proc = 0;
    print_frames("grown");

    /* The lies: the free list is a cycle; one page table lies beyond RAM, one
     * is misaligned; one state is unknown. */
    struct run *first = kmem.freelist, *second = first->next;
    second->next = first;
    dead->pagetable = (pagetable_t)0xfffffffffffff000ul;
    sh->pagetable = (pagetable_t)(BASE + 4);
    reader->state = 77;
    text("moment lies\n");
    pagetable_t was = kernel_pagetable;
    kernel_pagetable = (pagetable_t)end;
    text("moment lost\n");
    kernel_pagetable = was;
    text("moment found\n");
    *(volatile u32 *)0x100000 = 0x5555;
    for (;;)
        ;
}
