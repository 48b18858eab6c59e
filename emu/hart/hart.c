/* SPDX-License-Identifier: MIT */
/* Resets the hart, and saves or loads its state. */
#include "hart/hart.h"

/* Keeps values fixed by configuration (clock, hartid, extensions). Values that
 * manual 3.4 leaves open become 0, but stimecmp ~0, and ADUE and PBMTE 1. */
void hart_reset(struct hart *h, u64 pc)
{
    struct hart fresh = {
        .clock_hz = h->clock_hz,
        .timebase_hz = h->timebase_hz,
        .hartid = h->hartid,
        .exts = h->exts,
        .no_asid = h->no_asid,
        .hw_ad = h->hw_ad,
    };
    *h = fresh;
    h->pc = pc;
    h->priv = PRV_M;
    h->mstatus = 2ull << 32 | 2ull << 34; /* UXL, SXL: 64 bits */
    h->menvcfg = (hart_has(h, EXT_SVADU) ? MENVCFG_ADUE : 0) |
                 (hart_has(h, EXT_SVPBMT) ? MENVCFG_PBMTE : 0);
    h->stimecmp = ~0ull;
    h->reservation = h->wake_at = ~0ull;
}

static void check_loaded(struct hart *h, struct state *s)
{
    state_check(s, h->priv == PRV_U || h->priv == PRV_S || h->priv == PRV_M,
                "privilege");
    state_check(s, h->x[0] == 0, "x0");
    state_check(s, (h->mstatus >> 11 & 3) != 2, "mstatus.MPP");
    state_check(s, h->fflags_frm < 256, "fcsr");
    state_check(s, h->satp >> 60 == 0 || h->satp >> 60 == SATP_MODE_SV39,
                "satp.MODE");
}

/* Saves or loads a bool; a loaded one must be 0 or 1. */
static void state_bool(struct state *s, bool *b, const char *what)
{
    u8 v = *b;
    state_val(s, v);
    state_check(s, v <= 1, what);
    *b = v & 1;
}

/* Saves a value that the configuration fixes. A load refuses another value, and
 * keeps the machine's: the time, for example, is computed from such values. */
static void state_fixed(struct state *s, u64 mine, const char *what)
{
    u64 v = mine;
    state_val(s, v);
    state_check(s, v == mine, what);
}

/* Saves or loads a count of cycles or instructions since power-on. */
static void state_count(struct state *s, u64 *count)
{
    u64 v = *count;
    bool ok;
    state_val(s, v);
    ok = v < HART_COUNT_END;
    state_check(s, ok, "a count that no machine reaches");
    *count = ok ? v : *count;
}

void hart_state(struct hart *h, struct state *s)
{
    state_tag(s, "hart");
    state_vals(s, h->x, h->f, h->pc, h->priv, h->fflags_frm);
    state_count(s, &h->cycle);
    state_count(s, &h->instret);
    state_vals(s, h->mcycle_offset, h->minstret_offset);
    state_fixed(s, h->clock_hz, "saved with another clock");
    state_fixed(s, h->timebase_hz, "saved with another timebase");
    state_vals(s, h->mtime_offset, h->mstatus, h->mtvec, h->mscratch, h->mepc,
               h->mcause, h->mtval, h->mie);
    state_vals(s, h->medeleg, h->mideleg, h->mip);
    state_bool(s, &h->seip, "seip");
    state_vals(s, h->stvec, h->sscratch, h->sepc, h->scause, h->stval, h->satp,
               h->stimecmp, h->menvcfg);
    state_vals(s, h->senvcfg, h->mcounteren, h->scounteren, h->mcountinhibit,
               h->tselect, h->tdata1, h->tdata2, h->pmpcfg);
    state_vals(s, h->pmpaddr, h->reservation, h->reservation_value);
    state_bool(s, &h->wfi, "wfi");
    state_val(s, h->wake_at);
    state_fixed(s, h->hartid, "saved with another hart id");
    state_fixed(s, h->exts, "saved with other extensions");
    state_fixed(s, h->no_asid, "saved with another --asid");
    state_fixed(s, h->hw_ad, "saved with another --ad");
    check_loaded(h, s);
}
