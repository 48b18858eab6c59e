/* SPDX-License-Identifier: MIT */
/* The built images of roms/, embedded in the program. */
#include "boot/boot.h"

#define EMBED(symbol, file)                                                    \
    __asm__(".section .rodata\n"                                               \
            ".balign 8\n" #symbol ":\n"                                        \
            ".incbin \"" file "\"\n1:\n"                                       \
            ".balign 8\n" #symbol "_bytes:\n"                                  \
            ".quad 1b - " #symbol "\n"                                         \
            ".previous\n");                                                    \
    extern const u8 symbol[];                                                  \
    extern const u64 symbol##_bytes

EMBED(rom_reset, "roms/reset.bin");
EMBED(rom_firmware, "roms/firmware.bin");
EMBED(rom_size, "roms/firmware.size"); /* 8 bytes: RAM it needs */

struct boot_blob boot_reset_rom(void)
{
    return (struct boot_blob){rom_reset, rom_reset_bytes};
}

struct boot_blob boot_firmware(void)
{
    return (struct boot_blob){rom_firmware, rom_firmware_bytes};
}

u64 boot_firmware_bytes(void)
{
    assert(rom_size_bytes == 8);
    return get_le(rom_size, 8);
}
