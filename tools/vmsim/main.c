/* SPDX-License-Identifier: MIT */
/* vmsim simulates page replacement on a string of references (README.md). */
#include "base/program.h"
#include "base/text.h"
#include "base/whole.h"
#include "tools/vmsim/own.h"
#include "tools/vmsim/quiz.h"
#include "tools/vmsim/refs_read.h"
#include "tools/vmsim/replay/replay.h"
#include "tools/vmsim/report.h"

#include <errno.h>
#include <stdlib.h>

#define NUMBERS_MAX 64

struct options {
    const char *policy, *policy_file, *frames, *refs, *format, *quiz;
    const char *working_set, *seed, *dump, *replay, *victims;
    bool json, trace, mrc, solve, help;
};

/* ---- the command line ---- */

static const struct option {
    const char *name, *argument, *help;
    size_t at; /* offset of its field */
} options[] = {
#define OPTION(name, short, argument, kind, field, help)                       \
    {name, argument, help, offsetof(struct options, field)},
#include "tools/vmsim/options.def"
#undef OPTION
};

static void print_help(void)
{
    printf("usage: vmsim --policy NAME[,NAME...]|list --frames N[,N...] "
           "[OPTIONS]\n");
    for (unsigned i = 0; i < ARRAY_LEN(options); i++)
        printf("  --%s%s%s\n        %s\n", options[i].name,
               *options[i].argument ? " " : "", options[i].argument,
               options[i].help);
}

static void set_option(struct options *o, int argc, char **argv, int *i)
{
    char *name = argv[*i] + 2, *value = strchrnul(name, '=');
    size_t length = (size_t)(value - name);
    if (strncmp(argv[*i], "--", 2))
        die(argv[*i], "not an option; --help lists them");
    for (unsigned k = 0; k < ARRAY_LEN(options); k++) {
        const struct option *option = &options[k];
        void *field = (char *)o + option->at;
        if (strlen(option->name) != length ||
            strncmp(option->name, name, length))
            continue;
        if (!*option->argument) {
            if (*value)
                die(argv[*i], "takes no value");
            *(bool *)field = true;
        } else if (*value) {
            *(const char **)field = value + 1;
        } else if (*i + 1 < argc) {
            *(const char **)field = argv[++*i];
        } else {
            die(argv[*i], "wants %s", option->argument);
        }
        return;
    }
    die(argv[*i], "unknown option; --help lists them");
}

static u64 option_number(const char *option, const char *text, const char **end,
                         u64 least)
{
    char *behind;
    errno = 0;
    u64 n = strtoull(text, &behind, text_base(text));
    if (*text < '0' || *text > '9' || errno || n < least)
        die(option, "'%s': not a number of at least %u", text, (unsigned)least);
    *end = behind;
    return n;
}

/* Parses numbers with commas between, each 1 to `most`; returns how many. */
static unsigned parse_numbers(const char *option, const char *text, u64 most,
                              u64 numbers[NUMBERS_MAX])
{
    unsigned n = 0;
    for (const char *at = text; n < NUMBERS_MAX; at++) {
        numbers[n] = option_number(option, at, &at, 1);
        if (numbers[n++] > most)
            die(option, "more than %llu", (unsigned long long)most);
        if (!*at)
            return n;
        if (*at != ',')
            die(option, "'%s': not numbers with commas between", text);
    }
    die(option, "more than %d numbers", NUMBERS_MAX);
}

static u64 parse_one(const char *option, const char *text)
{
    u64 n = option_number(option, text, &text, 0);
    if (*text)
        die(option, "'%s': not part of the number", text);
    return n;
}

/* ---- running ---- */

struct run {
    const struct options *o;
    struct trace trace;
    u64 frames[NUMBERS_MAX], seed;
    unsigned nframes, nsims;
    char *names;            /* the names of --policy, each a string */
    struct simulation *sim; /* by policy, then by frames */
};

static void start_simulations(struct run *r)
{
    char *rest = r->names, *name;
    while ((name = strsep(&rest, ",")))
        for (unsigned i = 0; i < r->nframes; i++) {
            r->sim = xrealloc(r->sim, (r->nsims + 1) * sizeof *r->sim);
            simulation_start(&r->sim[r->nsims++], name, (u32)r->frames[i],
                             r->seed);
        }
}

/* Feeds all simulations while the trace is read. If one of them needs the whole
 * string, or decisions are printed, each simulation runs over the whole string
 * in turn. */
static void run_counts(struct run *r)
{
    struct batch b;
    struct string s = {0};
    bool streams = !r->o->trace, future = false;
    for (unsigned i = 0; i < r->nsims; i++) {
        const struct textbook_policy *textbook = r->sim[i].textbook;
        future |= textbook && textbook->future;
        streams &= textbook && !future;
    }
    while (streams && trace_next(&r->trace, &b))
        for (unsigned i = 0; i < r->nsims; i++)
            simulation_batch(&r->sim[i], &b, &r->trace.pages);
    if (!streams)
        string_read(&s, &r->trace, future);
    for (unsigned i = 0; i < r->nsims && !streams; i++) {
        if (r->o->trace) {
            r->sim[i].watch = report_decision;
            r->sim[i].opaque = r->o->json ? r : NULL;
        }
        simulation_string(&r->sim[i], &s, &r->trace.pages);
    }
    string_free(&s);
    if (r->o->trace)
        return;
    report_heading(r->o->json, true);
    for (unsigned i = 0; i < r->nsims; i++)
        report_counts(&r->sim[i], r->o->json);
}

static const struct stack_priority *stack_of(const char *name)
{
    const struct textbook_policy *policy = textbook_find(name);
    if (policy && policy->stack)
        return policy->stack;
    if (!policy && strncmp(name, "guest:", 6))
        policy_unknown(name);
    die("--mrc",
        "%s has no stack property, so a pass gives one size: "
        "--frames N,N... without --mrc gives several",
        name);
}

/* Computes the curves. If only LRU's is wanted, the trace is not kept. */
static void run_mrc(struct run *r)
{
    struct string s = {0};
    struct recency *recency = NULL;
    struct batch b;
    bool others = false;
    char *rest = r->names, *name, *names = xstrdup(r->names), *again = names;
    while ((name = strsep(&rest, ",")))
        others |= rest || stack_of(name) != &stack_recency;
    if (others)
        string_read(&s, &r->trace, true);
    report_heading(r->o->json, false);
    while ((name = strsep(&again, ","))) {
        const struct stack_priority *priority = stack_of(name);
        if (!others) {
            recency = recency_start();
            while (trace_next(&r->trace, &b))
                recency_batch(recency, &b, r->trace.pages.count);
        }
        struct mrc m = others ? mrc_of(priority, &s, r->trace.pages.count)
                              : recency_end(recency);
        report_mrc(name, &m, r->frames, r->nframes, r->o->json);
        free(m.hits);
    }
    string_free(&s);
    free(names);
}

static void run_tables(struct run *r)
{
    struct string s;
    string_read(&s, &r->trace, true);
    quiz_print_string(&s, &r->trace.pages);
    for (unsigned i = 0; i < r->nsims; i++)
        quiz_table(&r->sim[i], &s, &r->trace.pages, r->o->solve);
    string_free(&s);
}

static void run_working_set(struct run *r)
{
    u64 t[NUMBERS_MAX];
    struct working_set w[NUMBERS_MAX];
    struct string s;
    unsigned n =
        parse_numbers("--working-set", r->o->working_set, 1ull << 40, t);
    for (unsigned i = 0; i < n; i++)
        w[i] = (struct working_set){.t = t[i]};
    string_read(&s, &r->trace, false);
    working_set(w, n, &s, r->trace.pages.count);
    report_working_set_heading(r->o->json);
    for (unsigned i = 0; i < n; i++)
        report_working_set(&w[i], sample(w[i].t, &s, &r->trace.pages, r->seed),
                           r->o->json);
    string_free(&s);
}

static void check_options(const struct options *o)
{
    bool tables = o->quiz || o->solve;
    if (tables + o->mrc + o->trace + !!o->working_set > 1)
        die("only one of", "--trace, --mrc, --working-set, --quiz or --solve");
    if (tables && o->json)
        die("--json", "not with --quiz or --solve");
    if (o->quiz && o->refs)
        die("--refs", "not with --quiz, which has a string of its own");
    if (o->working_set)
        return;
    if (!o->policy && !o->policy_file && !tables)
        die("--policy", "missing; try --policy list");
    if (!o->frames && !tables && !o->mrc)
        die("--frames", "missing: how many frames memory has");
}

/* Returns --policy's names, or --policy-file's policy, or fifo, lru and opt. */
static char *policy_names(const struct options *o)
{
    char *names = xstrdup(o->policy ? o->policy : "fifo,lru,opt");
    const char *own = o->policy_file ? own_load(o->policy_file) : NULL;
    if (own && !o->policy) {
        names = xrealloc(names, 32);
        append(names, 32, 0, "guest:%s", own);
    }
    return names;
}

static void run(const struct options *o)
{
    struct run r = {.o = o, .seed = 1};
    check_options(o);
    r.names = policy_names(o);
    if (o->seed)
        r.seed = parse_one("--seed", o->seed);
    if (o->frames || !o->mrc)
        r.nframes = parse_numbers("--frames", o->frames ? o->frames : "3",
                                  1u << 30, r.frames);
    if (o->quiz)
        trace_of(&r.trace, quiz_string(parse_one("--quiz", o->quiz)), "quiz");
    else
        trace_open(&r.trace, o->refs ? o->refs : "-", o->format);
    if (o->working_set) {
        run_working_set(&r);
    } else if (o->mrc) {
        run_mrc(&r);
    } else {
        start_simulations(&r);
        (o->quiz || o->solve ? run_tables : run_counts)(&r);
    }
    for (unsigned i = 0; i < r.nsims; i++)
        simulation_end(&r.sim[i]);
    free(r.sim);
    free(r.names);
    trace_close(&r.trace);
}

static void dump(const char *path)
{
    char why[160];
    struct refs_record record;
    int more = 1;
    struct refs_file *file = refs_open(path, why, sizeof why);
    if (!file)
        die(path, "%s", why);
    while ((more = refs_next(file, &record)) > 0)
        refs_print(&record, stdout);
    if (more < 0)
        die(path, "%s", refs_why(file));
    refs_close(file);
}

static void list_policies(const struct options *o)
{
    if (o->policy_file)
        own_load(o->policy_file);
    policy_list();
    own_list();
}

int main(int argc, char **argv)
{
    struct options o = {0};
    program_name = "vmsim";
    for (int i = 1; i < argc; i++)
        set_option(&o, argc, argv, &i);
    if (o.help)
        print_help();
    else if (o.policy && !strcmp(o.policy, "list"))
        list_policies(&o);
    else if (o.format && !strcmp(o.format, "list"))
        trace_format_list();
    else if (o.dump)
        dump(o.dump);
    else if (o.replay)
        return replay_file(o.replay,
                           o.victims ? parse_one("--victims", o.victims) : 0,
                           o.policy);
    else
        run(&o);
    return stdout_written(0);
}
