/* SPDX-License-Identifier: MIT */
// rooms: base isa hart
/* Tests CSRs: which exist, which privileges may access them, which bits of a
 * write they keep; counters, and the hart's saved state. */
#include "saved.h"
#include "hart/hart.h"

static struct hart new_hart(void)
{
    struct hart h = {.clock_hz = 1000000000,
                     .timebase_hz = 10000000,
                     .hartid = 0,
                     .exts = isa_default() | EXT_BIT(SVADU)};
    hart_reset(&h, 0x1000);
    return h;
}

static u64 get(struct hart *h, unsigned csr)
{
    u64 v = 0xdead;
    assert_int_equal(hart_csr_read(h, csr, &v), HE_NONE);
    return v;
}

/* Writes a CSR; returns what is then read. */
static u64 put(struct hart *h, unsigned csr, u64 v)
{
    assert_int_equal(hart_csr_write(h, csr, v) & HE_TRAP, 0);
    return get(h, csr);
}

/* The CSRs of an RV64 hart with F, S, Sstc, 16 PMP entries, Zicntr and Zihpm,
 * from tables 2.2 to 2.6 of the privileged manual. */
static bool should_exist(unsigned n)
{
    static const u16 single[] = {
        0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x106, 0x10a, 0x140,
        0x141, 0x142, 0x143, 0x144, 0x14d, 0x180, 0x300, 0x301, 0x302,
        0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342,
        0x343, 0x344, 0x3a0, 0x3a2, 0x7a0, 0x7a1, 0x7a2, 0xb00, 0xb02,
        0xf11, 0xf12, 0xf13, 0xf14, 0xf15};
    static const u16 range[][2] = {
        {0xc00, 0xc1f}, {0xb03, 0xb1f}, {0x323, 0x33f}, {0x3b0, 0x3bf}};
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (single[i] == n)
            return true;
    for (size_t i = 0; i < ARRAY_LEN(range); i++)
        if (n >= range[i][0] && n <= range[i][1])
            return true;
    return false;
}

TEST(who_may_touch_what)
{
    static const u32 privs[] = {PRV_U, PRV_S, PRV_M};
    for (unsigned p = 0; p < 3; p++)
        for (unsigned csr = 0; csr < 4096; csr++) {
            struct hart h = new_hart();
            h.mstatus |= MSTATUS_FS;
            h.mcounteren = h.scounteren = ~0u;
            h.menvcfg |= MENVCFG_STCE;
            h.priv = privs[p];
            struct hart before = h;
            bool may = should_exist(csr) && privs[p] >= (csr >> 8 & 3);
            u64 v = 0;
            assert_int_equal(hart_csr_read(&h, csr, &v) == HE_TRAP, !may);
            assert_memory_equal(&h, &before, sizeof h);
            bool write = may && csr >> 10 != 3;
            assert_int_equal(hart_csr_write(&h, csr, v) == HE_TRAP, !write);
            if (!write)
                assert_memory_equal(&h, &before, sizeof h);
        }
}

/* The engine accesses some CSRs as words of struct hart, with the same effect
 * as hart_csr_read and hart_csr_write. */
TEST(direct_csrs_match_the_table)
{
    struct hart h = new_hart();
    unsigned word, found = 0;
    u64 zeros, v = 0x0123456789abcdef;

    for (unsigned csr = 0; csr < 4096; csr++) {
        if (!hart_csr_plain(&h, csr, &word, &zeros))
            continue;
        found++;
        const u64 *w = (const u64 *)&h + word;
        for (h.priv = PRV_U; h.priv <= PRV_M; h.priv += h.priv + 1) {
            u64 old;
            bool may = h.priv >= (csr >> 8 & 3);
            v = v * 6364136223846793005 + 1442695040888963407;
            assert_int_equal(hart_csr_read(&h, csr, &old) == HE_NONE, may);
            assert_true(!may || old == *w);
            struct hart before = h;
            assert_int_equal(hart_csr_write(&h, csr, v),
                             may ? HE_NONE : HE_TRAP);
            ((u64 *)&before)[word] = may ? v & ~zeros : *w;
            assert_memory_equal(&before, &h, sizeof(h));
        }
    }
    assert_int_equal(found, 10); /* {m,s}{tvec,scratch,epc,cause,tval} */
    h.exts &= ~EXT_BIT(C);
    assert_true(hart_csr_plain(&h, 0x341, &word, &zeros) && zeros == 3);
}

TEST(names)
{
    for (unsigned csr = 0; csr < 4096; csr++) {
        const char *name = hart_csr_name(csr);
        assert_int_equal(name != NULL, should_exist(csr));
        if (name)
            assert_int_equal(hart_csr_number(name), (int)csr);
    }
    assert_string_equal(hart_csr_name(0x300), "mstatus");
    assert_int_equal(hart_csr_number("hpmcounter31"), 0xc1f);
    assert_int_equal(hart_csr_number("seed"), -1);
    assert_int_equal(hart_csr_number(""), -1);
}

TEST(floating_point_off)
{
    struct hart h = new_hart();
    u64 v;
    for (unsigned csr = 1; csr <= 3; csr++) {
        assert_int_equal(hart_csr_read(&h, csr, &v), HE_TRAP);
        assert_int_equal(hart_csr_write(&h, csr, 0), HE_TRAP);
    }
    h.mstatus |= 1ull << 13; /* Initial */
    assert_int_equal(get(&h, CSR_mstatus) >> 63, 0);
    assert_int_equal(put(&h, CSR_fcsr, ~0ull), 0xff);
    assert_int_equal(h.mstatus & MSTATUS_FS, MSTATUS_FS); /* now Dirty */
    assert_int_equal(get(&h, CSR_mstatus) >> 63, 1);
    assert_int_equal(get(&h, CSR_sstatus) >> 63, 1);
    assert_int_equal(get(&h, CSR_frm), 7);
    assert_int_equal(get(&h, CSR_fflags), 31);
    assert_int_equal(put(&h, CSR_fflags, 0x1e), 0x1e);
    assert_int_equal(put(&h, CSR_frm, 0xf1), 1);
    assert_int_equal(get(&h, CSR_fcsr), 0x3e);
}

TEST(mstatus_fields)
{
    struct hart h = new_hart();
    const u64 xl = 2ull << 32 | 2ull << 34;
    assert_int_equal(get(&h, CSR_mstatus), xl);
    u64 all = MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE |
              MSTATUS_SPP | MSTATUS_MPP | MSTATUS_FS | MSTATUS_MPRV |
              MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TW |
              MSTATUS_TSR | MSTATUS_SD | xl;
    assert_int_equal(put(&h, CSR_mstatus, ~0ull), all);
    u64 s = MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS |
            MSTATUS_SUM | MSTATUS_MXR | MSTATUS_SD | 2ull << 32;
    assert_int_equal(get(&h, CSR_sstatus), s);
    assert_int_equal(put(&h, CSR_sstatus, 0), 2ull << 32);
    assert_int_equal(get(&h, CSR_mstatus),
                     MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV |
                         MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR | xl);
    put(&h, CSR_mstatus, 2ull << 11); /* no such privilege */
    assert_int_not_equal(h.mstatus & MSTATUS_MPP, 2ull << 11);
    put(&h, CSR_mstatus, 1ull << 11);
    assert_int_equal(h.mstatus & MSTATUS_MPP, 1ull << 11);
}

TEST(legal_values)
{
    struct hart h = new_hart();
    assert_int_equal(get(&h, CSR_misa), 2ull << 62 | 0x14112f);
    assert_int_equal(put(&h, CSR_misa, 0), 2ull << 62 | 0x14112f);
    assert_int_equal(put(&h, CSR_mtvec, ~0ull), ~2ull);
    assert_int_equal(put(&h, CSR_stvec, 0x80000001), 0x80000001);
    assert_int_equal(put(&h, CSR_mepc, ~0ull), ~1ull);
    assert_int_equal(put(&h, CSR_sepc, 3), 2);
    assert_int_equal(put(&h, CSR_mcause, CAUSE_INTERRUPT | 7),
                     CAUSE_INTERRUPT | 7);
    assert_int_equal(put(&h, CSR_mtval, 0x123456789abcdef0),
                     0x123456789abcdef0);
    assert_int_equal(put(&h, CSR_medeleg, ~0ull), 0xb3ff);
    assert_int_equal(put(&h, CSR_mideleg, ~0ull), 0x222);
    assert_int_equal(put(&h, CSR_mie, ~0ull), 0xaaa);
    u64 cbo = MENVCFG_CBIE | MENVCFG_CBCFE | MENVCFG_CBZE;
    assert_int_equal(put(&h, CSR_senvcfg, ~0ull), 1 | cbo);
    assert_int_equal(put(&h, CSR_senvcfg, 2 << 4), 0); /* CBIE 2: reserved */
    assert_int_equal(put(&h, CSR_senvcfg, 1 << 4), 1 << 4);
    assert_int_equal(put(&h, CSR_mcountinhibit, ~0ull), 5);
    assert_int_equal(put(&h, CSR_tselect, 1), 0);
    assert_int_equal(put(&h, CSR_tdata1, ~0ull), 0);
    assert_int_equal(put(&h, CSR_mhpmcounter3, ~0ull), 0);
    assert_int_equal(put(&h, CSR_mhpmevent31, ~0ull), 0);
    assert_int_equal(put(&h, CSR_menvcfg, ~0ull),
                     MENVCFG_STCE | MENVCFG_PBMTE | MENVCFG_ADUE | 1 | cbo);
    h.exts &=
        ~(EXT_BIT(SVADU) | EXT_BIT(SSTC) | EXT_BIT(SVPBMT) | EXT_BIT(ZICBOZ));
    assert_int_equal(put(&h, CSR_menvcfg, ~0ull), 1 | (cbo & ~MENVCFG_CBZE));
    h.exts &= ~EXT_BIT(ZICBOM);
    assert_int_equal(put(&h, CSR_menvcfg, ~0ull), 1);
    assert_int_equal(put(&h, CSR_senvcfg, ~0ull), 1);
}

TEST(satp_modes)
{
    struct hart h = new_hart();
    const u64 sv39 = 8ull << 60 | 0xffffull << 44 | 0xfffffffffffull;
    assert_int_equal(put(&h, CSR_satp, sv39), sv39);
    for (u64 mode = 1; mode < 16; mode++)
        if (mode != 8) /* the whole write has no effect */
            assert_int_equal(put(&h, CSR_satp, mode << 60 | 1), sv39);
    assert_int_equal(put(&h, CSR_satp, 0), 0);
    h.no_asid = true;
    assert_int_equal(put(&h, CSR_satp, sv39), sv39 & ~(0xffffull << 44));
}

TEST(traps_virtual_memory)
{
    struct hart h = new_hart();
    u64 v;
    h.mstatus |= MSTATUS_TVM;
    get(&h, CSR_satp);
    h.priv = PRV_S;
    assert_int_equal(hart_csr_read(&h, CSR_satp, &v), HE_TRAP);
    assert_int_equal(hart_csr_write(&h, CSR_satp, 0), HE_TRAP);
    assert_false(hart_sfence_allowed(&h));
    h.mstatus &= ~MSTATUS_TVM;
    get(&h, CSR_satp);
    assert_true(hart_sfence_allowed(&h));
    h.priv = PRV_U;
    assert_false(hart_sfence_allowed(&h));
}

TEST(counter_enables)
{
    for (unsigned n = 0; n < 32; n++)
        for (unsigned m = 0; m < 2; m++)
            for (unsigned s = 0; s < 2; s++) {
                struct hart h = new_hart();
                u64 v;
                h.mcounteren = m << n;
                h.scounteren = s << n;
                unsigned csr = 0xc00 + n;
                assert_int_equal(hart_csr_read(&h, csr, &v), HE_NONE);
                h.priv = PRV_S;
                assert_int_equal(hart_csr_read(&h, csr, &v) != HE_TRAP, m);
                h.priv = PRV_U;
                assert_int_equal(hart_csr_read(&h, csr, &v) != HE_TRAP, m && s);
            }
}

TEST(supervisor_timer)
{
    struct hart h = new_hart();
    u64 v;
    assert_int_equal(hart_csr_write(&h, CSR_stimecmp, 5) & HE_TIMER, HE_TIMER);
    h.priv = PRV_S;
    for (unsigned stce = 0; stce < 2; stce++)
        for (unsigned tm = 0; tm < 2; tm++) {
            h.menvcfg = stce ? MENVCFG_STCE : 0;
            h.mcounteren = tm << 1;
            assert_int_equal(hart_csr_read(&h, CSR_stimecmp, &v) != HE_TRAP,
                             stce && tm);
        }
    /* 100 cycles a tick: STIP rises at tick 5, and mip.STIP is read-only */
    h.priv = PRV_M;
    h.menvcfg = MENVCFG_STCE;
    h.cycle = 499;
    assert_int_equal(get(&h, CSR_mip), 0);
    assert_int_equal(put(&h, CSR_mip, 1 << IRQ_STIP), 0);
    h.cycle = 500;
    assert_int_equal(get(&h, CSR_mip), 1 << IRQ_STIP);
    assert_int_equal(put(&h, CSR_mip, 0), 1 << IRQ_STIP);
    h.menvcfg = 0; /* without STCE the bit is software's to write */
    assert_int_equal(get(&h, CSR_mip), 0);
    assert_int_equal(put(&h, CSR_mip, 1 << IRQ_STIP), 1 << IRQ_STIP);
    h.exts &= ~EXT_BIT(SSTC);
    assert_int_equal(hart_csr_read(&h, CSR_stimecmp, &v), HE_TRAP);
}

TEST(pending_bits)
{
    struct hart h = new_hart();
    hart_set_irq(&h, IRQ_MSIP, true);
    hart_set_irq(&h, IRQ_MTIP, true);
    hart_set_irq(&h, IRQ_MEIP, true);
    assert_int_equal(put(&h, CSR_mip, 0), 0x888); /* devices drive M's bits */
    assert_int_equal(put(&h, CSR_mip, 0x222), 0xaaa);
    hart_set_irq(&h, IRQ_MTIP, false);
    assert_int_equal(get(&h, CSR_mip), 0xa2a);

    /* sip shows the delegated bits; only SSIP can be written there */
    assert_int_equal(get(&h, CSR_sip), 0);
    put(&h, CSR_mideleg, 0x222);
    assert_int_equal(get(&h, CSR_sip), 0x222);
    assert_int_equal(put(&h, CSR_sip, 0), 0x220);
    put(&h, CSR_mideleg, 0);
    put(&h, CSR_sip, 0x222);
    assert_int_equal(get(&h, CSR_mip) & 2, 0);
    put(&h, CSR_mie, 0xaaa);
    put(&h, CSR_mideleg, 0x202);
    assert_int_equal(get(&h, CSR_sie), 0x202);
    assert_int_equal(put(&h, CSR_sie, 0x020), 0);
    assert_int_equal(get(&h, CSR_mie), 0x8a8);
}

/* csrrs of another bit must not copy the PLIC's SEIP into software's bit. */
TEST(seip_is_two_bits)
{
    struct hart h = new_hart();
    hart_set_irq(&h, IRQ_SEIP, true);
    u64 v = get(&h, CSR_mip);
    assert_int_equal(v, 1 << IRQ_SEIP);
    u64 old = hart_csr_base(&h, CSR_mip, v);
    put(&h, CSR_mip, old | 1 << IRQ_SSIP);
    hart_set_irq(&h, IRQ_SEIP, false);
    assert_int_equal(get(&h, CSR_mip), 1 << IRQ_SSIP);
    put(&h, CSR_mip, 1 << IRQ_SEIP);
    assert_int_equal(get(&h, CSR_mip), 1 << IRQ_SEIP);
    hart_set_irq(&h, IRQ_SEIP, true);
    hart_set_irq(&h, IRQ_SEIP, false);
    assert_int_equal(get(&h, CSR_mip), 1 << IRQ_SEIP); /* software wrote it */
    assert_int_equal(hart_csr_base(&h, CSR_sstatus, 0x1234), 0x1234);
}

/* Counts one instruction, as the engine does between two instructions. */
static void pass(struct hart *h)
{
    h->cycle++;
    h->instret++;
}

TEST(written_counters)
{
    struct hart h = new_hart();
    h.cycle = 1000;
    h.instret = 700;
    assert_int_equal(get(&h, CSR_minstret), 700);
    assert_int_equal(get(&h, CSR_cycle), 1000);
    hart_csr_write(&h, CSR_minstret, 0);
    pass(&h); /* the writing instruction itself is not counted */
    assert_int_equal(get(&h, CSR_minstret), 0);
    assert_int_equal(get(&h, CSR_instret), 0);
    pass(&h);
    assert_int_equal(get(&h, CSR_minstret), 1);
    hart_csr_write(&h, CSR_mcycle, ~0ull);
    pass(&h);
    assert_int_equal(get(&h, CSR_mcycle), ~0ull);
    pass(&h);
    assert_int_equal(get(&h, CSR_mcycle), 0); /* wraps */
}

TEST(inhibited_counters)
{
    struct hart h = new_hart();
    h.cycle = h.instret = 50;
    hart_csr_write(&h, CSR_mcountinhibit, 4);
    pass(&h);
    pass(&h);
    assert_int_equal(get(&h, CSR_minstret), 50);
    assert_int_equal(get(&h, CSR_mcycle), 52);
    assert_int_equal(put(&h, CSR_minstret, 7), 7);
    pass(&h);
    assert_int_equal(get(&h, CSR_minstret), 7);
    hart_csr_write(&h, CSR_mcountinhibit, 1);
    pass(&h); /* the instruction that restarts the counter is counted */
    assert_int_equal(get(&h, CSR_minstret), 8);
    assert_int_equal(get(&h, CSR_mcycle), 53);
    pass(&h);
    assert_int_equal(get(&h, CSR_minstret), 9);
    assert_int_equal(get(&h, CSR_mcycle), 53);
}

/* mtime = cycle * timebase / clock + offset; inverse: a tick's first cycle. */
TEST(time_and_cycles)
{
    static const u64 clocks[] = {1000000000, 10000000, 7, 2500000001, 3};
    u64 seed = 5;
    for (size_t k = 0; k < ARRAY_LEN(clocks); k++)
        for (int n = 0; n < 2000; n++) {
            struct hart h = new_hart();
            h.clock_hz = clocks[k];
            h.cycle = rand_step(&seed) >> (n % 64);
            h.mtime_offset = n & 1 ? rand_step(&seed) : 0;
            u64 now = hart_mtime(&h);
            assert_int_equal(get(&h, CSR_time), now);
            u64 t = now + 1 + (rand_step(&seed) >> (20 + n % 43));
            if (t <= now)
                continue;
            u64 at = hart_cycle_of_change(&h, t);
            assert_true(at >= h.cycle);
            if (at == ~0ull)
                continue;
            u64 was = h.cycle;
            h.cycle = at;
            assert_true(hart_mtime(&h) - now >= t - now);
            if (at > was) {
                h.cycle = at - 1;
                assert_true(hart_mtime(&h) - now < t - now);
            }
        }
    struct hart h = new_hart();
    h.cycle = 12345;
    assert_int_equal(hart_mtime(&h), 123);
    assert_int_equal(hart_cycle_of_change(&h, 124), 12400);
    h.clock_hz = ~0ull;
    assert_int_equal(hart_cycle_of_change(&h, ~0ull), ~0ull);
}

/* Marks padding by gcc's builtin. Without it, fewer than 8 bytes in a row that
 * do not change the hash (`silent`) count as padding, so a smaller member that
 * hart_state lacks goes unseen. */
static void find_padding(const bool *silent, bool *padding)
{
#if __has_builtin(__builtin_clear_padding)
    struct hart used;
    (void)silent;
    memset(&used, 0xff, sizeof used);
    __builtin_clear_padding(&used);
    for (size_t i = 0; i < sizeof used; i++)
        padding[i] = ((u8 *)&used)[i] == 0;
#else
    for (size_t i = 0, n; i < sizeof(struct hart); i += n + !n) {
        for (n = 0; i + n < sizeof(struct hart) && silent[i + n]; n++)
            ;
        memset(padding + i, n < 8, n);
    }
#endif
}

/* Any changed byte of struct hart but padding changes hart_state's hash. */
TEST(state_is_complete)
{
    char base[33], hex[33];
    static struct hart h;
    static bool silent[sizeof h], padding[sizeof h];
    memset(&h, 0, sizeof h);
    h.clock_hz = h.timebase_hz = 1;
    DIGEST(base, hart_state(&h, s));
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof h; i++) {
        u8 *p = (u8 *)&h + i;
        u8 old = *p;
        *p ^= 1;
        DIGEST(hex, hart_state(&h, s));
        *p = old;
        silent[i] = !strcmp(hex, base);
    }
    find_padding(silent, padding);
    for (size_t i = 0; i < sizeof h; i++) {
        if (silent[i] != padding[i])
            print_message("# byte %zu of struct hart\n", i);
        wrong += silent[i] != padding[i];
    }
    assert_int_equal(wrong, 0);
}

TEST(state_loads)
{
    char a[33], b[33];
    struct hart h = new_hart();
    u64 seed = 9;
    for (unsigned i = 1; i < 32; i++)
        h.x[i] = rand_step(&seed);
    h.priv = PRV_S;
    h.seip = true;
    h.pmpcfg[3] = 0x9f;
    h.mtime_offset = 77;
    SAVE(hart_state(&h, s));
    DIGEST(a, hart_state(&h, s));
    struct hart other = new_hart();
    LOAD(hart_state(&other, s));
    DIGEST(b, hart_state(&other, s));
    assert_string_equal(a, b);
    /* a privilege that does not exist is refused */
    h.priv = 2;
    SAVE(hart_state(&h, s));
    REFUSE("", hart_state(&other, s));
}

/* A cycle near 2^64 is refused: the next poll for input would be due before
 * now, for ever (found by fuzzing). */
TEST(refused_save_near_the_end_of_time)
{
    struct hart h = new_hart(), other = new_hart();
    h.cycle = ~0ull - 5;
    other.cycle = 77;
    SAVE(hart_state(&h, s));
    REFUSE("a count that no machine reaches", hart_state(&other, s));
    assert_int_equal(other.cycle, 77);
}

/* A save whose clock is 0 is refused before the clock reaches the hart, where a
 * device would divide by it (found by fuzzing). */
TEST(refused_save_leaves_the_clock)
{
    struct hart h = new_hart(), other = new_hart();
    h.clock_hz = h.timebase_hz = 0;
    SAVE(hart_state(&h, s));
    REFUSE("saved with another clock", hart_state(&other, s));
    assert_int_equal(other.clock_hz, new_hart().clock_hz);
    assert_int_equal(other.timebase_hz, new_hart().timebase_hz);
}
