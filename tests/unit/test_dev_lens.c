/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Tests lens and HTIF. The tables that a guest names are checked before they
 * are used, pipes carry bytes unchanged, and a hostile guest does no harm. */
#include "unit.h"

#include "dev/htif.h"
#include "dev/lens.h"

#define RAM  (256u << 10)
#define INFO (RAM_BASE + 0x1000)

static u8 *ram;
static char out[64], err[64];
static size_t nout, nerr;
static int off_status, wanted, caught, hooked;
static struct lens_record last;
#define LATER '\1' /* stands for HOST_IN_LATER */
static const char *text;

static void to_out(UNUSED void *o, u8 b)
{
    out[nout++ % 64] = (char)b;
}
static void to_err(UNUSED void *o, u8 b)
{
    err[nerr++ % 64] = (char)b;
}
static void on_off(UNUSED void *o, int status)
{
    off_status = status;
}
static void on_want(UNUSED void *o)
{
    wanted++;
}
static void on_caught(UNUSED void *o, const struct lens_record *r)
{
    caught++;
    last = *r;
}
static void on_hook(UNUSED void *o, const struct lens_record *r)
{
    hooked++;
    last = *r;
}
static int from_pipe(UNUSED void *o)
{
    char c = *text;
    text += c != 0;
    return !c ? -1 : c == LATER ? HOST_IN_LATER : (u8)c;
}

static const struct host_io io = {
    .console_out = to_out, .pipe_out = to_out, .pipe_err = to_err};

static void power_on(struct lens *l)
{
    ram = calloc(1, RAM);
    struct dma dma = {.ram = ram, .ram_bytes = RAM};
    lens_init(l, &dma);
    l->io = &io;
    l->want = on_want;
    l->off = on_off;
    l->caught = on_caught;
    l->pipe_in = from_pipe;
    lens_reset(l);
    nout = nerr = 0;
    memset(out, 0, sizeof(out));
    memset(err, 0, sizeof(err));
    off_status = -1;
    wanted = caught = hooked = 0;
}

static void power_off(struct lens *l)
{
    lens_free(l);
    free(ram);
}

#define LENS(l)                                                                \
    struct lens l __attribute__((cleanup(power_off)));                         \
    power_on(&l)

static u64 rd(struct lens *l, u64 off)
{
    u64 v;
    assert_true(lens_read(l, off, 8, 5, &v));
    return v;
}

static void wr(struct lens *l, u64 off, u64 v)
{
    assert_true(lens_write(l, off, 8, 5, v));
}

static struct lens_info sound(void)
{
    return (struct lens_info){.version = LENS_VERSION,
                              .ram_base = RAM_BASE,
                              .frames_pa = RAM_BASE + 0x2000,
                              .frame_stride = sizeof(struct lens_frame),
                              .nframes = RAM / PAGE_BYTES,
                              .procs_pa = RAM_BASE + 0x8000,
                              .proc_stride = 128,
                              .nprocs = 16,
                              .counters_pa = RAM_BASE + 0xa000,
                              .ncounters = C_COUNT,
                              .current_pa = RAM_BASE + 0xb000,
                              .free_pa = RAM_BASE + 0xb008,
                              .zero_pfn = 3};
}

static bool opens(struct lens *l, const struct lens_info *i, u64 pa)
{
    if (pa == INFO)
        memcpy(ram + 0x1000, i, sizeof(*i));
    wr(l, LENS_OPEN, pa);
    return l->open;
}

TEST(open_checked)
{
    LENS(l);
    struct lens_info good = sound(), i;
    assert_int_equal(rd(&l, LENS_MAGIC), LENS_MAGIC_VALUE);
    assert_true(lens_busy(&l));
    assert_true(opens(&l, &good, INFO));
    assert_int_equal(rd(&l, LENS_OPEN), INFO);
    assert_false(lens_busy(&l));
    ram[0x1000 + offsetof(struct lens_info, busy)] = 1;
    assert_true(lens_busy(&l));
    static const u64 nowhere[] = {
        0,         8,        RAM_BASE - 8, RAM_BASE + RAM, RAM_BASE + RAM - 8,
        ~0ull - 7, INFO + 4, 1ull << 63};
    for (unsigned k = 0; k < ARRAY_LEN(nowhere); k++)
        assert_false(opens(&l, &good, nowhere[k]));
        /* Each field that is checked, made wrong. */
#define WRONG(field, value)                                                    \
    i = good;                                                                  \
    i.field = (value);                                                         \
    assert_false(opens(&l, &i, INFO));                                         \
    assert_int_equal(rd(&l, LENS_OPEN), 0)
    WRONG(version, LENS_VERSION + 1);
    WRONG(ram_base, 0);
    WRONG(frames_pa, RAM_BASE + RAM - 100);
    WRONG(frames_pa, RAM_BASE + 0x2004);
    WRONG(frames_pa, ~0ull - 7);
    WRONG(frame_stride, sizeof(struct lens_frame) - 8);
    WRONG(frame_stride, 0);
    WRONG(frame_stride, 1ull << 60);
    WRONG(frame_stride, sizeof(struct lens_frame) + 1);
    WRONG(nframes, 0);
    WRONG(nframes, RAM / PAGE_BYTES + 1);
    WRONG(nframes, ~0ull);
    WRONG(procs_pa, 0x10000000);
    WRONG(proc_stride, 8);
    WRONG(nprocs, 1ull << 61);
    WRONG(counters_pa, RAM_BASE + RAM - 8);
    WRONG(ncounters, C_COUNT + 1);
    WRONG(ncounters, 1ull << 61);
    WRONG(current_pa, RAM_BASE + RAM);
    WRONG(current_pa, RAM_BASE + RAM - 4);
    WRONG(current_pa, 2);
    WRONG(free_pa, RAM_BASE + RAM - 4);
    WRONG(zero_pfn, RAM / PAGE_BYTES);
    WRONG(hands_pa, RAM_BASE + RAM - 8); /* two words; one fits */
    WRONG(hands_pa, 4);
    WRONG(swap_total_pa, RAM_BASE + RAM);
    WRONG(swap_used_pa, ~0ull - 7);
    i = good;
    strcpy(i.gauges[0].name, "low");
    assert_false(opens(&l, &i, INFO)); /* a name without a value */
    i.gauges[0].value_pa = RAM_BASE + 0xb010;
    memset(i.gauges[1].name, 'x', sizeof(i.gauges[1].name));
    i.gauges[1].value_pa = RAM_BASE + 0xb018;
    assert_true(opens(&l, &i, INFO));
    assert_int_equal(strlen(l.info.gauges[1].name), 15);
    i.gauges[1].value_pa = RAM_BASE + RAM - 4;
    assert_false(opens(&l, &i, INFO));
    WRONG(hands_pa, RAM_BASE + RAM - 8);
    WRONG(swap_used_pa, RAM_BASE + 4);
    WRONG(gauges[0], ((struct lens_gauge){"low", 0}));
    WRONG(gauges[0], ((struct lens_gauge){"low", RAM_BASE + RAM}));
    assert_true(opens(&l, &good, INFO));
}

TEST(random_infos)
{
    LENS(l);
    u64 rng = 11, touched = 0;
    for (int k = 0; k < 100000; k++) {
        struct lens_info i = sound();
        u8 *p = (u8 *)&i;
        for (u64 n = rand_step(&rng) % 4; n-- > 0;)
            p[rand_step(&rng) % sizeof(i)] = (u8)rand_step(&rng);
        if (!opens(&l, &i, INFO))
            continue;
        /* The lens is open, so every byte of every table lies in RAM. */
        u64 sum = 1;
        const struct lens_info *s = &l.info;
        for (u64 f = 0; f < s->nframes; f++)
            sum += ram[s->frames_pa - RAM_BASE + f * s->frame_stride +
                       sizeof(struct lens_frame) - 1];
        for (u64 f = 0; f < s->nprocs; f++)
            sum += ram[s->procs_pa - RAM_BASE + f * s->proc_stride +
                       sizeof(struct lens_proc) - 1];
        sum += ram[s->counters_pa - RAM_BASE + s->ncounters * 8 - 1];
        sum += ram[s->free_pa - RAM_BASE + 7];
        assert_int_equal(s->policy[15], 0);
        for (unsigned k = 0; k < LENS_GAUGES && s->gauges[k].name[0]; k++)
            sum += ram[s->gauges[k].value_pa - RAM_BASE + 7];
        if (s->hands_pa)
            sum += ram[s->hands_pa - RAM_BASE + 15];
        touched += sum;
    }
    assert_true(touched > 1000); /* some infos were accepted */
}

TEST(events)
{
    LENS(l);
    l.hook = on_hook;
    l.catch = 1ull << R_COW_COPY;
    wr(&l, LENS_EVENT_VA, 0x1234000);
    wr(&l, LENS_EVENT,
       lens_event(7, FS_FREE, FS_ANON, R_DEMAND_ZERO, ACTOR_FAULT, 42));
    assert_int_equal(l.shadow[7], FS_ANON);
    assert_int_equal(last.va, 0x1234000);
    assert_int_equal(last.cycle, 5);
    assert_int_equal(caught, 0);
    wr(&l, LENS_EVENT,
       lens_event(8, FS_FREE, FS_ANON, R_COW_COPY, ACTOR_FAULT, 42));
    assert_int_equal(last.va, 0); /* an address holds for one event */
    assert_int_equal(caught, 1);
    assert_int_equal(hooked, 2);
    /* Events with an unknown frame or state, or no frame, are only counted. */
    wr(&l, LENS_EVENT, lens_event(RAM / PAGE_BYTES, 0, FS_ANON, 0, 0, 0));
    wr(&l, LENS_EVENT, lens_event(LENS_NO_PFN, 0, 0, R_FORK, 0, 0));
    wr(&l, LENS_EVENT, lens_event(9, 0, 15, 255, 15, 0));
    assert_int_equal(l.shadow[9], FS_FREE);
    assert_int_equal(l.events, 5);
}

/* One store reports a row of frames that the boot has taken. */
TEST(boot_in_rows)
{
    LENS(l);
    hooked = 0;
    l.hook = on_hook;
    wr(&l, LENS_BOOT, lens_boot(3, FS_KDATA, 4));
    assert_int_equal(hooked, 4);
    assert_int_equal(last.event,
                     lens_event(6, FS_FREE, FS_KDATA, R_BOOT, ACTOR_BOOT, 0));
    assert_int_equal(l.shadow[2], FS_FREE);
    assert_int_equal(l.shadow[3], FS_KDATA);
    assert_int_equal(l.shadow[6], FS_KDATA);
    assert_int_equal(l.shadow[7], FS_FREE);
    assert_int_equal(l.count[FS_KDATA], 4);
    wr(&l, LENS_EVENT, lens_event(3, FS_KDATA, FS_ANON, 0, 0, 0));
    assert_int_equal(l.count[FS_KDATA], 3);
    assert_int_equal(l.count[FS_ANON], 1);
    assert_int_equal(l.count[FS_FREE], RAM / PAGE_BYTES - 4);
    /* RAM's end cuts a row; an empty row or unknown state has no effect. */
    wr(&l, LENS_BOOT, lens_boot(RAM / PAGE_BYTES - 1, FS_KCODE, 0xfffffff));
    wr(&l, LENS_BOOT, lens_boot(0, FS_KCODE, 0));
    wr(&l, LENS_BOOT, lens_boot(8, 15, 1));
    assert_int_equal(l.count[FS_KCODE], 1);
    assert_int_equal(l.shadow[8], FS_FREE);
    lens_reset(&l);
    assert_int_equal(l.count[FS_FREE], RAM / PAGE_BYTES);
    assert_int_equal(l.count[FS_KCODE], 0);
}

TEST(pipes)
{
    LENS(l);
    u64 v;
    assert_true(rd(&l, LENS_RUN) == LENS_EOF);
    l.run = "ls\xff";
    assert_int_equal(rd(&l, LENS_RUN), 'l');
    assert_int_equal(rd(&l, LENS_RUN), 's');
    assert_int_equal(rd(&l, LENS_RUN), 0xff);
    assert_true(rd(&l, LENS_RUN) == LENS_EOF);
    assert_true(rd(&l, LENS_RUN) == LENS_EOF);
    text = "a\1\xfe";
    assert_int_equal(rd(&l, LENS_IN), 'a');
    assert_true(rd(&l, LENS_IN) == LENS_LATER); /* not the end */
    assert_int_equal(rd(&l, LENS_IN), 0xfe);
    assert_true(rd(&l, LENS_IN) == LENS_EOF);
    wr(&l, LENS_OUT, 'o');
    wr(&l, LENS_ERR, 'e');
    assert_string_equal(out, "o");
    assert_string_equal(err, "e");
    wr(&l, LENS_WANT, 0);
    assert_int_equal(wanted, 0);
    wr(&l, LENS_WANT, 1);
    assert_int_equal(wanted, 1);
    wr(&l, LENS_EXIT, 0x103);
    assert_int_equal(off_status, 3);
    assert_false(lens_read(&l, LENS_MAGIC, 4, 0, &v));
    assert_false(lens_write(&l, LENS_EVENT, 4, 0, 0));
    for (u64 off = 0x50; off < LENS_SIZE; off += 8) {
        assert_int_equal(rd(&l, off), 0);
        wr(&l, off, ~0ull);
    }
}

/* ---- HTIF --------------------------------------------------------------- */

TEST(host_target)
{
    LENS(l);
    struct htif f;
    f = (struct htif){.dma = l.dma, .io = &io, .off = on_off};
    u8 *tohost = ram + 0x2000, *fromhost = tohost + 64, *m = ram + 0x3000;
    htif_open(&f, RAM_BASE + 0x2000, 0);
    htif_poll(&f);
    assert_int_equal(off_status, -1);
    put_le(tohost, 1ull << 56 | 1ull << 48 | 'x', 8); /* putchar */
    htif_poll(&f);
    assert_string_equal(out, "x");
    assert_int_equal(get_le(tohost, 8), 0);
    assert_true(get_le(fromhost, 8) == (1ull << 56 | 1ull << 48));
    put_le(m, 64, 8); /* write(1, "hello", 5) */
    put_le(m + 8, 1, 8);
    put_le(m + 16, RAM_BASE + 0x4000, 8);
    put_le(m + 24, 5, 8);
    memcpy(ram + 0x4000, "hello", 5);
    put_le(tohost, RAM_BASE + 0x3000, 8);
    htif_poll(&f);
    assert_string_equal(out, "xhello");
    assert_int_equal(get_le(m, 8), 5);
    assert_int_equal(get_le(fromhost, 8), 1);
    static const u64 bad[] = {0, RAM_BASE + RAM - 3, ~0ull, 1ull << 40};
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        put_le(m, 64, 8);
        put_le(m + 16, bad[i], 8);
        put_le(tohost, RAM_BASE + 0x3000, 8);
        htif_poll(&f);
        assert_true(get_le(m, 8) == (u64)-14);
        put_le(tohost, bad[i] & 0xfffffffffffe, 8);
        htif_poll(&f);
    }
    put_le(m, 1000, 8); /* unknown call */
    put_le(tohost, RAM_BASE + 0x3000, 8);
    htif_poll(&f);
    assert_true(get_le(m, 8) == (u64)-38);
    assert_int_equal(off_status, -1);
    put_le(tohost, 1, 8);
    htif_poll(&f);
    assert_int_equal(off_status, 0);
    put_le(tohost, 5 << 1 | 1, 8);
    htif_poll(&f);
    assert_int_equal(off_status, 5);
    put_le(tohost, 256 << 1 | 1, 8); /* 256 would exit as 0: a false pass */
    htif_poll(&f);
    assert_int_equal(off_status, 1);
}
