/* SPDX-License-Identifier: MIT */
/* Serves the workloads: parses sizes, fills pages with a pattern and checks it,
 * reports errors. */
#pragma once

#include "lib/tiny.h"

/* Returns the bytes of RAM, from /proc/meminfo (MemTotal). */
u64 ram_bytes(void);

/* Parses "64K", "10M", "4096" bytes, or multiples of RAM: "3x", "0.5x". Returns
 * bytes, rounded up to whole pages, at least one page; ends the program (status
 * 2) on anything else. */
u64 size_arg(const char *text);
/* Parses a decimal number; ends the program (status 2) on anything else. */
u64 number_arg(const char *text);

/* If the only argument is -h or --help, prints /usr/share/era/PROGRAM, the head
 * comment of its source (guest.mk), and exits. Returns if there is no file. */
void tiny_began(int argc, char **argv);

/* Prints "what: error N", or for err 0 just what; exits with status 2. */
void cannot(const char *what, s64 err) __attribute__((noreturn));
/* Returns p, or ends the program if p is mmap's error. */
static inline void *need_mapping(void *p, const char *what)
{
    if (is_error(p))
        cannot(what, (s64)p);
    return p;
}

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a random number for each x. */
static inline u64 mix(u64 x)
{
    x += 0x9e3779b97f4a7c15ul;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ul;
    x = (x ^ x >> 27) * 0x94d049bb133111ebul;
    return x ^ x >> 31;
}

/* Fills a page with words that depend on its number, on `whose`, and on each
 * word's place, so that a check finds a page that is lost, exchanged with
 * another one or half written. */
void page_fill(void *page, u64 number, u64 whose);
/* True if the page holds that pattern. */
bool page_holds(const void *page, u64 number, u64 whose);

#define MIB(bytes) ((bytes) >> 20)
#define KIB(bytes) ((bytes) >> 10)
