/* SPDX-License-Identifier: MIT */
/* /tests/args, which test_exec_argv runs. Ends with 0 if arguments,
 * environment, stack, auxiliary vector, signal stack and signal actions are
 * right, else with the number of the first check that failed. */
#include "lib/tiny.h"

int main(int argc, char **argv)
{
    if (argc != 4)
        return 1;
    if (strcmp(argv[0], "zero") || argv[1][0] || strcmp(argv[2], "two words") ||
        strcmp(argv[3], "3") || argv[4])
        return 2;
    if (strcmp(environ[0], "A=1") || strcmp(environ[1], "EMPTY=") || environ[2])
        return 3;
    if (((u64)argv - 8) % 16) /* address of argc: the initial sp */
        return 4;
    bool random = false, phdr = false;
    for (u64 *aux = (u64 *)(environ + 3); aux[0]; aux += 2) {
        random |= aux[0] == 25 && aux[1];
        phdr |= aux[0] == 3 && aux[1];
    }
    if (!random || !phdr)
        return 5;
    u64 stack[3] = {1, 0, 1};
    SYS2(__NR_sigaltstack, 0, stack);
    if (stack[2] || (u32)stack[1] != 2) /* SS_DISABLE */
        return 6;
    struct sigaction ignored = {0}, handled = {0};
    SYS4(__NR_rt_sigaction, SIGUSR1, 0, &ignored, 8);
    SYS4(__NR_rt_sigaction, SIGUSR2, 0, &handled, 8);
    return (u64)ignored.sa_handler == 1 && !handled.sa_handler ? 0 : 7;
}
