# options: --ram 8M --swap 32M --policy gnumach99 --timing fast
# The cure of 1999 for hosage.ch, on the same work: files may have half of the
# memory beyond the reserve, and the writer, nobody else, waits when they do.
# (000-12; algorithms.md 1.2)
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null; echo ended $?\n"
expect "dd if" 1s
echo ==== free frames each 200 ms; before the cure 5 to 15
run-for 1s
print vm.free
assert vm.free > vm.low
run-for 200ms
print vm.free
assert vm.free > vm.low
run-for 200ms
print vm.free
assert vm.free > vm.low
run-for 200ms
print vm.free
assert vm.free > vm.low
run-for 200ms
print vm.free
assert vm.free > vm.low
echo ==== pages of files that count, and their limit
print vm.external
print vm.ext_limit
assert vm.external <= vm.ext_limit + 1
assert vm.external > vm.ext_target
expect "ended 0" 600s
expect "ok> " 5s
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
echo ==== double paged, waits of the file pager; per cent of the file written for it
print pager_double_paged
print pager_file_waits
print 100 * (nr_written + pager_double_paged) / 3200
assert pager_double_paged == 0
assert pager_file_waits == 0

# Who wants little: milliseconds, where it was seconds before the cure. (Not
# nothing: while the daemon cleans for the limit's sake, programs' pages gather
# at the head of inactive, and a few go; policy/gnumach99.c.)
echo ==== a process that wants little: worst wait in us; before the cure seconds
echo ==== (mach.t measures both)
send "rm /root/big; seqread -c 12M /root/b 1 >/dev/null & set -- $(probe -n 20); echo $*; [ $8 -lt 60000 ] && echo no''thing\n"
expect "0 pages wrong" 60s
expect "nothing" 20s
audit
