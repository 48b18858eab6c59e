# SPDX-License-Identifier: MIT
# Clockhand. `make` builds everything into build/; `make run` shows it;
# `make test` tests it. The targets are promised in README.md.

ifneq ($(words $(CURDIR)),1)
$(error clockhand: $(CURDIR): a blank in the path, which make cannot cope with)
endif
# mke2fs and debugfs lie in /usr/sbin, which a user's PATH may lack. Programs
# called by make run in the C locale; `make run` restores the user's.
export PATH   := $(PATH):/usr/sbin:/sbin
USER_LC_ALL   := $(LC_ALL)
export LC_ALL := C

B := build
DEBUG := -g
ifeq ($(SAN),1)
B := build-san
endif

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
ifeq ($(WEB),1) # emu/web/web.mk; -w: only gcc's warnings count
B            := build-web
CC           := clang $(or $(shell emcc --cflags 2>/dev/null),--no-emcc-found)
AR           := emar
DEBUG        :=
EXTRA_CFLAGS := -w -Wno-error=implicit-function-declaration \
    -isystem $(B)/include -DXXH_INLINE_ALL -DFALLOC_FL_ZERO_RANGE=16
endif
OPT     ?= -O2
WARN    := -Wall -Wextra -Werror
# One cross compiler for firmware, kernel, programs and bare-metal tests.
CROSS   ?= riscv64-linux-gnu-
CSTD    := -std=gnu11 -D_GNU_SOURCE
INC     := -Iemu -Iguest/abi -I$(B)/gen
CFLAGS  := $(CSTD) $(OPT) $(DEBUG) $(WARN) -fno-strict-aliasing -fwrapv $(INC)
LDFLAGS :=
ifeq ($(SAN),1)
CFLAGS  += -fsanitize=address,undefined -fno-sanitize-recover=all \
           -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
CFLAGS  += $(EXTRA_CFLAGS)

# Rooms, lowest first: a room may use those before it (emu/README.md).
ROOMS := base dwarf expr isa hart mmu time engine dev boot config history linux \
         xv6 machine inspect console show monitor gdb lesson panel

room_src = $(wildcard emu/$(1)/*.c emu/$(1)/*/*.c)
room_lib = $(B)/emu/$(1).a

LIBS = -lfreetype -lpng -lreadline -ldw -lelf -lfdt -lxxhash -lzstd -lm -lpthread

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
# One short line a file; V=1 shows the commands.
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo "  $(1)")
.DELETE_ON_ERROR:

.PHONY: all deps run test check bench fuzz soak experiments suites lint \
        format install clean emu guest roms tools man
.DEFAULT_GOAL := all
all: emu guest roms tools man
emu: $(B)/clockhand

# ---- the emulator ----------------------------------------------------------
define room_rules
$(1)_SRC := $$(call room_src,$(1))
$(1)_OBJ := $$(patsubst %.c,$(B)/%.o,$$($(1)_SRC))
endef
$(foreach r,$(ROOMS),$(eval $(call room_rules,$(r))))

# These files write 64-bit words and soon read them again. If the compiler joined the
# words into a vector store, the host could not forward one word of it to a load.
$(B)/emu/engine/data_miss.o $(B)/emu/time/core/memtime.o $(B)/emu/mmu/walk.o: CFLAGS += -fno-tree-slp-vectorize

# The functions of all instructions are one file, compiled once for each timing
# (emu/engine/README.md).
engine_OBJ := $(filter-out $(B)/emu/engine/handlers.o,$(engine_OBJ)) \
    $(B)/emu/engine/handlers_fast.o $(B)/emu/engine/handlers_cycle.o
$(B)/emu/engine/handlers_fast.o: TIMED = 0
$(B)/emu/engine/handlers_cycle.o: TIMED = 1
$(B)/emu/engine/handlers_fast.o $(B)/emu/engine/handlers_cycle.o: \
    emu/engine/handlers.c $(B)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC      $< (TIMED=$(TIMED)))
	$(Q)$(CC) $(CFLAGS) $(EXEC_CFLAGS) -DTIMED=$(TIMED) -MMD -MP -c -o $@ $<

define lib_rule
$(call room_lib,$(1)): $$($(1)_OBJ)
	@mkdir -p $$(@D); rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call lib_rule,$(r))))

# raised.def: the kernel's functions that raise each counter, for `explain`, `why`.
$(B)/gen/raised.def: tools/mkraised $(wildcard guest/kernel/*/*.c \
                                               guest/kernel/*/*/*.c)
	@mkdir -p $(@D)
	@$^ > $@.new && { cmp -s $@.new $@ || cp $@.new $@; }
$(B)/emu/inspect/numbers/outputs.o: $(B)/gen/raised.def

# The DRAM model's small functions call each other for every access: -O3 gains 12 %.
$(B)/emu/time/dram/%.o: CFLAGS += $(if $(filter -O2,$(OPT)),-O3)

# A change of compiler or flags compiles everything anew.
FLAGS      := $(B)/gen/flags
FLAGS_TEXT := $(CC) $(CFLAGS)
.PHONY: always
$(FLAGS): always
	@mkdir -p $(@D); echo '$(FLAGS_TEXT)' | cmp -s - $@ || \
	    echo '$(FLAGS_TEXT)' > $@

$(B)/%.o: %.c $(FLAGS)
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

emu_LIBS := $(foreach r,$(ROOMS),$(call room_lib,$(r)))
$(B)/clockhand: $(B)/emu/main.o $(emu_LIBS)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@.new $< \
	    -Wl,--start-group $(emu_LIBS) -Wl,--end-group $(LIBS)
	@mv $@.new $@; echo '$(LIBS)' > $(B)/emu/libs

# ---- the other floors --------------------------------------------------------
-include roms/roms.mk guest/guest.mk guest/root.mk tools/tools.mk
-include emu/panel/sdl.mk emu/panel/panel.mk emu/web/web.mk
-include tests/tests.mk

# ---- unit tests: tests/unit/test_NAME.c; a line `// rooms: ...` names rooms to link ----
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/test_%.c,$(B)/tests/unit/test_%,$(UNIT_SRC))
unit_rooms = $(shell sed -n 's,.*// rooms: *,,p' $(1) | head -1)
# A test that intercepts calls between files has a line `// wrap: function ...`.
unit_wraps = $(patsubst %,-Wl$(comma)--wrap=%,\
    $(shell sed -n 's,.*// wrap: *,,p' $(1)))
comma := ,

define unit_rule
$(B)/tests/unit/test_$(1): $(B)/tests/unit/test_$(1).o \
    $(foreach r,$(call unit_rooms,tests/unit/test_$(1).c),$(call room_lib,$(r)))
	$$(call say,LD      $$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$< \
	    $(call unit_wraps,tests/unit/test_$(1).c) -Wl,--start-group \
	    $$(filter %.a,$$^) -Wl,--end-group -lcmocka $$(LIBS)
.PHONY: unit-$(1)
unit-$(1): $(B)/tests/unit/test_$(1)
	$(B)/tests/unit/test_$(1)
endef
$(foreach t,$(patsubst tests/unit/test_%.c,%,$(UNIT_SRC)),\
    $(eval $(call unit_rule,$(t))))

-include tests/fuzz/fuzz.mk

deps:
	@tools/deps build test

# ---- keeping house ---------------------------------------------------------------
C_FILES = $(shell git ls-files '*.c' '*.h')
format:
	clang-format -i $(C_FILES)
lint: $(filter format,$(MAKECMDGOALS)) # `make format lint` judges the mended files
	clang-format --dry-run --Werror $(C_FILES)
	cppcheck -j$(shell nproc) --quiet --std=c11 --enable=warning,portability \
	    --error-exitcode=1 --inline-suppr --suppress=unknownMacro \
	    --suppress=assignBoolToPointer --suppress=wrongPrintfScanfArgNum \
	    -Iemu -Iguest/abi emu tools
	perl tests/cli/rooms.t >/dev/null
	shellcheck -x $$(git ls-files tools tests .ci | xargs awk \
	    'FNR == 1 && /^#!\/bin\/(ba)?sh/ { print FILENAME } { nextfile }')

PREFIX ?= /usr/local
# Our vmstat's and sar's pages have a section of their own, so as not to hide the host's: man 8clockhand vmstat.
MAN8 := $(addsuffix .8clockhand,$(addprefix $(B)/,vmstat sar))
.PHONY: man
MAN1 := $(addprefix $(B)/,clockhand.1 vmsim.1 dramreplay.1)
MAN7 := $(B)/clockhand-monitor.7
SHARED = $(DESTDIR)$(PREFIX)/share/clockhand
TOOLS := compare grade report policy-from
man: $(MAN1) $(MAN7) $(MAN8)
install: all
	umask 022; install -d $(DESTDIR)$(PREFIX)/bin $(SHARED) \
	    $(addprefix $(DESTDIR)$(PREFIX)/share/man/man,1 7 8)
	install $(B)/clockhand $(B)/dramreplay $(B)/vmsim $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(B)/guest/kernel.elf $(B)/guest/root.img $(SHARED)
	cp -r $(B)/guest/symbols $(B)/guest/kit $(SHARED)
	install -m 644 tools/policy-template.c $(SHARED)
	rm -rf $(addprefix $(SHARED)/symbols/,tests dynamic both)
	chmod -R a+rX $(SHARED)/symbols $(SHARED)/kit
	umask 022; install -d $(addprefix $(SHARED)/,lessons experiments \
	    python/clockhand python/laboratory)
	install -m 644 tools/lessons/[0-9]*.md $(SHARED)/lessons
	install -m 644 tools/experiments/*.ch tools/experiments/*.inc \
	    $(SHARED)/experiments
	install -m 644 tools/python/clockhand/*.py tools/python/clockhand/py.typed \
	    $(SHARED)/python/clockhand
	install -m 644 tools/python/laboratory/*.py guest/abi/frame_states.def \
	    emu/panel/palette.def $(SHARED)/python/laboratory
	install $(addprefix tools/,$(TOOLS)) $(SHARED)
	cd $(DESTDIR)$(PREFIX)/bin && for t in $(TOOLS); do \
	    ln -sf ../share/clockhand/$$t clockhand-$$t; done
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN7) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(MAN8) $(DESTDIR)$(PREFIX)/share/man/man8
$(B)/clockhand.1: tools/mkman emu/config/options.def
	@tools/mkman clockhand $(word 2,$^) > $@
$(B)/clockhand-monitor.7: tools/mkman emu/monitor/verbs/commands.def \
    emu/monitor/verbs/infos.def
	@tools/mkman monitor $(wordlist 2,3,$^) > $@
$(B)/dramreplay.1: tools/mkman tools/dramreplay/main.c
	@tools/mkman dramreplay $(word 2,$^) > $@
$(B)/vmsim.1: tools/mkman tools/vmsim/options.def \
    tools/vmsim/textbook/policies.def guest/kernel/policy/policies.def
	@tools/mkman vmsim $(wordlist 2,4,$^) > $@

$(B)/%.8clockhand: tools/mkmanout $(wildcard guest/abi/*.def) \
    $(B)/gen/raised.def
	@tools/mkmanout $* guest/abi $(B)/gen/raised.def > $@

clean:
	rm -rf build build-san build-web

-include $(shell find $(B) -name '*.d' -type f -not -path '*/debian/*' \
    -not -path '*/mutants/*' 2>/dev/null)
