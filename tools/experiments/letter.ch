# options: --policy sunos --ram 87784K --swap 243M --timing fast --max-sim-time 600s
# The letter itself, in its own sizes: "How can I get my memory back?" (Cockcroft,
# Unix Insider, October 1995; sunos-memory.ch is the same on an eighth of it,
# with the answer). A machine with 330252 KB of swap and 80708 KB free; a
# program that takes 16048 KB of its own and 55 MB of files. (003-2, 003-3)
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:/era/bin:$PATH; mkdir /tmp/m; mount -t ext2 -o ro /dev/vdb /tmp/m; app -a 4K /etc/passwd\n"
expect "ok> " 10s
# Is the counter's KB within $3 of the letter's? near COUNTER KB WITHIN
send "near() { while read -r n v; do [ $n = $1 ] && r=$((v * 4)); done < /proc/counters; echo; echo $2 $r; [ $((r - $2)) -le $3 -a $(($2 - r)) -le $3 ] && echo as in the le''tter; }\n"
expect "ok> " 10s
echo ==== before the program starts: swap and free of the letter, and here, KB
send "vmstat 5 3; near swap_unreserved 330252 330\n"
expect "as in the letter" 30s
send "near freemem 80708 200\n"
expect "as in the letter" 30s
expect "ok> " 30s
echo ==== it runs: 314204 8824, re to sr 0, cpu 24 1 74
let scanned pgscan_kswapd
send "app -a 15656K -t 30 /tmp/m/bin /tmp/m/dat & vmstat 5 5; near swap_unreserved 314204 330\n"
expect "as in the letter" 100s
send "near freemem 8824 200\n"
expect "as in the letter" 30s
# (The letter's shell had 328 KB more after it than before; ours has a tenth.)
echo ==== it has ended: swap comes back (329924), free memory does not (24396)
expect "app: quits, 0 pages wrong" 100s
send "vmstat 5 3; near swap_unreserved 329924 600\n"
expect "as in the letter" 100s
send "near freemem 24396 500\n"
expect "as in the letter" 30s
expect "ok> " 30s
assert pgscan_kswapd == let.scanned
echo ==== "Launch your application again. Notice that it starts up more quickly than
echo ==== it did the first time, and with less disk activity"
let majors pgmajfault
let read pgpgin
send "app -a 15656K /tmp/m/bin /tmp/m/dat\n"
expect " ms: 0 waits for the disk, 0 KiB read" 100s
expect "app: quits, 0 pages wrong" 100s
expect "ok> " 10s
assert pgmajfault == let.majors && pgpgin == let.read
audit
