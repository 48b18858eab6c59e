# options: --policy sunos --ram 8M --swap 32M --set vm.read_ahead_pages=0 --max-sim-time 300s
# The life of a physical page in thirteen steps (Cockcroft, "Life cycle of a
# typical physical memory page", 1995), told by one frame of this machine: each
# step is caught as an event of that very frame, and `why` prints them all.
# (003-12 ... 003-17)

echo ==== 1. Initialization: the kernel has a structure for every frame (2048)
run-until lens.busy == 0
print vm.frames
assert vm.frames == 8 * 256
echo ==== 2. Free: all but the kernel's own are put onto the free list
print vm.free
assert vm.free + vm.kernel_code + vm.kernel_data + vm.page_table + vm.zeroed == vm.frames
assert vm.free > 1700
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "seqread -c 1280K /root/lib 1 > /dev/null; sync\n"
expect "ok> " 30s
# Their content is undefined: what was in them last is left in them.
tcatch drop-cache
send "echo 3 > /proc/sys/vm/drop_caches\n"
continue
page event.pfn
assert event.to == state.free && page.refs == 0
assert u64[pa:page.pa + 8] != 0 || u64[pa:page.pa + 2048] != 0
expect "ok> " 30s

# 3. Zero fill on demand: the program writes its page 100 for the first time.
tcatch demand-zero if event.va == 0x1000064000
send "life /root/lib\n"
continue
let page event.pfn
let majors pgmajfault
assert event.from == state.free && event.to == state.anonymous
echo ==== its life until now (latest first):
why let.page
echo ==== 3. ZFOD: a minor fault; taken from the free list, cleared, anonymous now
page let.page
assert page.state == state.anonymous
tcatch fault-minor if event.va == 0x1000064000
continue
page let.page
assert page.refs == 1 && pgmajfault == let.majors
assert u64[pa:page.pa] == 0 && u64[pa:page.pa + 8] == 0 && u64[pa:page.pa + 4088] == 0
expect "page 100 is the one" 30s

# Memory becomes short: another process writes without end.
echo ==== 4. Scanned: the front hand passes, and clears the reference bit
tcatch ref-cleared if event.pfn == let.page
send "\n"
continue
assert vm.free + vm.cachelist < vm.lotsfree
mark front
let scanned pgscan_kswapd
# In physical order: what it clears next lies behind this one.
tcatch ref-cleared
continue
assert event.pfn > let.page

echo ==== 5. Waiting: the program has used it when the back hand comes: it stays
tcatch scan-spared if event.pfn == let.page
continue
assert event.pfn == let.page
echo ==== ms, and pages looked at by both hands, between the two (solaris.t:
echo ==== the faster the scan the shorter)
print (cycle - mark.front) / 1ms
print pgscan_kswapd - let.scanned

expect "the page is left alone" 120s
echo ==== 6. Pageout time: nobody has used it, but it is modified: it is queued,
tcatch push-queued if event.pfn == let.page
continue
let requests pgout
let pages ppgout
echo ==== gets a place in swap, beside its neighbours of the queue,
tcatch swap-add if event.pfn == let.page
continue
echo ==== is written,
tcatch swap-out if event.pfn == let.page
continue
echo ==== in a cluster (pages, requests since it was queued)
print ppgout - let.pages
print pgout - let.requests
assert ppgout - let.pages >= 8 * (pgout - let.requests)
echo ==== and goes to the free list. It remembers what it contains.
tcatch cached if event.pfn == let.page
continue
page let.page
assert page.refs == 0 && page.state == state.swap_cache

echo ==== 7. Reclaim: the program wants it, and it is there: a minor fault
tcatch cache-found if event.pfn == let.page
send "\n"
continue
let majors pgmajfault
let read pswpin
tcatch fault-minor if event.va == 0x1000064000
continue
page let.page
assert page.refs == 1
assert pgmajfault == let.majors && pswpin == let.read
# Its neighbour, page 10, had been left alone for so long that somebody else
# has its frame: a major fault, and a new frame from the free list.
echo ==== had it been reused: a major fault, read from swap into a new page
tcatch swap-in if event.va == 0x100000a000
continue
let other event.pfn
assert event.from == state.free && let.other != let.page
tcatch fault-major if event.va == 0x100000a000
continue
assert pgmajfault == let.majors + 1 && pswpin > let.read
expect "the other one is as it was" 30s

echo ==== 8. The program ends: private pages are free at once
tcatch exit if event.pfn == let.page
send "\n"
continue
assert event.to == state.free

echo ==== 9. Page-in: a fault in code; from the free list, read from the file
tcatch page-in if event.pfn == let.page
let majors pgmajfault
continue
let va event.va
assert event.from == state.free && event.to == state.file_clean
tcatch fault-major if event.va == let.va
continue
page let.page
assert page.refs == 1 && page.object != 0
let inode page.object
expect "pages of code are in use" 60s

echo ==== 10. Attach: another process needs the same page: one more reference
tcatch map-cached if event.pfn == let.page
send "\n"
continue
assert event.va == let.va
tcatch fault-minor if event.va == let.va
continue
page let.page
assert page.refs == 2 && page.object == let.inode
expect "by two" 60s

echo ==== 11. Copy on write: who writes to it gets a copy, it stays as it is
tcatch cow-copy if event.va == let.va
let was u64[pa:page.pa]
send "\n"
continue
let copy event.pfn
assert let.copy != let.page && event.from == state.free && event.to == state.anonymous
expect "the patcher has its own" 60s
page let.page
assert page.state == state.file_clean && page.refs == 2 && u64[pa:page.pa] == let.was
page let.copy
assert page.refs == 1 && page.object == 0 && u64[pa:page.pa] != let.was

echo ==== 12. All processes end; it stays in memory, attached to its inode
send "\n"
expect "ok> " 10s
page let.page
assert page.refs == 0 && page.state == state.file_clean && page.object == let.inode

echo ==== 13. fsflush: modified by a mapping of the file itself, written within 35 s,
# by its look at all pages in their physical order (solaris.t), not because much
# is dirty.
set vm.dirty_ratio 100
set vm.dirty_background_ratio 99
tcatch file-write if event.pfn == let.page
send "life -w /root/lib\n"
continue
mark dirty
expect "ok> " 10s
tcatch write-back if event.pfn == let.page
continue
echo ==== s after it was modified, and ms after fsflush's beat of 5 s:
print (cycle - mark.dirty) / 1s
print cycle % 5s / 1ms
assert cycle - mark.dirty <= 35s && cycle - mark.dirty > 100ms
assert cycle % 5s < 500ms
page let.page
assert page.state == state.file_clean

echo ==== the biography (latest first):
why let.page
