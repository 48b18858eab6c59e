/* SPDX-License-Identifier: MIT */
/* Writes --commit-log: a line for each retired instruction, in the form of
 * Spike's --log-commits (riscv-isa-sim, riscv/execute.cc). An instruction that
 * traps writes nothing.
 *
 *   core   0: 3 0x0000000080000008 (0x0001) x1  0x... mem 0x80002000 0x...
 *             |  pc                 bits    what it has changed
 *             privilege
 *
 * Changed registers are in the order of Spike's keys, number * 16 + file: so
 * fflags (CSR 1) comes after x1 and f1 and before x2. `mem` with an
 * address alone is a load. All values are those after the instruction. */
#include "history/history.h"
#include "base/whole.h"
#include "inspect/logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER   (1u << 20)
#define LONGEST  4096 /* more than any line: a cbo.zero writes 64 bytes */
#define CHANGES  8
#define FILE_X   0
#define FILE_F   1
#define FILE_CSR 4

struct change {
    u32 key;
    u64 value;
};

struct ins_commit_log {
    struct machine *m;
    FILE *f;
    char *buffer, *end;
    char head[16]; /* "core   0: " */
    char hex[256][2];
};

struct changes {
    unsigned n;
    struct change at[CHANGES];
};

/* ---- changes ------------------------------------------------------------ */

/* Inserts a change in the order of keys; of equal keys the first one stays. */
static void add_change(struct changes *c, unsigned number, unsigned file,
                       u64 value)
{
    u32 key = number << 4 | file;
    unsigned i = c->n;

    for (unsigned k = 0; k < c->n; k++)
        if (c->at[k].key == key)
            return;
    assert(c->n < CHANGES);
    for (; i && c->at[i - 1].key > key; i--)
        c->at[i] = c->at[i - 1];
    c->at[i] = (struct change){key, value};
    c->n++;
}

/* Adds a CSR with the value that machine mode, which may read all, reads. */
static void add_csr(struct changes *c, const struct hart *h, unsigned csr)
{
    struct hart machine_mode = *h;
    u64 value;

    machine_mode.priv = PRV_M;
    if (!(hart_csr_read(&machine_mode, csr, &value) & HE_TRAP))
        add_change(c, csr, FILE_CSR, value);
}

/* Adds the CSRs that a write to `csr` changed. If csr is a view of another CSR,
 * that one has changed; if the hart ignores the write, none has. */
static void add_written(struct changes *c, const struct hart *h, unsigned csr)
{
    switch (csr) {
    case CSR_sstatus:
        add_csr(c, h, CSR_mstatus);
        return;
    case CSR_sip:
        add_csr(c, h, CSR_mip);
        return;
    case CSR_sie: /* both, as Spike logs it */
        add_csr(c, h, CSR_sie);
        add_csr(c, h, CSR_mie);
        return;
    case CSR_fcsr:
        add_csr(c, h, CSR_fflags);
        add_csr(c, h, CSR_frm);
        return;
    case CSR_pmpaddr0 ... CSR_pmpaddr15:
        if (!hart_pmpaddr_locked(h, csr - CSR_pmpaddr0))
            add_csr(c, h, csr);
        return;
    case CSR_mhpmcounter3 ... CSR_mhpmcounter31:
    case CSR_tdata1:
    case CSR_tdata2:
        return;
    default:
        add_csr(c, h, csr);
    }
}

static void changes_of(struct changes *c, const struct hart *h,
                       const struct engine_commit *e)
{
    c->n = 0;
    if (e->xrd >= 0)
        add_change(c, (unsigned)e->xrd, FILE_X, e->value);
    else if (e->frd >= 0)
        add_change(c, (unsigned)e->frd, FILE_F, e->value);
    if (e->fflags)
        add_change(c, CSR_fflags, FILE_CSR, h->fflags_frm & 31);
    if (e->csr_written)
        add_written(c, h, e->csr);
    if (e->mstatus_written)
        add_csr(c, h, CSR_mstatus);
}

/* ---- the line ----------------------------------------------------------- */

static char *put_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

/* Writes 0x and two digits for each of the low `bytes` bytes. */
static char *put_hex(const struct ins_commit_log *l, char *p, u64 v,
                     unsigned bytes)
{
    *p++ = '0';
    *p++ = 'x';
    while (bytes--) {
        memcpy(p, l->hex[v >> 8 * bytes & 0xff], 2);
        p += 2;
    }
    return p;
}

/* Writes "x5  " or "f31 ": the number left-aligned in two places. */
static char *put_register(char *p, char file, unsigned n)
{
    *p++ = file;
    if (n >= 10)
        *p++ = (char)('0' + n / 10);
    *p++ = (char)('0' + n % 10);
    if (n < 10)
        *p++ = ' ';
    *p++ = ' ';
    return p;
}

static char *put_change(const struct ins_commit_log *l, char *p,
                        const struct change *c)
{
    unsigned number = c->key >> 4;

    *p++ = ' ';
    switch (c->key & 15) {
    case FILE_X:
        p = put_register(p, 'x', number);
        break;
    case FILE_F:
        p = put_register(p, 'f', number);
        break;
    default:
        p += sprintf(p, "c%u_%s ", number, hart_csr_name(number));
    }
    return put_hex(l, p, c->value, 8);
}

/* Writes at most 8 bytes as one number, and a cbo.zero byte by byte. */
static char *put_memory(const struct ins_commit_log *l, char *p,
                        const struct engine_commit *e)
{
    unsigned each = e->bytes > 8 ? 1 : e->bytes;

    if (e->load)
        p = put_hex(l, put_text(p, " mem "), e->addr, 8);
    for (unsigned at = 0; e->store && at < e->bytes; at += each) {
        p = put_hex(l, put_text(p, " mem "), e->addr + at, 8);
        *p++ = ' ';
        p = put_hex(l, p, e->data, each);
    }
    return p;
}

static void flush(struct ins_commit_log *l)
{
    size_t n = (size_t)(l->end - l->buffer);
    fwrite(l->buffer, 1, n, l->f);
    l->end = l->buffer;
}

static void write_commit(void *opaque, const struct engine_commit *e)
{
    struct ins_commit_log *l = opaque;
    struct changes c;
    char *p = l->end;

    if (history_repeats(l->m->past))
        return;
    changes_of(&c, &l->m->hart, e);
    p = put_text(p, l->head);
    *p++ = (char)('0' + e->priv);
    *p++ = ' ';
    p = put_hex(l, p, e->pc, 8);
    p = put_text(p, " (");
    p = put_hex(l, p, e->raw, e->len);
    *p++ = ')';
    for (unsigned i = 0; i < c.n; i++)
        p = put_change(l, p, &c.at[i]);
    p = put_memory(l, p, e);
    *p++ = '\n';
    l->end = p;
    if (p - l->buffer > BUFFER - LONGEST)
        flush(l);
}

/* ---- open and close ----------------------------------------------------- */

struct ins_commit_log *inspect_commit_log_open(struct machine *m,
                                               const char *path)
{
    static const char digit[] = "0123456789abcdef";
    struct ins_commit_log *l = xcalloc(1, sizeof *l);

    l->f = strcmp(path, "-") ? fopen(path, "w") : stdout;
    if (!l->f)
        die(path, "cannot be written: %s", strerror(errno));
    l->m = m;
    l->end = l->buffer = xcalloc(BUFFER, 1);
    snprintf(l->head, sizeof l->head, "core%4llu: ", m->hart.hartid % 10000);
    for (unsigned i = 0; i < 256; i++) {
        l->hex[i][0] = digit[i >> 4];
        l->hex[i][1] = digit[i & 15];
    }
    engine_on_commit(m->engine, write_commit, l);
    return l;
}

bool inspect_commit_log_close(struct ins_commit_log *l)
{
    if (!l)
        return true;
    engine_on_commit(l->m->engine, NULL, NULL);
    flush(l);
    bool ok = true;
    if (l->f != stdout) { /* standard output is checked at exit */
        ok = stream_written(l->f);
        int error = errno;
        ok = !fclose(l->f) && ok;
        errno = ok ? 0 : error;
    }
    free(l->buffer);
    free(l);
    return ok;
}
