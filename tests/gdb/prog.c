/* SPDX-License-Identifier: MIT */
/* Runs in the guest under a debugger: two processes share a page until one of
 * them writes to it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Lies on a page of its own. */
volatile struct {
    long mark, rest[511];
} alone __attribute__((aligned(4096))) = {.mark = 1};
volatile char *fresh;

long square(long n)
{
    long result = n * n;
    return result;
}

void meeting(int child)
{
    alone.mark += child > 0;
}

long lines(void)
{
    long sum = 0;
    fresh = malloc(1 << 20);
    fresh[4096] = 1;
    sum += square(3);
    sum += getppid() > 0;
    sum += square(4);
    return sum;
}

int main(void)
{
    struct timespec moment = {0, 20000000};
    alone.mark = 0x1111;
    int child = fork();
    if (!child) {
        alone.mark = 0x2222;
        pause();
        _exit(0);
    }
    nanosleep(&moment, NULL);
    meeting(child);
    printf("%ld\n", lines());
    return 0;
}
