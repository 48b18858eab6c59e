/* SPDX-License-Identifier: MIT */
/* /tests/glibc: a static program that tests glibc's stdio, malloc, floating
 * point, fork and wait. If all work it prints one line and ends with 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *p = malloc(3 << 20), text[64];
    int status = 1;
    if (!p)
        return 1;
    memset(p, 'm', 3 << 20);
    p = realloc(p, 6 << 20);
    if (!p || p[(3 << 20) - 1] != 'm')
        return 2;
    pid_t pid = fork();
    if (pid == 0)
        _exit(argc + 6);
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != argc + 6)
        return 3;
    snprintf(text, sizeof text, "%.6f %s", (double)argc * 3.14159265, argv[0]);
    printf("glibc: %s, page %ld\n", text, sysconf(_SC_PAGESIZE));
    free(p);
    return 0;
}
