/* SPDX-License-Identifier: MIT */
/* Tests that base/whole.h writes a file whole or not at all. For a folder or
 * file that the user may not write see tests/cli/endings.t. */
// rooms: base
// wrap: fdopen
#include <errno.h>
#include <fcntl.h>
#include <glob.h>

#include "unit.h"

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

TEST(nothing_is_left_if_there_is_no_stream)
{
    struct whole w;
    int fd = lowest_fd();
    no_stream = true;
    assert_false(whole_open(&w, "file"));
    assert_int_equal(errno, ENOMEM);
    no_stream = false;
    assert_int_equal(lowest_fd(), fd);
    assert_int_equal(files(), 0);
}

TEST(links_that_lead_in_a_circle)
{
    struct whole w;
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("./a", "b"), 0);
    assert_false(whole_open(&w, "a"));
    assert_int_equal(errno, ELOOP);
    assert_false(whole_writable("a"));
    assert_int_equal(errno, ELOOP);
    unlink("a");
    unlink("b");
}

static char name[] = "/tmp/test_whole.XXXXXX";

BEFORE_ALL
{
    assert_true(mkdtemp(name) && !chdir(name));
}

AFTER_ALL
{
    assert_true(!chdir("/") && !rmdir(name));
}
