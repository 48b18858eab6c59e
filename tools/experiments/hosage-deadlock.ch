# options: --ram 8M --swap 32M --policy mach97 --timing fast --set mach.default_pager=0
# "If you have no default pager, then you lose totally at this point" (document
# 000). The file pager needs a frame, programs need frames, and the pageout
# daemon has given ten pages to a pager that is not there. (000-6)
title "The hosage object without a default pager" "the letter (000-6)"
console off
expect "# " 60s
send "dd if=/dev/zero of=/root/big bs=64k count=200\n"
catch deadlock
continue
claim "frames free when nobody gets any further" "fewer than 15" \
    vm.free < 15 "%d frames", vm.free
claim "pages sent to a pager that is not there" "ten" \
    vm.laundry_pages >= 10 \
    "%d pages, %d messages", vm.laundry_pages, vm.messages
claim "the file pager" "needs a frame, and waits for it" pager_file_waits > 0 \
    "%d waits", pager_file_waits
info ps

# The deadlock stays.
let written nr_written
run-for 60s
claim "a minute later: pages of the file written in that minute" \
    "\"you lose totally at this point\": none" nr_written == let.written \
    "%d pages", nr_written - let.written
claim "and frames free" "as few" vm.free < 15 && deadlock == 1 \
    "%d frames", vm.free
audit
