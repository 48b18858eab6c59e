/* SPDX-License-Identifier: MIT */
/* crowd N: can N processes live at once? Each child writes a page of its own
 * and waits. When all are forked (or fork has failed), the parent releases one
 * after the other; each must answer with its number % 199. Prints "crowd: M of
 * N processes at once, fork then says E, all gave their number"; ends with 0 if
 * every child that was forked answered right. E is fork's errno, or 0. */
#include "lib/tiny.h"

int main(int argc, char **argv)
{
    u64 n = argc > 1 ? strtou(argv[1]) : 100, made = 0, wrong = 0;
    int go[2];
    s64 err = 0;
    char token = 0;
    if (SYS2(__NR_pipe2, go, 0))
        return 2;
    u64 *own = anonymous(PAGE, MAP_PRIVATE);
    for (; made < n; made++) {
        s64 pid = fork();
        if (pid == 0) {
            *own = made;
            if (read(go[0], &token, 1) != 1)
                exit(255);
            exit((int)(*own % 199));
        }
        if (pid < 0) {
            err = -pid;
            break;
        }
    }
    u64 sum = 0, want = 0;
    for (u64 i = 0; i < made; i++) {
        int status = -1;
        if (write(go[1], &token, 1) != 1 || wait4(-1, &status, 0) < 0 ||
            (status & 0x7f) || status >> 8 == 255)
            wrong++;
        sum += (u64)status >> 8;
        want += i % 199;
    }
    printf("crowd: %lu of %lu processes at once, fork then says %ld, %s\n",
           made, n, err,
           wrong || sum != want ? "WRONG" : "all gave their number");
    return wrong || sum != want;
}
