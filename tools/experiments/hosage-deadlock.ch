# options: --ram 8M --swap 32M --policy mach97 --timing fast --set mach.default_pager=0
# "If you have no default pager, then you lose totally at this point" (seed
# 000). The file pager needs a frame, programs need frames, and the pageout
# daemon has given ten pages to a pager that is not there. (000-6)
expect "# " 60s
send "dd if=/dev/zero of=/root/big bs=64k count=200\n"
catch deadlock
continue
echo ==== nobody gets any further (the letter: "you lose totally at this point");
echo ==== frames free; messages to the file pager; pages sent
print vm.free
print vm.messages
print vm.laundry_pages
assert vm.free < 15
assert vm.laundry_pages >= 10
assert pager_file_waits > 0
info ps

# And it stays so.
let written nr_written
run-for 60s
assert nr_written == let.written
assert vm.free < 15
assert deadlock == 1
audit
