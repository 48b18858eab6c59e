# SPDX-License-Identifier: MIT
# Builds reset ROM and firmware into $(B)/roms/. emu/boot/firmware.c includes
# the images in the program; firmware.elf is for QEMU's -bios.

RV_CC      := $(CROSS)gcc
RV_OBJCOPY := $(CROSS)objcopy
RV_NM      := $(CROSS)nm

SBI_CFLAGS := -march=rv64ima_zicsr_zifencei -mabi=lp64 -mcmodel=medany \
    -Os -g -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-pic \
    -fno-asynchronous-unwind-tables -fno-builtin -fno-stack-protector \
    -ffunction-sections -fno-common
SBI_SRC := $(wildcard roms/sbi/*.S roms/sbi/*.c)
SBI_OBJ := $(patsubst roms/sbi/%,$(B)/roms/sbi/%.o,$(SBI_SRC))

roms: $(B)/roms/reset.bin $(B)/roms/firmware.elf $(B)/roms/firmware.bin

$(B)/roms/sbi/%.o: roms/sbi/% $(wildcard roms/sbi/*.h)
	@mkdir -p $(@D)
	$(call say,RVCC    $<)
	$(Q)$(RV_CC) $(SBI_CFLAGS) -c -o $@ $<

$(B)/roms/firmware.elf: $(SBI_OBJ) roms/sbi/sbi.ld
	$(call say,RVLD    $@)
	$(Q)$(RV_CC) $(SBI_CFLAGS) -nostdlib -static -no-pie -Wl,--gc-sections \
	    -Wl,--no-warn-rwx-segments -Wl,--build-id=none \
	    -T roms/sbi/sbi.ld -o $@ $(SBI_OBJ)

$(B)/roms/firmware.bin: $(B)/roms/firmware.elf
	$(Q)$(RV_OBJCOPY) -O binary $< $@

# 8 bytes, little-endian: the firmware's size in memory, from its symbols.
$(B)/roms/firmware.size: $(B)/roms/firmware.elf
	$(Q)$(RV_NM) $< | perl -ne \
	    'print pack "Q<", hex($$1) - 0x80000000 if /^(\w+) . _end$$/' > $@

$(B)/roms/reset.o: roms/reset.S
	@mkdir -p $(@D)
	$(call say,RVCC    $<)
	$(Q)$(RV_CC) -march=rv64ima_zicsr -mabi=lp64 -c -o $@ $<
$(B)/roms/reset.bin: $(B)/roms/reset.o
	$(Q)$(RV_OBJCOPY) -O binary -j .text $< $@

$(B)/emu/boot/firmware.o: CFLAGS += -Wa,-I$(B)
$(B)/emu/boot/firmware.o: $(B)/roms/reset.bin $(B)/roms/firmware.bin \
    $(B)/roms/firmware.size
