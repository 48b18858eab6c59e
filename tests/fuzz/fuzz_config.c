/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine linux xv6
/* Gives any text to --config, which accepts it or ends the program: with status
 * 0 after a list of values that the text asks for, with 2 after a mistake. */
#include "fuzz.h"

#include "config/config.h"

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    fuzz_quiet();
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct config c;
    char name[] = "clockhand", option[] = "--config", file[40],
         program[] = "none.elf";
    snprintf(file, sizeof file, "%s", fuzz_file(data, n));
    char *argv[] = {name, option, file, program, NULL};
    int status = FUZZ_ENDS(config_parse(&c, 4, argv));
    assert(status == 0 || status == 1 || status == 3);
    return 0;
}
