/* SPDX-License-Identifier: MIT */
#include "shrink.h"

#include <stdlib.h>

#define LIMIT 40000000

struct difference try_program(struct trial *t, struct program *p)
{
    struct difference d = {0};
    const char *why = "Clockhand does not end";
    bool ok = true;
    if (!p->bare)
        image_make(p, t->image, t->flags);
    if (t->mode >= MODE_ENGINES_FAST) {
        t->instructions =
            run_engines(t->image, p, t->mode == MODE_ENGINES_CYCLE, t->setting,
                        LIMIT, &d, &t->translated);
        return d;
    }
    if (!t->against_ours)
        qemu_start(t->image, t->setting);
    else
        ok = run_ours(t->image, t->theirs, MODE_FAST, t->setting, LIMIT, NULL);
    t->instructions =
        run_ours(t->image, t->ours, t->mode, t->setting, LIMIT, NULL);
    if (!t->against_ours)
        ok = qemu_wait(t->theirs, &why);
    d = compare(t->ours, t->theirs);
    if (!d.found && (!ok || !t->instructions)) {
        d.found = true;
        snprintf(d.what, sizeof d.what, "%s", why);
    }
    return d;
}

/* ---- cutting ---- */

/* The flag of a part, or a word's bit of nops: set means removed. */
struct cut {
    bool *flag;
    u64 *nops;
    unsigned bit;
};

struct cuts {
    struct cut *cut;
    unsigned n;
};

static void cut_set(struct cut *c, bool gone)
{
    if (c->flag)
        *c->flag = gone;
    else if (gone)
        *c->nops |= 1ull << c->bit;
    else
        *c->nops &= ~(1ull << c->bit);
}

static void add(struct cuts *c, bool *flag, u64 *nops, unsigned bit)
{
    c->cut = xrealloc(c->cut, (c->n + 1) * sizeof *c->cut);
    c->cut[c->n++] = (struct cut){flag, nops, bit};
}

static void add_items(struct cuts *c, struct item *it, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!it[i].dropped)
            add(c, &it[i].dropped, NULL, 0);
}

static void add_words(struct cuts *c, struct item *it, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned w = 0; w < it[i].n && !it[i].dropped; w++)
            if (!(it[i].nops >> w & 1))
                add(c, NULL, &it[i].nops, w);
}

enum what { BLOCKS, BODIES, SETUPS, WORDS, WHATS };

static struct cuts collect(struct program *p, enum what what)
{
    struct cuts c = {0};
    for (unsigned i = 0; i < p->nblocks; i++) {
        struct block *b = &p->block[i];
        if (b->dropped)
            continue;
        if (what == BLOCKS)
            add(&c, &b->dropped, NULL, 0);
        if (what == BODIES)
            add_items(&c, b->body, b->nbody);
        if (what == SETUPS)
            add_items(&c, b->setup, b->nsetup);
        if (what == WORDS)
            add_words(&c, b->body, b->nbody);
    }
    return c;
}

/* True if the difference is still of the same kind, not a new one that cutting
 * has caused. */
static bool still_differs(struct trial *t, struct program *p)
{
    struct difference d = try_program(t, p);
    return d.found && !strcmp(d.what, t->what) &&
           (strcmp(d.what, "trap: cause") ||
            (d.ours == t->cause[0] && d.theirs == t->cause[1]));
}

/* Removes halves, quarters, ... single parts, if the difference stays. */
static unsigned cut_away(struct trial *t, struct program *p, enum what what)
{
    struct cuts c = collect(p, what);
    unsigned trials = 0;
    for (unsigned step = c.n > 1 ? c.n / 2 : 1; c.n; step /= 2) {
        for (unsigned from = 0; from < c.n; from += step) {
            unsigned to = from + step < c.n ? from + step : c.n;
            for (unsigned i = from; i < to; i++)
                cut_set(&c.cut[i], true);
            trials++;
            if (still_differs(t, p))
                continue;
            for (unsigned i = from; i < to; i++)
                cut_set(&c.cut[i], false);
        }
        /* removed parts need not be tried again */
        unsigned left = 0;
        for (unsigned i = 0; i < c.n; i++) {
            struct cut *k = &c.cut[i];
            if (!(k->flag ? *k->flag : *k->nops >> k->bit & 1))
                c.cut[left++] = *k;
        }
        c.n = left;
        if (step == 1)
            break;
    }
    free(c.cut);
    return trials;
}

static unsigned fewer_passes(struct trial *t, struct program *p)
{
    unsigned trials = 0;
    for (unsigned i = 0; i < p->nblocks; i++) {
        struct block *b = &p->block[i];
        u32 passes = b->passes;
        for (u32 n = 1; n < passes && !b->dropped; n *= 2) {
            b->passes = n;
            trials++;
            if (still_differs(t, p))
                break;
            b->passes = passes;
        }
    }
    return trials;
}

unsigned shrink(struct trial *t, struct program *p)
{
    struct difference d = try_program(t, p);
    memcpy(t->what, d.what, sizeof t->what);
    t->cause[0] = d.ours;
    t->cause[1] = d.theirs;
    unsigned trials = cut_away(t, p, BLOCKS);
    trials += fewer_passes(t, p);
    trials += cut_away(t, p, BODIES);
    trials += cut_away(t, p, SETUPS);

    trials += cut_away(t, p, WORDS);
    trials += fewer_passes(t, p);
    trials += cut_away(t, p, BODIES);
    return trials;
}

/* ---- the listing ---- */

static void list_items(FILE *f, const struct item *it, unsigned n, u64 *pc)
{
    for (unsigned i = 0; i < n; i++, it++) {
        if (it->dropped)
            continue;
        fprintf(f, "    # %s\n", kind_name[it->kind]);
        for (unsigned w = 0; w < it->n; w++) {
            struct insn in;
            char text[80];
            isa_decode(it->w[w], &in);
            isa_disasm(&in, *pc, text, sizeof text);
            if (it->nops >> w & 1)
                snprintf(text, sizeof text, "nop");
            fprintf(f, in.len == 2 ? "    .half 0x%04x" : "    .word 0x%08x",
                    it->nops >> w & 1 ? (in.len == 2 ? 1 : 0x13) : it->w[w]);
            fprintf(f, "   # %llx: %s\n", (unsigned long long)*pc, text);
            *pc += in.len;
        }
    }
}

static const char *const space_name[] = {"bare", "address space A",
                                         "address space B"};

void listing(FILE *f, struct program *p, const struct difference *d)
{
    char isa[ISA_TEXT];
    isa_text(p->exts, isa);
    fprintf(f, "# seed %llu, %s\n", (unsigned long long)p->seed, isa);
    fprintf(f, "# %s: tested 0x%llx, reference 0x%llx\n", d->what,
            (unsigned long long)d->ours, (unsigned long long)d->theirs);
    if (d->text[0])
        fprintf(f, "# %s\n", d->text);
    for (unsigned i = 0; i < p->nblocks; i++) {
        struct block *b = &p->block[i];
        u64 pc = 0;
        if (b->dropped)
            continue;
        fprintf(f,
                "\n# block %u: set-up in M, then %c, %s, mstatus 0x%llx, "
                "%u passes\n",
                i, "US?M"[b->priv], space_name[b->space],
                (unsigned long long)b -> mstatus, b -> passes);
        list_items(f, b->setup, b->nsetup, &pc);
        fprintf(f, "block%u:\n", i);
        pc = b->at;
        list_items(f, b->body, b->nbody, &pc);
        fprintf(f, "    ecall   # %llx: the end\n", (unsigned long long)pc);
    }
}

/* ---- seed files ---- */

static void write_items(FILE *f, const char *name, unsigned block,
                        const struct item *it, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (it[i].dropped)
            fprintf(f, "drop %s %u %u\n", name, block, i);
        else if (it[i].nops)
            fprintf(f, "nops %s %u %u %llx\n", name, block, i,
                    (unsigned long long)it[i].nops);
    }
}

void cuts_write(FILE *f, const struct program *p)
{
    fprintf(f, "seed %llu\n", (unsigned long long)p->seed);
    for (unsigned i = 0; i < p->nblocks; i++) {
        const struct block *b = &p->block[i];
        if (b->dropped) {
            fprintf(f, "block %u\n", i);
            continue;
        }
        fprintf(f, "passes %u %u\n", i, b->passes);
        write_items(f, "setup", i, b->setup, b->nsetup);
        write_items(f, "body", i, b->body, b->nbody);
    }
}

static struct item *item_of(struct program *p, const char *name, unsigned b,
                            unsigned i)
{
    bool setup = !strcmp(name, "setup");
    if (b >= p->nblocks ||
        i >= (setup ? p->block[b].nsetup : p->block[b].nbody))
        return NULL;
    return setup ? &p->block[b].setup[i] : &p->block[b].body[i];
}

bool cuts_read(FILE *f, struct program *p)
{
    char line[200], name[20];
    unsigned b, i;
    unsigned long long bits;
    while (fgets(line, sizeof line, f)) {
        struct item *it;
        if (sscanf(line, "block %u", &b) == 1 && b < p->nblocks)
            p->block[b].dropped = true;
        else if (sscanf(line, "passes %u %u", &b, &i) == 2 && b < p->nblocks)
            p->block[b].passes = i;
        else if (sscanf(line, "drop %19s %u %u", name, &b, &i) == 3 &&
                 (it = item_of(p, name, b, i)))
            it->dropped = true;
        else if (sscanf(line, "nops %19s %u %u %llx", name, &b, &i, &bits) ==
                     4 &&
                 (it = item_of(p, name, b, i)))
            it->nops = bits;
        else
            return false;
    }
    return true;
}
