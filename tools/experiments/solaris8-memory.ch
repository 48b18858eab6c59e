# options: --policy solaris8 --ram 11900K --swap 32M --max-sim-time 300s
# Under Solaris 8 the program of sunos-memory.ch quits, and its files' pages go
# to the cache list, which counts as free memory: so `free` comes back, and
# still the second launch needs no disk. A different program takes the
# pages of the list, oldest first, and nothing is scanned. (003-3 ... 003-5)
title "The letter again, under Solaris 8" "the article (003-3 ... 5)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:$PATH\n"
expect "ok> " 10s
# The files (B, D) and the program (O) get the same shares of free memory as in sunos-memory.ch; H is half.
send "get() { while read -r n v; do [ $n = $1 ] && r=$v; done < /proc/counters; }; get freemem; B=$((r * 301 / 1000 * 4)) D=$((r * 401 / 1000 * 4)) O=$((r * 202 / 1000 * 4)) H=$((r / 2 * 4)); echo si''zes: $B $D\n"
expect "sizes: " 10s
hear bin dat
expect "ok> " 10s
send "seqread -c ${B}K /root/app.bin 1 >/dev/null; seqread -c ${D}K /root/app.dat 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
console on
send "vmstat 5 2\n"
expect "ok> " 30s
let free0 vm.free + vm.cachelist
let majors pgmajfault
let disk pgpgin
send "app -a ${O}K -t 11 /root/app.bin /root/app.dat & vmstat 5 3\n"
expect "app: up" 30s
let first pgmajfault - let.majors
let read pgpgin - let.disk
expect "ok> " 30s
let free1 vm.free + vm.cachelist
# The twelfth step of a page's life (page-life.ch), as it is since Solaris 8: when
# its last user ends, the page goes to the tail of the cache list.
tcatch cache-idle
continue
let page event.pfn
expect "app: quits, 0 pages wrong" 30s
send "vmstat 5 3\n"
expect "ok> " 30s
let free2 vm.free + vm.cachelist
claim "a program runs: frames that are free" "few: under a fifth" \
    (let.free0 - let.free1) * 10 > let.free0 * 8 \
    "%d of %d before", let.free1, let.free0
# The article says that free memory "reduces" when a program quits, but it rises.
claim "the program has quit: frames that are free" "since Solaris 8 free memory comes back" \
    (let.free0 - let.free2) * 100 < let.free0 * 2 && let.free2 > let.free1 \
    "%d of %d", let.free2, let.free0

let disk pgpgin
let majors pgmajfault
let reclaims pgrec
send "app -a ${O}K /root/app.bin /root/app.dat\n"
expect "app: quits, 0 pages wrong" 30s
expect "ok> " 10s
claim "the second launch: pages reclaimed from the cache list" \
    "every page of its files" pgrec - let.reclaims >= (let.bin + let.dat) / 4 \
    "%d pages of %d", pgrec - let.reclaims, (let.bin + let.dat) / 4
# All its files come from the disk at the first launch; read-ahead brings at
# most 32 pages at a time, so at least one fault in 33 waits.
figure "the first launch: waits for the disk; KiB read" "%d; %d", let.first, let.read
claim "the second: waits; KiB read" "none; none" \
    let.first > (let.bin + let.dat) / 4 / 33 && let.read >= let.bin + let.dat && pgmajfault - let.majors == 0 && pgpgin - let.disk < 40 \
    "%d; %d", pgmajfault - let.majors, pgpgin - let.disk

tcatch cache-reuse if event.pfn == let.page
send "hog 0.82x 0; echo status $?\n"
continue
claim "something else is launched: an idle page of the first program" \
    "makes room without a scan" pgscan_kswapd == 0 \
    "%s, after %d scans", event.reason, pgscan_kswapd
expect "status 0" 60s
why let.page
expect "ok> " 10s
claim "pages scanned; pages to swap" "none; none" \
    pgscan_kswapd == 0 && pswpout == 0 "%d; %d", pgscan_kswapd, pswpout

# The files are read through a mapping, to which free-behind does not apply. Under
# SunOS (sunos-memory.ch) such reads make the hand run.
let disk pgpgin
let scanned pgscan_kswapd
send "app -a ${H}K -t 4 /etc/passwd & sleep 1; for i in 1 2 3; do seqread -k -m /root/app.bin 1; seqread -k -m /root/app.dat 1; done; vmstat 1 2; wait; echo do''ne\n"
expect "app: quits, 0 pages wrong" 60s
expect "done" 10s
expect "ok> " 60s
claim "large amounts of file I/O, more than there is room for: pages scanned" \
    "sr stays 0" pgpgin - let.disk > 5 * (let.bin + let.dat) / 2 && pgscan_kswapd == let.scanned \
    "%d pages, %d KiB read", pgscan_kswapd - let.scanned, pgpgin - let.disk
audit

send "hog 1.5x 0; echo status $?\n"
expect "status 0" 200s
claim "a program of one and a half times RAM: pages scanned" \
    "sr above 0: programs need more than there is" \
    pgscan_kswapd > 1000 && pswpout > 500 \
    "%d, %d to swap", pgscan_kswapd, pswpout
expect "ok> " 20s
source tools/experiments/busy.inc
audit
