# SPDX-License-Identifier: MIT
# Host tools that are compiled.
.PHONY: tools
tools: $(B)/dramreplay

$(B)/dramreplay: $(B)/tools/dramreplay.o \
    $(foreach r,time mmu isa base,$(B)/emu/$(r).a)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group -lxxhash

# Debian's own kernel, busybox, firmware and boot loader (tools/mkdebian); from
# the network the first time, asked for by name.
DEBIAN_BUILD := $(if $(filter 1,$(SAN)),build,$(B))
.PHONY: debian
debian:
	tools/mkdebian -o $(DEBIAN_BUILD)
ifeq ($(SAN),1)
	@mkdir -p $(B); ln -sfn $(CURDIR)/$(DEBIAN_BUILD)/debian $(B)/debian
endif
