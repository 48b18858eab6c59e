/* SPDX-License-Identifier: MIT */
/* The recorder's file, /var/adm/sa/saDD, is a sequence of records of all the
 * kernel's numbers, which sadc appends and sar reads. */
#pragma once

#include "lib/period.h"

#define SA_MAGIC 0x31304153u /* "SA01" */

struct sa_record {
    u32 magic;
    u32 nvalues; /* differs if another kernel has recorded the file */
    u32 valid;   /* 0: the system has started; counts begin at 0 again */
    u32 pad;
    s64 time; /* seconds since 1970 */
    struct sample sample;
};

struct sa_date {
    u32 year, month, day, hour, minute, second;
};

s64 sa_time(void); /* now */
struct sa_date sa_date(s64 time);
/* Stores "/var/adm/sa/saDD"; DD is the day of the month at `time`. */
void sa_path(char path[32], s64 time);
/* Samples a record now; if valid is false, it marks the system's start. */
struct sa_record sa_record(const char *program, bool valid);
