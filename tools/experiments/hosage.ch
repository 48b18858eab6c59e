# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The hosage object (seed 000): one process writes a file larger than memory as
# fast as it can, and the file system's pager, which needs memory itself,
# cannot keep up. mach97 has the levels of the letter: 15, 10, 5. (000-1 ... -11)
#
#   free |
#        |\                        mach97: programs wait, then the pager, too;
#     15 |-\--.--.---.---.--        the default pager writes the file to SWAP,
#     10 |--\/-\/--\/-\-/---       frees five, the file pager gets a few...
#      5 |---------------------
title "The hosage object (1997)" "the letter (000)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s

# 000-1: a copy into nothing costs nothing; into a file, or from one part of
# memory into another (as ld's), a frame for each page, long before the disk
# could have written one in ten of them.
let free vm.free
send "dd if=/dev/zero of=/dev/null bs=64k count=200 2>/dev/null; echo copied\n"
expect "copied" 20s
expect "ok> " 5s
claim "12.5 MiB copied to /dev/null: frames" \
    "\"never copied into a hosage object\": none" let.free - vm.free < 70 \
    "%d frames", let.free - vm.free
let free vm.free
let read ppgin
mark a
send "dd if=/dev/zero of=/root/a bs=64k count=60 2>/dev/null; dd if=/root/a of=/root/b bs=64k count=15 2>/dev/null; echo copied\n"
expect "copied" 20s
expect "ok> " 5s
claim "960 pages to a file, 240 of them to another: frames" \
    "\"eats up N MB of memory quickly\": 1200" \
    let.free - vm.free >= 1200 && let.free - vm.free < 1230 && vm.file_dirty >= 1200 \
    "%d frames", let.free - vm.free
claim "... long before the disk could write them" "quickly" \
    cycle - mark.a < 100ms && nr_written == 0 \
    "in %d ms, %d pages written", (cycle - mark.a) / 1ms, nr_written
send "rm /root/a /root/b\n"
expect "ok> " 5s

# 000-4: the plunge. (The letter: "plummets quickly".) More than 15 are free:
# the daemon hands the first inactive pages to the file pager, and does not
# swamp it: ten messages, a pause of 30 ms for each.
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null; echo ended $?\n"
expect "dd if" 1s
let start cycle
let made nr_dirtied
run-until vm.free < 15
claim "a file larger than memory: until fewer than 15 frames are free" \
    "\"plummets quickly\"" \
    cycle - let.start < 60ms && nr_dirtied - let.made > 1200 \
    "%d ms, %d pages dirty", (cycle - let.start) / 1ms, nr_dirtied - let.made
claim "by then: messages to the file pager, pages it has written" \
    "not swamped: ten at most; none" pager_file_messages <= 10 && nr_written == 0 \
    "%d messages, %d pages", pager_file_messages, nr_written
# 000-3: "pretty much all the pages in the hosage object are marked inactive";
# a small pool of active pages, a small one of ordinary inactive pages. (The
# rule of two thirds alone would leave a third of them active.)
claim "frames active" "a small pool" \
    vm.active * 10 < vm.inactive && vm.file_dirty - vm.active > 1200 \
    "%d frames", vm.active
claim "frames inactive; dirty pages of files" "\"pretty much all\" are the hosage object's" \
    vm.file_dirty * 10 > vm.inactive * 7 "%d; %d", vm.inactive, vm.file_dirty
# It drops what is clean and hands over the first ten of the object; dd has
# those frames, too, at once: "the number of free pages *will* drop below 15".
run-until pager_file_messages >= 10
run-for 5ms
claim "above 15: messages to the file pager" \
    "\"it might not page out as many as it could\": a burst of ten" \
    pager_file_messages == 10 "%d, of %d dirty pages", pager_file_messages, vm.file_dirty
claim "messages to the default pager" "none yet" pager_default_pages == 0 \
    "%d", pager_default_pages
claim "frames free 5 ms later" "\"*will* drop below 15\"" vm.free < 15 \
    "%d frames", vm.free
# 000-5: between 10 and 15 dd gets nothing, the file pager hardly anything; the
# daemon goes on sending, and that costs memory: nothing else takes the frames
# from 14 down to 10.
let made nr_dirtied
let sent pager_file_messages
let kernel vm.kernel_data
run-for 900ms
claim "900 ms between 15 and 10: pages that the writer writes" "none" \
    nr_dirtied == let.made "%d pages", nr_dirtied - let.made
claim "messages sent on" "bursts of ten, each 300 ms" \
    pager_file_messages - let.sent >= 20 && pager_file_messages - let.sent <= 40 \
    "%d messages", pager_file_messages - let.sent
claim "frames that the kernel took for them" "messages cost memory" \
    vm.kernel_data - let.kernel >= 2 "%d frames", vm.kernel_data - let.kernel
claim "frames free; pages double paged" "10 to 14; none" \
    vm.free >= 10 && vm.free < 15 && pager_double_paged == 0 \
    "%d; %d", vm.free, pager_double_paged
claim "the file pager: pages written, waits for a frame" \
    "hardly any: it needs memory itself" pager_file_waits > 0 && nr_written < 10 \
    "%d pages, %d waits", nr_written, pager_file_waits
# 000-7: below 10 the file's pages go to swap as well. 000-9: the default pager
# gives about five frames back, the messages take them again, and so on.
run-until vm.free < 10
let sent pager_default_pages
run-until pager_double_paged > 0
let crawl cycle
let written nr_written
let real u64[free_frames]
assert let.real == vm.free
# Five teeth: frames free at the bottom, at the top.
run-until vm.free < 10
let low1 vm.free
run-until vm.free >= 13
let high1 vm.free
run-until vm.free < 10
let low2 vm.free
run-until vm.free >= 13
let high2 vm.free
run-until vm.free < 10
let low3 vm.free
run-until vm.free >= 13
let high3 vm.free
run-until vm.free < 10
let low4 vm.free
run-until vm.free >= 13
let high4 vm.free
run-until vm.free < 10
let low5 vm.free
run-until vm.free >= 13
let high5 vm.free
claim "below 10, five times: frames free at the bottom" "above 5" \
    let.low1 >= 5 && let.low2 >= 5 && let.low3 >= 5 && let.low4 >= 5 && let.low5 >= 5 \
    "%d %d %d %d %d", let.low1, let.low2, let.low3, let.low4, let.low5
claim "at the top" "it \"pages out five\", and they are gone again: below 15" \
    let.high1 < 15 && let.high2 < 15 && let.high3 < 15 && let.high4 < 15 && let.high5 < 15 \
    "%d %d %d %d %d", let.high1, let.high2, let.high3, let.high4, let.high5
claim "pages of the file that went to SWAP meanwhile" "double paging" \
    pager_double_paged > 5 "%d pages", pager_double_paged
let teeth (nr_written - let.written) * 100000 / ((cycle - let.crawl) / 10000)

# 000-8: "If memory drops below 5 pages, then the pageout thread stops entirely
# to let the default pager catch up. We don't get here much." Never, here; so
# its book is forged, for 20 ms from the first page of a burst on: 4 are free.
run-until vm.free < 10
let sent pager_default_pages
run-until pager_default_pages > let.sent
run-for 20ms
let burst pager_default_pages - let.sent
run-until vm.free >= 13
run-until vm.free < 10
let sent pager_default_pages
let messages pager_file_messages
run-until pager_default_pages > let.sent
let real u64[free_frames]
set u64[free_frames] = 4
run-for 20ms
claim "a burst to the default pager with fewer than 10 free" "several pages" \
    let.burst > 1 "%d pages", let.burst
claim "the same with fewer than 5 (forged)" \
    "it \"stops entirely to let the default pager catch up\"" \
    pager_default_pages - let.sent == 1 "%d page", pager_default_pages - let.sent
assert u64[free_frames] >= 4
set u64[free_frames] = u64[free_frames] + (let.real - 4)
audit

# 000-10: dd ends, "and it clears up", without anybody's help. (Before that the
# crawl is not even: when nearly all of memory is queued to the file pager there
# is nothing left to send, and of the frames that come free it gets each other.)
expect "ended 0" 600s
let whole (nr_written - let.written) * 100000 / ((cycle - let.crawl) / 10000)
let written nr_written
run-for 5s
let after (nr_written - let.written) / 5
figure "pages a second that the file is written at: in the five teeth" "%d", let.teeth
claim "when the writer has ended" "\"at a crawl\" before; \"at a reasonable speed\" now" \
    let.after > 4 * let.teeth "%d", let.after
claim "in all the time until the writer's end" "slower than that" \
    let.after > let.whole "%d", let.whole
# Above free_min, and the daemon has nothing left to do; nobody is stuck.
claim "5 s after the writer's end: frames free" "\"it clears up\" by itself" \
    vm.free >= vm.low && deadlock == 0 "%d (low: %d)", vm.free, vm.low
expect "ok> " 60s

# What was paged twice was written twice: bytes written / bytes of the file.
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
claim "written for the file, of its size" "more than 100% (cured: 100)" \
    nr_written >= 3200 && pager_double_paged > 0 \
    "%d%%", 100 * (nr_written + pager_double_paged) / 3200
audit
