/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

jmp_buf fuzz_end;
bool fuzz_may_end;

static int fd = -1;

const char *fuzz_file_path(void)
{
    static char path[40];
    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    assert(fd >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

const char *fuzz_file(const void *data, size_t n)
{
    const char *path = fuzz_file_path();
    int err = ftruncate(fd, 0);
    ssize_t done = pwrite(fd, data, n, 0);
    assert(!err && done == (ssize_t)n);
    (void)err, (void)done;
    return path;
}

int fuzz_next_fd(void)
{
    int next = dup(STDIN_FILENO);

    assert(next >= 0);
    close(next);
    return next;
}

/* Code that ends the program may leave files open. If nothing closed them, a
 * harness with 20,000 mistakes in configurations could open no more files. */
void fuzz_close_from(int from)
{
    int err = close_range((unsigned)from, ~0u, 0);

    assert(!err);
    (void)err;
}

void fuzz_quiet(void)
{
    if (getenv("FUZZ_LOUD"))
        return;
    /* libFuzzer and the sanitizers are heard: they write to descriptor 2. */
    stdout = fopen("/dev/null", "w");
    stderr = fopen("/dev/null", "w");
    assert(stdout && stderr);
}

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);

/* The linker's --wrap=exit turns the program's calls of exit into this one. */
_Noreturn void __wrap_exit(int status)
{
    if (!fuzz_may_end)
        __real_exit(status);
    longjmp(fuzz_end, status + 1);
}
