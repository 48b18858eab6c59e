# SPDX-License-Identifier: MIT
# Host tools that are compiled.
.PHONY: tools
tools: $(B)/dramreplay

$(B)/dramreplay: $(B)/tools/dramreplay.o \
    $(foreach r,time mmu isa base,$(B)/emu/$(r).a)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group -lxxhash
