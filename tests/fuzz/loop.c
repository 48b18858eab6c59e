/* SPDX-License-Identifier: MIT */
/* Replaces libFuzzer if there is no clang: each run takes a seed and damages it
 * (flips, bytes, repeats, cuts, omissions), not led by coverage. Arguments are
 * libFuzzer's: -runs=N -max_total_time=SECONDS -max_len=N -seed=N
 * -artifact_prefix=P FOLDER...; files instead of folders are run as they are,
 * once. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define SEEDS 256
static struct input {
    u8 *bytes;
    size_t n;
} seeds[SEEDS], now;
static unsigned nseeds;
static size_t max_len = 4096;
static const char *artifact_prefix = "./";

static struct input read_input(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct input in = {xcalloc(1, max_len), 0};
    if (f) {
        in.n = fread(in.bytes, 1, max_len, f);
        fclose(f);
    }
    return in;
}

static void read_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    char file[4096];
    while (d && (e = readdir(d)) && nseeds < SEEDS) {
        if (*e->d_name == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        seeds[nseeds++] = read_input(file);
    }
    if (d)
        closedir(d);
}

/* Does one small damage; n stays within max_len. */
static void damage(struct input *in, u64 *s)
{
    u64 r = rand_step(s), at = in->n ? r % in->n : 0;
    u8 byte = (u8)(rand_step(s) >> 32);
    size_t len = rand_step(s) % 16 + 1;
    switch (r >> 60) {
    case 0 ... 3:
        if (in->n)
            in->bytes[at] ^= (u8)(1 << (byte & 7));
        break;
    case 4 ... 7:
        if (in->n)
            in->bytes[at] = byte;
        break;
    case 8 ... 9:
        if (in->n)
            in->bytes[at] = byte & 1 ? 0xff : 0;
        break;
    case 10 ... 11:
        in->n = rand_step(s) % 4 ? in->n : at;
        break;
    case 12 ... 13: /* repeat some bytes */
        if (in->n + len > max_len || at + len > in->n)
            break;
        memmove(in->bytes + at + len, in->bytes + at, in->n - at);
        in->n += len;
        break;
    default: /* leave some out */
        if (at + len > in->n)
            break;
        memmove(in->bytes + at, in->bytes + at + len, in->n - at - len);
        in->n -= len;
    }
}

/* Writes the aborted run's input to a file; then takes the default action. */
static void on_signal(int number)
{
    FILE *f = fopen(artifact_prefix, "wb");
    if (f) {
        fwrite(now.bytes, 1, now.n, f);
        fclose(f);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void run(void)
{
    /* A block of exactly n bytes: the sanitizer sees a read of the next one. */
    u8 *copy = malloc(now.n ? now.n : 1);
    assert(copy);
    memcpy(copy, now.bytes, now.n);
    LLVMFuzzerTestOneInput(copy, now.n);
    free(copy);
}

int main(int argc, char **argv)
{
    unsigned long runs = 100000; /* -1: as many as there is time for */
    time_t started = time(NULL), seconds = 0;
    u64 s = 1;
    struct stat st;
    for (int i = 1; i < argc; i++) {
        if (!strncmp(argv[i], "-max_len=", 9))
            max_len = strtoul(argv[i] + 9, NULL, 0);
        else if (!strncmp(argv[i], "-runs=", 6))
            runs = strtoul(argv[i] + 6, NULL, 0);
        else if (!strncmp(argv[i], "-max_total_time=", 16))
            seconds = (time_t)strtoul(argv[i] + 16, NULL, 0);
        else if (!strncmp(argv[i], "-seed=", 6))
            s = strtoull(argv[i] + 6, NULL, 0) | 1;
        else if (!strncmp(argv[i], "-artifact_prefix=", 17))
            artifact_prefix = argv[i] + 17;
    }
    LLVMFuzzerInitialize(&argc, &argv);
    signal(SIGABRT, on_signal);
    for (int i = 1; i < argc; i++) {
        if (*argv[i] == '-' || stat(argv[i], &st))
            continue;
        if (S_ISDIR(st.st_mode)) {
            read_folder(argv[i]);
            continue;
        }
        now = read_input(argv[i]);
        run();
        runs = 0;
    }
    if (!nseeds)
        seeds[nseeds++] = (struct input){xcalloc(1, max_len), 0};
    now.bytes = xcalloc(1, max_len);
    for (unsigned long i = 0; i < runs; i++) {
        const struct input *from = &seeds[rand_step(&s) % nseeds];
        memcpy(now.bytes, from->bytes, now.n = from->n);
        for (u64 k = rand_step(&s) % 8; k; k--)
            damage(&now, &s);
        run();
        if (seconds && time(NULL) - started >= seconds)
            break;
    }
    return 0;
}
