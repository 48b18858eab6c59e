/* SPDX-License-Identifier: MIT */
/* Speeds up tests that translate very many blocks. The pages for translated
 * code are writable and executable from the start, so the translator's two
 * mprotect calls for each block, half of such a test's time, do nothing. The
 * other engine tests keep the real calls. A test that includes this says
 *     // wrap: mmap munmap mprotect
 * in its first lines. */
#pragma once

#include <sys/mman.h>

#include "base/base.h"

void *__real_mmap(void *at, size_t n, int rights, int flags, int fd, off_t off);
int __real_munmap(void *at, size_t n);
int __real_mprotect(void *at, size_t n, int rights);
void *__wrap_mmap(void *at, size_t n, int rights, int flags, int fd, off_t off);
int __wrap_munmap(void *at, size_t n);
int __wrap_mprotect(void *at, size_t n, int rights);

/* One entry for each live engine; without a free entry mprotect stays real. */
static struct {
    u8 *at;
    size_t bytes;
} code_pages[16];

/* Only the translator reserves pages that are merely readable. */
void *__wrap_mmap(void *at, size_t n, int rights, int flags, int fd, off_t off)
{
    u8 *p = __real_mmap(at, n, rights, flags, fd, off);

    if (p == MAP_FAILED || rights != PROT_READ || !(flags & MAP_NORESERVE))
        return p;
    for (unsigned i = 0; i < ARRAY_LEN(code_pages); i++) {
        if (code_pages[i].at)
            continue;
        /* If the host forbids both rights at once, mprotect stays real. */
        if (!__real_mprotect(p, n, PROT_READ | PROT_WRITE | PROT_EXEC)) {
            code_pages[i].at = p;
            code_pages[i].bytes = n;
        }
        break;
    }
    return p;
}

int __wrap_munmap(void *at, size_t n)
{
    for (unsigned i = 0; i < ARRAY_LEN(code_pages); i++)
        if (code_pages[i].at == at)
            code_pages[i].at = NULL;
    return __real_munmap(at, n);
}

int __wrap_mprotect(void *at, size_t n, int rights)
{
    const u8 *p = at;

    for (unsigned i = 0; i < ARRAY_LEN(code_pages); i++)
        if (code_pages[i].at && p >= code_pages[i].at &&
            p < code_pages[i].at + code_pages[i].bytes) {
            __builtin___clear_cache((char *)at, (char *)at + n);
            return 0;
        }
    return __real_mprotect(at, n, rights);
}
