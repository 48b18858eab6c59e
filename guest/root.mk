# SPDX-License-Identifier: MIT
# The guest's disk: Debian's busybox and our programs in an ext2 image.
# Included by the top Makefile after guest/guest.mk, which names our programs.

ROOT_IMG := $(G)/root.img
DEBIAN_PACKAGES := busybox-static
DEBIAN_STAMP := $(G)/debian/.fetched

guest: guest-kernel guest-user $(ROOT_IMG)
ifeq ($(SAN),1)
guest: $(B)/guest
$(B)/guest: | $(ROOT_IMG)
	ln -sfn $(CURDIR)/$(G) $@
endif

$(DEBIAN_STAMP): tools/fetch-guest
	tools/fetch-guest -o $(patsubst %/guest,%,$(G)) $(DEBIAN_PACKAGES)
	@touch $@

$(ROOT_IMG): $(DEBIAN_STAMP) tools/mkroot tools/RootImage.pm $(U_PROGRAMS) \
            $(U_TEXTS)
	tools/mkroot -o $@ $(patsubst %/guest,%,$(G))

# A second disk, for the guest's /lib: Debian's dynamic linker, C library and
# shells, and our own programs for them. Made for tests and experiments.
LIB_IMG := $(G)/lib.img
DYN     := $(G)/dynamic
DYN_SO  := $(DYN)/libpic.so $(DYN)/libtext.so
DYN_ALL := $(DYN_SO) $(addprefix $(DYN)/,pic text static leaky libleak.so)
DYNFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -Wl,--build-id=none -Wl,-s \
    -Wl,-z,max-page-size=4096 -Wl,-z,relro

.PHONY: guest-lib
guest-lib: guest $(LIB_IMG)
$(LIB_IMG): tools/mklib tools/fetch-guest tools/RootImage.pm $(DYN_ALL)
	tools/mklib -o $@ $(patsubst %/guest,%,$(G))
$(DYN)/libpic.so: guest/user/dynamic/site_pic.c guest/user/dynamic/sites.h
	@mkdir -p $(@D)
	@$(UCC) $(DYNFLAGS) -fpic -shared -Wl,-soname,$(@F) -o $@ $<
$(DYN)/libtext.so: guest/user/dynamic/site_text.c guest/user/dynamic/sites.h
	@mkdir -p $(@D)
	@$(UCC) $(DYNFLAGS) -shared -Wl,-z,notext -Wl,-soname,$(@F) -o $@ $<
$(DYN)/libleak.so: guest/user/dynamic/leak.c
	@mkdir -p $(@D)
	@$(UCC) $(DYNFLAGS) -fpic -fvisibility=hidden -fno-builtin-malloc -shared -Wl,-soname,$(@F) -o $@ $<
$(DYN)/leaky: guest/user/dynamic/leaky.c
	@mkdir -p $(@D)
	@$(UCC) $(DYNFLAGS) -rdynamic -o $@ $<
$(DYN)/pic $(DYN)/text: $(DYN)/%: guest/user/dynamic/main.c $(DYN_SO)
	@$(UCC) $(DYNFLAGS) -rdynamic -Wl,-rpath,/lib/demo -o $@ $< $(DYN)/lib$*.so
$(DYN)/static: guest/user/dynamic/main.c guest/user/dynamic/site_pic.c
	@mkdir -p $(@D)
	@$(UCC) $(DYNFLAGS) -static -no-pie -o $@ $^
