# SPDX-License-Identifier: MIT
# The guest: kernel.elf and our programs. Included by the top Makefile; alone:
#     make -f guest/guest.mk guest-kernel guest-user
G        := build/guest
KCROSS   ?= riscv64-unknown-elf-
UCROSS   ?= riscv64-linux-gnu-
KCC      := $(KCROSS)gcc
UCC      := $(UCROSS)gcc

KWARN    := -Wall -Wextra -Werror -Wstrict-prototypes \
            -Wmissing-prototypes -Wno-unused-parameter
KFLAGS   := -std=gnu11 -O2 -g -march=rv64imac_zicsr_zifencei -mabi=lp64 \
            -mcmodel=medany -mno-relax -ffreestanding -fno-common -fno-pic \
            -fno-stack-protector -fno-strict-aliasing -msmall-data-limit=0 \
            -fno-tree-loop-distribute-patterns -fno-builtin -ffixed-x4 \
            -Iguest -Iguest/kernel -ffile-prefix-map=$(CURDIR)/=
K_C      := $(sort $(wildcard guest/kernel/*.c guest/kernel/*/*.c))
K_S      := $(sort $(wildcard guest/kernel/*/*.S))
K_O      := $(K_C:guest/kernel/%.c=$(G)/obj/%.o) \
            $(K_S:guest/kernel/%.S=$(G)/obj/%.S.o)

.PHONY: guest-kernel guest-user
guest-kernel: $(G)/kernel.elf

$(G)/kernel.elf: $(K_O) guest/kernel/kernel.ld
	@echo "  KLD $@"; $(KCC) -march=rv64imac_zicsr_zifencei -mabi=lp64 -nostdlib -static \
	    -Wl,--no-relax -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
	    -Wl,--no-warn-rwx-segments -T guest/kernel/kernel.ld \
	    -o $@ $(K_O) -lgcc

$(G)/obj/%.o: guest/kernel/%.c guest/guest.mk
	@mkdir -p $(@D)
	@echo "  KCC $<"; $(KCC) $(KFLAGS) $(KWARN) -MMD -MP -c -o $@ $<

$(G)/obj/%.S.o: guest/kernel/%.S guest/guest.mk
	@mkdir -p $(@D)
	@echo "  KAS $<"; $(KCC) -march=rv64gc -mabi=lp64 -Iguest/kernel -MMD -MP -c -o $@ $<

-include $(K_O:.o=.d)
