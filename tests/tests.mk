# SPDX-License-Identifier: MIT
# make check: units only. make test: everything, one total at the end.
TEST_E2E := $(sort $(wildcard tests/*/*.t))

.PHONY: test check
check:
	$(MAKE) $(UNIT_BIN)
	tests/run $(B) units

# MPFR judges floating point.
$(B)/tests/unit/test_fp: LIBS += -lmpfr

# Targets that need a network may fail: then tests are skipped. The page's linker runs
# on one processor for half a minute, so all the rest is compiled beside it.
TEST_NEEDS = all $(UNIT_BIN) $(B)/tests/hosts/digests $(B)/sleeping/clockhand
test: test-deps
	-@$(MAKE) --no-print-directory guest-lib
	-@$(MAKE) --no-print-directory debian
	$(if $(shell command -v emcc),-@$(MAKE) -k --no-print-directory web $(TEST_NEEDS))
	$(MAKE) $(TEST_NEEDS)
	$(if $(shell command -v emcc),@$(MAKE) -s web-test-deps 2>/dev/null || :)
	tests/run $(B) units $(TEST_E2E)

.PHONY: test-deps run-deps
test-deps:
	@tools/deps build test
run-deps:
	@tools/deps build

# Prints, before make's own lines, what is being built, and how long it takes.
BUILDING = @[ -e $(B)/clockhand ] || echo "Clockhand is being built: the emulator,\
 the guest's kernel and its disk. That takes a few minutes, once; then"

run: run-deps
	$(BUILDING) "the panel opens."
	$(MAKE) all
	LC_ALL='$(USER_LC_ALL)' $(B)/clockhand --panel -x tools/experiments/pressure.ch \
	    --screenshot $(B)/panel.png \
	    $(if $(DISPLAY)$(WAYLAND_DISPLAY),--pace 1)

# make tour: the first three lessons, in the terminal and the panel.
.PHONY: tour
tour: run-deps
	$(BUILDING) "the first lesson begins."
	$(MAKE) all
	@for n in 1 2 3; do \
	    [ $$n = 1 ] || { printf '\nEnter: lesson %s. Ctrl-C ends. ' $$n; \
	        read -r _ || exit 0; }; \
	    $(B)/clockhand --lesson $$n --panel || exit; \
	done

# make suites DIR=... [OPTIONS="--timing cycle ..."]: runs ready-built ELFs that end through HTIF.
suites: emu
	tests/suites $(B) "$(DIR)" $(OPTIONS)

# make pressure: runs the pressure suite under every policy in 8, 16 and 64 MiB, with a line for
# each run; POLICIES="clock arc" RAMS=8 takes a part. DISK=cut=7 gives disks a volatile write cache.
POLICIES ?= $(shell sed -n 's/^POLICY.\([a-z0-9]*\),.*/\1/p' \
    guest/kernel/policy/policies.def)
RAMS ?= 8 16 64
SLEEPING_TESTS = $(foreach policy,$(POLICIES),"tests/guest/sleeping.t $(policy)")
PRESSURE_TESTS = $(foreach ram,$(RAMS),$(foreach policy,$(POLICIES),\
    "tests/guest/pressure_policies.t $(policy) $(ram)"))
.PHONY: pressure
pressure: test-deps
	$(MAKE) all
	$(if $(DISK),DISK=$(DISK)) TEST_FILE_TIMEOUT=7200 TEST_TIMEOUT=3600 \
	    tests/run $(B) $(PRESSURE_TESTS)

# make soak [XV6=DIR]: runs the pressure suite, in the ordinary kernel and in one that
# sleeps wherever it may (tests/guest/sleeping.c). It also tests locked pages under every
# policy, a sample of the planted faults, whole operating systems with each firmware
# (compared with QEMU), and other long tests; XV6 names a built xv6-riscv (machine/xv6.t).
SOAK_TESTS ?= \
    $(patsubst tests/%.c,$(B)/tests/%,$(shell grep -l SOAK tests/unit/*.c)) \
    $(sort $(shell grep -l SOAK tests/*/*.t) $(wildcard tests/guest/lessons_*.t) \
        tests/machine/opensbi.t tests/mutants/mutants.t) \
    $(SLEEPING_TESTS) $(PRESSURE_TESTS)
soak: test-deps
	@tools/deps soak
	$(MAKE) all debian $(filter $(B)/%,$(SOAK_TESTS)) $(B)/tests/hosts/digests \
	    $(B)/sleeping/clockhand
	$(if $(shell command -v emcc),-@$(MAKE) --no-print-directory web)
	SOAK=1 $(if $(XV6),XV6="$(abspath $(XV6))") TEST_FILE_TIMEOUT=7200 \
	    tests/run $(B) $(SOAK_TESTS)

# make mutants [ROOM="policy mmu"] [N=20 SEED=1]: plants the faults of tests/mutants/*.txt one by
# one in a copy of the tree and prints how many its tests caught; ROOM, N or ROW="name ..." take a
# part. WITHOUT="TEST ..." prints which other tests see the faults that these tests see.
.PHONY: mutants
mutants: test-deps
	$(MAKE) all $(if $(ROW)$(N),,$(UNIT_BIN))
	tests/mutants/run $(if $(ROOM),--room '$(ROOM)') $(if $(N),--n $(N)) \
	    $(if $(SEED),--seed $(SEED)) $(if $(WITHOUT),--without '$(WITHOUT)') \
	    $(B) $(ROW)

# make experiments: runs every script of tools/experiments, with the documents'
# figures beside ours, all in build/experiments.html; then hugepages, and cachesize
# (throughput by RAM). RAM=+6% or -6% (more or less RAM), TIMING=fast or cycle, and
# TIMING=other (each script in the timing that it does not name) leave out the last two.
experiments: deps
	$(MAKE) all
	-@$(MAKE) --no-print-directory guest-lib
	tools/experiments/run $(B)

# The program of tests/hosts/hosts.t, whose digests are the same on every host;
# CC, B and LIBS build it for another host.
HOST_ROOMS := engine time mmu hart isa base
$(B)/tests/hosts/digests: $(B)/tests/hosts/digests.o \
    $(foreach r,$(HOST_ROOMS),$(call room_lib,$(r)))
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group $(LIBS)
