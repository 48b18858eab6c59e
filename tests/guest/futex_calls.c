/* SPDX-License-Identifier: MIT */
/* Prints results and effects of calls with futexes and robust lists, as far as
 * they are the same on every Linux. threads.t compiles this program for the
 * host and for the guest; both must print the same lines. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "says.h"

static long futex(int *word, int op, int value, const struct timespec *t,
                  int *other, int value3)
{
    return syscall(SYS_futex, word, op, value, t, other, value3);
}

/* A write after a fork copies a futex's page. Its waiter must still wake up. */
static int word;

static void *wait_word(void *arg)
{
    (void)arg;
    while (word == 0)
        futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    puts("woken after a fork");
    return NULL;
}

static void futex_and_fork(void)
{
    pthread_t t;
    pthread_create(&t, NULL, wait_word, NULL);
    nap(50);
    pid_t pid = fork();
    if (pid == 0) {
        nap(200);
        _exit(0);
    }
    word = 1; /* copies the page, which the child shares */
    futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    pthread_join(t, NULL);
    waitpid(pid, NULL, 0);
}

static int a, b;

static void *wait_a(void *arg)
{
    long bits = (long)arg;
    return (void *)futex(&a, FUTEX_WAIT_BITSET, 0, NULL, NULL, (int)bits);
}

static void futexes(void)
{
    pthread_t t[4];
    struct timespec soon = {0, 30000000}, at;
    say("wait: a has another value", futex(&a, FUTEX_WAIT, 1, NULL, NULL, 0));
    say("wait for a while", futex(&a, FUTEX_WAIT, 0, &soon, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &at);
    say("wait until now", futex(&a, FUTEX_WAIT_BITSET, 0, &at, NULL, -1));
    clock_gettime(CLOCK_REALTIME, &at);
    say("wait until now, by the real-time clock",
        futex(&a, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &at, NULL, -1));
    say("wait for a while, by the real-time clock",
        futex(&a, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &soon, NULL, 0));
    say("no bits", futex(&a, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
    say("odd address", futex((int *)((char *)&a + 1), FUTEX_WAKE, 1, 0, 0, 0));
    say("an unmapped address", futex((int *)16, FUTEX_WAKE, 1, NULL, NULL, 0));
    say("wake a: nobody waits", futex(&a, FUTEX_WAKE, 1, NULL, NULL, 0));
    int *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("read-only: wait", futex(ro, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    say("read-only: wake", futex(ro, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    say("read-only: wake, shared", futex(ro, FUTEX_WAKE, 1, NULL, NULL, 0));
    for (long i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, wait_a, (void *)(1l << i));
    nap(100);
    say("wake one by its bit", futex(&a, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4));
    pthread_join(t[2], NULL);
    say("requeue, but a has another value",
        futex(&a, FUTEX_CMP_REQUEUE, 1, (void *)1, &b, 5));
    say("wake one, requeue the others to b",
        futex(&a, FUTEX_CMP_REQUEUE, 1, (void *)9, &b, 0));
    say("wake a: all wait on b", futex(&a, FUTEX_WAKE, 9, NULL, NULL, 0));
    say("wake one that waits on b", futex(&b, FUTEX_WAKE, -1, NULL, NULL, 0));
    say("requeue from b to a", futex(&b, FUTEX_REQUEUE, 0, (void *)9, &a, 0));
    b = 5;
    say("change b, wake if it was 5",
        futex(&a, FUTEX_WAKE_OP, 9, (void *)9, &b,
              FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
    printf("b %d\n", b);
    for (int i = 0; i < 4; i++)
        if (i != 2)
            pthread_join(t[i], NULL);
    puts("all back");
}

static pthread_mutex_t robust;

static void *die_with_it(void *arg)
{
    pthread_mutex_lock(&robust);
    return arg;
}

static atomic_int has_it;

static void *die_later(void *arg)
{
    pthread_mutex_lock(&robust);
    has_it = 1;
    nap(100);
    syscall(SYS_exit, 0);
    return arg;
}

static void robust_lists(void)
{
    pthread_mutexattr_t at;
    pthread_t t;
    pthread_mutexattr_init(&at);
    pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &at);
    pthread_create(&t, NULL, die_with_it, NULL);
    pthread_join(t, NULL);
    int got = pthread_mutex_lock(&robust);
    printf("its owner died: %s\n", strerrorname_np(got));
    pthread_mutex_consistent(&robust);
    pthread_mutex_unlock(&robust);
    pthread_create(&t, NULL, die_later, NULL);
    while (!has_it)
        nap(1);
    got = pthread_mutex_lock(&robust);
    printf("its owner died while we waited: %s\n", strerrorname_np(got));
    void *head;
    size_t size;
    say("get_robust_list", syscall(SYS_get_robust_list, 0, &head, &size));
    printf("%zu bytes\n", size);
    say("set_robust_list", syscall(SYS_set_robust_list, head, 23));
}

static void *waits_at(void *at)
{
    futex(at, FUTEX_WAIT, 0, NULL, NULL, 0);
    return NULL;
}

/* A word of a file is known by its place in the file, whatever its page. */
static void words_of_files(void)
{
    int fd = open("/dev/shm/word", O_RDWR | O_CREAT, 0600);
    for (int kind = MAP_SHARED; kind <= MAP_PRIVATE; kind++) {
        pthread_t t;
        ftruncate(fd, 4096);
        int *shared =
            mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        int *seen = mmap(NULL, 4096, PROT_READ, kind, fd, 0);
        pthread_create(&t, NULL, waits_at, seen);
        nap(50);
        if (kind == MAP_SHARED) {
            ftruncate(fd, 0);
            ftruncate(fd, 4096);
        }
        say(kind == MAP_SHARED ? "woken after its page was cut off"
                               : "woken in a private mapping",
            futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
    }
    unlink("/dev/shm/word");
}

/* A word that the caller says is its own is never looked at but where its value
 * counts; it is another word than one that others may share. */
static void words_of_nobody(void)
{
    static int here;
    pthread_t t;
    int *gone = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(gone, 4096);
    for (int op = FUTEX_REQUEUE; op <= FUTEX_WAKE_OP; op++) {
        say("from no memory",
            futex(gone, op | FUTEX_PRIVATE_FLAG, 1, NULL, &here, 0));
        say("to no memory",
            futex(&here, op | FUTEX_PRIVATE_FLAG, 1, NULL, gone, 0));
        say("shared, from", futex(gone, op, 1, NULL, &here, 0));
        say("shared, to", futex(&here, op, 1, NULL, gone, 0));
    }
    pthread_create(&t, NULL, waits_at, &here);
    nap(50);
    say("a wake of one's own word",
        futex(&here, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    say("... of a shared one", futex(&here, FUTEX_WAKE, 1, NULL, NULL, 0));
}

int main(void)
{
    in_child("words of nobody", words_of_nobody);
    in_child("futex and fork", futex_and_fork);
    in_child("futexes", futexes);
    in_child("robust lists", robust_lists);
    in_child("words of files", words_of_files);
    puts("end");
    return 0;
}
