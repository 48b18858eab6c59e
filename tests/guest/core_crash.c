/* SPDX-License-Identifier: MIT */
/* core_crash HOW [PAGES] crashes, for coredump.t. With `threads` it crashes in
 * inner(), while two threads sleep with known registers; with `leaderless` in a
 * thread, after main's thread has ended; with `pages` after it has written
 * PAGES pages. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_WORDS 1024

int planted = 4711;
char words[] = "a global's words";
int *pages;
double half = .5;
static volatile int ready;

/* Sleeps for ever with the thread's number in s5 and half of it in fs3. */
static void *sleeper(void *arg)
{
    register long number __asm__("s5") = (long)arg;
    register double part __asm__("fs3") = half * (double)number;
    __asm__ volatile("" : "+r"(number), "+f"(part));
    ready++;
    for (;;) {
        pause();
        __asm__ volatile("" : "+r"(number), "+f"(part));
    }
    return NULL;
}

__attribute__((noinline)) int inner(int depth, int *where)
{
    if (depth)
        return inner(depth - 1, where) + 1;
    register long number __asm__("s5") = 0x5a5a;
    __asm__ volatile("" : "+r"(number));
    planted = 815;
    *where = 1;
    __asm__ volatile("" : "+r"(number));
    return (int)number;
}

static void *crasher(void *main_thread)
{
    pthread_join(*(pthread_t *)main_thread, NULL);
    exit(inner(1, (int *)8));
}

static void start(void *(*run)(void *), void *arg)
{
    pthread_t t;
    if (pthread_create(&t, NULL, run, arg))
        exit(3);
}

int main(int argc, char **argv)
{
    static pthread_t self;
    long n = argc > 2 ? atol(argv[2]) : 0;
    if (argc > 1 && !strcmp(argv[1], "leaderless")) {
        self = pthread_self();
        start(crasher, &self);
        pthread_exit(NULL);
    }
    if (n && !(pages = aligned_alloc(4096, (size_t)n * 4096)))
        return 3;
    for (long i = 0; i < n; i++)
        pages[i * PAGE_WORDS] = pages[i * PAGE_WORDS + 1023] = (int)i * 7 + 1;
    if (!n) {
        start(sleeper, (void *)1001);
        start(sleeper, (void *)1002);
        while (ready < 2)
            usleep(1000);
    }
    return inner(2, (int *)8);
}
