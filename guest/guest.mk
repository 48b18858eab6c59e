# SPDX-License-Identifier: MIT
# The guest: kernel.elf and our programs. Included by the top Makefile; alone:
#     make -f guest/guest.mk guest-kernel guest-user
# SAN=1 and WEB=1 build only the host's programs: they use the guest in build/ (SAN by a link).
G        := $(if $(filter 1,$(SAN)$(WEB)),build,$(or $(B),build))/guest
CROSS    ?= riscv64-linux-gnu-
KCC      := $(CROSS)gcc
UCC      := $(CROSS)gcc

KWARN    := -Wall -Wextra -Werror -Wstrict-prototypes \
            -Wmissing-prototypes -Wno-unused-parameter
KFLAGS   := -std=gnu11 -O2 -g -march=rv64imac_zicsr_zifencei -mabi=lp64 \
            -mcmodel=medany -mno-relax -ffreestanding -fno-common -fno-pic \
            -fno-asynchronous-unwind-tables -fno-stack-protector \
            -fno-strict-aliasing -msmall-data-limit=0 \
            -fno-tree-loop-distribute-patterns -fno-builtin -ffixed-x4 \
            -Iguest -Iguest/kernel -ffile-prefix-map=$(CURDIR)=.
K_C      := $(sort $(wildcard guest/kernel/*.c guest/kernel/*/*.c \
                            guest/kernel/*/*/*.c))
K_S      := $(sort $(wildcard guest/kernel/*/*.S))
# bits.c replaces libgcc: it is linked last, where the compiler would put
# libgcc; with -fno-tree-pre its loop keeps a single exit, as in libgcc.
K_BITS   := $(G)/obj/lib/bits.o
$(K_BITS): KFLAGS += -fno-tree-pre
K_O      := $(filter-out $(K_BITS),$(K_C:guest/kernel/%.c=$(G)/obj/%.o)) \
            $(K_S:guest/kernel/%.S=$(G)/obj/%.S.o) $(K_BITS)

.PHONY: guest-kernel guest-user
guest-kernel: $(G)/kernel.elf

KLDFLAGS := -march=rv64imac -mabi=lp64 -mcmodel=medany -nostdlib -static \
            -no-pie -Wl,--no-relax -Wl,--build-id=none \
            -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
$(G)/kernel.elf: $(K_O) guest/kernel/kernel.ld
	@echo "  KLD $@"; $(KCC) $(KLDFLAGS) -T guest/kernel/kernel.ld \
	    -o $@.new $(K_O)
	@mv $@.new $@

# A kernel for a test: nearly all functions that may sleep do so before they begin, and
# woken tasks run in any order (tests/guest/sleeping.c). build/sleeping/clockhand boots it.
SLEEPING := $(or $(B),build)/sleeping
S_NAMES   = $(shell sed -n '/^ *sleeps /s/sleeps\|,//gp' tests/guest/sleeping.S)
$(SLEEPING)/guest/kernel.elf: $(K_O) tests/guest/sleeping.c tests/guest/sleeping.S
	@mkdir -p $(@D)
	@echo "  KLD $@"; $(KCC) $(KFLAGS) $(KWARN) $(KLDFLAGS) \
	    $(patsubst %,-Wl$(comma)--wrap=%,syscall_dispatch proc_make_ready kfree $(S_NAMES)) \
	    -T guest/kernel/kernel.ld -o $@.new $(K_O) $(filter tests/%,$^)
	@mv $@.new $@
$(SLEEPING)/clockhand: $(or $(B),build)/clockhand $(SLEEPING)/guest/kernel.elf
	@ln -sfn ../roms $(@D)/roms
	@ln -sf ../../guest/root.img $(@D)/guest/root.img
	@ln -f $< $@

# The kit that --policy-file links a user's own policy with: the kernel as one
# object and its linker script, the headers that a policy sees, tools/kit-build,
# the policies for tools/policy-from, and the flags. An installed Clockhand has the kit, too.
KIT      := $(G)/kit
KIT_H    := $(wildcard guest/abi/*.h guest/abi/*.def) guest/kernel/vm/policy.h \
            guest/kernel/policy/policies.def \
            $(wildcard guest/kernel/policy/*.h guest/kernel/policy/*/*.[ch])
all: $(KIT)/kernel.o
$(KIT)/kernel.o: $(K_O) guest/kernel/kernel.ld tools/kit-build $(KIT_H) guest/guest.mk
	@mkdir -p $(KIT)/include/abi $(KIT)/include/vm $(KIT)/include/policy
	@cp guest/abi/*.h guest/abi/*.def $(KIT)/include/abi
	@cp guest/kernel/vm/policy.h $(KIT)/include/vm
	@cd guest/kernel && cp --parents policy/*.h policy/*.def policy/*/*.h \
	    $(abspath $(KIT)/include)
	@mkdir -p $(KIT)/policies; cd guest/kernel/policy && cp --parents */*.c \
	    $(abspath $(KIT)/policies)
	@cp guest/kernel/kernel.ld $(KIT)
	@install tools/kit-build $(KIT)/build
	@echo '$(filter-out -I% -ffile-prefix-map=%,$(KFLAGS)) -Wall -Wextra' \
	    '-Wno-unused-parameter' >$(KIT)/cflags
	@echo '$(KLDFLAGS)' >$(KIT)/ldflags
	@echo "  KLD $@"; $(KCC) -march=rv64imac -mabi=lp64 -nostdlib -r -o $@ $(K_O)

$(G)/obj/%.o: guest/kernel/%.c guest/guest.mk
	@mkdir -p $(@D)
	@echo "  KCC $<"; $(KCC) $(KFLAGS) $(KWARN) -MMD -MP -c -o $@ $<

$(G)/obj/%.S.o: guest/kernel/%.S guest/guest.mk
	@mkdir -p $(@D)
	@echo "  KAS $<"; $(KCC) -march=rv64gc -mabi=lp64 -fno-pic -Iguest -Iguest/kernel -MMD -MP -c -o $@ $<

-include $(K_O:.o=.d)

# Our programs use the tiny library (guest/user/lib), except tests/glibc, and dynamic/ (root.mk), which use glibc.
UFLAGS   := -std=gnu11 -O2 -g -ffile-prefix-map=$(CURDIR)/= -Wall -Wextra -Wno-unused-parameter -Werror -march=rv64gc -mabi=lp64d \
            -ffreestanding -fno-stack-protector -fno-pic -no-pie \
            -fno-tree-loop-distribute-patterns -ffunction-sections \
            -Iguest/user -Iguest
ULINK    := -static -nostdlib -no-pie -Wl,--build-id=none -Wl,--gc-sections \
            -Wl,-z,max-page-size=4096
# $(call ulink,OBJECTS AND FLAGS): a program as the image has it, without
# symbols, and with them in symbols/, where the machine's profile looks.
define ulink
@mkdir -p $(@D) $(@D:$(G)/user%=$(G)/symbols%)
@$(UCC) $(ULINK) -o $(@:$(G)/user/%=$(G)/symbols/%) $(1) -lgcc
@$(CROSS)strip -s -o $@ $(@:$(G)/user/%=$(G)/symbols/%)
endef
# Two files of the kernel serve programs, too.
U_KLIB   := $(G)/uobj/kernel/string.o $(G)/uobj/kernel/printf.o
U_LIB    := $(G)/uobj/lib/start.o $(G)/uobj/lib/tiny.o $(U_KLIB)
U_ERA    := $(patsubst guest/user/era/%.c,$(G)/user/era/%,$(wildcard guest/user/era/*.c))
U_SOLARIS := $(patsubst guest/user/solaris/%.c,$(G)/user/solaris/%,$(wildcard guest/user/solaris/*.c))
U_PERIOD := $(patsubst guest/user/linux26/%.c,$(G)/user/linux26/%,$(wildcard guest/user/linux26/*.c)) \
            $(G)/user/linux26lib/libc.so.1 $(G)/user/linux26lib/ld.so.1
U_ALONE  := $(patsubst guest/user/alone/%.c,$(G)/user/tests/%,$(wildcard guest/user/alone/*.c))
U_TESTS_O := $(patsubst guest/user/%.c,$(G)/uobj/%.o,$(sort $(wildcard guest/user/tests/*.c)))

# The text that PROGRAM -h prints: the comment at its source's head. vmstat and
# sar have a -h of their own, which explains each column.
U_HELPED := $(addprefix linux26/,cow pmap ps smem top) solaris/sadc
U_TEXTS  := $(patsubst guest/user/era/%.c,$(G)/user/texts/%,$(wildcard guest/user/era/*.c)) \
            $(addprefix $(G)/user/texts/,$(notdir $(U_HELPED)))

# Our programs that go into root.img (so do the texts of -h, U_TEXTS).
U_PROGRAMS := $(G)/user/init $(U_ERA) $(U_PERIOD) $(U_SOLARIS) \
            $(U_ALONE) $(G)/user/tests/all \
            $(G)/user/tests/glibc

guest-user: $(U_PROGRAMS) $(U_TEXTS)

# Objects of programs are named here, so that make neither removes them at its end
# nor passes over one that is missing, as it does with intermediate files.
U_O      := $(patsubst guest/user/%,$(G)/uobj/%.o,$(basename \
    $(wildcard guest/user/*.c guest/user/*/*.c guest/user/*/*.S)))
$(U_O) $(U_KLIB):
$(U_KLIB): $(G)/uobj/kernel/%.o: guest/kernel/lib/%.c guest/guest.mk
	@mkdir -p $(@D)
	@echo "  UCC $<"; $(UCC) $(UFLAGS) -Iguest/kernel -MMD -MP -c -o $@ $<
$(G)/uobj/%.o: guest/user/%.c $(wildcard guest/user/lib/*.h) guest/guest.mk
	@mkdir -p $(@D)
	@echo "  UCC $<"; $(UCC) $(UFLAGS) -MMD -MP -c -o $@ $<
# -fpic makes a .got, which separates text from data: without it the linker
# makes a small program a single segment, whose text can be written.
$(G)/uobj/%.o: guest/user/%.S guest/guest.mk
	@mkdir -p $(@D)
	@echo "  UAS $<"; $(UCC) -march=rv64gc -mabi=lp64d -fpic -c -o $@ $<
$(G)/user/init: $(G)/uobj/init.o $(U_LIB)
	$(call ulink,$^)
$(G)/user/era/%: $(G)/uobj/era/%.o $(U_LIB) $(G)/uobj/lib/work.o
	$(call ulink,$^)
define take_text
@mkdir -p $(@D)
@sed -n '2,/\*\//{s:^/\* ::;s:^ \* \{0,1\}::;s: *\*/$$::;p;}' $< >$@
endef
$(G)/user/texts/%: guest/user/era/%.c guest/guest.mk
	$(take_text)
$(G)/user/texts/%: guest/user/linux26/%.c guest/guest.mk
	$(take_text)
$(G)/user/texts/%: guest/user/solaris/%.c guest/guest.mk
	$(take_text)
$(addprefix $(G)/user/,$(U_HELPED)): $(G)/uobj/lib/work.o
$(G)/user/era/pressure: $(G)/uobj/era/pressure_text.o
$(G)/user/linux26/%: $(G)/uobj/linux26/%.o $(U_LIB) $(G)/uobj/lib/lines.o
	$(call ulink,$^)
$(G)/user/linux26/vmstat $(G)/user/linux26/top: $(G)/uobj/lib/period.o
$(G)/user/linux26/ps $(G)/user/linux26/top: $(G)/uobj/lib/procs.o
$(G)/user/solaris/%: $(G)/uobj/solaris/%.o $(U_LIB) $(G)/uobj/lib/lines.o \
            $(G)/uobj/lib/period.o $(G)/uobj/lib/sadata.o
	$(call ulink,$^)
$(G)/user/linux26/cow: $(G)/uobj/linux26/cow.o $(U_LIB) guest/user/linux26/cow.ld
	$(call ulink,-T guest/user/linux26/cow.ld $(filter %.o,$^))
$(G)/user/linux26lib/%.so.1: $(G)/uobj/linux26/%.o
	@mkdir -p $(@D)
	@$(CROSS)objcopy -O binary -j .text $< $@; chmod 755 $@
$(G)/user/tests/all: $(U_TESTS_O) $(U_LIB) $(G)/uobj/lib/lines.o \
    $(G)/uobj/lib/procs.o
	$(call ulink,$^)
$(G)/user/tests/%: $(G)/uobj/alone/%.o $(U_LIB)
	$(call ulink,$^)
$(addprefix $(G)/user/tests/,chain hold inherited locked oom_wait_chain \
    overcommit wanted): $(G)/uobj/lib/work.o
# Programs for our kernel and for Linux: on the disk of tools/contest only.
U_BOTH   := $(G)/user/both/contest
guest-user: $(U_BOTH)
$(U_BOTH): $(G)/user/both/%: $(G)/uobj/both/%.o $(U_LIB) $(G)/uobj/lib/work.o
	$(call ulink,$^)
$(G)/user/tests/glibc: guest/user/glibc/hello.c
	@mkdir -p $(@D)
	@$(UCC) -O2 -Wall -Wextra -Werror -static -Wl,-s -o $@ $<

-include $(wildcard $(G)/uobj/*.d $(G)/uobj/*/*.d)
