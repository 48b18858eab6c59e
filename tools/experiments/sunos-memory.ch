# options: --policy sunos --ram 11900K --swap 32M --clock 75000000
# "How can I get my memory back?" (Cockcroft, Unix Insider, October 1995): a program is started,
# uses almost all memory, ends, and free memory does not come back. This is no leak: the pages hang
# off the inodes of its files, and the second launch finds them. RAM is an eighth of the letter's.
# The program's sizes are fitted to the letter, as parts of what is free before it starts: 16048 KB
# of 80708 are its own memory (0.20), 55836 KB files (0.70). So the claims hold with a little more
# or less RAM, too. The clock is that of a SPARCstation 20 model 71 (1995: a SuperSPARC-II at 75
# MHz); the disk is of 1998. (003-2 ... 003-6)
title "\"How can I get my memory back?\", on an eighth of the letter's sizes" "the letter (003-2 ... 6)"
console off
expect "# " 60s
send "PS1='o''k> '; get() { while read -r n v; do [ $n = $1 ] && r=$v; done < /proc/counters; }\n"
expect "ok> " 10s
send "get freemem; B=$((r * 301 / 1000 * 4)) D=$((r * 401 / 1000 * 4)) O=$((r * 202 / 1000 * 4)); echo si''zes: $B $D\n"
expect "sizes: " 10s
hear bin dat
expect "ok> " 10s
send "seqread -c ${B}K /root/app.bin 1 >/dev/null; seqread -c ${D}K /root/app.dat 1 > /dev/null\n"
expect "ok> " 60s
# The files are on the disk but not in memory, as after a reboot.
send "sync; echo 3 > /proc/sys/vm/drop_caches; PATH=/era/solaris/bin:$PATH\n"
expect "ok> " 60s
console on
send "vmstat 5 2\n"
expect "ok> " 30s
send "get swap_unreserved; s0=$r; echo sw''ap: $((s0 * 4))\n"
expect "swap: " 10s
hear swap0
expect "ok> " 10s
let free0 vm.free
let majors pgmajfault
let disk pgpgin
send "app -a ${O}K -t 11 /root/app.bin /root/app.dat & vmstat 5 3\n"
expect "app: up" 30s
let first pgmajfault - let.majors
let read pgpgin - let.disk
expect "ok> " 30s
let free1 vm.free
expect "app: quits, 0 pages wrong" 30s
send "vmstat 5 3\n"
expect "ok> " 30s
let free2 vm.free
send "get swap_unreserved; echo sw''ap: $((r * 4))\n"
expect "swap: " 10s
hear swap2
expect "ok> " 10s

# The letter's program took 71884 KB, of which 15572 came back: 56312 KB of
# 80708 (70%) did not, nor did 328 KB of swap (0.1%). vm.free counts frames of 4 KB:
figure "before: free" "%d KB (an eighth of 80708: 10088)", let.free0 * 4
claim "it runs: free" "80708 fell to 8824 KB, to 11%" \
    (let.free0 - let.free1) * 10 > let.free0 * 8 \
    "%d KB, %.0f%%", let.free1 * 4, 100 * let.free1, let.free0
claim "it has ended: free" "24396 KB, 30%: free memory does not come back" \
    (let.free0 - let.free2) * 10 > let.free0 * 6 && let.free2 > let.free1 \
    "%d KB, %.0f%%", let.free2 * 4, 100 * let.free2, let.free0
claim "swap before; after" "it comes back but for 0.1%" \
    (s64)(let.swap0 - let.swap2) * 100 < (s64)let.swap0 \
    "%d; %d KB", let.swap0, let.swap2
# Memory was never short.
claim "pages scanned all this time" "sr 0" pgscan_kswapd == 0 "%d", pgscan_kswapd

console off
let majors pgmajfault
let disk pgpgin
let minors pgfault
send "app -a ${O}K /root/app.bin /root/app.dat\n"
expect "app: quits, 0 pages wrong" 30s
expect "ok> " 10s
figure "the first launch: waits for the disk, KB read" "%d, %d KB", let.first, let.read
claim "the second launch" "quicker, with less disk activity: none" \
    let.first > (let.bin + let.dat) / 4 / 33 && let.read >= let.bin + let.dat && pgmajfault - let.majors == 0 && pgpgin - let.disk < 40 && pgfault - let.minors > (let.bin + let.dat) / 4 \
    "%d, %d KB", pgmajfault - let.majors, pgpgin - let.disk

send "echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 10s
set vm.read_ahead_pages 0
send "randread -m /root/app.dat 300\n"
expect "ok> " 30s
set vm.read_ahead_pages 32
send "app -a 4K /root/app.bin /root/app.dat\n"
expect "ok> " 30s
# Time two faults in cycles: on a cached page, then on a page that is on the disk only. (003-4)
tcatch map-cached if event.va >= 0x3000000000
send "app -a 4K /root/app.bin /root/app.dat\n"
continue
mark attached
tcatch map-cached
continue
let attach cycle - mark.attached
expect "ok> " 10s
send "echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 10s
set vm.read_ahead_pages 0
tcatch page-in if event.va >= 0x3000000000
send "randread -m /root/app.dat 300\n"
continue
mark began
tcatch fault-major
continue
let read cycle - mark.began
claim -n "a page attached; a page read from the disk" \
    "\"about 1000 times faster\": 500 to 2000 times" \
    let.read > 500 * let.attach && let.read < 2000 * let.attach \
    "%d; %d cycles: %.0f times", let.attach, let.read, let.read, let.attach
claim "by how much attaching is faster here" "more than 150 times, less than 500 times" \
    let.read > 150 * let.attach && let.read < 500 * let.attach "%.0f times", let.read, let.attach
set vm.read_ahead_pages 32
expect "ok> " 30s
send "app -a ${O}K /root/app.bin /root/app.dat\n"
expect "ok> " 30s

let scanned pgscan_kswapd
let swapped pswpout
# While enough was free, schedpaging asked for slowscan frames a second; in the
# first quarter of a second at most a quarter of that number is scanned. (The next may have begun.)
let freed dfree
send "hog 0.46x 0; echo status $?\n"
run-until every 1ms pgscan_kswapd > let.scanned
mark scans
run-until cycle % 250ms < 1ms
claim "something else is launched: pages scanned until the next quarter of a second" \
    "the scan begins at slowscan: a quarter of it for each beat, this one and perhaps the next" \
    pgscan_kswapd - let.scanned <= vm.slowscan / 2 + 2 && vm.slowscan * 4 < vm.fastscan \
    "%d; slowscan %d, fastscan %d a second", pgscan_kswapd - let.scanned, vm.slowscan, vm.fastscan
run-until every 1ms dfree > let.freed
claim "... the first page that the scan frees" "\"soon\": within 2 s of the scan's beginning" \
    cycle - mark.scans < 2s "%.0f ms", cycle - mark.scans, 1ms
expect "status 0" 60s
expect "ok> " 10s
figure "... scanned in all" "%d pages", pgscan_kswapd - let.scanned
# Until the new program uses its own pages again, they look as idle as the first
# program's; so the scanner writes some of the new program's pages to swap.
figure "file pages freed, most of them the first program's; pages sent to swap" "%d; %d pages", \
    dfree - let.freed - (pswpout - let.swapped), pswpout - let.swapped

let scanned pgscan_kswapd
let disk pgpgin
send "app -a 5M -t 14 /etc/passwd & sleep 1; for i in 1 2 3; do seqread -k -m /root/app.bin 1; seqread -k -m /root/app.dat 1; done; vmstat 1 2; wait; echo do''ne\n"
expect "app: quits, 0 pages wrong" 60s
expect "done" 10s
expect "ok> " 60s
# The files are read through a mapping, as by Solaris's cp. (While memory is short,
# UFS frees the pages that a sequential read() has left behind.)
claim "large amounts of file I/O: pages scanned; KB read, more than 9000" \
    "before Solaris 8 the scan rate is high" \
    pgpgin - let.disk > 9000 && pgscan_kswapd - let.scanned > 3000 \
    "%d pages, %d KB", pgscan_kswapd - let.scanned, pgpgin - let.disk
let mapped pgscan_kswapd - let.scanned
let scanned pgscan_kswapd
let disk pgpgin
send "app -a 5M -t 14 /etc/passwd & sleep 1; for i in 1 2 3; do seqread -k /root/app.bin 1; seqread -k /root/app.dat 1; done; wait; echo do''ne\n"
expect "app: quits, 0 pages wrong" 60s
expect "done" 10s
expect "ok> " 60s
claim "the same by read(), with free-behind: pages scanned; KB read" "spares the scanner: less than a quarter as many" \
    pgpgin - let.disk > 3000 && (pgscan_kswapd - let.scanned) * 4 < let.mapped \
    "%d pages, %d KB", pgscan_kswapd - let.scanned, pgpgin - let.disk

# By contrast, a leak makes unreserved swap (`swap` of vmstat) fall.
console on
send "get swap_unreserved; s1=$r; app -a 64K -t 26 -l 32K /etc/passwd & vmstat 5 5\n"
expect "ok> " 60s
send "get swap_unreserved; echo sw''ap: $((s1 * 4)) $((r * 4))\n"
expect "swap: " 10s
hear s1 s2
claim "a leak, by contrast: swap while it runs" "falls, 6000 KB and more" \
    let.s1 - let.s2 > 6000 "%d, then %d KB", let.s1, let.s2
expect "ok> " 10s
send "/era/linux26/bin/ps -o fname,pid,vsize,rss; kill %1; wait; vmstat 1 2\n"
expect "ok> " 30s
# The leaking program gives the swap back when it is restarted (here: ended).
send "get swap_unreserved; echo sw''ap: $((r * 4))\n"
expect "swap: " 10s
hear s3
claim "the leaking program has ended: swap; swap at the beginning" "it is back" \
    (s64)(let.swap0 - let.s3) * 50 < (s64)let.swap0 "%d; %d KB", let.s3, let.swap0
expect "ok> " 10s
source tools/experiments/busy.inc
audit
