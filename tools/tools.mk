# SPDX-License-Identifier: MIT
# Host tools that are compiled.
.PHONY: tools
tools: $(B)/dramreplay $(B)/difftest $(B)/vmsim $(B)/guest/kit/run

$(B)/dramreplay: $(B)/tools/dramreplay/main.o \
    $(foreach r,time mmu isa base,$(call room_lib,$(r)))
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group -lxxhash

# Debian's own kernel, tools, firmware and boot loader (tools/mkdebian): fetched
# by package name, from the network the first time.
DEBIAN_BUILD := $(if $(filter 1,$(SAN)),build,$(B))
.PHONY: debian
debian:
	tools/mkdebian -o $(DEBIAN_BUILD)
ifeq ($(SAN),1)
	@mkdir -p $(B); ln -sfn $(CURDIR)/$(DEBIAN_BUILD)/debian $(B)/debian
endif

# make debian-run: Debian in the panel, with memory short enough to see it reclaimed and swapped:
# type `stress-ng --vm 2 --vm-bytes 96M --vmstat 5' there. The disks stay as they are.
.PHONY: debian-run
debian-run: run-deps debian
	$(MAKE) emu roms
	LC_ALL='$(USER_LC_ALL)' $(B)/clockhand --panel --ram 128M \
	    --kernel $(B)/debian/Image --initrd $(B)/debian/initrd \
	    --drive $(B)/debian/root.img,overlay \
	    --drive $(B)/debian/swap.img,overlay \
	    --append 'console=ttyS0 root=/dev/vda rw quiet' $(OPTIONS)

# A package for this host's Debian, the guest in it (tools/mkdeb).
.PHONY: deb
deb: all
	tools/mkdeb $(B)

# The differential tester links the machine, and contains the monitor, which
# runs its programs and is assembled here.
DIFF_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tools/difftest/*.c))
$(B)/tools/difftest/monitor.bin: tools/difftest/monitor.S \
    tools/difftest/layout.h tools/difftest/csrs.def tools/difftest/monitor.ld
	@mkdir -p $(@D)
	$(call say,RVCC    $<)
	$(Q)$(RV_CC) -march=rv64gc_zicsr -mabi=lp64d -mcmodel=medany -nostdlib \
	    -static -fno-pic -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
	    -T tools/difftest/monitor.ld -o $(@:.bin=.elf) $<
	$(Q)$(RV_OBJCOPY) -O binary $(@:.bin=.elf) $@
$(B)/tools/difftest/image.o: CFLAGS += -Wa,-I$(B)
$(B)/tools/difftest/image.o: $(B)/tools/difftest/monitor.bin
$(B)/difftest: $(DIFF_OBJ) $(foreach r,base isa hart mmu time engine dev boot \
    history config linux xv6 machine,$(B)/emu/$(r).a)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(DIFF_OBJ) -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group $(LIBS)

# The kernel's policies compiled for the host, with vmsim's version of the functions
# that they call: for the simulator and tests/unit/test_policy*.c (// rooms: policy).
POLICY_C   := $(wildcard guest/kernel/policy/*.c guest/kernel/policy/*/*.c)
POLICY_OBJ := $(patsubst %.c,$(B)/host/%.o,$(POLICY_C) \
    guest/kernel/vm/framelist.c guest/kernel/vm/shadow.c tools/vmsim/seam.c \
    tools/vmsim/seam_constants.c tools/vmsim/shared.c tools/vmsim/kernels.c)
POLICY_CFLAGS := -I. -Iguest -Iguest/kernel -Wno-unused-parameter # as guest.mk
$(B)/host/%.o: %.c $(FLAGS)
	@mkdir -p $(@D)
	$(call say,CC      $< (host))
	$(Q)$(CC) $(CFLAGS) $(POLICY_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/emu/policy.a: $(POLICY_OBJ)
	@mkdir -p $(@D); rm -f $@
	$(Q)ar rcs $@ $^
$(B)/tests/unit/test_policy.o $(B)/tests/unit/test_policy_%.o: CFLAGS += $(POLICY_CFLAGS)

# The simulator: textbook policies, and the kernel's with vmsim's functions (seam.c).
# -rdynamic: a library of --policy-file calls these functions.
VMSIM_OBJ := $(filter-out $(POLICY_OBJ) %/kit_run.o,$(patsubst %.c,$(B)/host/%.o,\
    $(wildcard tools/vmsim/*.c) $(wildcard tools/vmsim/textbook/*.c)))
$(VMSIM_OBJ): CFLAGS += $(if $(filter -O2,$(OPT)),-O3)
# The same policies once more, linked for the replay of a recorded run. All
# symbols but replay_file are local to this object.
REPLAY_OBJ := $(patsubst %.c,$(B)/host/%.o,$(POLICY_C) \
    $(wildcard tools/vmsim/replay/*.c) guest/kernel/vm/framelist.c \
    tools/vmsim/shared.c tools/vmsim/kernels.c)
$(B)/host/replay.o: $(REPLAY_OBJ)
	$(Q)$(LD) -r -o $@.all $^
	$(Q)objcopy --keep-global-symbol=replay_file $@.all $@
$(B)/vmsim: $(VMSIM_OBJ) $(B)/host/replay.o $(B)/emu/policy.a $(B)/emu/base.a
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -rdynamic -o $@ $(VMSIM_OBJ) \
	    $(B)/host/replay.o -Wl,--whole-archive $(B)/emu/policy.a \
	    -Wl,--no-whole-archive $(B)/emu/base.a -lzstd

# Simulates a hand-in for tools/grade: vmsim's functions without any policy (kit_run.c).
RUN_OBJ := $(addprefix $(B)/host/,tools/vmsim/kit_run.o tools/vmsim/own.o \
    tools/vmsim/seam.o tools/vmsim/seam_constants.o tools/vmsim/shared.o \
    guest/kernel/policy/marks.o guest/kernel/vm/framelist.o guest/kernel/vm/shadow.o)
$(B)/guest/kit/run: $(RUN_OBJ) $(B)/emu/base.a
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -rdynamic -o $@ $^

bench: test-deps
	$(MAKE) all $(B)/bench/dram
	tools/bench/run $(B)
	tools/bench/calls $(B)
	tools/bench/back $(B)

# The host's cost of an access of the DRAM model alone (tools/bench/dram.c).
$(B)/bench/dram: $(B)/tools/bench/dram.o \
    $(foreach r,time mmu isa base,$(B)/emu/$(r).a)
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group -lxxhash
