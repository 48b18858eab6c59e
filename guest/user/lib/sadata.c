/* SPDX-License-Identifier: MIT */
#include "lib/sadata.h"

s64 sa_time(void)
{
    s64 t[2] = {0, 0};
    SYS2(__NR_clock_gettime, 0, t); /* CLOCK_REALTIME */
    return t[0];
}

/* Converts days to a date of the Gregorian calendar by years that begin in
 * March, so that the leap day is the last (Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days). */
struct sa_date sa_date(s64 time)
{
    u64 days = (u64)time / 86400 + 719468, s = (u64)time % 86400;
    u64 era = days / 146097, doe = days % 146097;
    u64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    u64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;
    struct sa_date d = {.day = (u32)(doy - (153 * m + 2) / 5 + 1),
                        .month = (u32)(m < 10 ? m + 3 : m - 9),
                        .hour = (u32)(s / 3600),
                        .minute = (u32)(s / 60 % 60),
                        .second = (u32)(s % 60)};
    d.year = (u32)(yoe + era * 400) + (d.month <= 2);
    return d;
}

void sa_path(char path[32], s64 time)
{
    u32 day = sa_date(time).day;
    memcpy(path, "/var/adm/sa/sa", 14);
    path[14] = (char)('0' + day / 10);
    path[15] = (char)('0' + day % 10);
    path[16] = '\0';
}

struct sa_record sa_record(const char *program, bool valid)
{
    return (struct sa_record){.magic = SA_MAGIC,
                              .nvalues = NVALUES,
                              .valid = valid,
                              .time = sa_time(),
                              .sample = sample_now(program)};
}
