/* SPDX-License-Identifier: MIT */
/* cmocka with tests that register themselves:
 *
 *     TEST(what_holds)
 *     {
 *         assert_int_equal(1 + 1, 2);
 *     }
 *
 * Tests run in the order of their lines. BEFORE_EACH { ... } and AFTER_EACH run
 * around each test, BEFORE_ALL and AFTER_ALL around all tests. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* struct fb fb FREED_BY(fb_free): frees fb at the end of its block. */
#define FREED_BY(fn) __attribute__((cleanup(fn)))

#define UNIT_MOST 128

static struct CMUnitTest unit_tests[UNIT_MOST];
static int unit_lines[UNIT_MOST];
static size_t unit_count;

static inline void unit_add(const char *name, CMUnitTestFunction run, int line)
{
    size_t i = unit_count++;
    for (; i && unit_lines[i - 1] > line; i--) {
        unit_tests[i] = unit_tests[i - 1];
        unit_lines[i] = unit_lines[i - 1];
    }
    unit_tests[i] = (struct CMUnitTest){.name = name, .test_func = run};
    unit_lines[i] = line;
}

#define TEST(test)                                                             \
    static void test(void **state);                                            \
    __attribute__((constructor)) static void unit_add_##test(void)             \
    {                                                                          \
        unit_add(#test, test, __LINE__);                                       \
    }                                                                          \
    static void test(__attribute__((unused)) void **state)

enum { UNIT_BEFORE, UNIT_AFTER, UNIT_FIRST, UNIT_LAST };
static void (*unit_hooks[4])(void);

#define UNIT_HOOK(when)                                                        \
    static void unit_hook_##when(void);                                        \
    __attribute__((constructor)) static void unit_has_##when(void)             \
    {                                                                          \
        unit_hooks[when] = unit_hook_##when;                                   \
    }                                                                          \
    static void unit_hook_##when(void)
#define BEFORE_EACH UNIT_HOOK(UNIT_BEFORE)
#define AFTER_EACH  UNIT_HOOK(UNIT_AFTER)
#define BEFORE_ALL  UNIT_HOOK(UNIT_FIRST)
#define AFTER_ALL   UNIT_HOOK(UNIT_LAST)

#define UNIT_FIXTURE(name, when)                                               \
    static inline int name(__attribute__((unused)) void **state)               \
    {                                                                          \
        if (unit_hooks[when])                                                  \
            unit_hooks[when]();                                                \
        return 0;                                                              \
    }
UNIT_FIXTURE(unit_before, UNIT_BEFORE)
UNIT_FIXTURE(unit_after, UNIT_AFTER)
UNIT_FIXTURE(unit_first, UNIT_FIRST)
UNIT_FIXTURE(unit_last, UNIT_LAST)

/* Makes a bare-metal program, linked at 0x80000000, of C or assembly. */
static inline void unit_compile(const char *source, const char *to)
{
    char command[600];
    snprintf(command, sizeof command,
             "riscv64-linux-gnu-gcc -march=rv64gc -mabi=lp64d -mcmodel=medany "
             "-O2 -static -fno-pic -no-pie -nostdlib -ffreestanding "
             "-Wl,--build-id=none,-N,-Ttext=0x80000000,-e,_start,"
             "--no-warn-rwx-segments -o %s %s",
             to, source);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    for (size_t i = 0; i < unit_count; i++) {
        unit_tests[i].setup_func = unit_before;
        unit_tests[i].teardown_func = unit_after;
    }
    return _cmocka_run_group_tests("tests", unit_tests, unit_count, unit_first,
                                   unit_last);
}
