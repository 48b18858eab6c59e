# options: --policy sunos --ram 12M --swap 32M --max-sim-time 300s
# A memory leak (003-6): "leaks appear as a shortage of swap space after the
# misbehaving program runs for a while. You will probably find a process that
# has a larger than expected size. You should restart the program to free up
# the swap space, and check it with ... the libumem version of the malloc
# library that instruments memory leaks".
#
# leaky loses 32 KiB ten times a second, and keeps 4 KiB each time as it should.
# Run by tools/experiments/leak, which gives it Debian's C library.
expect "# " 60s
send "PS1='o''k> '; mount -t ext2 -o ro /dev/vdb /lib; D=/lib/demo; get() { while read -r n v; do [ $n = $1 ] && r=$((v * 4)); done < /proc/counters; }; size() { /era/linux26/bin/ps -ovsize -p $! | tail -n 1; }\n"
expect "ok> " 10s
send "$D/leaky 1; get swap_unreserved; s0=$r; $D/leaky 600 & sleep 5; v1=$(size); get swap_unreserved; s1=$r\n"
expect "ok> " 30s
echo ==== swap falls while it runs, KiB each 10 s (foreseen: 360 a second)
send "/era/solaris/bin/vmstat 10 4; v2=$(size); get swap_unreserved; s2=$r; echo; echo $s0 $s1 $s2\n"
expect "ok> " 60s
echo ==== free memory is short, but that tells nothing; swap does: lost and kept, KiB
send "echo; echo $((s1 - s2)); [ $((s1 - s2)) -gt 9000 ] && echo swap has fall''en\n"
expect "swap has fallen" 10s
expect "ok> " 10s
echo ==== a process larger than expected: its size, KiB, 5 s and 35 s after its start
send "echo; echo $v1 $v2; [ $((v2 - v1)) -gt 9000 ] && echo it gr''ew\n"
expect "it grew" 10s
expect "ok> " 10s
echo ==== restarted, swap is back: KiB before the first start, after the first end
send "kill $!; wait 2>/dev/null; get swap_unreserved; echo; echo $s0 $r; [ $((s0 - r)) -lt $((s0 / 100)) ] && echo swap is ba''ck\n"
expect "swap is back" 10s
expect "ok> " 10s
echo ==== with the allocator that finds leaks: 50 times 32 KiB (1638400), by one
echo ==== caller; a block whose address still stands somewhere is not counted
send "LD_PRELOAD=$D/libleak.so $D/leaky 50 2> /tmp/leaks; echo status $?; cat /tmp/leaks\n"
expect "status 0" 30s
expect "Total" 5s
expect "ok> " 10s
send "set -- $(sed -n 's/+.*//; 2p; 3p' /tmp/leaks); [ $1 -ge 48 -a $1 -le 50 -a $2 = $(($1 * 32768)) -a $3 = lose -a $5 = $2 ] && echo it is fo''und\n"
expect "it is found" 5s
expect "ok> " 10s
# A program that nobody here wrote runs with it, too.
send "LD_PRELOAD=$D/libleak.so /lib/bin/dash -c 'for i in 1 2 3; do echo $i; done; exit 3' 2>/dev/null; echo status $?\n"
expect "status 3" 20s
expect "ok> " 10s
audit
