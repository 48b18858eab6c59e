/* SPDX-License-Identifier: MIT */
/* A file that is there whole or not at all (base/whole.h). For failures that
 * need another user see cli/endings.t. */
// rooms: base
// wrap: fdopen
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/whole.h"

static bool no_stream;

FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode)
{
    if (!no_stream)
        return __real_fdopen(fd, mode);
    errno = ENOMEM;
    return NULL;
}

static int lowest_fd(void)
{
    int fd = open("/dev/null", O_RDONLY);
    close(fd);
    return fd;
}

static size_t files(void)
{
    glob_t g;
    size_t n = glob("*", 0, NULL, &g) ? 0 : g.gl_pathc;
    globfree(&g);
    return n;
}

static void nothing_is_left_if_there_is_no_stream(void **state)
{
    struct whole w;
    int fd = lowest_fd();
    (void)state;
    no_stream = true;
    assert_false(whole_open(&w, "file"));
    assert_int_equal(errno, ENOMEM);
    no_stream = false;
    assert_int_equal(lowest_fd(), fd);
    assert_int_equal(files(), 0);
}

static void links_that_lead_in_a_circle(void **state)
{
    struct whole w;
    (void)state;
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("./a", "b"), 0);
    assert_false(whole_open(&w, "a"));
    assert_int_equal(errno, ELOOP);
    assert_false(whole_writable("a"));
    assert_int_equal(errno, ELOOP);
    unlink("a");
    unlink("b");
}

static int folder(void **state)
{
    static char name[] = "/tmp/test_whole.XXXXXX";
    *state = name;
    return !mkdtemp(name) || chdir(name);
}

static int no_folder(void **state)
{
    return chdir("/") || rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_if_there_is_no_stream),
        cmocka_unit_test(links_that_lead_in_a_circle),
    };
    return cmocka_run_group_tests(tests, folder, no_folder);
}
