# SPDX-License-Identifier: MIT
# The guest's disk: Debian's busybox and our programs in an ext2 image.
# Included by the top Makefile after guest/guest.mk, which names our programs
# in GUEST_USER (files below $(B)/guest/user/).

ROOT_IMG := $(B)/guest/root.img
DEBIAN_PACKAGES := busybox-static
DEBIAN_STAMP := $(B)/guest/debian/.fetched

guest: $(ROOT_IMG)

$(DEBIAN_STAMP): tools/fetch-guest
	tools/fetch-guest -o $(B) $(DEBIAN_PACKAGES)
	@touch $@

$(ROOT_IMG): $(DEBIAN_STAMP) tools/mkroot $(GUEST_USER)
	tools/mkroot -o $@ $(B)
