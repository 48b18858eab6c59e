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

# A second disk, for the guest's /lib: Debian's dynamic linker, C library, shells
# and sqlite3, and our programs for that C library. For tests and experiments.
LIB_IMG := $(G)/lib.img
DYN     := $(G)/dynamic
DYN_SO  := $(DYN)/libpic.so $(DYN)/libtext.so
DYN_ALL := $(DYN_SO) $(addprefix $(DYN)/,pic text static leaky libleak.so)
DYNSYM  := $(G)/symbols/dynamic
DYNFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wl,--build-id=none \
    -Wl,-z,max-page-size=4096 -Wl,-z,relro
# $(call dynlink,OPTIONS,LIBRARIES): as ulink, with symbols in symbols/dynamic/.
define dynlink
@mkdir -p $(@D) $(DYNSYM)
@$(UCC) $(DYNFLAGS) $(1) -o $(DYNSYM)/$(@F) $(filter %.c,$^) $(2)
@$(CROSS)strip -s -o $@ $(DYNSYM)/$(@F)
endef

.PHONY: guest-lib
guest-lib: guest $(LIB_IMG)
$(LIB_IMG): tools/mklib tools/fetch-guest tools/RootImage.pm $(DYN_ALL)
	tools/mklib -o $@ $(patsubst %/guest,%,$(G))
$(DYN_ALL): guest/root.mk
$(DYN)/libpic.so: guest/user/dynamic/site_pic.c guest/user/dynamic/sites.h
	$(call dynlink,-fpic -shared -Wl$(comma)-soname$(comma)$(@F))
$(DYN)/libtext.so: guest/user/dynamic/site_text.c guest/user/dynamic/sites.h
	$(call dynlink,-shared -Wl$(comma)-z$(comma)notext -Wl$(comma)-soname$(comma)$(@F))
$(DYN)/libleak.so: guest/user/dynamic/leak.c
	$(call dynlink,-fpic -fvisibility=hidden -fno-builtin-malloc -shared -Wl$(comma)-soname$(comma)$(@F))
$(DYN)/leaky: guest/user/dynamic/leaky.c
	$(call dynlink,-rdynamic)
$(DYN)/pic $(DYN)/text: $(DYN)/%: guest/user/dynamic/main.c $(DYN_SO)
	$(call dynlink,-rdynamic -Wl$(comma)-rpath$(comma)/lib/demo,$(DYN)/lib$*.so)
$(DYN)/static: guest/user/dynamic/main.c guest/user/dynamic/site_pic.c
	$(call dynlink,-static -no-pie)
