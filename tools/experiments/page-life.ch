# options: --policy sunos --ram 8M --swap 32M --set vm.read_ahead_pages=0 --max-sim-time 300s
# The life of a physical page in thirteen steps (Cockcroft, "Life cycle of a typical physical memory
# page", 1995), told by one frame of this machine: each step is caught as an event of that very
# frame, and `why` prints them all. (003-12 ... 17)

title "The life of a physical page in thirteen steps" "the article (003-12 ... 17)"
console off
expect "guest kernel: " 10s
hear ram
run-until lens.busy == 0
claim "1. Initialization" "a structure for every frame of memory" \
    vm.frames == let.ram / 4 && vm.frames > 1800 "%d frames of %d KiB", vm.frames, let.ram
claim "2. Free" "all but the kernel's own are on the free list" \
    vm.free + vm.kernel_code + vm.kernel_data + vm.page_table + vm.zeroed == vm.frames && vm.free * 100 > vm.frames * 85 \
    "%d free, %d the kernel's", vm.free, vm.frames - vm.free
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "seqread -c 1280K /root/lib 1 > /dev/null; sync\n"
expect "ok> " 30s
# Free pages keep their last content.
tcatch drop-cache
send "echo 3 > /proc/sys/vm/drop_caches\n"
continue
quietly page event.pfn
claim "2. and what a free page contains" "undefined: what was in it last" \
    event.to == state.free && page.refs == 0 && (u64[pa:page.pa + 8] != 0 || u64[pa:page.pa + 2048] != 0) \
    "%#x at its word 1", u64[pa:page.pa + 8]
expect "ok> " 30s

# 3. Zero fill on demand: the program writes its page 100 for the first time.
tcatch demand-zero if event.va == 0x1000064000
send "life /root/lib\n"
continue
let page event.pfn
let majors pgmajfault
claim "3. ZFOD: the first write of a page of a program" \
    "taken from the free list, anonymous now" \
    event.from == state.free && event.to == state.anonymous \
    "frame %d: %s -> %s", let.page, event.from, event.to
tcatch fault-minor if event.va == 0x1000064000
continue
quietly page let.page
claim "3. ... its fault" "minor; the page is cleared" \
    page.state == state.anonymous && page.refs == 1 && pgmajfault == let.majors && u64[pa:page.pa] == 0 && u64[pa:page.pa + 8] == 0 && u64[pa:page.pa + 4088] == 0 \
    "%d major, words 0, 1, 511: %d %d %d", pgmajfault - let.majors, u64[pa:page.pa], u64[pa:page.pa + 8], u64[pa:page.pa + 4088]
expect "page 100 is the one" 30s

# Memory becomes short: another process writes without end.
tcatch ref-cleared if event.pfn == let.page
send "\n"
continue
let short vm.free + vm.cachelist
let lots vm.lotsfree
mark front
let scanned pgscan_kswapd
# The hand goes in physical order: the next frame whose bit it clears has a higher number.
tcatch ref-cleared
continue
claim "4. Scanned: when free memory is below lotsfree" \
    "the front hand clears the reference bit, in physical order" \
    let.short < let.lots && event.pfn > let.page \
    "%d frames of %d; next it clears the bit of frame %d", let.short, let.lots, event.pfn

tcatch scan-spared if event.pfn == let.page
continue
let between pgscan_kswapd - let.scanned
claim "5. Waiting: it has been used when the back hand comes, handspread pages later at least" \
    "it stays" \
    event.to == event.from && let.between + 8 > vm.handspread \
    "%s, %.0f ms and %d pages later", event.reason, cycle - mark.front, 1ms, pgscan_kswapd - let.scanned

expect "the page is left alone" 120s
# 6. Pageout time: the page was not used, but is modified: it is queued, gets a
# slot in swap beside its neighbours in the queue, and is written with them.
tcatch push-queued if event.pfn == let.page
continue
let requests pgout
let pages ppgout
tcatch swap-add if event.pfn == let.page
continue
tcatch swap-out if event.pfn == let.page
continue
claim "6. Pageout time: modified, and left alone" \
    "queued, and written to swap in a cluster" \
    ppgout - let.pages >= 8 * (pgout - let.requests) \
    "%d pages in %d requests", ppgout - let.pages, pgout - let.requests
tcatch cached if event.pfn == let.page
continue
quietly page let.page
claim "6. ... then" "on the free list; it remembers what it contains" \
    page.refs == 0 && page.state == state.swap_cache \
    "%d references, %s", page.refs, page.state

tcatch cache-found if event.pfn == let.page
send "\n"
continue
let majors pgmajfault
let read pswpin
tcatch fault-minor if event.va == 0x1000064000
continue
quietly page let.page
claim "7. Reclaim: the program wants it, and it is there" "a minor fault" \
    page.refs == 1 && pgmajfault == let.majors && pswpin == let.read \
    "%d major faults, %d pages read", pgmajfault - let.majors, pswpin - let.read
# Page 10 of the program had been left alone for so long that another page has
# its frame: a major fault, and a new frame from the free list.
tcatch swap-in if event.va == 0x100000a000
continue
let other event.pfn
let from event.from
tcatch fault-major if event.va == 0x100000a000
continue
claim "7. had its frame been reused, as that of page 10 was" \
    "a major fault, read from swap into a new page" \
    let.from == state.free && let.other != let.page && pgmajfault == let.majors + 1 && pswpin > let.read \
    "%d major fault, %d pages read, to frame %d", pgmajfault - let.majors, pswpin - let.read, let.other
expect "the other one is as it was" 30s

tcatch exit if event.pfn == let.page
send "\n"
continue
quietly page let.page
claim "8. The program ends" "private pages are free at once, what is in them is undefined" \
    event.to == state.free && (u64[pa:page.pa] != 0 || u64[pa:page.pa + 8] != 0) \
    "%s -> %s, %#x at its word 1", event.from, event.to, u64[pa:page.pa + 8]

tcatch page-in if event.pfn == let.page
let majors pgmajfault
continue
let va event.va
let from event.from
let to event.to
tcatch fault-major if event.va == let.va
continue
quietly page let.page
claim "9. Page-in: a fault in code" "from the free list, read from the file" \
    let.from == state.free && let.to == state.file_clean && page.refs == 1 && page.object != 0 \
    "%s -> %s, %d reference", let.from, let.to, page.refs
let inode page.object
expect "pages of code are in use" 60s

tcatch map-cached if event.pfn == let.page
send "\n"
continue
let same event.va == let.va
tcatch fault-minor if event.va == let.va
continue
quietly page let.page
claim "10. Attach: another process needs the same page" "one more reference" \
    let.same && page.refs == 2 && page.object == let.inode \
    "%d references", page.refs
expect "by two" 60s

tcatch cow-copy if event.va == let.va
let was u64[pa:page.pa]
send "\n"
continue
let copy event.pfn
let fresh event.from == state.free && event.to == state.anonymous && let.copy != let.page
expect "the patcher has its own" 60s
quietly page let.page
claim "11. Copy on write: the page that is written to" "stays as it is" \
    page.state == state.file_clean && page.refs == 2 && u64[pa:page.pa] == let.was \
    "%s, %d references", page.state, page.refs
quietly page let.copy
claim "11. ... and the process that writes" "gets a copy of its own" \
    let.fresh && page.refs == 1 && page.object == 0 && u64[pa:page.pa] != let.was \
    "frame %d, %s", let.copy, page.state

send "\n"
expect "ok> " 10s
quietly page let.page
claim "12. All processes end" "it stays, attached to its inode" \
    page.refs == 0 && page.state == state.file_clean && page.object == let.inode \
    "%d references, %s", page.refs, page.state

# 13. fsflush: a page modified through a mapping of its file is written within
# 35 s, when fsflush scans all pages in physical order (solaris.t; 003-17).
# The limits below are set so that the number of dirty pages is no reason to write it.
set vm.dirty_ratio 100
set vm.dirty_background_ratio 99
tcatch file-write if event.pfn == let.page
run-until every 100ms cycle % 5s > 2s && cycle % 5s < 3s # between two ticks
send "life -w /root/lib\n"
continue
mark dirty
expect "ok> " 10s
tcatch write-back if event.pfn == let.page
continue
let took cycle - mark.dirty
quietly page let.page
claim "13. fsflush: modified through a mapping of the file, it is written" \
    "within 30 s and a tick of 5 s" \
    let.took <= 35s && let.took > 100ms && page.state == state.file_clean \
    "%.1f s later", let.took, 1s
claim "13. ... at which moment" "a tick of fsflush, every 5 s" cycle % 5s < 500ms \
    "%.0f ms after it", cycle % 5s, 1ms

echo The biography of the frame that the table follows (latest first):
why let.page
