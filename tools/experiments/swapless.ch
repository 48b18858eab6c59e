# options: --ram 8M --swap 32M
# No swap is no cure against paging (001-26, 001-12): the pages of programs and
# files are still taken when memory is short - they are all that can be - and
# come back from their files. A daemon that sleeps holds most of memory; beside
# it a program goes through a mapped file of 772 KiB six times.
expect "# " 60s
send "PS1='o''k> '; v() { for i in 1 2; do ls -l /bin; sort -r /etc/passwd; md5sum /etc/passwd; /era/linux26/bin/ps -e; vi --help; awk 'BEGIN { print 1 }'; done > /dev/null 2>&1; }\n"
expect "ok> " 20s
send "idled -p 100000 6000K & sleep 1\n"
expect "ok> " 20s

# With swap the daemon's memory leaves, which nobody looks at. The file is read
# from disk once; then it stays.
echo ==== with swap: KiB a pass, the first and the sixth, of a file of 772 KiB read
echo ==== from disk; pages of programs read while a few of them run in turns;
echo ==== pages to swap; ms that they took
let read ppgin
send "seqread -m /era/linux26/lib/libc.so.1 6\n"
expect "pass 6: 772 KiB" 60s
expect " 0 KiB of it from disk" 5s
expect "ok> " 10s
print (ppgin - let.read) * 4
send "v\n"
expect "ok> " 20s
let text execpgin
mark a
send "v\n"
expect "ok> " 20s
let quick (cycle - mark.a) / 1000000
print execpgin - let.text
print pswpout
print let.quick
assert execpgin - let.text < 10
assert pswpout > 100

# Without swap the daemon's memory is pinned: only the file's own pages can go,
# the text of the programs, the shell. Every pass must read the file again.
send "kill %1; wait; swapoff /dev/vdb; echo 3 > /proc/sys/vm/drop_caches; idled -p 100000 6000K & sleep 1\n"
expect "ok> " 20s
send "set -- $(sed -n 's/^pgmajfault //p' /proc/vmstat); seqread -m /era/linux26/lib/libc.so.1 6; set -- $1 $(sed -n 's/^pgmajfault //p' /proc/vmstat); echo majors: $(($2 - $1))\n"
expect "pass 6: 772 KiB" 300s
expect "KiB of it from disk" 5s
expect "majors: " 20s
expect "ok> " 10s
send "[ $(($2 - $1)) -gt 60 ] && echo text'' thrashes\n"
expect "text thrashes" 10s
expect "ok> " 10s
echo ==== without: pages of programs read while the same ones run; ms that they took
echo ==== (001-28, the FAQ: "five or ten minute latency on normally instantaneous
echo ==== responses")
send "v\n"
expect "ok> " 100s
let text execpgin
let swapped pswpout
mark a
send "v\n"
expect "ok> " 100s
print execpgin - let.text
print (cycle - mark.a) / 1000000
assert execpgin - let.text > 300
assert (cycle - mark.a) / 1000000 > 20 * let.quick
assert pswpout == let.swapped
audit
