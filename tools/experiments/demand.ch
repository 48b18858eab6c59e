# options: --ram 16M --swap 32M --policy linux612
# Free frames are waste (001-22), and what is not used is never loaded (001-24):
# a system starts with many free frames; then its page cache fills them; a
# program that wants memory gets it from there without a page of swap; and what
# it had is free again when it ends.
expect "# " 60s
echo ==== free frames after the start, of all
print vm.free
print vm.frames
assert vm.free * 4 > vm.frames * 3
send "PS1='o''k> '\n"
expect "ok> " 10s

echo ==== a program of 170 pages runs: pages of its file that were read, one
echo ==== fault at a time
set vm.read_ahead_pages 0
send "ls -l /tests/glibc; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 10s
let read ppgin
let faults pgfault
let majors pgmajfault
send "/tests/glibc\n"
expect "glibc: " 10s
expect "ok> " 10s
print ppgin - let.read
assert ppgin - let.read > 20 && ppgin - let.read < 120
echo ==== faults: those that waited for the disk (hard), those that did not (soft)
print pgmajfault - let.majors
print pgfault - let.faults - (pgmajfault - let.majors)
assert pgmajfault - let.majors > 20
assert pgfault - let.faults > 2 * (pgmajfault - let.majors)
echo ==== again: nothing is read; each page is attached where it is
let majors pgmajfault
let read ppgin
send "/tests/glibc\n"
expect "glibc: " 10s
expect "ok> " 10s
print pgmajfault - let.majors
assert pgmajfault == let.majors
assert ppgin == let.read
set vm.read_ahead_pages 32

echo ==== a file of 12 MiB is written and read: free frames, pages of files
send "seqread -c 12M /root/f 1 > /dev/null; seqread -k /root/f 1 > /dev/null\n"
expect "ok> " 60s
print vm.free
print vm.file_clean + vm.file_dirty
assert vm.free * 6 < vm.frames
assert (vm.file_clean + vm.file_dirty) * 3 > vm.frames * 2
echo ==== a program wants 8 MiB, which were files: pages written to swap
let swapped pswpout
send "hog 8M 0; echo status $?\n"
expect "status 0" 60s
print pswpout - let.swapped
assert pswpout == let.swapped
expect "ok> " 10s
echo ==== it has ended: free frames, its 2048 among them
print vm.free
assert vm.free >= 2048
audit
