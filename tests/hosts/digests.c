/* SPDX-License-Identifier: MIT */
/* Runs each program in both timings, on both engines, whole and in pieces, and
 * prints the digest of the machine after each run. Builds of this file for all
 * hosts must print the same lines (hosts.t). */
#include <stdio.h>

#include "../unit/engine/box.c"

static void run(const char *flags, bool timed, bool interpreted,
                enum box_manner how)
{
    struct box_options o = {.timed = timed, .interpreted = interpreted};
    struct box *b = box_new(&o);
    char hash[33];

    box_load(b, "mix.c", flags);
    box_run(b, how, 7919, 400000000);
    box_hash(b, hash);
    printf("%s %s %s %s %llu %s\n", flags, timed ? "cycle" : "fast",
           interpreted ? "interp" : "jit",
           how == BOX_WHOLE ? "whole" : "pieces",
           (unsigned long long)b->hart.cycle, hash);
    box_free(b);
}

int main(void)
{
    static const char *const programs[] = {
        "-DTICK=0", "-DTICK=37", "-DPAGED -DTICK=0", "-DPAGED -DTICK=53"};

    for (unsigned i = 0; i < ARRAY_LEN(programs); i++)
        for (int timed = 0; timed < 2; timed++)
            for (int interpreted = 0; interpreted < 2; interpreted++) {
                run(programs[i], timed, interpreted, BOX_WHOLE);
                run(programs[i], timed, interpreted, BOX_PIECES);
            }
    return 0;
}
