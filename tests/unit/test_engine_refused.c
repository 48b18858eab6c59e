/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
// wrap: mmap mprotect
/* If the host forbids new executable code (SELinux's execmem), the
 * engine interprets, and the result is that of a translated run. */
#include <errno.h>
#include <sys/mman.h>

#include "unit.h"

#include "engine/box.c"

static bool refused;
static unsigned both; /* mappings writable and executable at once */

void *__real_mmap(void *at, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t off)
{
    if (prot & PROT_WRITE && prot & PROT_EXEC)
        both++;
    if (!refused || !(prot & PROT_EXEC))
        return __real_mmap(at, n, prot, flags, fd, off);
    errno = EACCES;
    return MAP_FAILED;
}

int __real_mprotect(void *at, size_t n, int prot);
int __wrap_mprotect(void *at, size_t n, int prot);
int __wrap_mprotect(void *at, size_t n, int prot)
{
    both += prot & PROT_WRITE && prot & PROT_EXEC;
    return __real_mprotect(at, n, prot);
}

/* Runs mix.c. Gives its hash; returns how many blocks were translated. */
static u64 digest(char *hash)
{
    struct box *b = box_new(&(struct box_options){.timed = true});
    box_load(b, "mix.c", "-DPAGED -DTICK=41 -DROUNDS=1");
    box_run(b, BOX_WHOLE, 1, ~0ull >> 1);
    assert_true(b->done);
    box_hash(b, hash);
    u64 n = engine_host_stats(b->engine).translated;
    box_free(b);
    return n;
}

TEST(test_refused)
{
    char with[33], without[33];

    refused = true;
    assert_false(engine_translates());
    assert_int_equal(digest(without), 0);
    refused = false;
    if (!engine_translates()) /* this host has no translator */
        skip();
    assert_int_not_equal(digest(with), 0);
    assert_string_equal(with, without);
}

TEST(test_never_writable_and_executable)
{
    assert_int_equal(both, 0);
}
