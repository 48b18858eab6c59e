/* SPDX-License-Identifier: MIT */
#include "config/config.h"
#include "engine/engine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "base/word.h"
#include "dev/write_cache.h"
#include "time/time.h"

#define CONFIG_NESTING 16    /* depth of --config files in --config files */
#define RUN_BYTES      65535 /* the longest command for which init has room */

enum kind { FLAG, STR, SIZE, NUM, CHOICE, RANGE, FUNC };

struct option_row {
    const char *name, *alias, *argument, *help;
    enum kind kind;
    size_t offset;
    void (*set)(struct config *c, const char *value);
    u64 least, most; /* of a RANGE */
};

void config_defaults(struct config *c)
{
    *c = (struct config){
        .ram_bytes = 16ull << 20,
        .swap_bytes = 32ull << 20,
        .cpu = "u54",
        .dram = "ddr4-2400r",
        .disk_model = "cheetah9lp",
        .timing = TIMING_DEFAULT,
        .asid = true,
        .hw_ad = true,
        .epoch = 946684800, /* 2000-01-01 00:00:00 UTC */
        .seed = 1,
        .tries = 2,
        .signature_granularity = 4,
    };
}

/* ---- values ------------------------------------------------------------- */

bool config_size(const char *text, u64 *bytes)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    u64 v = strtoull(text, &end, text_base(text));
    unsigned shift = 0;
    if (*end == 'K' || *end == 'k')
        shift = 10;
    else if (*end == 'M' || *end == 'm')
        shift = 20;
    else if (*end == 'G' || *end == 'g')
        shift = 30;
    if (shift)
        end++;
    if (errno || *end || v > UINT64_MAX >> shift)
        return false;
    *bytes = v << shift;
    return true;
}

bool config_time(const char *text, u64 clock_hz, u64 *cycles)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    u64 whole = strtoull(text, &end, text_base(text));
    if (!errno && !*end) {
        *cycles = whole;
        return true;
    }
    double v = strtod(text, &end);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (strcmp(end, units[i].unit))
            continue;
        double n = v * units[i].seconds * (double)clock_hz;
        if (!(n >= 0 && n < 9e18))
            return false;
        *cycles = (u64)llround(n);
        return true;
    }
    return false;
}

/* Parses ENTRIES[/WAYS]; WAYS divides ENTRIES. No WAYS: fully associative. */
static void tlb_shape(const char *name, const char *v, u32 *entries, u32 *ways)
{
    char *end;
    unsigned long e = strtoul(v, &end, 10), w = e;
    bool digits = *v >= '0' && *v <= '9';
    if (*end == '/') {
        digits &= end[1] >= '0' && end[1] <= '9';
        w = strtoul(end + 1, &end, 10);
    }
    if (*end || !digits || e > 4096 || (e && (!w || w > e || e % w)))
        die(name,
            "'%s' is not ENTRIES[/WAYS] (ENTRIES up to 4096; WAYS divides it)",
            v);
    *entries = (u32)e;
    *ways = (u32)w;
}

static bool is_number(const char *v, u64 *n)
{
    char *end;
    errno = 0;
    *n = strtoull(v, &end, text_base(v));
    return !errno && !*end && *v >= '0' && *v <= '9';
}

static u64 number(const char *option, const char *v)
{
    u64 n;
    if (!is_number(v, &n))
        die(option, "'%s' is not a number", v);
    return n;
}

/* ---- FUNC options ------------------------------------------------------- */

static void set_script(struct config *c, const char *v)
{
    if (c->nscripts == CONFIG_SCRIPTS)
        die("-x", "more than %d scripts", CONFIG_SCRIPTS);
    c->scripts[c->nscripts++] = v;
}

static void set_policy(struct config *c, const char *v)
{
    if (!strcmp(v, "list"))
        c->list_policies = true;
    else
        c->policy = v;
}

/* The last --set of a name counts: all are applied in order. */
static void set_set(struct config *c, const char *v)
{
    const char *eq = strchr(v, '=');
    if (!strcmp(v, "list")) {
        c->list_sets = true;
        return;
    }
    if (!eq || eq == v || !eq[1])
        die("--set", "'%s' is not NAME=VALUE", v);
    if (c->nsets == CONFIG_SETS)
        die("--set", "more than %d", CONFIG_SETS);
    c->sets[c->nsets++] = v;
}

static void drive_word(struct config_drive *d, const char *word)
{
    if (!strcmp(word, "ro")) {
        d->readonly = true;
    } else if (!strcmp(word, "overlay")) {
        d->overlay = true;
    } else if (!strcmp(word, "legacy")) {
        d->legacy = true;
    } else if (!strncmp(word, "cut=", 4)) {
        char *sectors = strchr(word, ':');
        bool any;
        if (sectors)
            *sectors++ = 0;
        if (sectors && !sectors_listed(sectors, 0, &any))
            die("--drive cut=",
                "'%s' is not SECTOR[-SECTOR][+SECTOR[-SECTOR]]...", sectors);
        d->cut = true;
        d->cut_seed = number("--drive cut=", word + 4);
        d->cut_loses = sectors;
    } else if (!strncmp(word, "fail=", 5)) {
        if (d->nfaults == DISK_FAULTS)
            die("--drive", "more than %d times fail=", DISK_FAULTS);
        if (!fault_parse(word + 5, &d->fault[d->nfaults++]))
            die("--drive",
                "fail=%s is not read|write[:SECTOR[-SECTOR]][#N[-N]] or "
                "flush[#N[-N]]",
                word + 5);
    } else {
        die("--drive",
            "'%s' is none of ro, overlay, legacy, cut=SEED[:SECTORS], "
            "fail=FAULT",
            word);
    }
}

static void set_drive(struct config *c, const char *v)
{
    if (c->ndrives == CONFIG_DRIVES - 1)
        die("--drive", "more than %d disks", CONFIG_DRIVES - 1);
    struct config_drive *d = &c->drives[c->ndrives++];
    char *text = xstrdup(strncmp(v, "file=", 5) ? v : v + 5);
    d->file = text;
    for (char *p = strchr(text, ','); p;) {
        *p++ = 0;
        char *word = p;
        p = strchr(p, ',');
        if (p)
            *p = 0;
        drive_word(d, word);
    }
    if (!*d->file)
        die("--drive", "the name of a file is missing");
    if (access(d->file, R_OK))
        die(d->file, "%s", strerror(errno));
}

static void set_pace(struct config *c, const char *v)
{
    char *end;
    c->pace_given = true;
    c->pace = 0;
    if (!strcmp(v, "max"))
        return;
    c->pace = strtod(v, &end);
    if (*end || !(c->pace > 0 && c->pace < 1e6))
        die("--pace", "'%s' is neither max nor a ratio between 0 and 1e6", v);
}

static void set_cpu(struct config *c, const char *v)
{
    if (!strcmp(v, "list")) {
        cpu_profile_list();
        exit(0);
    }
    if (!cpu_profile_find(v))
        die("--cpu", "no profile '%s' (--cpu list prints them)", v);
    c->cpu = v;
}

static void set_dram(struct config *c, const char *v)
{
    if (!strcmp(v, "list")) {
        dram_part_list();
        exit(0);
    }
    if (!dram_part_find(v))
        die("--dram", "no part '%s' (--dram list prints them)", v);
    c->dram = v;
}

static void set_disk_model(struct config *c, const char *v)
{
    if (!strcmp(v, "list")) {
        disk_model_list();
        exit(0);
    }
    struct disk_model *d = disk_model_new(v, 2048, 1000000000);
    char name[64];
    if (!d)
        die("--disk-model", "no model '%s' (--disk-model list prints them)", v);
    disk_model_name(d, name, sizeof name);
    disk_model_free(d);
    c->disk_model = xstrdup(name);
}

static void set_tlb(struct config *c, const char *v)
{
    tlb_shape("--tlb", v, &c->tlb_entries, &c->tlb_ways);
    if (!c->tlb_entries)
        die("--tlb", "a TLB has at least one entry");
}

static void set_tlb2(struct config *c, const char *v)
{
    tlb_shape("--tlb2", v, &c->tlb2_entries, &c->tlb2_ways);
    c->tlb2_given = true;
}

static void set_max_instructions(struct config *c, const char *v)
{
    c->max_instructions = number("--max-instructions", v);
    if (!c->max_instructions)
        die("--max-instructions", "'%s' is not at least 1", v);
}

/* eager: each block is translated when it is first entered. */
static void set_engine(struct config *c, const char *v)
{
    c->heat = !strcmp(v, "eager");
    c->interpreted = !strcmp(v, "interp");
    if (!c->heat && !c->interpreted && strcmp(v, "jit"))
        die("--engine", "'%s' is none of interp, jit and eager", v);
    if (!c->interpreted && !engine_translates())
        die("--engine",
            "%s: no translator for this host, or it forbids generated code", v);
}

static void set_config(struct config *c, const char *v);
static void set_help(struct config *c, const char *v);

static void set_version(UNUSED struct config *c, UNUSED const char *v)
{
    puts("clockhand " CLOCKHAND_VERSION);
    exit(0);
}

/* ---- the table ---------------------------------------------------------- */

#define FIELD_FLAG(f)            offsetof(struct config, f), NULL, 0, 0
#define FIELD_STR                FIELD_FLAG
#define FIELD_SIZE               FIELD_FLAG
#define FIELD_NUM                FIELD_FLAG
#define FIELD_CHOICE             FIELD_FLAG
#define FIELD_RANGE(f)           RANGE_OF f
#define RANGE_OF(f, least, most) offsetof(struct config, f), NULL, least, most
#define FIELD_FUNC(f)            0, set_##f, 0, 0
static const struct option_row options[] = {
#define OPTION(name, alias, argument, kind, field, help)                       \
    {name, alias, argument, help, kind, FIELD_##kind(field)},
#include "config/options.def"
#undef OPTION
};

static const char *dashes(const char *name)
{
    return name[1] ? "--" : "-";
}

#define HELP_INDENT 31
#define HELP_WIDTH  79

/* Prints an option's form, then its sentence, wrapped in its own column. */
static void help_row(const struct option_row *o)
{
    char left[80], text[400];
    bool alias = *o->alias != 0;
    snprintf(left, sizeof(left), "  %s%s%s%s%s%s%s", alias ? "-" : "", o->alias,
             alias ? ", " : "", dashes(o->name), o->name,
             *o->argument == '[' ? "="
             : *o->argument      ? " "
                                 : "",
             o->argument);
    snprintf(text, sizeof(text), "%s", o->help); /* strsep cuts it */
    int at = printf("%s", left);
    if (at >= HELP_INDENT - 1) {
        putchar('\n');
        at = 0;
    }
    at += printf("%*s", HELP_INDENT - at, "");
    for (char *p = text, *word; (word = strsep(&p, " "));) {
        if (at + 1 + (int)strlen(word) > HELP_WIDTH)
            at = printf("\n%*s", HELP_INDENT, "") - 1;
        at += printf("%s%s", at > HELP_INDENT ? " " : "", word);
    }
    putchar('\n');
}

static void set_help(UNUSED struct config *c, UNUSED const char *v)
{
    puts("usage: clockhand [OPTIONS] [ELF]\n"
         "A RISC-V computer for watching virtual memory at work. Without ELF "
         "and --kernel\nit boots the built guest; an ELF alone runs "
         "bare-metal.\n");
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        help_row(&options[i]);
    puts("\nExit status: the guest's own; 1 if an expect, assert or claim "
         "failed; 2\nafter a usage error or lost output; 124 at a limit. "
         "`man clockhand` says more;\nthe monitor's `help` lists its verbs.");
    exit(0);
}

static const struct option_row *find_option(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const struct option_row *o = &options[i];
        if ((strlen(o->name) == n && !strncmp(o->name, name, n)) ||
            (*o->alias && strlen(o->alias) == n && !strncmp(o->alias, name, n)))
            return o;
    }
    return NULL;
}

bool config_option(const char *name)
{
    return find_option(name, strlen(name));
}

static void unknown_option(const char *given, const char *name, size_t n)
{
    char typed[40], hint[90];
    snprintf(typed, sizeof(typed), "%.*s", (int)n, name);
    struct word_nearest near = {.typed = typed};
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (options[i].name[1])
            word_offer(&near, options[i].name);
    snprintf(hint, sizeof(hint), "; is --%s meant?", near.best);
    die(given, "unknown option%s (--help lists them)", *near.best ? hint : "");
}

/* Returns the place of the value in `ONE|ANOTHER|...`. In the form
 * `[ONE|ANOTHER|...]` the option may stand without a value and then means
 * ANOTHER, since ONE is the default. */
static unsigned choice(const char *option, const char *argument, const char *v)
{
    size_t all = strlen(argument);
    unsigned place = 0;
    if (*argument == '[') {
        if (!*v)
            return 1;
        argument++;
        all -= 2;
    }
    for (size_t at = 0, n; at < all; at += n + 1, place++) {
        n = strcspn(argument + at, "|]");
        if (strlen(v) == n && !strncmp(argument + at, v, n))
            return place;
    }
    die(option, "'%s' is none of %.*s", v, (int)all, argument);
}

static void set_option(struct config *c, const struct option_row *o,
                       const char *value)
{
    char shown[40];
    void *field = (char *)c + o->offset;
    snprintf(shown, sizeof(shown), "%s%s", dashes(o->name), o->name);
    if (!*value && !strncmp(o->argument, "FILE", 4))
        die(shown, "the name of a file is missing");
    switch (o->kind) {
    case FLAG:
        *(bool *)field = true;
        break;
    case STR:
        *(const char **)field = value;
        break;
    case SIZE:
        if (!config_size(value, field))
            die(shown, "'%s' is not a size (such as 16M)", value);
        break;
    case NUM:
        *(u64 *)field = number(shown, value);
        break;
    case CHOICE:
        *(unsigned *)field = choice(shown, o->argument, value);
        break;
    case RANGE:
        if (!is_number(value, field) || *(u64 *)field < o->least ||
            *(u64 *)field > o->most)
            die(shown, "'%s' is not a number from %llu to %llu", value,
                o->least, o->most);
        break;
    case FUNC:
        o->set(c, value);
    }
}

static void config_line(struct config *c, const char *path, unsigned number,
                        char *line)
{
    char *p = line + strspn(line, " \t"), *q = p + strcspn(p, "\n");
    q -= q > p && q[-1] == '\r';
    *q = 0;
    if (!*p || *p == '#')
        return;
    size_t n = strcspn(p, " \t=");
    const struct option_row *o = find_option(p, n);
    char *v = p + n + strspn(p + n, " \t");
    for (char *b = p; *b; b++) /* messages quote it: no control characters */
        if ((u8)*b < ' ' ? *b != '\t'
                         : *b == 0x7f || (!o && b < p + n && (u8)*b > '~'))
            die(path, "line %u: this is no text", number);
    if (!o)
        die(path, "line %u: no option '%.*s'", number, (int)n, p);
    if (*v == '=')
        v += 1 + strspn(v + 1, " \t");
    else if (*o->argument && *o->argument != '[')
        die(path, "line %u: '%s' wants a value", number, o->name);
    while (q > v && (q[-1] == ' ' || q[-1] == '\t'))
        *--q = 0;
    if (!*o->argument && *v && strcmp(v, "on"))
        die(path, "line %u: '%s' takes no value", number, o->name);
    set_option(c, o, xstrdup(v));
}

/* Reads lines `name = value` or `name`, blank lines, and comments that begin
 * with #. A line `config = FILE` reads that file at this point. */
static void set_config(struct config *c, const char *path)
{
    FILE *f = fopen(path, "r");
    const char *why = NULL;
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    if (!f)
        die(path, "%s", strerror(errno));
    if (++c->nesting > CONFIG_NESTING)
        die(path, "configurations include each other without end");
    c->configs = xrealloc(c->configs, (c->nconfigs + 1) * sizeof path);
    c->configs[c->nconfigs++] = path;
    while (text_line(f, &line, &room, &why))
        config_line(c, path, ++number, line);
    if (why)
        die(path, "line %u: %s", number + 1, why);
    if (ferror(f)) /* such as: path is a directory */
        die(path, "%s", strerror(errno));
    c->nesting--;
    free(line);
    fclose(f);
}

/* The guest's map of its swap lies in its RAM, 2 bytes a page. */
static void check_guest_swap(const struct config *c)
{
    if (c->swap_bytes == PAGE_BYTES)
        die("--swap", "needs 0 or at least 8K: the first 4K are a header");
    if (c->swap_bytes > c->ram_bytes << 8 || c->swap_bytes > 64ull << 30)
        die("--swap", "the guest manages up to 256 times --ram, and up to 64G");
}

static void check_lesson(const struct config *c)
{
    static const char why[] = "a lesson has a machine of its own: not with "
                              "--lesson";
    if (!c->lesson && (c->solve || c->grade || c->exercise))
        die(c->solve   ? "--solve"
            : c->grade ? "--grade"
                       : "--exercise",
            "which lesson? --lesson NAME");
    if (!c->lesson)
        return;
    if (c->solve && c->grade)
        die("--grade", "--solve shows the answers: use one or the other");
    const char *other = c->nscripts  ? "-x"
                        : c->run     ? "--run"
                        : c->monitor ? "--monitor"
                        : c->kernel  ? "--kernel"
                        : c->load    ? "--load"
                                     : c->elf;
    if (other)
        die(other, "%s", why);
    if (c->panel == PANEL_TERM)
        die("--panel", "term: the lesson asks in the terminal; --panel opens a "
                       "window");
}

/* The panel in a terminal shows a guest that waits for keys: without a terminal
 * the guest would wait for ever, unseen. */
static void check_terminal(const struct config *c)
{
    bool ends = c->run || c->append || c->nscripts || c->monitor || c->load ||
                c->max_sim_time || c->max_instructions;
    if (c->panel == PANEL_TERM && c->boots_guest && !ends &&
        (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
        die("--panel", "term: standard input or output is no terminal "
                       "(--run and -x need none)");
}

/* Checks the options given, and fills in what follows from them. */
static void complete(struct config *c)
{
    check_lesson(c);
    c->boots_guest = !c->elf && !c->kernel;
    if (c->boots_guest && c->bios && !strcmp(c->bios, "none"))
        die("--bios", "none: the built guest needs firmware");
    check_terminal(c);
    if (c->elf && c->kernel)
        die(c->elf, "a bare-metal program and --kernel exclude each other");
    if (c->run && !c->boots_guest)
        die("--run", "only the built guest knows it");
    if (c->policy_file && !c->boots_guest)
        die("--policy-file", "only the built guest can take a policy");
    if (c->run && strlen(c->run) > RUN_BYTES)
        die("--run", "longer than %d bytes", RUN_BYTES);
    if (c->run && !*c->run)
        c->run = ":"; /* the guest takes an empty text for no command */
    if (c->ram_bytes < PAGE_BYTES && c->ram_bytes % 1024)
        die("--ram", "%llu bytes: a unit is missing (%lluM)", c->ram_bytes,
            c->ram_bytes);
    if (c->ram_bytes < 1 << 20 || c->ram_bytes > 64ull << 30 ||
        c->ram_bytes % PAGE_BYTES)
        die("--ram", "from 1M to 64G, in pages of 4K");
    if (c->boots_guest && c->ram_bytes < 6 << 20)
        die("--ram", "the guest needs at least 6M");
    if (c->swap_bytes % PAGE_BYTES)
        die("--swap", "not a multiple of 4K");
    if (c->boots_guest)
        check_guest_swap(c);
    if (c->boots_guest) {
        c->kernel = config_guest_kernel(c);
        if (!c->ndrives) {
            c->drives[0] = (struct config_drive){
                .file = config_built("guest/root.img"), .overlay = true};
            c->ndrives = 1;
        }
        if (c->swap_bytes)
            c->drives[c->ndrives++] =
                (struct config_drive){.memory_bytes = c->swap_bytes};
    }
    config_check_outputs(c); /* the drives now include the built files */
    config_complete_kernel(c);
    c->timing_given = c->timing != TIMING_DEFAULT;
    if (!c->timing_given)
        c->timing = c->boots_guest ? TIMING_CYCLE : TIMING_FAST;
    if (c->run && !c->panel && c->monitor)
        die("--run",
            "not with --monitor: standard input would be the program's "
            "and the prompt's; use --monitor alone, and type the command "
            "in the guest");
    if (!c->pace_given)
        c->pace =
            !c->lesson && (c->panel != PANEL_OFF ||
                           (!c->run && !c->nscripts && isatty(STDIN_FILENO)));
    u64 hz = c->clock_hz ? c->clock_hz : cpu_profile_find(c->cpu)->clock_hz;
    const char *every = c->counters_every ? c->counters_every : "10ms";
    if (!config_time(every, hz, &c->counters_cycles) || !c->counters_cycles)
        die("--counters-every", "'%s' is not a time (such as 10ms)", every);
    if (c->max_sim_time) {
        if (!config_time(c->max_sim_time, hz, &c->max_cycles) || !c->max_cycles)
            die("--max-sim-time", "'%s' is not a time (such as 10ms)",
                c->max_sim_time);
    }
}

void config_parse(struct config *c, int argc, char **argv)
{
    config_defaults(c);
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (*a != '-' || !a[1]) {
            if (c->elf)
                die(a, "a second program");
            if (!*a)
                die("ELF", "the name of a file is missing");
            c->elf = a;
            continue;
        }
        const char *name = a + (a[1] == '-' ? 2 : 1);
        size_t n = strcspn(name, "=");
        const struct option_row *o = find_option(name, n);
        if (!o)
            unknown_option(a, name, n);
        if (name[n] == '=') {
            if (!*o->argument)
                die(a, "takes no value");
            set_option(c, o, name + n + 1);
        } else if (*o->argument && *o->argument != '[') {
            if (i + 1 == argc)
                die(a, "wants a value: %s", o->argument);
            set_option(c, o, argv[++i]);
        } else {
            set_option(c, o, "");
        }
    }
    complete(c);
}
