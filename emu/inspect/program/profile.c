/* SPDX-License-Identifier: MIT */
/* Makes the profile: cycles by function and caller, in a tree of calling
 * contexts. At each sample the cycles since the last one are charged, cause by
 * cause, to the stack at the sample. So the sum is exact at every interval, and
 * the shares are as fine as the interval; `profile exact` samples after each
 * instruction. The profile is not saved with the machine, but goes back with
 * it. */
#include "base/whole.h"
#include "inspect/process.h"
#include "inspect/profile.h"
#include "inspect/program/program.h"
#include "inspect/internal.h"
#include "inspect/program/unwind.h"

#include "boot/elf.h"

#include <stdio.h>
#include <stdlib.h>

const char *const ins_causes[INS_CAUSES] = {"issue",  "interlock", "branch",
                                            "icache", "dcache",    "walk",
                                            "dram",   "trap",      "idle"};
static_assert(sizeof(struct cycles_by) == INS_CAUSES * sizeof(u64),
              "a name for each cause");
enum { IDLE = INS_CAUSES - 1 };

#define DEPTH   64   /* functions of a stack, at most */
#define CACHED  4096 /* pcs whose function is cached; a power of two */
#define FILES   64   /* user programs whose symbols are kept */
#define NOTHING 0xffffffffu

struct label { /* a function's, process's or file's name */
    char *name;
    u32 next; /* label of the same hash */
};
struct node { /* a function, called by its parent's function */
    u32 parent, label, next;
    u64 by[INS_CAUSES];
};
struct table { /* chains by hash */
    u32 *head;
    u32 mask;
};

struct ins_profile {
    struct machine *m;
    struct unwinder *unwinder, *user_unwinder;
    u64 every;      /* cycles between samples; 0: each instruction */
    u64 period;     /* between calls of take_sample */
    struct counts { /* goes back with the machine, as the nodes' cycles do */
        u64 id;     /* numbers the profile's beginnings in this run */
        u64 samples, began; /* began: the cycle */
        u64 last[INS_CAUSES];
        u64 expect; /* in exact mode: the next pc, unless a trap comes */
        u64 due;    /* in a snapshot: the next sample's cycle */
        u32 nodes;  /* in a snapshot: the number of nodes then */
        u32 at;     /* in exact mode: the next instruction's stack */
        bool ahead; /* the machine is before the profile's beginning */
    } is;
    struct label *label;
    struct node *node; /* node 0 is the root, [all] */
    u32 nlabels, nnodes, room_labels, room_nodes;
    struct table labels, nodes;
    struct {
        u64 pc;
        u32 label;
    } pcs[CACHED];
    /* facts of the running process, until another one runs */
    u32 pid, proc_label;
    u64 satp;
    struct ins_vma vma;
    /* user programs seen so far, by disk and inode */
    struct {
        unsigned disk;
        u64 inode;
        struct program *program;
    } file[FILES];
    u32 nfiles;
};

/* ---- labels and nodes --------------------------------------------------- */

static u32 hash_of(const struct table *t, u64 v)
{
    return (u32)(v * 0x9e3779b97f4a7c15ull >> 32) & t->mask;
}

static void table_init(struct table *t, u32 n)
{
    t->mask = n - 1;
    t->head = xcalloc(n, sizeof *t->head);
    memset(t->head, 0xff, n * sizeof *t->head);
}

static u32 label_of(struct ins_profile *p, const char *name)
{
    u64 h = 0;
    for (const char *c = name; *c; c++)
        h = h * 131 + (u8)*c;
    u32 *head = &p->labels.head[hash_of(&p->labels, h)];
    for (u32 i = *head; i != NOTHING; i = p->label[i].next)
        if (!strcmp(p->label[i].name, name))
            return i;
    if (p->nlabels == p->room_labels) {
        p->room_labels = p->room_labels ? 2 * p->room_labels : 256;
        p->label = xrealloc(p->label, p->room_labels * sizeof *p->label);
    }
    p->label[p->nlabels] = (struct label){xstrdup(name), *head};
    return *head = p->nlabels++;
}

static u32 node_of(struct ins_profile *p, u32 parent, u32 label)
{
    u32 *head = &p->nodes.head[hash_of(&p->nodes, (u64)parent << 32 | label)];

    for (u32 i = *head; i != NOTHING; i = p->node[i].next)
        if (p->node[i].parent == parent && p->node[i].label == label)
            return i;
    if (p->nnodes == p->room_nodes) {
        p->room_nodes = p->room_nodes ? 2 * p->room_nodes : 256;
        p->node = xrealloc(p->node, p->room_nodes * sizeof *p->node);
    }
    p->node[p->nnodes] = (struct node){parent, label, *head, {0}};
    return *head = p->nnodes++;
}

/* ---- the running process ------------------------------------------------ */

/* Returns the label of the function at an address of kernel or bare ELF. */
static u32 label_at(struct ins_profile *p, u64 pc)
{
    unsigned i = (unsigned)(pc >> 1 ^ pc >> 13) & (CACHED - 1);
    u64 offset;

    if (p->pcs[i].pc == pc)
        return p->pcs[i].label;
    const char *name =
        p->m->symbols ? elf_symbol_at(p->m->symbols, pc, &offset) : NULL;
    p->pcs[i].pc = pc;
    p->pcs[i].label = label_of(p, name ? name : "[unknown]");
    return p->pcs[i].label;
}

/* Returns the label of the process's name; NOTHING: the kernel has no lens. */
static u32 process_label(struct ins_profile *p)
{
    const struct lens_view *v = ins_lens(p->m);
    struct ins_proc proc;
    u32 pid = 0;

    if (!v || !machine_peek(p->m, v->info->current_pa, &pid, sizeof pid))
        return NOTHING;
    if (pid == p->pid && p->satp == p->m->hart.satp)
        return p->proc_label;
    p->pid = pid;
    p->satp = p->m->hart.satp;
    p->vma.start = p->vma.end = 0;
    unwinder_forget(p->user_unwinder);
    p->proc_label = label_of(p, !pid ? "[no process]"
                                : inspect_proc(p->m, pid, &proc) && *proc.name
                                    ? proc.name
                                    : "[unknown]");
    return p->proc_label;
}

static const struct program *program_mapped(struct ins_profile *p,
                                            const struct ins_vma *vma)
{
    if (!vma->inode)
        return NULL;
    for (u32 i = 0; i < p->nfiles; i++)
        if (p->file[i].inode == vma->inode && p->file[i].disk == vma->disk)
            return p->file[i].program;
    if (p->nfiles == FILES)
        return NULL;
    p->file[p->nfiles].disk = vma->disk;
    p->file[p->nfiles].inode = vma->inode;
    return p->file[p->nfiles++].program =
               program_read(p->m, vma->disk, vma->inode);
}

/* Finds the function of user code by the symbols of its file on disk (*name
 * NULL: not known), and pc's *offset in the file. False: neither is known. */
static bool user_symbol(struct ins_profile *p, u64 pc, const char **name,
                        u64 *distance, u64 *offset)
{
    if ((pc < p->vma.start || pc >= p->vma.end) &&
        !inspect_vma_at(p->m, p->pid, pc, &p->vma)) {
        p->vma.start = p->vma.end = 0;
        return false;
    }
    const struct program *file = program_mapped(p, &p->vma);
    *offset = pc - p->vma.start + p->vma.offset;
    *name = file ? program_symbol(file, *offset, distance) : NULL;
    return true;
}

static bool user_start(void *opaque, u64 pc, u64 *first)
{
    const char *name;
    u64 distance, offset;

    if (!user_symbol(opaque, pc, &name, &distance, &offset) || !name)
        return false;
    *first = pc - distance;
    return true;
}

static bool own_start(void *opaque, u64 pc, u64 *first)
{
    const struct ins_profile *p = opaque;
    u64 distance;

    if (!p->m->symbols || !elf_symbol_at(p->m->symbols, pc, &distance))
        return false;
    *first = pc - distance;
    return true;
}

/* Returns the label of user code: its function; without symbols, file and
 * offset, rounded down to 64 bytes. */
static u32 user_label(struct ins_profile *p, u64 pc)
{
    const char *name;
    u64 distance, offset;
    char text[100];

    if (!user_symbol(p, pc, &name, &distance, &offset))
        return label_of(p, "[unknown]");
    if (name)
        return label_of(p, name);
    const char *base = strrchr(p->vma.name, '/');
    base = base ? base + 1 : p->vma.name;
    snprintf(text, sizeof text, "%s+0x%llx", *base ? base : "[anonymous]",
             offset & ~63ull);
    return label_of(p, text);
}

/* Returns the node of a stack's root: the process, then [firmware] or [kernel]
 * if the code is not a program's. */
static u32 stack_root(struct ins_profile *p, bool user)
{
    u32 who = process_label(p), at = 0;

    if (who != NOTHING)
        at = node_of(p, 0, who);
    if (p->m->hart.priv == PRV_M && !p->m->config->elf)
        return node_of(p, at, label_of(p, "[firmware]"));
    if (!user && p->m->hart.priv != PRV_M && !p->m->config->elf)
        return node_of(p, at, label_of(p, "[kernel]"));
    return at;
}

static u32 stack_now(struct ins_profile *p)
{
    struct machine *m = p->m;
    u64 pc[DEPTH];
    bool user = m->hart.priv == PRV_U && !m->config->elf;
    u32 at = stack_root(p, user);

    if (user && (!p->pid || p->pid == NOTHING))
        return node_of(p, at, label_of(p, "[user]"));
    unsigned n = unwind(user ? p->user_unwinder : p->unwinder, m, m->hart.x,
                        m->hart.pc, pc, DEPTH);
    while (n--) {
        u64 within = n ? pc[n] - 1 : pc[n];
        at = node_of(p, at, user ? user_label(p, within) : label_at(p, within));
    }
    return at;
}

/* ---- samples ------------------------------------------------------------ */

/* Charges the cycles since the last sample to a node; only_idle: only the idle
 * cycles, and the next sample charges the others. */
static void charge_cycles(struct ins_profile *p, u32 node, bool only_idle)
{
    struct cycles_by c = engine_cycles_by(p->m->engine);
    u64 now[INS_CAUSES];

    memcpy(now, &c, sizeof now);
    for (unsigned i = only_idle ? IDLE : 0; i < INS_CAUSES; i++) {
        p->node[node].by[i] += now[i] - p->is.last[i];
        p->is.last[i] = now[i];
    }
}

static void take_sample(void *opaque, bool slept);

static void sample_from(struct ins_profile *p, u64 first)
{
    machine_on_sample(p->m, p->period, first, take_sample, p);
}

/* Begins to charge cycles. If is.began is earlier than now, the hart has slept
 * since then. */
static void begin(struct ins_profile *p)
{
    struct cycles_by c = engine_cycles_by(p->m->engine);
    u64 asleep = p->m->hart.cycle - p->is.began;

    memcpy(p->is.last, &c, sizeof c);
    p->is.last[IDLE] -= asleep;
    p->is.ahead = false;
    p->pid = NOTHING;
    p->is.expect = p->m->hart.pc;
    p->is.at = stack_now(p);
    sample_from(p, p->is.began + p->period + asleep);
}

static void take_sample(void *opaque, bool slept)
{
    struct ins_profile *p = opaque;

    if (p->is.ahead && p->m->hart.cycle < p->is.began)
        sample_from(p, p->is.began); /* a sleep put off the call */
    else if (p->is.ahead)
        begin(p);
    else
        p->is.samples += !slept;
    if (!p->is.ahead)
        charge_cycles(p, p->every ? stack_now(p) : p->is.at, slept);
}

/* Unwinds again only after a jump, a change of privilege or a CSR write, as the
 * stack stays the same otherwise. In user code, whose label may be an offset
 * (user_label), also when pc enters another 64 bytes. */
static void sample_commit(void *opaque, const struct engine_commit *e)
{
    struct ins_profile *p = opaque;
    const struct hart *h = &p->m->hart;
    bool jumped = h->pc != e->pc + e->len;

    if (p->is.ahead) {
        if (h->cycle >= p->is.began)
            begin(p);
        return;
    }
    p->is.samples++;
    if (e->pc != p->is.expect) { /* a trap: its handler's first insn */
        bool user = e->priv == PRV_U && !p->m->config->elf;
        p->is.at = user ? stack_now(p)
                        : node_of(p, stack_root(p, false), label_at(p, e->pc));
    }
    charge_cycles(p, p->is.at, false);
    p->is.expect = h->pc;
    if (jumped || h->priv != e->priv || e->csr_written ||
        (h->priv == PRV_U && (h->pc ^ e->pc) >> 6))
        p->is.at = stack_now(p);
}

/* ---- the past ----------------------------------------------------------- */

static void clear_nodes(struct ins_profile *p, u32 n)
{
    for (; n < p->nnodes; n++)
        memset(p->node[n].by, 0, sizeof p->node[n].by);
}

static void begin_here(struct ins_profile *p)
{
    clear_nodes(p, 0);
    p->is.samples = 0;
    p->is.began = p->m->hart.cycle;
    begin(p);
}

static u64 new_id(void)
{
    static u64 last;
    return ++last;
}

void inspect_profile_restart(struct ins_profile *p)
{
    if (!p)
        return;
    p->is.id = new_id(); /* history has snapshots of the earlier profile */
    begin_here(p);
}

/* Nodes and labels stay: those that were made after the snapshot get 0 cycles.
 * A snapshot may be of another profile, or of none. */
void inspect_profile_past(void *slot, struct state *s)
{
    struct ins_profile *p = *(struct ins_profile **)slot;
    struct counts is = p ? p->is : (struct counts){0};
    u64 others[INS_CAUSES];

    is.nodes = p ? p->nnodes : 0;
    is.due = p ? machine_next_sample(p->m) : 0;
    state_val(s, is);
    bool own = p && is.id == p->is.id;
    for (u32 i = 0; i < is.nodes; i++)
        state_bytes(s, own ? p->node[i].by : others, sizeof others);
    if (!p || !state_loading(s))
        return;
    if (own) {
        clear_nodes(p, is.nodes);
        p->is = is;
        p->pid = NOTHING;
        sample_from(p, is.due);
        return;
    }
    u64 began = p->is.began;
    begin_here(p); /* also after `branch leave`, if it began in the branch */
    p->is.ahead = began > p->is.began;
    if (p->is.ahead)
        sample_from(p, p->is.began = began);
}

struct ins_profile *inspect_profile_open(struct machine *m, u64 every)
{
    struct ins_profile *p = xcalloc(1, sizeof *p);
    const char *file = m->config->elf ? m->config->elf : m->config->kernel;
    p->m = m;
    p->every = every;
    p->period = every ? every : NEVER / 4;
    p->unwinder = unwinder_new(file, own_start, p);
    p->user_unwinder = unwinder_new(NULL, user_start, p);
    p->is.id = new_id();
    p->is.began = m->hart.cycle;
    table_init(&p->labels, 1 << 12);
    table_init(&p->nodes, 1 << 14);
    for (unsigned i = 0; i < CACHED; i++)
        p->pcs[i].pc = ~0ull;
    node_of(p, NOTHING, label_of(p, "[all]"));
    begin(p);
    if (!every)
        engine_on_commit(m->engine, sample_commit, p);
    return p;
}

void inspect_profile_close(struct ins_profile *p)
{
    if (!p)
        return;
    machine_on_sample(p->m, 0, 0, NULL, NULL);
    if (!p->every)
        engine_on_commit(p->m->engine, NULL, NULL);
    unwinder_free(p->unwinder);
    unwinder_free(p->user_unwinder);
    for (u32 i = 0; i < p->nfiles; i++)
        program_free(p->file[i].program);
    for (u32 i = 0; i < p->nlabels; i++)
        free(p->label[i].name);
    free_all(p->label, p->node, p->labels.head, p->nodes.head, p);
}

/* ---- reports ------------------------------------------------------------ */

static u64 sum(const u64 by[INS_CAUSES])
{
    u64 all = 0;
    for (unsigned i = 0; i < INS_CAUSES; i++)
        all += by[i];
    return all;
}

/* charge_rest charges the cycles since the last sample to the current stack,
 * for a report; take_back undoes it, since asking changes nothing. */
struct charged {
    u32 node;
    u64 last[INS_CAUSES];
};

static struct charged charge_rest(struct ins_profile *p)
{
    struct charged c = {p->every ? stack_now(p) : p->is.at, {0}};

    memcpy(c.last, p->is.last, sizeof c.last);
    if (!p->is.ahead)
        charge_cycles(p, c.node, false);
    return c;
}

static void take_back(struct ins_profile *p, const struct charged *c)
{
    for (unsigned i = 0; i < INS_CAUSES; i++)
        p->node[c->node].by[i] -= p->is.last[i] - c->last[i];
    memcpy(p->is.last, c->last, sizeof c->last);
}

static int most_first(const void *a, const void *b)
{
    const struct ins_function *x = a, *y = b;
    if (x->self != y->self)
        return x->self > y->self ? -1 : 1;
    if (x->total != y->total)
        return x->total > y->total ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Adds a node's cycles once to each function of its stack. */
static void add_total(const struct ins_profile *p, struct ins_function *f,
                      u32 *seen, u32 node)
{
    u64 all = sum(p->node[node].by);

    for (u32 n = node; n; n = p->node[n].parent) {
        u32 label = p->node[n].label;
        if (seen[label] != node)
            f[label].total += all;
        seen[label] = node;
    }
}

unsigned inspect_profile_functions(struct ins_profile *p,
                                   struct ins_function **out)
{
    struct charged rest = charge_rest(p);
    struct ins_function *f = xcalloc(p->nlabels, sizeof *f);
    u32 *seen = xcalloc(p->nlabels, sizeof *seen), n = 0;

    for (u32 i = 0; i < p->nlabels; i++)
        f[i].name = p->label[i].name;
    for (u32 i = 0; i < p->nnodes; i++) {
        struct ins_function *own = &f[p->node[i].label];
        for (unsigned k = 0; k < INS_CAUSES; k++)
            own->by[k] += p->node[i].by[k];
        own->self += sum(p->node[i].by);
        add_total(p, f, seen, i);
    }
    free(seen);
    take_back(p, &rest);
    for (u32 i = 0; i < p->nlabels; i++)
        if (f[i].self)
            f[n++] = f[i];
    qsort(f, n, sizeof *f, most_first);
    *out = f;
    return n;
}

struct ins_profile_facts inspect_profile_facts(const struct ins_profile *p)
{
    return (struct ins_profile_facts){
        .every = p->every, .samples = p->is.samples, .began = p->is.began};
}

static void write_stack(const struct ins_profile *p, FILE *f, u32 node)
{
    u32 stack[DEPTH + 4];
    unsigned n = 0;

    for (u32 i = node; i && n < ARRAY_LEN(stack); i = p->node[i].parent)
        stack[n++] = p->node[i].label;
    if (!n)
        stack[n++] = p->node[node].label;
    while (n--) {
        for (const char *c = p->label[stack[n]].name; *c; c++)
            fputc(*c == ';' || *c == ' ' ? '_' : *c, f);
        fputc(n ? ';' : ' ', f);
    }
}

bool inspect_profile_folded(struct ins_profile *p, const char *path)
{
    struct whole w;

    if (!whole_open(&w, path))
        return false;
    struct charged rest = charge_rest(p);
    for (u32 i = 0; i < p->nnodes; i++) {
        u64 all = sum(p->node[i].by);
        if (!all)
            continue;
        write_stack(p, w.f, i);
        fprintf(w.f, "%llu\n", all);
    }
    take_back(p, &rest);
    return whole_close(&w);
}
