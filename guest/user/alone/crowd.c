/* SPDX-License-Identifier: MIT */
/* crowd N: can N processes live at once? Each child writes a page of its own
 * and waits. When all are forked (or fork has failed), the parent releases one
 * after the other by a byte in a pipe, or all together if there is no memory
 * for a byte; each must answer with its pid % 199. Prints "crowd: M of N
 * processes at once, fork then says E, all gave their number"; ends with 0 if
 * every child that was forked answered right. E is fork's errno, or 0. If
 * memory is exhausted, children may be killed, and are counted: "all but K". */
#include "lib/tiny.h"

int main(int argc, char **argv)
{
    u64 n = argc > 1 ? strtou(argv[1]) : 100, made = 0, wrong = 0, killed = 0;
    int go[2];
    s64 err = 0;
    char token = 0;
    if (SYS2(__NR_pipe2, go, 0))
        return 2;
    u64 *own = anonymous(PAGE, MAP_PRIVATE);
    for (; made < n; made++) {
        s64 pid = fork();
        if (pid == 0) {
            *own = (u64)SYS0(__NR_getpid);
            close(go[1]);
            if (read(go[0], &token, 1) < 0)
                exit(200);
            exit((int)(*own % 199));
        }
        if (pid < 0) {
            err = -pid;
            break;
        }
    }
    for (u64 i = 0; i < made; i++) {
        int status = -1;
        if (go[1] >= 0 && write(go[1], &token, 1) != 1) {
            close(go[1]);
            go[1] = -1;
        }
        s64 pid = wait4(-1, &status, 0);
        if (pid > 0 && status == SIGKILL)
            killed++;
        else
            wrong += pid < 0 || status != pid % 199 << 8;
    }
    printf("crowd: %lu of %lu processes at once, fork then says %ld, ", made, n,
           err);
    if (wrong)
        printf("WRONG\n");
    else if (killed)
        printf("all but %lu gave their number\n", killed);
    else
        printf("all gave their number\n");
    return wrong != 0;
}
