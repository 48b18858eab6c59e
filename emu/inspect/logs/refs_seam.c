/* SPDX-License-Identifier: MIT */
/* Writes to --refs the calls that cross vm/policy.h (abi/seam.def), changes of
 * lists, and touches by vm/uaccess.c. The engine's probes at functions and at
 * return addresses see them. Symbols give the mechanism's functions, and struct
 * policy_ops in RAM the policy's, at offsets that DWARF gives.
 *
 * Two sorts of calls cross: the mechanism calls a function of the policy, or
 * the policy calls a function policy_*. Calls within the mechanism or within
 * the policy do not cross. The sort of a call follows from the innermost call
 * on its kernel stack that has not returned. The kernel takes no interrupt
 * while it runs (arch/trap.S), so until a call returns, only its callee runs on
 * that stack. */
#include "inspect/logs/refs_internal.h"
#include "inspect/internal.h"
#include "inspect/symbols.h"

#include <stdlib.h>

#define DEPTH        16 /* calls of one stack that have not returned, at most */
#define SP           2
#define RA           1
#define TP           4 /* struct proc: identifies the stack */
#define A0           10
#define POLICY_ZONES 4 /* vm/policy.h */

/* Probed functions that abi/seam.def does not list. */
enum {
    LIST_REMOVE = SEAM_ROWS, /* vm/framelist.c */
    LIST_HEAD,
    LIST_TAIL,
    USER_PAGE, /* vm/uaccess.c: the kernel uses a program's page */
    KINDS
};

struct call {
    u64 sp, ra;
    u64 arg[8];
    u64 read[4]; /* words at a pointer argument, at entry */
    unsigned row;
};
struct stack {
    u64 tp;
    unsigned depth;
    struct call call[DEPTH];
};

struct refs_seam {
    struct ins_refs *r;
    u64 delta; /* kernel addresses: physical + delta */
    u64 entry[KINDS];
    u64 ghosts;             /* the address of vm/shadow.c's lists */
    u64 policy;             /* the address of the kernel's variable `policy` */
    u64 ops;                /* the variable's value when entry[] was filled */
    u64 offset[SEAM_RUN_0]; /* offsets of struct policy_ops' functions */
    u64 name;               /* offset of policy_ops.name */
    u64 threads, run, stride; /* offsets of policy_ops.threads and
                               * policy_thread.run; size of policy_thread */
    u64 space_root;           /* offset of the member `root` of struct space */
    struct stack *stack;
    u32 nstacks, last;          /* last: the stack of the previous record */
    bool begun;                 /* there is a previous record */
    const struct call *entered; /* a call not written yet, or NULL */
    u32 entered_on;
};

static const char *const texts[SEAM_ROWS] = {
#define SEAM_OP(name, text, ...)   [SEAM_OP_##name] = text,
#define SEAM_RUN(i)                [SEAM_RUN_##i] = SEAM_RUN_TEXT,
#define SEAM_CALL(name, text, ...) [SEAM_##name] = text,
#include "seam.def"
};

static bool is_op(unsigned row)
{
    return row <= SEAM_RUN_3;
}

/* ---- memory of the kernel ---- */

static u64 word_at(struct refs_seam *s, u64 va)
{
    u64 v = 0;
    machine_peek(s->r->m, va - s->delta, &v, sizeof v);
    return v;
}

/* ---- records ---- */

static void write_head(struct refs_seam *s, u32 stack, const struct call *c,
                       enum refs_part part)
{
    bool other = !s->begun || s->last != stack;
    refs_record(s->r, REFS_SEAM, part | (unsigned)other << 2);
    if (other)
        refs_stream_number(s->r->out, stack);
    refs_stream_number(s->r->out, c->row);
    s->begun = true;
    s->last = stack;
}

static void write_words(struct refs_seam *s, u64 va, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        refs_stream_number(s->r->out, word_at(s, va + 8 * i));
}

static void write_value(struct refs_seam *s, char letter, u64 v)
{
    refs_stream_number(s->r->out, refs_word(letter, v));
}

/* Returns the number of words that the callee reads through a pointer parameter
 * with this letter in the row's text. A row has at most one such parameter. */
static unsigned words_read(char letter)
{
    return letter == 'm' ? 1 : letter == 'Z' ? POLICY_ZONES : 0;
}

static void write_parameters(struct refs_seam *s, const struct call *c)
{
    const u64 *a = c->arg;
    for (const char *t = texts[c->row]; *t != '>'; t++, a++)
        if (!strchr("mZLMP", *t))
            write_value(s, *t, *a);
        else
            for (unsigned i = 0; i < words_read(*t); i++)
                refs_stream_number(s->r->out, c->read[i]);
}

/* Writes a call's result, and what the call stored through its pointers. (The
 * last word of struct policy_space ends with a byte of padding.) */
static void write_results(struct refs_seam *s, const struct call *c)
{
    const u64 *x = s->r->m->hart.x, *a = c->arg;
    const char *result = strchr(texts[c->row], '>') + 1;
    if (*result == 't') {
        write_value(s, 'n', x[A0]);
        write_value(s, 'u', x[A0 + 1]);
    } else if (*result == 'L') {
        write_words(s, x[A0], 3);
    } else if (*result) {
        write_value(s, *result, x[A0]);
    }
    for (const char *t = texts[c->row]; *t != '>'; t++, a++) {
        if (*t == 'm' || *t == 'L' || *t == 'M')
            write_words(s, *a, *t == 'M' ? 28 : *t == 'L' ? 3 : 1);
        if (*t == 'P') {
            write_words(s, *a, 4);
            write_value(s, 'n', word_at(s, *a + 32) << 8 >> 8);
        }
    }
}

void refs_seam_settle(struct ins_refs *r)
{
    struct refs_seam *s = r->seam;
    const struct call *c = s ? s->entered : NULL;
    if (!c)
        return;
    s->entered = NULL;
    write_head(s, s->entered_on, c, REFS_ENTER);
    write_parameters(s, c);
}

/* ---- stacks ---- */

static struct stack *stack_of(struct refs_seam *s, u64 tp, u32 *number)
{
    u32 i = 0;
    while (i < s->nstacks && s->stack[i].tp != tp)
        i++;
    *number = i;
    if (i == s->nstacks) {
        /* s->entered points into the array that is about to move */
        refs_seam_settle(s->r);
        s->stack = xrealloc(s->stack, (i + 1) * sizeof *s->stack);
        s->stack[s->nstacks++] = (struct stack){.tp = tp};
    }
    return &s->stack[i];
}

static struct call *top(struct stack *k)
{
    return k->depth ? &k->call[k->depth - 1] : NULL;
}

/* ---- the kernel's touches of programs' pages ---- */

struct owner {
    u64 root;
    u32 process;
};

static void is_owner(void *opaque, const struct lens_proc *p)
{
    struct owner *o = opaque;
    if (SATP_ROOT(p->satp) == o->root)
        o->process = p->tgid;
}

/* Writes the kernel's touch of a program's page, when user_page(space, va,
 * write) has returned an address (not NULL). */
static void user_page(struct refs_seam *s, const struct call *c)
{
    struct ins_refs *r = s->r;
    struct owner o = {word_at(s, c->arg[0] + s->space_root) - s->delta,
                      refs_process(r)};
    if (!r->m->hart.x[A0])
        return;
    if (o.root != SATP_ROOT(r->m->hart.satp))
        ins_spaces(r->m, is_owner, &o);
    refs_touch(r, o.process, c->arg[1], c->arg[2] & 1 ? REFS_STORE : REFS_LOAD,
               true, false);
    engine_touch_again(r->m->engine); /* the engine saw no access to the page */
}

/* ---- calls ---- */

static void enter_call(struct refs_seam *s, struct stack *k, u32 number,
                       unsigned row)
{
    const u64 *x = s->r->m->hart.x;
    if (k->depth == DEPTH)
        die("--refs", "calls across vm/policy.h are too deep");
    refs_seam_settle(s->r);
    struct call *c = &k->call[k->depth++];
    *c = (struct call){.sp = x[SP], .ra = x[RA], .row = row};
    memcpy(c->arg, x + A0, sizeof c->arg);
    if (row < SEAM_ROWS) {
        for (unsigned i = 0; texts[row][i] != '>'; i++)
            for (unsigned w = 0; w < words_read(texts[row][i]); w++)
                c->read[w] = word_at(s, c->arg[i] + 8 * w);
        s->entered = c;
        s->entered_on = number;
    }
    engine_probe(s->r->m->engine, c->ra);
}

static void leave_call(struct refs_seam *s, struct stack *k, u32 number)
{
    struct call *c = top(k);
    k->depth--;
    if (c->row == USER_PAGE) {
        user_page(s, c);
        return;
    }
    bool whole = s->entered == c;
    s->entered = whole ? NULL : s->entered;
    write_head(s, number, c, whole ? REFS_WHOLE : REFS_LEAVE);
    if (whole)
        write_parameters(s, c);
    write_results(s, c);
}

/* Records a list's change, unless the policy's own call makes it or the list is
 * vm/shadow.c's. */
static void list_changes(struct refs_seam *s, const struct call *in,
                         unsigned to)
{
    const u64 *x = s->r->m->hart.x;
    if (x[A0] == s->ghosts ||
        (in && (in->row == SEAM_add_head || in->row == SEAM_add_tail ||
                in->row == SEAM_remove)))
        return;
    refs_record(s->r, REFS_LIST, to - LIST_REMOVE);
    if (to != LIST_REMOVE)
        refs_stream_number(s->r->out, (u32)x[A0 + 1]);
    refs_stream_number(s->r->out, (u32)x[A0 + (to == LIST_REMOVE ? 1 : 2)]);
}

/* Finds the functions of the policy in force, once the kernel has chosen it. */
static void find_ops(struct refs_seam *s)
{
    u64 ops = word_at(s, s->policy), threads;
    char name[16] = "";
    if (!ops || ops == s->ops)
        return;
    s->ops = ops;
    machine_peek(s->r->m, word_at(s, ops + s->name) - s->delta, name,
                 sizeof name - 1);
    refs_text(s->r, "policy", name);
    for (unsigned i = 0; i < SEAM_RUN_0; i++)
        s->entry[i] = word_at(s, ops + s->offset[i]);
    threads = word_at(s, ops + s->threads);
    for (unsigned i = 0; i < SEAM_RUNS; i++) {
        u64 name = threads ? word_at(s, threads + i * s->stride) : 0;
        s->entry[SEAM_RUN_0 + i] =
            name ? word_at(s, threads + i * s->stride + s->run) : 0;
        threads = name ? threads : 0;
    }
}

static unsigned row_at(const struct refs_seam *s, u64 pc, unsigned from,
                       unsigned end)
{
    while (from < end && s->entry[from] != pc)
        from++;
    return from;
}

static void seam_probe(void *opaque, u64 pc)
{
    struct refs_seam *s = opaque;
    const u64 *x = s->r->m->hart.x;
    u32 number;
    if (history_repeats(s->r->m->past))
        return;
    struct stack *k = stack_of(s, x[TP], &number);
    while (top(k) && top(k)->ra == pc && top(k)->sp == x[SP])
        leave_call(s, k, number); /* also callers that ended in a tail call */
    const struct call *in = top(k);
    bool in_policy = in && in->row < SEAM_ROWS && is_op(in->row);
    unsigned row = row_at(s, pc, in_policy ? SEAM_RUN_3 + 1 : SEAM_ROWS, KINDS);
    if (!in_policy && row == KINDS) {
        find_ops(s);
        row = row_at(s, pc, 0, SEAM_RUN_3 + 1);
        row = row > SEAM_RUN_3 ? KINDS : row;
    }
    if (row >= LIST_REMOVE && row <= LIST_TAIL)
        list_changes(s, in, row);
    else if (row < KINDS)
        enter_call(s, k, number, row);
}

/* ---- open and close ---- */

static bool find_symbols(struct refs_seam *s)
{
    static const struct {
        unsigned row;
        const char *name;
    } names[] = {
#define SEAM_CALL(name, text, ...) {SEAM_##name, "policy_" #name},
#include "seam.def"
        {LIST_REMOVE, "framelist_remove"},
        {LIST_HEAD, "framelist_add_head"},
        {LIST_TAIL, "framelist_add_tail"},
        {USER_PAGE, "user_page"},
    };
    struct machine *m = s->r->m;
    u64 start, physical;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (!inspect_symbol(m, names[i].name, &s->entry[names[i].row]))
            return false;
    if (!inspect_symbol(m, "shadow_lists", &s->ghosts) ||
        !inspect_symbol(m, "policy", &s->policy) ||
        !inspect_symbol(m, "_start", &start) ||
        !inspect_symbol(m, "_start_physical", &physical))
        return false;
    s->delta = start - physical;
    return true;
}

static bool find_members(struct refs_seam *s, const char *file)
{
    static const char *const names[] = {
#define SEAM_OP(name, text, ...) #name,
#include "seam.def"
    };
    u64 idle = 0;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (!ins_member(file, "policy_ops", names[i], &s->offset[i]))
            return false;
    if (!ins_member(file, "policy_ops", "name", &s->name) ||
        !ins_member(file, "policy_ops", "threads", &s->threads) ||
        !ins_member(file, "policy_thread", "run", &s->run) ||
        !ins_member(file, "policy_thread", "idle", &idle) ||
        !ins_member(file, "space", "root", &s->space_root))
        return false;
    s->stride = (idle + 8) & ~7ull; /* idle: the last member, a bool */
    return true;
}

static void probe_policy(struct refs_seam *s, u64 ops)
{
    struct engine *e = s->r->m->engine;
    u64 threads = word_at(s, ops + s->threads);
    for (unsigned op = 0; op < SEAM_RUN_0; op++) {
        u64 at = word_at(s, ops + s->offset[op]);
        if (at)
            engine_probe(e, at);
    }
    for (unsigned t = 0; threads && t < SEAM_RUNS; t++) {
        if (!word_at(s, threads + t * s->stride))
            break;
        engine_probe(e, word_at(s, threads + t * s->stride + s->run));
    }
}

/* Places probes at the functions of all policies, also those of --policy-file
 * (struct own_policy: name, ops): the kernel chooses one when it starts. */
static void probe_policies(struct refs_seam *s)
{
    static const char *const names[] = {
        "policies", "npolicies", "__own_policies_start", "__own_policies_end"};
    u64 at[ARRAY_LEN(names)], n;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (!inspect_symbol(s->r->m, names[i], &at[i]))
            return;
    n = (u32)word_at(s, at[1]);
    for (u64 i = 0; i < n && i < 256; i++)
        probe_policy(s, word_at(s, at[0] + 8 * i));
    for (; at[2] < at[3]; at[2] += 16)
        probe_policy(s, word_at(s, at[2] + 8));
}

struct refs_seam *refs_seam_open(struct ins_refs *r)
{
    struct machine *m = r->m;
    struct refs_seam *s = xcalloc(1, sizeof *s);
    s->r = r;
    if (!m->symbols || !find_symbols(s) || !find_members(s, m->symbols_file)) {
        free(s);
        return NULL;
    }
    engine_on_probe(m->engine, s->delta, seam_probe, s);
    for (unsigned i = SEAM_RUN_3 + 1; i < KINDS; i++)
        engine_probe(m->engine, s->entry[i]);
    probe_policies(s);
    return s;
}

void refs_seam_close(struct refs_seam *s)
{
    if (!s)
        return;
    engine_on_probe(s->r->m->engine, 0, NULL, NULL);
    free(s->stack);
    free(s);
}
