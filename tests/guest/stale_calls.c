/* SPDX-License-Identifier: MIT */
/* Each case uses memory, lets the kernel change its page table, and uses the
 * memory again, whether that is allowed or not (stale.t). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul

static volatile char *pages(unsigned long n)
{
    return mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char **argv)
{
    const char *what = argv[argc - 1];
    volatile char *p = pages(4);
    void *at = (void *)p;

    p[0] = p[PAGE] = 1;
    if (!strcmp(what, "munmap")) {
        munmap(at, PAGE);
        p[0] = 2;
    } else if (!strcmp(what, "mprotect")) {
        mprotect(at, PAGE, PROT_READ);
        p[0] = 2;
    } else if (!strcmp(what, "mremap")) {
        mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, pages(1));
        p[0] = 2;
    } else if (!strcmp(what, "fork")) {
        if (!fork())
            pause();
        p[0] = 2;
    } else if (!strcmp(what, "cow")) {
        if (!fork()) {
            /* The kernel breaks the sharing; a store of the program's own would
             * fault by the old entry, which is no use of the old frame. */
            (void)p[0];
            int zero = open("/dev/zero", O_RDONLY);
            read(zero, (char *)p, 1);
            (void)p[0];
        }
        wait(NULL);
    } else if (!strcmp(what, "table")) { /* the only page of its 2 MiB */
        char *far = (char *)pages(1024 * 2) + 1023 * PAGE;
        far -= (unsigned long)far % (512 * PAGE);
        far[0] = 1;
        munmap(far, 512 * PAGE);
        p[2 * PAGE] = p[3 * PAGE] = 1; /* one page gets the table's frame */
        mmap(far, PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        far[0] = 2;
    }
    return 0;
}
