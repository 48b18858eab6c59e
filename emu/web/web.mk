# SPDX-License-Identifier: MIT
# `make web`: the machine as WebAssembly, in build/web/. A second make with WEB=1
# compiles it into build-web/ by clang with the flags of emcc: emcc is a Python
# program, and would take longer to start than to compile. emcc links.

# Libraries that the web build compiles itself (tools/debian.sums).
WEB_SRC  := build/cache/source
WEB_FROM := $(addprefix $(WEB_SRC)/,elfutils freetype device-tree-compiler)
$(WEB_FROM):
	$(call say,SOURCE  $(@F))
	$(Q)rm -rf $@.new; mkdir -p $@.new; \
	    tar -xf $$(tools/fetch-guest -p $(@F)) --strip-components=1 -C $@.new
	@mv $@.new $@

.PHONY: web web-test-deps web-run
web: $(WEB_FROM) $(B)/guest/kernel.elf $(B)/guest/root.img
	@command -v emcc >/dev/null || { echo "clockhand: emcc: not found:" \
	    "\`tools/deps web\` installs what \`make web\` needs" >&2; exit 2; }
	$(Q)$(MAKE) WEB=1 build/web/index.html

# Packages with which tests/web/page.t drives a browser and judges the page.
NPM := build/cache/npm/node_modules
$(NPM)/axe-core:
	$(Q)npm install --silent --no-audit --no-fund --prefix build/cache/npm \
	    puppeteer-core@24.43.1 axe-core@4.10.3
web-test-deps: $(NPM)/axe-core

web-run: web
	@echo "http://localhost:8080/ (Ctrl-C ends)"
	@cd build/web && exec python3 -m http.server --bind localhost 8080

ifeq ($(WEB),1)
# emcc calls programs that use modules of Debian's node.
export NODE_PATH := /usr/share/nodejs

# ---- libraries ---------------------------------------------------------------
# The source files of the libraries, without those for other hosts or formats.
ELFUTILS := $(WEB_SRC)/elfutils
FREETYPE := $(WEB_SRC)/freetype
LIBFDT   := $(WEB_SRC)/device-tree-compiler/libfdt
elf_SRC  := $(filter-out %/elf_compress.c %/elf_compress_gnu.c, \
                $(wildcard $(ELFUTILS)/libelf/*.c)) \
    $(wildcard $(ELFUTILS)/libdw/*.c) $(addprefix $(ELFUTILS)/,libebl/eblopenbackend.c \
    libebl/eblclosebackend.c libebl/eblabicfi.c lib/eu-search.c lib/crc32.c \
    lib/crc32_file.c lib/next_prime.c libdwelf/dwelf_dwarf_gnu_debugaltlink.c) \
    $(wildcard $(ELFUTILS)/backends/riscv*.c)
fdt_SRC  := $(wildcard $(LIBFDT)/*.c)
freetype_SRC := $(addprefix $(FREETYPE)/src/,autofit/autofit.c base/ftbase.c \
    base/ftinit.c base/ftsystem.c base/ftdebug.c base/ftbitmap.c base/ftmm.c \
    gzip/ftgzip.c sfnt/sfnt.c smooth/smooth.c \
    truetype/truetype.c psnames/psnames.c)
WEB_LIBS := elf fdt freetype
$(foreach l,$(WEB_LIBS),$(eval $(l)_OBJ := \
    $(patsubst $(WEB_SRC)/%.c,$(B)/lib/%.o,$($(l)_SRC))))

# Of elfutils' processors only RISC-V is compiled.
EBL_ABSENT := i386 sh x86_64 ia64 alpha arm aarch64 sparc ppc ppc64 s390 m68k \
    bpf csky loongarch arc mips hexagon
LIB_CFLAGS := -O2 -w -D_GNU_SOURCE -fno-strict-aliasing
$(elf_OBJ): LIB_CFLAGS += -DHAVE_CONFIG_H -Iemu/web/lib \
    $(foreach d,. lib libelf libdw libebl libdwfl libdwelf libasm backends, \
        -I$(ELFUTILS)/$(d)) $(foreach m,$(EBL_ABSENT),-D$(m)_init=riscv_init)
$(fdt_OBJ): LIB_CFLAGS += -I$(LIBFDT)
$(freetype_OBJ): LIB_CFLAGS += -DFT2_BUILD_LIBRARY -Iemu/web/lib \
    -DFT_CONFIG_MODULES_H='"modules.h"' -I$(FREETYPE)/include
# This empty rule lets make -n plan with sources that are not unpacked yet.
$(foreach l,$(WEB_LIBS),$($(l)_SRC)):
$(B)/lib/%.o: $(WEB_SRC)/%.c emu/web/web.mk
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(LIB_CFLAGS) -c -o $@ $<
$(foreach l,$(WEB_LIBS),$(eval $(B)/lib/$(l).a: $($(l)_OBJ); \
    $(Q)rm -f $$@; $(AR) rcs $$@ $$^))

# ---- the machine -------------------------------------------------------------
# Headers of the libraries and of Linux; xxhash.h contains its whole library; zstd.h is
# for `--refs`, which the page does not have.
$(B)/include: emu/web/web.mk
	@mkdir -p $@/elfutils $@/linux
	@ln -sf $(addprefix $(CURDIR)/,$(wildcard $(ELFUTILS)/libelf/*elf.h) \
	    $(ELFUTILS)/libdw/dwarf.h $(LIBFDT)/fdt.h $(LIBFDT)/libfdt.h \
	    $(LIBFDT)/libfdt_env.h) /usr/include/xxhash.h /usr/include/zstd.h \
	    /usr/include/zstd_errors.h $@
	@ln -sf $(CURDIR)/$(ELFUTILS)/libdw/libdw.h $@/elfutils
	@ln -sf $(addprefix /usr/include/linux/,kernel-page-flags.h serial_reg.h \
	    virtio_mmio.h) $@/linux

# The fonts, reduced to the characters that the panel or a console shows: Latin,
# Greek, arrows, signs, lines and blocks.
FONT_HOST := $(FONT_DIR)
FONT_DIR  := $(B)/fonts
FONT_FILES := $(patsubst $(FONT_HOST)/%,$(FONT_DIR)/%,$(FONT_FILES))
$(FONT_DIR)/%.ttf: $(FONT_HOST)/%.ttf
	@mkdir -p $(@D)
	$(call say,FONT    $@)
	$(Q)pyftsubset $< --output-file=$@ --hinting --layout-features= \
	    --unicodes=0020-024F,0370-03FF,2010-2044,2190-22FF,2500-25FF
$(B)/emu/panel/draw/font.o: $(FONT_FILES)
FREETYPE_FLAGS := -isystem $(FREETYPE)/include
# The page has neither SDL, readline, libpng nor gdb.
WEB_ROOMS   := $(filter-out gdb,$(ROOMS)) web
monitor_OBJ := $(filter-out %/prompt.o,$(monitor_OBJ))
panel_OBJ   := $(filter-out $(addprefix $(B)/emu/panel/window/,window.o sdl.o \
    png.o),$(panel_OBJ))
web_OBJ     := $(patsubst %.c,$(B)/%.o,$(call room_src,web))
WEB_OBJ     := $(B)/emu/main.o $(foreach r,$(WEB_ROOMS),$($(r)_OBJ))
$(WEB_OBJ): | $(B)/include
# Scripts and lessons wait in the middle of C functions (session_turn), but a worker gets its page's
# messages only after they have returned. So Asyncify unwinds and rewinds the functions of the rooms in
# WAITING, none of them hot; README.md says why they are not written as resumable states.
WAITING := main.o $(addsuffix /%.o,monitor lesson web)
$(B)/waiting.json: $(filter $(addprefix $(B)/emu/,$(WAITING)),$(WEB_OBJ))
	@llvm-nm --defined-only $^ | awk 'BEGIN { printf "[" } \
	    $$2 ~ /^[tT]$$/ && !n[$$3]++ { printf "%s\"%s\"", sep, $$3; sep = "," } \
	    END { print "]" }' > $@
WEB_LDFLAGS := --js-library emu/web/absent.js -lnodefs.js \
    -sENVIRONMENT=worker,node -sMODULARIZE -sEXPORT_NAME=Clockhand \
    -sEXPORTED_FUNCTIONS=_main,_exit,_malloc,_free -sINVOKE_RUN=0 -sEXIT_RUNTIME -sALLOW_MEMORY_GROWTH -sASYNCIFY \
    -sASYNCIFY_STACK_SIZE=65536 -sASYNCIFY_ONLY=@$(B)/waiting.json \
    -sEXPORTED_RUNTIME_METHODS=FS,NODEFS,callMain,Asyncify,allocateUTF8,UTF8ToString \
    -Wl,--wrap=inbox_wait
$(B)/clockhand.js: $(WEB_OBJ) $(foreach l,$(WEB_LIBS),$(B)/lib/$(l).a) \
    emu/web/web.mk emu/web/absent.js $(B)/waiting.json
	$(call say,LD      $@)
	$(Q)emcc $(OPT) -o $@ $(filter %.o %.a,$^) $(WEB_LDFLAGS) 2>$@.log; \
	    status=$$?; grep -v 'contained a non-existing function' $@.log >&2; \
	    exit $$status

# ---- the page's files --------------------------------------------------------
PAGE := index.html page.css bytes.js page.js learn.js worker.js
LESSONS := $(wildcard tools/lessons/[0-9]*.md)
build/web/index.html: $(addprefix emu/web/,$(PAGE) LICENCES) LICENSE $(B)/clockhand.js \
    $(G)/kernel.elf $(G)/root.img $(LESSONS)
	@mkdir -p $(@D)
	$(call say,PAGE    $(@D))
	@# advdef makes the same gzip files smaller, by a longer search.
	$(Q)for file in $(B)/clockhand.js $(B)/clockhand.wasm $(G)/kernel.elf $(G)/root.img; do \
	    gz=$(@D)/$${file##*/}.gz; \
	    gzip -9nc $$file > $$gz && advdef -qz3 $$gz || exit; done
	@# A form feed and the name stand before each lesson.
	$(Q)for file in $(LESSONS); do printf '\f%s\n' $${file##*/}; cat $$file; done | \
	    gzip -9nc > $(@D)/lessons.gz
	@cp $(addprefix emu/web/,$(PAGE)) $(@D)
	@cat emu/web/LICENCES LICENSE > $(@D)/LICENCES.txt
	@version=$$(sed -n 's/^#define CLOCKHAND_VERSION *//p' emu/base/base.h); \
	    sed -i "s/\"VERSION\"/$$version/" $@
endif
