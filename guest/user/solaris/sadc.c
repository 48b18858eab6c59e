/* SPDX-License-Identifier: MIT */
/* The recorder of system activity, after Solaris's sadc and sa1.
 *
 *   sadc [T N] [FILE]   N records, T seconds apart, appended to FILE or on
 *                       standard output; N 0: for ever. Without T and N: a
 *                       record that says that the system has started
 *   sa1 [T N]           the same to /var/adm/sa/saDD, DD being the day of
 *                       each record; without T and N one record
 *   sa1 -b T            a start record, then one every T seconds:
 *                       what init runs for the boot argument sadc=T
 *
 * T may have a fraction. sar reads what this writes. */
#include "lib/sadata.h"

static const char *program = "sadc", *file; /* NULL: stdout; for sa1 saDD */
static bool to_stdout;

static void append(bool valid)
{
    struct sa_record r = sa_record(program, valid);
    char today[32];
    const char *path = to_stdout ? "standard output" : file ? file : today;
    s64 fd = 1;
    sa_path(today, r.time);
    if (!to_stdout)
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0 || write((int)fd, &r, sizeof r) != (s64)sizeof r) {
        fprintf_fd(2, "%s: cannot write %s\n", program, path);
        exit(1);
    }
    if (!to_stdout)
        close((int)fd);
}

static void record(u64 ms, u64 n)
{
    u64 start = now_us();
    for (u64 i = 0;; i++) {
        append(true);
        if (i + 1 == n)
            return;
        u64 due = start + (i + 1) * ms * 1000, at = now_us();
        if (at < due)
            sleep_ms((due - at + 999) / 1000);
    }
}

static int usage(void)
{
    fprintf_fd(2, "usage: sadc [T N] [FILE] | sa1 [T N] | sa1 -b T\n");
    return 2;
}

static const char *last_part(const char *path)
{
    const char *name = path;
    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return name;
}

int main(int argc, char **argv)
{
    bool sa1 = argc > 0 && !strcmp(last_part(argv[0]), "sa1");
    if (sa1)
        program = "sa1";
    if (sa1 && argc == 3 && !strcmp(argv[1], "-b")) {
        u64 ms = delay_ms(argv[2]);
        if (!ms)
            return usage();
        append(false);
        record(ms, 0);
    }
    bool timed = argc >= 3;
    u64 ms = timed ? delay_ms(argv[1]) : 0;
    if (argc > (sa1 ? 3 : 4) || (timed && !ms) || (sa1 && argc == 2))
        return usage();
    if (!sa1 && argc == (timed ? 4 : 2))
        file = argv[argc - 1];
    to_stdout = !sa1 && !file;
    if (timed)
        record(ms, strtou(argv[2]));
    else
        append(sa1);
    return 0;
}
