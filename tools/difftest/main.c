/* SPDX-License-Identifier: MIT */
/* difftest runs random programs on Clockhand (in fast timing, in cycle timing,
 * step by step, and with A and D set by software) and under QEMU; all states
 * must be the same. A program that shows a difference is shrunk and listed.
 *
 *     difftest [OPTIONS] [FROM[-TO]...] seeds (default: 1-100)
 *     --count N       N seeds from the last FROM on
 *     --seconds T     begin no program after T seconds
 *     --file FILE     a seed file that a difference left
 *     --keep DIR      where listings and seed files of differences go
 *     --isa STRING    Clockhand's extensions, whatever the programs are for
 *     --ad hw|fault   Clockhand's walker sets A and D, or faults
 *     --engines       the interpreter against the translator, without QEMU
 *     --coverage      print counts of what was executed; status 1 if one is 0
 *     --departures    print where QEMU is known to differ, and end
 *     --list SEED     print a program, and end */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "coverage.h"
#include "departures.h"
#include "engine/engine.h"
#include "shrink.h"

static struct options {
    struct range {
        unsigned from, to;
    } ranges[64], *last; /* of seeds */
    unsigned seconds;
    const char *file, *keep, *isa, *ad;
    bool engines, coverage, list;
} opt = {.ranges = {{1, 100}}, .last = opt.ranges, .keep = ".", .ad = "hw"};

/* ---- a difference ---- */

static FILE *kept(const struct program *p, const char *suffix, char *path)
{
    snprintf(path, 300, "%s/difference-%llu.%s", opt.keep,
             (unsigned long long)p->seed, suffix);
    FILE *f = fopen(path, "w");
    if (!f)
        die(path, "cannot write it");
    return f;
}

static const char *other_side(const struct trial *t)
{
    if (t->mode >= MODE_ENGINES_FAST)
        return "its interpreter";
    return t->against_ours ? "its fast timing" : "QEMU";
}

static void report(struct trial *t, struct program *p,
                   const struct difference *first)
{
    char path[300];
    printf("seed %llu: block %u, %s: Clockhand 0x%llx, %s 0x%llx\n%s\n",
           (unsigned long long)p->seed, first->block, first->what,
           (unsigned long long)first->ours, other_side(t),
           (unsigned long long)first->theirs, first->text);
    if (p->bare) /* nothing can be left out */
        return;
    /* a record after each pass finds the difference earlier, or hides it */
    t->flags = FLAG_DETAIL;
    if (!try_program(t, p).found)
        t->flags = 0;
    unsigned trials = shrink(t, p);
    struct difference d = try_program(t, p);
    FILE *f = kept(p, "S", path);
    listing(f, p, &d);
    fclose(f);
    listing(stdout, p, &d);
    f = kept(p, "seed", path);
    cuts_write(f, p);
    fclose(f);
    printf("shrunk in %u trials; again with: difftest %s--file %s\n\n", trials,
           opt.engines ? "--engines " : "", path);
    fflush(stdout);
}

/* ---- a seed ---- */

struct session {
    u64 exts; /* that both machines have */
    struct trial trial;
    struct setting setting;
    struct coverage coverage;
    u8 *again;
    u64 instructions;
    unsigned differences;
};

static bool differs(struct session *s, struct program *p, enum mode mode,
                    bool against_ours, struct difference d)
{
    if (!d.found)
        return false;
    s->trial.mode = mode;
    s->trial.against_ours = against_ours;
    s->trial.flags = 0;
    s->differences++;
    report(&s->trial, p, &d);
    return true;
}

static void set_up(struct session *s, const struct program *p)
{
    char why[200];
    s->setting.exts = s->setting.ours = p->exts;
    s->setting.triggers = p->triggers;
    s->setting.hw_ad = !strcmp(opt.ad, "hw");
    if (opt.isa && !isa_parse(opt.isa, &s->setting.ours, why, sizeof why))
        die("--isa", "%s", why);
}

/* Compares fast timing with QEMU; then compares cycle timing, single steps, and
 * A and D set by software, each with fast timing. */
static void one_program(struct session *s, struct program *p)
{
    const u64 limit = 100000000;
    struct trial *t = &s->trial;
    const char *why;
    set_up(s, p);
    image_make(p, t->image, 0);
    qemu_start(t->image, &s->setting);
    u64 n = run_ours(t->image, t->ours, MODE_FAST, &s->setting, limit, NULL);
    struct difference cycle, steps, soft;
    u64 m = run_ours(t->image, s->again, MODE_CYCLE, &s->setting, limit, NULL);
    cycle = compare(s->again, t->ours);
    cycle.found |= n != m;
    m = run_ours(t->image, s->again, MODE_WATCHED, &s->setting, limit,
                 &s->coverage);
    steps = compare(s->again, t->ours);
    steps.found |= n != m;
    m = run_ours(t->image, s->again, MODE_SOFTWARE_AD, &s->setting, limit,
                 &s->coverage);
    soft = compare(s->again, t->ours);
    soft.found |= n != m;
    bool ended = qemu_wait(t->theirs, &why);
    struct difference d = compare(t->ours, t->theirs);
    if (!d.found && (!ended || !n)) {
        d.found = true;
        snprintf(d.what, sizeof d.what, "%s",
                 ended ? "Clockhand does not end" : why);
    }
    s->instructions += n;
    if (!differs(s, p, MODE_FAST, false, d) &&
        !differs(s, p, MODE_CYCLE, true, cycle) &&
        !differs(s, p, MODE_WATCHED, true, steps))
        differs(s, p, MODE_SOFTWARE_AD, true, soft);
}

/* Runs both engines side by side, in fast, then in cycle timing. */
static void one_for_engines(struct session *s, struct program *p)
{
    struct trial *t = &s->trial;

    set_up(s, p);
    t->flags = 0;
    for (t->mode = MODE_ENGINES_FAST; t->mode <= MODE_ENGINES_CYCLE;
         t->mode++) {
        struct difference d = try_program(t, p);
        if (!d.found && !t->instructions) {
            d.found = true;
            snprintf(d.what, sizeof d.what, "neither engine ends");
        }
        s->instructions += t->instructions;
        if (differs(s, p, t->mode, true, d))
            return;
    }
}

/* ---- command line ---- */

static void from_file(struct session *s, struct program *p)
{
    unsigned long long seed;
    FILE *f = fopen(opt.file, "r");
    if (!f || fscanf(f, "seed %llu\n", &seed) != 1)
        die(opt.file, "not a seed file");
    gen_program(p, seed, s->exts);
    if (!cuts_read(f, p))
        die(opt.file, "not a seed file of this generator");
    fclose(f);
    (opt.engines ? one_for_engines : one_program)(s, p);
}

static void list_program(struct session *s, struct program *p)
{
    gen_program(p, opt.last->from, s->exts);
    image_make(p, s->trial.image, 0);
    listing(stdout, p, &(struct difference){.what = "the whole program"});
}

static const char *value(char ***argv)
{
    if (!(*argv)[1])
        die(**argv, "wants a value");
    return *++*argv;
}

static void parse(char **argv)
{
    unsigned count = 0;
    struct range *next = opt.ranges;
    while (*++argv) {
        const char *a = *argv;
        if (!strcmp(a, "--file"))
            opt.file = value(&argv);
        else if (!strcmp(a, "--keep"))
            opt.keep = value(&argv);
        else if (!strcmp(a, "--isa"))
            opt.isa = value(&argv);
        else if (!strcmp(a, "--ad"))
            opt.ad = value(&argv);
        else if (!strcmp(a, "--count"))
            count = (unsigned)strtoul(value(&argv), NULL, 0);
        else if (!strcmp(a, "--seconds"))
            opt.seconds = (unsigned)strtoul(value(&argv), NULL, 0);
        else if (!strcmp(a, "--engines"))
            opt.engines = true;
        else if (!strcmp(a, "--coverage"))
            opt.coverage = true;
        else if (!strcmp(a, "--list"))
            opt.list = true;
        else if (!strcmp(a, "--departures")) {
            departures_list();
            exit(0);
        } else if (next == opt.ranges + ARRAY_LEN(opt.ranges))
            die(a, "too many ranges of seeds");
        else {
            opt.last = next++;
            if (sscanf(a, "%u-%u", &opt.last->from, &opt.last->to) == 1)
                opt.last->to = opt.last->from;
            if (*a == '-' || !opt.last->from || opt.last->to < opt.last->from)
                die(a, "no such option, and no range of seeds");
        }
    }
    if (count)
        opt.last->to = opt.last->from + count - 1;
}

static bool late(void)
{
    static time_t begun;
    if (!begun)
        begun = time(NULL);
    return opt.seconds && time(NULL) - begun >= (time_t)opt.seconds;
}

static struct session *session_new(void)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->exts = opt.engines ? ISA_ALL : qemu_exts();
    s->setting.qemu = "qemu-system-riscv64";
    s->again = xcalloc(1, IMAGE_BYTES);
    s->trial = (struct trial){.setting = &s->setting,
                              .image = xcalloc(1, IMAGE_BYTES),
                              .ours = xcalloc(1, IMAGE_BYTES),
                              .theirs = xcalloc(1, IMAGE_BYTES)};
    return s;
}

static void session_free(struct session *s)
{
    free_all(s->again, s->trial.image, s->trial.ours, s->trial.theirs, s);
}

static unsigned some_programs(struct session *s, struct program *p,
                              const struct range *r)
{
    unsigned done = 0;
    for (unsigned seed = r->from; seed <= r->to && !late(); seed++) {
        if (opt.engines && s->differences)
            break; /* the first difference ends the run */
        gen_program(p, seed, s->exts);
        (opt.engines ? one_for_engines : one_program)(s, p);
        if (opt.engines && !s->differences) {
            gen_bare(p, seed, s->trial.image);
            one_for_engines(s, p);
        }
        done++;
    }
    return done;
}

static unsigned all_programs(struct session *s, struct program *p)
{
    unsigned done = 0;
    if (opt.file) {
        from_file(s, p);
        return 1;
    }
    for (const struct range *r = opt.ranges; r <= opt.last; r++)
        done += some_programs(s, p, r);
    return done;
}

int main(UNUSED int argc, char **argv)
{
    parse(argv);
    if (opt.engines && !engine_translates())
        die("--engines", "there is no translator for this host");
    struct program *p = xcalloc(1, sizeof *p);
    struct session *s = session_new();
    bool bad = false;
    if (opt.list)
        list_program(s, p);
    else {
        unsigned done = all_programs(s, p);
        unsigned zeros =
            opt.coverage ? coverage_print(&s->coverage, s->exts) : 0;
        printf("%u seeds, %llu instructions, %u differences\n", done,
               (unsigned long long)s->instructions, s->differences);
        if (opt.engines)
            printf("%llu blocks translated\n",
                   (unsigned long long)s->trial.translated);
        bad = s->differences || zeros;
    }
    session_free(s);
    free(p);
    return bad;
}
