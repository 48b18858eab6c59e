/* SPDX-License-Identifier: MIT */
/* cmocka with tests that register themselves:
 *
 *     TEST(what_holds)
 *     {
 *         assert_int_equal(1 + 1, 2);
 *     }
 *
 * They run in the order of their lines. Before the include, a file may name
 * functions of its own: UNIT_SETUP and UNIT_TEARDOWN, int (void **), run around
 * each test, UNIT_BEGIN and UNIT_END, void (void), around them all. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef UNIT_SETUP
static int UNIT_SETUP(void **state);
#else
#define UNIT_SETUP NULL
#endif
#ifdef UNIT_TEARDOWN
static int UNIT_TEARDOWN(void **state);
#else
#define UNIT_TEARDOWN NULL
#endif
#ifdef UNIT_BEGIN
static void UNIT_BEGIN(void);
static void UNIT_END(void);
#else
#define UNIT_BEGIN()
#define UNIT_END()
#endif

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
    unit_tests[i] =
        (struct CMUnitTest){name, run, UNIT_SETUP, UNIT_TEARDOWN, NULL};
    unit_lines[i] = line;
}

#define TEST(test)                                                             \
    static void test(void **state);                                            \
    __attribute__((constructor)) static void unit_add_##test(void)             \
    {                                                                          \
        unit_add(#test, test, __LINE__);                                       \
    }                                                                          \
    static void test(__attribute__((unused)) void **state)

int main(void)
{
    UNIT_BEGIN();
    int failed =
        _cmocka_run_group_tests("tests", unit_tests, unit_count, NULL, NULL);
    UNIT_END();
    return failed;
}

#endif
