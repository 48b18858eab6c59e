/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr isa hart mmu time engine dev boot history config machine inspect console show monitor linux xv6
/* Tests the session as the panel's thread uses it: commands and keys go in,
 * displays come out, while a bare program that echoes the UART runs. */
#include <pthread.h>
#include <time.h>

#include "boot/tables.h"
#include "history/past.h"
#include "inspect/display.h"
#include "inspect/frames.h"
#include "inspect/policy.h"
#include "machine/parts.h"
#include "monitor/monitor.h"
#include "monitor/session/terminal.h"

#include "unit.h"

static const char program[] = ".globl _start, tick\n"
                              "_start: li s0, 0x10000000\n"
                              "tick:   addi s1, s1, 1\n"
                              "        lbu t0, 5(s0)\n"
                              "        andi t0, t0, 1\n"
                              "        beqz t0, tick\n"
                              "        lbu t1, 0(s0)\n"
                              "        sb t1, 0(s0)\n"
                              "        j tick\n"
                              /* a table of one tunable (struct lens_tunable) */
                              ".balign 8\n"
                              ".globl __tunables_start, __tunables_end\n"
                              "__tunables_start: .asciz \"test.slider\"\n"
                              "        .zero 28\n"
                              "        .dword 5, 5, 0, 100\n"
                              "        .zero 16 + 96\n"
                              "__tunables_end:\n";

static char elf[64], script[64];
static struct config c;
static struct machine *m;
static struct session *s;
static struct ins_display *d;
static pthread_t thread;
static int status;

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

BEFORE_ALL
{
    char source[80];
    snprintf(elf, sizeof elf, "/tmp/test_session.%d.elf", getpid());
    snprintf(script, sizeof script, "/tmp/test_session.%d.ch", getpid());
    snprintf(source, sizeof source, "/tmp/test_session.%d.S", getpid());
    write_file(source, program);
    unit_compile(source, elf);
    unlink(source);
}

AFTER_ALL
{
    unlink(elf);
    unlink(script);
}

static void *run(void *opaque)
{
    status = session_main(opaque);
    return NULL;
}

static void power_on(void)
{
    /* --panel=term: the session leaves the terminal alone. */
    c = (struct config){.elf = elf,
                        .ram_bytes = 2 << 20,
                        .cpu = "u54",
                        .dram = "ddr4-2400r",
                        .disk_model = "cheetah9lp",
                        .timing = TIMING_CYCLE,
                        .asid = true,
                        .hw_ad = true,
                        .seed = 1,
                        .pace_given = true,
                        .panel = PANEL_TERM};
    struct host_io io = session_host_io(&c);
    m = machine_new(&c, &io);
    s = session_new(m, &c);
    d = session_display_new(s);
    session_publish(s, true);
}

static void begin(void)
{
    assert_int_equal(pthread_create(&thread, NULL, run, s), 0);
}

static void end(void)
{
    session_quit(s);
    pthread_join(thread, NULL);
    assert_true(session_ended(s));
    inspect_display_free(d);
    session_free(s);
    machine_free(m);
}

static void nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)(seconds * 1e9) % 1000000000};
    nanosleep(&t, NULL);
}

/* Waits (at most ten seconds, for a busy host) for a display that meets the
 * condition. */
#define until(condition)                                                       \
    do {                                                                       \
        for (int tries_ = 0; tries_ < 1000; tries_++) {                        \
            session_display(s, d);                                             \
            if (condition)                                                     \
                break;                                                         \
            nap(.01);                                                          \
        }                                                                      \
        assert_true(condition);                                                \
    } while (0)

static void wait_mode(const char *mode)
{
    until(!strcmp(d->mode, mode));
}

/* Halts and takes a fresh display, in which all queued commands are done. */
static void halt(void)
{
    session_queue_command(s, "halt");
    wait_mode("HALT");
    nap(.1);
    session_display(s, d);
}

TEST(runs_and_halts)
{
    power_on();
    begin();
    wait_mode("RUN");
    u64 first = d->instret;
    nap(.2);
    assert_true(session_display(s, d));
    assert_true(d->instret > first && d->running);
    halt();
    u64 cycle = d->cycle;
    assert_false(d->running);
    nap(.2);
    session_display(s, d);
    assert_int_equal(d->cycle, cycle); /* nothing moves */
    session_queue_command(s, "continue");
    wait_mode("RUN");
    halt();
    assert_true(d->cycle > cycle);
    end();
}

TEST(steps)
{
    power_on();
    begin();
    wait_mode("RUN");
    halt();
    u64 instret = d->instret;
    session_queue_command(s, "stepi");
    until(d->instret == instret + 1);
    session_queue_command(s, "stepi 10");
    until(d->instret == instret + 11);
    u64 cycle = d->cycle;
    session_queue_command(s, "run-for 1ms");
    until(d->cycle >= cycle + m->clock_hz / 1000);
    wait_mode("HALT");
    assert_true(d->cycle < cycle + m->clock_hz / 1000 + 1000);
    assert_non_null(strstr(d->where, "tick"));
    end();
}

TEST(publishes_sixty_a_second)
{
    power_on();
    begin();
    wait_mode("RUN");
    u64 first = d->serial;
    double began = host_now();
    for (unsigned i = 0; i < 100; i++, nap(.01))
        session_display(s, d);
    u64 n = d->serial - first;
    assert_true((double)n <= 63 * (host_now() - began));
    assert_true(n >= 10); /* whatever else this host does */
    nap(2);               /* while nobody takes displays, hardly any is made */
    session_display(s, d);
    assert_true(d->serial - first - n <= 5);
    assert_false(session_display(s, d) && session_display(s, d));
    session_publish(s, false);
    nap(.1);
    session_display(s, d);
    nap(.2);
    assert_false(session_display(s, d));
    end();
}

TEST(keys_and_console)
{
    power_on();
    begin();
    wait_mode("RUN");
    session_queue_keys(s, "Hello, ", 7);
    session_queue_keys(s, "panel\r\n", 7);
    until(d->cursor_row == 1);
    assert_memory_equal(d->console[0], "Hello, panel", 12);
    assert_int_equal(d->cursor_row, 1);
    end();
}

TEST(selection)
{
    power_on();
    begin();
    wait_mode("RUN");
    assert_false(d->selected_valid);
    session_select_frame(s, 0);
    until(d->selected_valid);
    assert_int_equal(d->selected.pa, RAM_BASE);
    assert_true(d->selected.last_use_epoch > 0);
    assert_false(d->selected.known);  /* no lens: the machine's view */
    session_select_frame(s, 1 << 20); /* beyond RAM */
    until(!d->selected_valid);
    /* The frame counts as used until the end of its last use's millisecond. */
    halt();
    u64 epoch = cycles_per_ms(m->clock_hz);
    u64 used_until = engine_last_use(m->engine)[0] * epoch;
    assert_true(inspect_unused_since(m, 0, used_until));
    assert_false(inspect_unused_since(m, 0, used_until - 1));
    end();
}

TEST(lit_frames_need_words)
{
    power_on();
    begin();
    wait_mode("RUN");
    session_light(s, "dirty");
    until(*d->lit_error);
    assert_string_equal(d->lit_words, "dirty");
    assert_non_null(strstr(d->lit_error, "no lens"));
    assert_null(d->lit);
    session_light(s, "");
    until(!*d->lit_error);
    assert_string_equal(d->lit_words, "");
    end();
}

TEST(mistakes_become_captions)
{
    power_on();
    begin();
    wait_mode("RUN");
    session_queue_command(s, "frobnicate");
    until(!strcmp(d->caption, "frobnicate: unknown verb (see help)"));
    session_queue_command(s, "print 6 * 7");
    until(!strcmp(d->caption, "42"));
    end();
}

static char shot[64];
static bool shoot(const struct ins_display *display, const struct config *cc,
                  const char *path, char *err, size_t n)
{
    snprintf(shot, sizeof shot, "%s %llu", path,
             (unsigned long long)display->nframes);
    snprintf(err, n, "no paper");
    return cc == &c && strcmp(path, "bad");
}

TEST(screenshots)
{
    power_on();
    session_set_screenshot(s, shoot);
    begin();
    wait_mode("RUN");
    session_queue_command(s, "screenshot a.png");
    until(!strcmp(d->caption, "picture: a.png"));
    assert_string_equal(shot, "a.png 512");
    session_queue_command(s, "screenshot bad");
    until(!strcmp(d->caption, "screenshot: bad: no paper"));
    end();
}

/* The panel's slider queues a `set`. The log records it, like typed keys, with
 * its cycle and the bytes written; it does not record a refused value. */
TEST(a_slider_is_an_input)
{
    struct lens_tunable t;
    u64 pa;
    power_on();
    struct boot_table table = boot_tunables(elf); /* as for a kernel */
    assert_int_equal(table.n, 1);
    m->parts->booted.tunables =
        (struct boot_range){table.pa, table.pa + sizeof t};
    free(table.rows);
    begin();
    wait_mode("RUN");
    until(d->cycle > 0);
    u64 before = input_log_count(m->past->log), since = d->cycle;
    session_queue_command(s, "set test.slider 60");
    session_queue_command(s, "set test.slider 101");
    halt();
    assert_true(inspect_tunable(m, "test.slider", &t, &pa));
    assert_int_equal(t.value, 60);
    assert_int_equal(input_log_count(m->past->log), before + 1);
    struct input_entry e = input_log_at(m->past->log, before);
    assert_int_equal(e.kind, INPUT_POKE);
    assert_true(e.at.cycle >= since && e.at.cycle <= d->cycle);
    assert_int_equal(e.n, 16);
    assert_int_equal(get_le(e.bytes, 8), pa);
    assert_int_equal(get_le(e.bytes + 8, 8), 60);
    end();
}

/* The panel halts a script's run, steps, and lets it continue: the run ends at
 * the script's cycle. */
TEST(steps_within_a_script)
{
    write_file(script, "run-for 40ms\nassert cycle >= 40ms\n"
                       "assert cycle < 40ms + 1000\nmark done\n");
    power_on();
    c.scripts[0] = script;
    c.nscripts = 1;
    session_queue_command(s, "pace 0.05"); /* there is time to act */
    begin();
    wait_mode("RUN");
    halt();
    u64 instret = d->instret;
    session_queue_command(s, "stepi 3");
    until(d->instret == instret + 3);
    wait_mode("HALT");
    session_queue_command(s, "pace max");
    session_queue_command(s, "continue");
    for (int i = 0; i < 1000; i++) { /* until the mark is there */
        session_queue_command(s, "print mark.done");
        nap(.01);
        session_display(s, d);
        if (strspn(d->caption, "0123456789") == 8)
            break;
    }
    assert_int_equal(strlen(d->caption), 8); /* 40000nnn */
    assert_memory_equal(d->caption, "40000", 5);
    end();
    assert_int_equal(status, 0);
}

/* A caption cuts a claim of 300 letters, but not the claim's verdict. */
TEST(a_long_claim_keeps_its_verdict)
{
    static const char begins[] = "claim: does NOT hold: xxx";
    char what[301] = "", line[500];
    memset(what, 'x', sizeof what - 1);
    snprintf(line, sizeof line,
             "claim \"%s\" \"y\" 0 \"%%d\", 3\nrun-for 60s\n", what);
    write_file(script, line);
    power_on();
    c.scripts[0] = script;
    c.nscripts = 1;
    session_queue_command(s, "pace 1");
    begin();
    until(!strncmp(d->caption, begins, sizeof begins - 1));
    assert_int_equal(strlen(d->caption), sizeof d->caption - 1);
    end();
}

TEST(quit_ends_it)
{
    power_on();
    begin();
    wait_mode("RUN");
    session_queue_command(s, "quit 5");
    pthread_join(thread, NULL);
    assert_true(session_ended(s));
    assert_int_equal(status, 5);
    inspect_display_free(d);
    session_free(s);
    machine_free(m);
}

TEST(words_of_options)
{
    int n;
    char **w =
        option_words("file", "  --ram 16M --append \"a b\" --x='c d' ''", &n);
    static const char *const are[] = {"file", "--ram",   "16M", "--append",
                                      "a b",  "--x=c d", ""};
    assert_int_equal(n, ARRAY_LEN(are));
    for (unsigned i = 0; i < ARRAY_LEN(are); i++)
        assert_string_equal(w[i], are[i]);
    assert_null(w[n]);
    free(w);
}
