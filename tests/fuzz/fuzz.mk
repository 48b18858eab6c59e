# SPDX-License-Identifier: MIT
# make fuzz [N=RUNS] [T=SECONDS] [FUZZ="elf expr"] runs each harness N times or for
# T seconds, with AddressSanitizer and UBSan. If there is clang, libFuzzer chooses inputs by coverage
# (the executor is then built with -O0, because clang would optimize it for minutes).
N         ?= $(if $(filter-out 0,$(T)),-1,20000)
T         ?= 0
FUZZ      ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)) \
    difftest engines syscalls
# Three of these names are no harnesses. difftest and engines run the differential tester, against QEMU
# and on the two engines, with N seeds from FROM on or for T seconds; but if FUZZ also names a harness,
# with 200 seeds. syscalls makes random system calls in the guest for T seconds, from seed FROM on.
FROM      ?= $(shell date +%s)
FUZZ_DIFF := $(filter difftest engines,$(FUZZ))
FUZZ_B    := build/fuzz
FUZZ_LIBF := $(if $(shell command -v clang),yes)
FUZZ_SAN  := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_HARN := $(filter-out difftest engines syscalls,$(FUZZ))
FUZZ_MANY  = --keep $(B) --count $(if $(FUZZ_HARN),200,\
    $(if $(filter -1,$(N)),1000000 --seconds $(T),$(N))) $(FROM)
FUZZ_BIN  := $(FUZZ_HARN:%=$(B)/tests/fuzz/fuzz_%)
FUZZ_SEED := $(B)/seeds/elf/program $(B)/seeds/fdt/virt.dtb \
    $(addprefix $(B)/seeds/source/,O0 O2 old)

.PHONY: fuzz fuzzers
fuzz: emu $(if $(FUZZ_DIFF),$(B)/difftest)
	$(if $(filter difftest,$(FUZZ)),$(B)/difftest $(FUZZ_MANY))
	$(if $(filter engines,$(FUZZ)),$(B)/difftest --engines $(FUZZ_MANY))
	$(if $(filter syscalls,$(FUZZ)),$(MAKE) all && tests/fuzz/syscalls $(B) $(T) $(FROM))
ifneq ($(FUZZ_HARN),)
	$(MAKE) SAN= B=$(FUZZ_B) OPT=-O1 \
	    $(if $(FUZZ_LIBF),CC=clang EXEC_CFLAGS=-O0) \
	    EXTRA_CFLAGS="$(FUZZ_SAN) $(if $(FUZZ_LIBF),-fsanitize=fuzzer-no-link)" \
	    fuzzers
	tests/fuzz/run $(FUZZ_B) $(N) $(T) $(FUZZ_HARN)
endif

fuzzers: $(FUZZ_BIN) $(FUZZ_SEED)
FUZZ_MAIN := $(if $(FUZZ_LIBF),,$(B)/tests/fuzz/loop.o)
define fuzz_rule
$(B)/tests/fuzz/fuzz_$(1): $(B)/tests/fuzz/fuzz_$(1).o \
    $(B)/tests/fuzz/fuzz.o $(FUZZ_MAIN) \
    $(foreach r,$(call unit_rooms,tests/fuzz/fuzz_$(1).c),$(call room_lib,$(r)))
	$$(call say,LD      $$@)
	$$(Q)$$(CC) $$(CFLAGS) $(if $(FUZZ_LIBF),-fsanitize=fuzzer) \
	    -o $$@ $$(filter %.o,$$^) -Wl,--wrap=exit -Wl,--start-group \
	    $$(filter %.a,$$^) -Wl,--end-group $$(LIBS)
endef
$(foreach f,$(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)),\
    $(eval $(call fuzz_rule,$(f))))

# Seeds that are binaries are built.
$(B)/seeds/elf/program: tests/fuzz/program.S
	@mkdir -p $(@D)
	riscv64-linux-gnu-gcc -march=rv64gc -mabi=lp64d -static -fno-pic -no-pie -nostdlib \
	    -Ttext=0x80000000 \
	    -Wl,-N -Wl,--build-id=none -Wl,--no-warn-rwx-segments -o $@ $<
# Seeds as small as they can be; the last 16 bytes are for the harness.
$(B)/seeds/source/O0:  FLAGS := -O0
$(B)/seeds/source/O2:  FLAGS := -O2
$(B)/seeds/source/old: FLAGS := -O2 -gdwarf-4
$(B)/seeds/source/%: tests/fuzz/program.c
	@mkdir -p $(@D)
	riscv64-linux-gnu-gcc -march=rv64gc -mabi=lp64d -g $(FLAGS) -static -fno-pic \
	    -no-pie -nostdlib -ffreestanding -Wl,-e,main -Wl,-N -Wl,--build-id=none \
	    -Wl,--no-warn-rwx-segments -o $@ $<
	riscv64-linux-gnu-objcopy -R .comment -R .riscv.attributes $@
	printf '\074\001\001\000\000\000\000\000\020\002\000\000\000\000\000\000' >> $@
$(B)/seeds/fdt/virt.dtb: $(B)/seeds/elf/program
	@mkdir -p $(@D)
	build/clockhand --dump-dtb $@ --timing fast $<
