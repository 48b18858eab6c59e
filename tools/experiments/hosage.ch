# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The hosage object (seed 000): one process writes a file larger than memory as
# fast as it can, and the file system's pager, which needs memory itself,
# cannot keep up. mach97 has the levels of the letter: 15, 10, 5. (000-1 ... -10)
#
#   free |
#        |\                        mach97: programs wait, then the pager, too;
#     15 |-\--.--.---.---.--        the default pager writes the file to SWAP,
#     10 |--\/-\/--\/-\-/---       frees five, the file pager gets a few...
#      5 |---------------------
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s

# 000-1: the same copy into nothing costs nothing.
let free0 vm.free
send "dd if=/dev/zero of=/dev/null bs=64k count=200 2>/dev/null; echo copied\n"
expect "copied" 20s
expect "ok> " 5s
assert let.free0 - vm.free < 70

# 000-4: the plunge. (The letter: "plummets quickly".)
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null; echo ended $?\n"
expect "dd if" 1s
let start cycle
run-until vm.free < 15
echo ==== cycles until fewer than 15 frames are free (1000 a microsecond); the letter: quickly
print cycle - let.start
assert cycle - let.start < 600000000

# 000-3: nearly all of it sits on the inactive list.
print vm.active
print vm.inactive
assert vm.inactive > 2 * vm.active - 100

# 000-5, -7: programs wait, the pager too; below 10 the file goes to swap.
run-until vm.free < 10
echo ==== below 10: double paging begins

# 000-9: around 5..15, and the file is written at a crawl.
let written nr_written
let double pager_double_paged
echo ==== free frames each 200 ms; the letter: between 5 and 15
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
run-for 200ms
print vm.free
assert vm.free >= 4 && vm.free <= 20
echo ==== pages of the file written meanwhile, in 5 s; to swap instead; waits of the pager for a frame
print nr_written - let.written
print pager_double_paged - let.double
print pager_file_waits
assert pager_double_paged > 0
assert pager_file_waits > 0
let crawl (nr_written - let.written) / 5

# 000-10: the writer ends, and it clears up without anybody's help.
expect "ended 0" 600s
let written nr_written
echo ==== the writer has ended; free frames each second, and all is well
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
echo ==== pages a second that the file was written at, before and after the writer's end
print let.crawl
print (nr_written - let.written) / 5
assert (nr_written - let.written) / 5 > let.crawl
# Above free_min, and the daemon has nothing left to do.
assert vm.free >= vm.low
expect "ok> " 60s

# What was paged twice was written twice: bytes written / bytes of the file.
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
echo ==== per cent of the file's size that was written for it (cured: 100)
print 100 * (nr_written + pager_double_paged) / 3200
assert nr_written + pager_double_paged > 3200
audit
