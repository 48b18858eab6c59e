/* SPDX-License-Identifier: MIT */
/* mappings threads|processes N: N threads of one process, or N processes, use
 * the same 256 pages of shared memory once and then sleep. The threads have one
 * mapping of this memory, the processes N. (kpaged.t; CONTRACT.md, 004-7) */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 256
#define PAGE  4096

static volatile char *memory;

static void *use(void *unused)
{
    for (int i = 0; i < PAGES; i++)
        memory[i * PAGE]++;
    (void)unused;
    return NULL;
}

static void *use_and_sleep(void *arg)
{
    use(arg);
    while (pause()) /* -1, after a signal */
        ;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int n = atoi(argv[2]), threads = !strcmp(argv[1], "threads");
    pthread_attr_t small;
    pthread_t t;
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 4 * PAGE);
    for (int i = 1; i < n; i++) {
        if (threads && pthread_create(&t, &small, use_and_sleep, NULL))
            return 1;
        if (!threads && fork() == 0)
            use_and_sleep(NULL);
    }
    use(NULL);
    usleep(200000);
    printf("mappings: ready\n");
    fflush(stdout);
    for (;;)
        pause();
}
