/* SPDX-License-Identifier: MIT */
/* The built images of roms/, inside the program. */
#include "boot/boot.h"

#define EMBED(symbol, file)                                                    \
    __asm__(".section .rodata\n"                                               \
            ".balign 8\n" #symbol ":\n"                                        \
            ".incbin \"" file "\"\n" #symbol "_end:\n"                         \
            ".previous\n");                                                    \
    extern const u8 symbol[], symbol##_end[]

EMBED(rom_reset, "roms/reset.bin");
EMBED(rom_firmware, "roms/firmware.bin");
EMBED(rom_size, "roms/firmware.size"); /* 8 bytes: memory it takes */

struct boot_blob boot_reset_rom(void)
{
    return (struct boot_blob){rom_reset, (size_t)(rom_reset_end - rom_reset)};
}

struct boot_blob boot_firmware(void)
{
    return (struct boot_blob){rom_firmware,
                              (size_t)(rom_firmware_end - rom_firmware)};
}

u64 boot_firmware_bytes(void)
{
    assert(rom_size_end - rom_size == 8);
    return get_le(rom_size, 8);
}
