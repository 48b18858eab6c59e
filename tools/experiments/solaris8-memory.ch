# options: --policy solaris8 --ram 11900K --swap 32M --max-sim-time 300s
# The same program as in sunos-memory.ch, under Solaris 8: when it quits, its
# files' pages are on the cache list, which is free memory, so `free` comes
# back, and still the second launch needs no disk. Something else that is
# launched takes them, oldest first, and nothing is scanned. (003-3 ... 003-5)
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:$PATH\n"
expect "ok> " 10s
send "seqread -c 2992K /root/app.bin 1 >/dev/null; seqread -c 3984K /root/app.dat 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
send "vmstat 5 2\n"
expect "ok> " 30s
let free0 vm.free + vm.cachelist
echo ==== it runs:
send "app -a 2004K -t 11 /root/app.bin /root/app.dat & vmstat 5 3\n"
expect "app: up" 30s
expect "ok> " 30s
let free1 vm.free + vm.cachelist
# The twelfth step of a page's life (page-life.ch), as it is since Solaris 8:
# its last user ends, and it is at the tail of the free list.
tcatch cache-idle
continue
let page event.pfn
page let.page
expect "app: quits, 0 pages wrong" 30s
echo ==== it has quit; the article: since Solaris 8 free memory comes back
send "vmstat 5 3\n"
expect "ok> " 30s
let free2 vm.free + vm.cachelist
print let.free0 - let.free1
print let.free0 - let.free2
assert (let.free0 - let.free1) * 10 > let.free0 * 8
assert (let.free0 - let.free2) * 100 < let.free0 * 2
# (The article says that it "reduces" when a program quits: it rises.)
assert let.free2 > let.free1

echo ==== the second launch: every page is reclaimed from the cache list
let disk pgpgin
let majors pgmajfault
let reclaims pgrec
send "app -a 2004K /root/app.bin /root/app.dat\n"
expect "app: quits, 0 pages wrong" 30s
expect "ok> " 10s
print pgrec - let.reclaims
assert pgrec - let.reclaims > 1740
assert pgmajfault - let.majors == 0
assert pgpgin - let.disk < 40

echo ==== something else is launched: no scanning, the oldest pages make room
tcatch cache-reuse if event.pfn == let.page
send "hog 9M 0; echo status $?\n"
continue
assert pgscan_kswapd == 0
expect "status 0" 60s
why let.page
expect "ok> " 10s
assert pgscan_kswapd == 0
assert pswpout == 0

echo ==== large amounts of file I/O, more than memory has room for: sr stays 0
let disk pgpgin
send "app -a 5M -t 4 /etc/passwd & sleep 1; for i in 1 2 3; do seqread -k /root/app.bin 1; seqread -k /root/app.dat 1; done; vmstat 1 2; wait; echo do''ne\n"
expect "app: quits, 0 pages wrong" 60s
expect "done" 10s
expect "ok> " 60s
assert pgpgin - let.disk > 3 * 6000
assert pgscan_kswapd == 0
audit

echo ==== sr above 0 means that programs need more than there is
send "hog 1.5x 0; echo status $?\n"
expect "status 0" 200s
assert pgscan_kswapd > 1000
assert pswpout > 500
