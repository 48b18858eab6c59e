/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/own.h"

#include "base/base.h"
#include "base/kit.h"
#include "tools/vmsim/seam.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>

static const char *source, *library;
static void *loaded;
static const struct own_policy *own;

/* Refuses a policy with which the kernel could not start (vm/policy.h). */
static void check_policy(const struct policy_ops *ops)
{
    unsigned lists = 0, threads = 0, marks = 0, ghosts = 0, steps = 0, away = 0;
    for (; ops->lists && ops->lists[lists].name; lists++)
        away += ops->list_zone && ops->list_zone[lists] != ZONE_ANY &&
                ops->list_zone[lists] != ZONE_NORMAL;
    while (ops->marks && ops->marks[marks].name)
        marks++;
    while (ops->ghosts && ops->ghosts[ghosts])
        ghosts++;
    for (; ops->threads && ops->threads[threads].name; threads++)
        steps += ops->threads[threads].run != NULL;
    const struct {
        bool wrong;
        const char *why;
    } mistakes[] = {
        {!ops->name, "it has no .name"},
        {!ops->set_marks && !ops->zone_marks, "it has no set_marks()"},
        {!ops->victim && !ops->reclaim && !threads,
         "it has neither victim(), reclaim() nor threads"},
        {ops->threads && !threads, "its table of threads is empty"},
        {steps < threads, "one of its threads has no run()"},
        {threads > POLICY_THREADS, "more threads than POLICY_THREADS"},
        {lists > POLICY_LISTS, "more lists than POLICY_LISTS"},
        {3 + marks + lists - away + ghosts + ops->cached_is_free + ops->pagers >
             LENS_GAUGES,
         "more gauges than LENS_GAUGES"}};
    for (unsigned i = 0; i < ARRAY_LEN(mistakes); i++)
        if (mistakes[i].wrong)
            die(source, "%s", mistakes[i].why);
}

/* Loads the library anew, so that its variables have their initial values. */
static void load_library(void)
{
    if (loaded)
        dlclose(loaded);
    loaded = dlopen(library, RTLD_NOW);
    if (!loaded) {
        const char *why = dlerror();
        die(source, "%s%s", why,
            strstr(why, "undefined symbol: policy_")
                ? " (OWN_POLICY(NAME, ...) needs a policy_NAME)"
            : strstr(why, " map ")
                ? " (its variables need more memory than a process may have)"
                : "");
    }
    own = dlsym(loaded, "own_policy");
    if (!own)
        die(source, "no OWN_POLICY(id, line) in it "
                    "(tools/policy-template.c has one)");
    check_policy(own->ops);
}

/* ---- a policy that takes too much memory ---- */

/* Returns how many MiB this process may have (tools/grade's sandbox has such a
 * bound), or 0: there is no bound. */
static u64 memory_bound(void)
{
    struct rlimit most;
    getrlimit(RLIMIT_AS, &most);
    return most.rlim_cur == RLIM_INFINITY ? 0 : most.rlim_cur >> 20;
}

/* Ends the program if the bound denied the policy memory. Few policies check
 * for NULL: most would crash or loop, and the report would be about that. */
static void *obtained(void *memory)
{
    if (memory || !memory_bound())
        return memory;
    fprintf(stderr, "vmsim: %s: it takes more memory than %llu MiB\n", source,
            memory_bound());
    exit(3);
}

/* tools/kit-build links a policy with these functions (--wrap). */
#define WRAP(name, parameters, ...)                                            \
    void *__wrap_##name parameters;                                            \
    void *__wrap_##name parameters                                             \
    {                                                                          \
        return obtained(name(__VA_ARGS__));                                    \
    }
WRAP(malloc, (size_t n), n)
WRAP(calloc, (size_t n, size_t size), n, size)
WRAP(realloc, (void *old, size_t n), old, n ? n : 1) /* 0 may give NULL */

/* ---- a policy that does not return ---- */

#define SAMPLES 64
#define CALLS   64

/* Finds the innermost stack frame whose code is in the library. Returns its
 * depth on the stack and *offset in the library; 0: there is none. */
static unsigned own_call(u64 *offset)
{
    void *pc[CALLS];
    Dl_info at;
    int n = backtrace(pc, CALLS);
    for (int i = 0; i < n; i++)
        if (dladdr(pc[i], &at) && !strcmp(at.dli_fname, library)) {
            *offset = (u64)pc[i] - (u64)at.dli_fbase;
            return (unsigned)(n - i);
        }
    return 0;
}

/* Reports the offsets' least line number as the loop's; ends the program. The
 * library's name may have any character: the shell gets it as a variable. */
static _Noreturn void tell_endless(const u64 *offset, unsigned n)
{
    char command[80 + 20 * SAMPLES], function[128], line[512], loop[800];
    unsigned least = ~0u, number;
    size_t at =
        append(command, sizeof command, 0, "exec addr2line -sfe \"$LIBRARY\"");
    for (unsigned i = 0; i < n; i++)
        at = append(command, sizeof command, at, " 0x%llx", offset[i]);
    setenv("LIBRARY", library, true);
    FILE *f = popen(command, "r");
    snprintf(loop, sizeof loop, "%s: the policy does not return", source);
    while (f && fscanf(f, "%127s %511[^\n]", function, line) == 2)
        if (sscanf(line, "%*[^:]:%u", &number) == 1 && number < least) {
            least = number;
            snprintf(loop, sizeof loop,
                     "%.*s:%u: the policy does not return: "
                     "endless loop in %s()",
                     (int)strcspn(line, ":"), line, number, function);
        }
    fprintf(stderr, "vmsim: %s\n", loop);
    exit(3); /* removes the library */
}

/* Runs each half second of CPU time. If no reference has ended since the last
 * run, it samples the policy each millisecond; while vmsim is busy outside the
 * policy, no sample finds the policy. The loop is in the outermost of the
 * sampled functions; the others are called from the loop. */
static void look(int number)
{
    static u64 offset[SAMPLES], before = ~0ull;
    static unsigned n, least, left; /* left: samples to take; 0: restart */
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    /* A policy that takes more and more of a bounded memory ends by itself. */
    u64 at = 0, now = sim_stats().references +
                      (memory_bound() ? (u64)used.ru_maxrss : 0);
    (void)number;
    struct itimerval next = {.it_value = {0, 500000}};
    if (now != before || !left) {
        n = 0;
        least = CALLS;
        left = SAMPLES;
    } else {
        unsigned depth = own_call(&at);
        if (depth && depth < least) {
            least = depth;
            n = 0;
        }
        if (depth == least)
            offset[n++] = at;
        if (!--left && n)
            tell_endless(offset, n);
        next.it_value = (struct timeval){0, 1000};
    }
    before = now;
    setitimer(ITIMER_PROF, &next, NULL);
}

static bool kernel_has(const char *name)
{
#define POLICY(id, line)                                                       \
    if (!strcmp(name, #id))                                                    \
        return true;
#include "policy/policies.def"
    return false;
}

const char *own_load(const char *file)
{
    static char name[16]; /* OWN_POLICY checks that it fits */
    struct itimerval first = {.it_value = {0, 500000}};
    size_t n = strlen(file);
    source = file;
    library = realpath(n > 3 && !strcmp(file + n - 3, ".so")
                           ? file
                           : kit_build(file, "policy.so"),
                       NULL);
    if (!library)
        die(file, "%s", strerror(errno));
    load_library();
    snprintf(name, sizeof name, "%s", own->name);
    if (kernel_has(name))
        die(source, "OWN_POLICY(%s, ...): the kernel has a policy of that name",
            name);
    signal(SIGPROF, look);
    setitimer(ITIMER_PROF, &first, NULL);
    return name;
}

const struct policy_ops *own_policy_of(const char *name)
{
    if (!own || strcmp(own->name, name))
        return NULL;
    load_library();
    return own->ops;
}

void own_list(void)
{
    if (own)
        printf("guest:%-10s the policy in %s\n", own->name, source);
}
