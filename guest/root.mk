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

$(ROOT_IMG): $(DEBIAN_STAMP) tools/mkroot tools/RootImage.pm $(U_PROGRAMS)
	tools/mkroot -o $@ $(patsubst %/guest,%,$(G))
