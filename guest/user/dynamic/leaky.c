/* SPDX-License-Identifier: MIT */
/* leaky [TENTHS]: misbehaving software. TENTHS times (default 10), every tenth
 * of a second, it allocates 4 KiB, which it keeps, a buffer, which it frees,
 * and 32 KiB, which it loses. (003-6) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct note {
    struct note *next;
    char text[4080];
};

void lose(void);
void keep(void);
void borrow(void);

static struct note *notes;
static char *volatile last; /* so that the compiler keeps the calls */

__attribute__((noinline)) void lose(void)
{
    last = memset(malloc(32768), 'l', 32768);
    last = NULL;
}

__attribute__((noinline)) void keep(void)
{
    struct note *n = malloc(sizeof *n);
    memset(n->text, 'k', sizeof n->text);
    n->next = notes;
    notes = n;
}

__attribute__((noinline)) void borrow(void)
{
    char *b = malloc(65536);
    memset(b, 'b', 65536);
    free(b);
}

int main(int argc, char **argv)
{
    int tenths = argc > 1 ? atoi(argv[1]) : 10, kept = 0;
    for (int i = 0; i < tenths; i++) {
        keep();
        borrow();
        lose();
        usleep(100000);
    }
    for (struct note *n = notes; n; n = n->next)
        kept += n->text[9] == 'k';
    return kept != tenths;
}
