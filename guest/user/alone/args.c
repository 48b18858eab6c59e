/* SPDX-License-Identifier: MIT */
/* /tests/args: what test_exec_argv runs. Exit status 0 if arguments,
 * environment and stack are as they should be, else the number of the first
 * thing that is not. */
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
    if (((u64)argv - 8) % 16) /* argc's place, the initial sp */
        return 4;
    bool random = false, phdr = false;
    for (u64 *aux = (u64 *)(environ + 3); aux[0]; aux += 2) {
        random |= aux[0] == 25 && aux[1];
        phdr |= aux[0] == 3 && aux[1];
    }
    return random && phdr ? 0 : 5;
}
