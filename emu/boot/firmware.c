/* SPDX-License-Identifier: MIT */
/* Embeds the built images of roms/ in the program. */
#include "boot/boot.h"

#include "base/embed.h"

EMBED(rom_reset, "roms/reset.bin");
EMBED(rom_firmware, "roms/firmware.bin");
EMBED(rom_size, "roms/firmware.size"); /* a u64: bytes of the firmware's RAM */

struct boot_blob boot_reset_rom(void)
{
    return (struct boot_blob){rom_reset, EMBED_BYTES(rom_reset)};
}

struct boot_blob boot_firmware(void)
{
    return (struct boot_blob){rom_firmware, EMBED_BYTES(rom_firmware)};
}

u64 boot_firmware_bytes(void)
{
    assert(EMBED_BYTES(rom_size) == 8);
    return get_le(rom_size, 8);
}
