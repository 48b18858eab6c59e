/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Compares a disk's backing (file, overlay or memory) with a plain copy. */
#include <sys/wait.h>

#include "saved.h"

#include "dev/backing.h"

#define BYTES (64u * 512)

static char file[] = "/tmp/clockhand-disk-XXXXXX";
static u8 plain[BYTES];

static void fill(size_t n)
{
    FILE *f = fopen(file, "wb");
    u64 rng = 99;
    for (size_t i = 0; i < BYTES; i++)
        plain[i] = i < n ? (u8)rand_step(&rng) : 0;
    assert_int_equal(fwrite(plain, 1, n, f), n);
    fclose(f);
}

/* Reads, writes and zeroes at random; backing and `plain` must agree. */
static void random_use(struct backing *b)
{
    u64 rng = 7;
    u8 buf[BYTES];
    for (int i = 0; i < 3000; i++) {
        u64 first = rand_step(&rng) % 64, n = 1 + rand_step(&rng) % 20;
        bool fits = first + n <= 64;
        if (rand_step(&rng) % 4 == 0) {
            assert_int_equal(
                backing_zero(b, first * 512, n * 512, rand_step(&rng) & 1),
                fits && !b->readonly);
            if (fits && !b->readonly)
                memset(plain + first * 512, 0, n * 512);
        } else if (rand_step(&rng) & 1) {
            for (u64 k = 0; k < n * 512; k++)
                buf[k] = (u8)rand_step(&rng);
            assert_int_equal(backing_write(b, first * 512, buf, n * 512),
                             fits && !b->readonly);
            if (fits && !b->readonly)
                memcpy(plain + first * 512, buf, n * 512);
        } else if (fits) {
            assert_true(backing_read(b, first * 512, buf, n * 512));
            assert_memory_equal(buf, plain + first * 512, n * 512);
        } else {
            assert_false(backing_read(b, first * 512, buf, n * 512));
        }
    }
    assert_true(backing_flush(b));
    assert_false(backing_read(b, ~0ull & ~511ull, buf, 512));
    assert_false(backing_write(b, ~0ull & ~511ull, buf, 1024));
    assert_false(backing_zero(b, ~0ull & ~511ull, 1024, true));
}

static void compare_file(bool same)
{
    u8 now[BYTES];
    FILE *f = fopen(file, "rb");
    size_t n = fread(now, 1, sizeof(now), f);
    fclose(f);
    assert_int_equal(n, BYTES);
    assert_int_equal(!memcmp(now, plain, BYTES), same);
}

TEST(persists)
{
    struct backing b;
    fill(BYTES);
    backing_open_file(&b, file, false, false);
    random_use(&b);
    backing_close(&b);
    compare_file(true);
}

TEST(readonly_stays)
{
    struct backing b;
    fill(BYTES);
    backing_open_file(&b, file, true, false);
    random_use(&b);
    backing_close(&b);
    compare_file(true);
}

TEST(overlay_covers)
{
    struct backing b;
    fill(BYTES - 100); /* the rest of the last sector reads as zeros */
    backing_open_file(&b, file, false, true);
    assert_int_equal(b.sectors, 64);
    random_use(&b);
    backing_close(&b);
    fill(BYTES); /* (makes plain and file agree again) */
    backing_open_file(&b, file, false, true);
    random_use(&b);
    backing_close(&b);
    compare_file(false);
    fill(BYTES);
    compare_file(true);
}

/* A whole page that was zeroed takes no memory, though it hides the file's
 * bytes, until something is written to it. */
TEST(zeroed_pages_are_given_back)
{
    struct backing b;
    u8 buf[8192];
    for (int memory = 0; memory < 2; memory++) {
        fill(BYTES);
        if (memory)
            backing_open_memory(&b, BYTES);
        else
            backing_open_file(&b, file, false, true);
        memset(buf, 'w', sizeof(buf));
        assert_true(backing_write(&b, 4096, buf, 8192));
        const u8 *page = b.page[1];
        assert_true(backing_zero(&b, 4096 + 512, 8192 - 512, false));
        assert_ptr_equal(b.page[1], page); /* only part of it is zero */
        assert_true(memory ? !b.page[2] : b.page[2] != NULL);
        assert_true(backing_read(&b, 4096, buf, 8192));
        assert_int_equal(buf[511], 'w');
        for (int i = 512; i < 8192; i++)
            assert_int_equal(buf[i], 0);
        assert_true(backing_write(&b, 8192 + 512, "x", 1));
        assert_true(backing_read(&b, 8192, buf, 4096));
        assert_int_equal(buf[512], 'x');
        for (int i = 0; i < 4096; i++)
            assert_true(i == 512 || buf[i] == 0);
        assert_true(backing_zero(&b, 0, BYTES, true));
        for (u64 i = 1; i < b.pages; i++)
            assert_ptr_equal(b.page[i], b.page[0]); /* shared, or NULL */
        assert_true(memory == !b.page[0]);
        backing_close(&b);
    }
    fill(BYTES);
    compare_file(true);
}

TEST(memory_forgets)
{
    struct backing b;
    memset(plain, 0, sizeof(plain));
    backing_open_memory(&b, BYTES);
    random_use(&b);
    backing_close(&b);
}

/* An overlay is state: it moves to another machine with the same disk. */
TEST(overlay_is_state)
{
    struct backing a, b, small;
    u8 buf[BYTES];
    fill(BYTES);
    backing_open_file(&a, file, false, true);
    random_use(&a);
    assert_true(backing_zero(&a, 4096, 4096, true)); /* a page of zeros, too */
    memset(plain + 4096, 0, 4096);
    SAVE(backing_state(&a, s));
    backing_open_file(&b, file, false, true);
    memset(buf, 'z', 512);
    assert_true(backing_write(&b, 0, buf, 512)); /* the load must replace it */
    LOAD(backing_state(&b, s));
    assert_true(backing_read(&b, 0, buf, BYTES));
    assert_memory_equal(buf, plain, BYTES);
    backing_open_memory(&small, 512);
    REFUSE("another size", backing_state(&small, s));
    backing_close(&a);
    backing_close(&b);
    backing_close(&small);
}

/* A file that shrinks while it is open gives I/O errors and no other harm. */
TEST(short_file)
{
    struct backing b;
    u8 buf[1024];
    fill(BYTES);
    backing_open_file(&b, file, false, false);
    assert_int_equal(truncate(file, 1000), 0);
    assert_true(backing_read(&b, 0, buf, 512));
    assert_false(backing_read(&b, 512, buf, 512));
    assert_false(backing_read(&b, 0, buf, 1024));
    backing_close(&b);
}

/* Opens the file in a child, which must end with a message and status 2. */
static void refused(const char *name, size_t n, const char *why)
{
    int fds[2], status;
    char said[300] = {0};
    if (n != (size_t)-1)
        fill(n);
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct backing b;
        dup2(fds[1], 2);
        backing_open_file(&b, name, false, false);
        _exit(0);
    }
    close(fds[1]);
    ssize_t got = 1;
    for (size_t at = 0; got > 0; at += (size_t)got)
        got = read(fds[0], said + at, sizeof(said) - 1 - at);
    close(fds[0]);
    waitpid(pid, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_non_null(strstr(said, why));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

TEST(unusable)
{
    refused(file, 0, "empty");
    refused(file, 513, "sectors");
    refused("/", (size_t)-1, "clockhand: /: ");
    refused("/nowhere/at-all", (size_t)-1, "No such file");
    refused("/dev/zero", (size_t)-1, "not a regular file");
}

BEFORE_ALL
{
    close(mkstemp(file));
}

AFTER_ALL
{
    unlink(file);
}
