# options: --policy sunos --ram 12M --swap 32M --max-sim-time 300s
# A memory leak (003-6): "leaks appear as a shortage of swap space after the misbehaving program
# runs for a while. You will probably find a process that has a larger than expected size. You
# should restart the program to free up the swap space, and check it with ... the libumem version of
# the malloc library that instruments memory leaks".
#
# leaky loses 32 KiB ten times a second, and keeps 4 KiB each time as it should.
# Run by tools/experiments/leak, which gives it Debian's C library.
title "A memory leak" "the article (003-6)"
console off
expect "# " 60s
send "PS1='o''k> '; mount -t ext2 -o ro /dev/vdb /lib; D=/lib/demo; get() { while read -r n v; do [ $n = $1 ] && r=$((v * 4)); done < /proc/counters; }; size() { /era/linux26/bin/ps -ovsize -p $! | tail -n 1; }\n"
expect "ok> " 10s
send "$D/leaky 1; get swap_unreserved; s0=$r; $D/leaky 600 & sleep 5; v1=$(size); get swap_unreserved; s1=$r\n"
expect "ok> " 30s
console on
send "/era/solaris/bin/vmstat 10 4; v2=$(size); get swap_unreserved; s2=$r; echo swap: $s1 $s2\n"
expect "swap: " 60s
hear s1 s2
expect "ok> " 60s
console off
# Free memory is short, but that does not show a leak; swap does. 32 KiB are lost
# and 4 kept, ten times a second, for 30 s: 10800 KiB.
claim "swap that is free, while the program leaks for 30 s" \
    "\"a shortage of swap space\": 10800 KiB less" let.s1 - let.s2 > 9000 && let.s1 - let.s2 < 12000 \
    "%d KiB less", let.s1 - let.s2
send "echo si''ze: $v1 $v2\n"
expect "size: " 10s
hear v1 v2
expect "ok> " 10s
claim "the size of the process, 5 s and 35 s after its start" \
    "\"larger than expected\"" let.v2 - let.v1 > 9000 \
    "%d KiB, %d KiB", let.v1, let.v2
send "kill $!; wait 2>/dev/null; get swap_unreserved; echo sw''ap: $s0 $r\n"
expect "swap: " 10s
hear s0 s3
expect "ok> " 10s
claim "it has ended: swap that is free; before its start" \
    "\"restart the program to free up the swap space\"" \
    (s64)(let.s0 - let.s3) < (s64)(let.s0 / 100) \
    "%d KiB; %d KiB", let.s3, let.s0
# The allocator that finds leaks reports 50 times 32 KiB, by one caller. It does
# not count a block whose address is still found in the program's memory.
console on
send "LD_PRELOAD=$D/libleak.so $D/leaky 50 2> /tmp/leaks; echo status $?; cat /tmp/leaks\n"
expect "status 0" 30s
expect "Total" 5s
expect "ok> " 10s
send "set -- $(sed -n 's/+.*//; 2p; 3p' /tmp/leaks); [ $3 = lose ] && echo lo''se: $1 $2\n"
expect "lose: " 5s
hear blocks bytes
expect "ok> " 10s
claim "libleak: blocks lost by the function lose()" \
    "it \"instruments memory leaks\": 50 of 32 KiB, less one or two to which a pointer is left" \
    let.blocks >= 48 && let.blocks <= 50 && let.bytes == let.blocks * 32768 \
    "%d blocks, %d bytes", let.blocks, let.bytes
# One of Debian's own programs runs with the allocator, too.
send "LD_PRELOAD=$D/libleak.so /lib/bin/dash -c 'for i in 1 2 3; do echo $i; done; exit 3' 2>/dev/null; echo status $?\n"
expect "\nstatus " 20s
hear status
claim "Debian's dash, run with libleak: exit status of a script" "3, as without libleak" let.status == 3 \
    "%d", let.status
expect "ok> " 10s
audit
