# options: --policy sunos --ram 8M --swap 32M --set vm.read_ahead_pages=0 --max-sim-time 300s
# The life of a physical page in thirteen steps (Cockcroft, "Life cycle of a
# typical physical memory page", 1995), told by one frame of this machine: each
# step is caught as an event of that very frame, and `why` prints them all.
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "seqread -c 1280K /root/lib 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 30s

# 3. Zero fill on demand: the program writes its page 100 for the first time.
tcatch demand-zero if event.va == 0x1000064000
send "life /root/lib\n"
continue
let page event.pfn
echo ==== 1, 2. The kernel has a structure for every frame; this one lay on the
echo free list, and what was left in it meant nothing (who had it before is here):
why let.page
echo ==== 3. ZFOD: a minor fault; taken from the free list, cleared, anonymous now
page let.page
expect "page 100 is the one" 30s

# Memory becomes short: another process writes without end.
echo ==== 4. Scanned: the front hand passes, and clears the reference bit
tcatch ref-cleared if event.pfn == let.page
send "\n"
continue
assert vm.free + vm.cachelist < vm.lotsfree

echo ==== 5. Waiting: the program has used it when the back hand comes: it stays
tcatch scan-spared if event.pfn == let.page
continue
assert event.pfn == let.page

expect "the page is left alone" 120s
echo ==== 6. Pageout time: nobody has used it, but it is modified: it is queued,
tcatch push-queued if event.pfn == let.page
continue
echo ==== gets a place in swap, beside its neighbours of the queue,
tcatch swap-add if event.pfn == let.page
continue
echo ==== is written,
tcatch swap-out if event.pfn == let.page
continue
echo ==== and goes to the free list. It remembers what it contains.
tcatch cached if event.pfn == let.page
continue

echo ==== 7. Reclaim: the program wants it, and it is there: a minor fault
tcatch cache-found if event.pfn == let.page
send "\n"
continue
tcatch fault-minor if event.va == 0x1000064000
continue
expect "the page is as it was" 30s

echo ==== 8. The program ends: private pages are free at once
tcatch exit if event.pfn == let.page
send "\n"
continue

echo ==== 9. Page-in: a fault in code; from the free list, read from the file
tcatch page-in if event.pfn == let.page
continue
let va event.va
expect "pages of code are in use" 60s

echo ==== 10. Attach: another process needs the same page: one more reference
tcatch map-cached if event.pfn == let.page
send "\n"
continue
assert event.va == let.va
expect "by two" 60s
page let.page

echo ==== 11. Copy on write: who writes to it gets a copy, it stays as it is
tcatch cow-copy if event.va == let.va
send "\n"
continue
assert event.pfn != let.page
expect "the patcher has its own" 60s

echo ==== 12. All processes end; it stays in memory, attached to its inode
send "\n"
expect "ok> " 10s
page let.page

echo ==== 13. fsflush: modified by a mapping of the file itself, written within 35 s
set vm.dirty_background_ratio 100
tcatch file-write if event.pfn == let.page
send "life -w /root/lib\n"
continue
mark dirty
tcatch write-back if event.pfn == let.page
continue
assert cycle - mark.dirty <= 35s

echo ==== the biography (latest first):
why let.page
