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
#include <sys/time.h>

static const char *source, *library;
static void *loaded;
static const struct own_policy *own;

/* Loads the library anew, so that its variables have their initial values. */
static void load_library(void)
{
    if (loaded)
        dlclose(loaded);
    loaded = dlopen(library, RTLD_NOW);
    if (!loaded) {
        const char *why = dlerror();
        die(source, "%s%s", why,
            strstr(why, "undefined symbol")
                ? " (OWN_POLICY(NAME, ...) needs a policy_NAME)"
            : strstr(why, " map ")
                ? " (its variables need more memory than a process may have)"
                : "");
    }
    own = dlsym(loaded, "own_policy");
    if (!own)
        die(source, "no OWN_POLICY(id, line) in it "
                    "(tools/policy-template.c has one)");
    if (!own->ops->victim && !own->ops->reclaim && !own->ops->threads)
        die(source, "it has neither victim(), reclaim() nor threads");
}

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

/* Reports the lowest line of these offsets as the loop; ends the program. The
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
 * run, it samples the policy each millisecond; vmsim may also be busy without
 * it, and then no sample finds it. The loop is in the sampled function that
 * lies lowest on the stack; the others are called from the loop. */
static void look(int number)
{
    static u64 offset[SAMPLES], before = ~0ull;
    static unsigned n, least, left; /* left: samples, 0: afresh */
    u64 now = sim_stats().references, at = 0;
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
    if (sim_policy(name))
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
