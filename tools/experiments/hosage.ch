# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The hosage object (document 000): one process writes a file larger than memory as
# fast as it can, and the file system's pager, which needs memory itself, cannot
# keep up. mach97 has the levels of the letter: 15, 10, 5. (000-1 ... -11)
#
#   free |
#        |\                        mach97: programs wait, and the file pager, too;
#     15 |-\-------------------     messages take the frames below 15; below 10
#     10 |--\/\/\/\/\/\/\/\/--     the default pager writes the file to SWAP
#      5 |---------------------     and frees a few, messages take them, ...
#
# Nothing here sets the kernel's state: free frames are sampled each 10 ms
# until the writer ends, and then until the file pager has no message left.
title "The hosage object (1997)" "the letter (000)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s

# 000-1: a copy to /dev/null costs no frames; a copy into a file, or from one part
# of memory into another (as ld's), takes a frame for each page long before the
# disk could have written one page in ten.
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
send "dd if=/dev/zero of=/root/a bs=64k count=50 2>/dev/null; dd if=/root/a of=/root/b bs=64k count=12 2>/dev/null; echo copied\n"
expect "copied" 20s
expect "ok> " 5s
claim "800 pages to a file, 192 of them to another: frames" \
    "\"eats up N MB of memory quickly\": 992" \
    let.free - vm.free >= 992 && let.free - vm.free < 1020 && vm.file_dirty >= 992 \
    "%d frames", let.free - vm.free
claim "... long before the disk could write them" "quickly" \
    cycle - mark.a < 100ms && nr_written == 0 \
    "in %d ms, %d pages written", (cycle - mark.a) / 1ms, nr_written
send "rm /root/a /root/b\n"
expect "ok> " 5s

# 000-4: the plunge. (The letter: "plummets quickly".) While more than 15 frames
# are free, the daemon hands the first inactive pages to the file pager, and does
# not swamp it: it sends ten messages, then pauses, 30 ms for each.
# (By the fork of /bin/true after dd the script knows that dd has ended.)
let forks forks + 1
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null; /bin/true; echo ended $?\n"
expect "dd if" 1s
let start cycle
let made nr_dirtied
let had vm.free
run-until every 1us vm.free < 15 || cycle > let.start + 1s
claim "a file larger than memory: until fewer than 15 frames are free" \
    "\"plummets quickly\"" \
    cycle - let.start < 60ms && (nr_dirtied - let.made) * 10 > let.had * 9 \
    "%.0f ms, %d pages dirty in %d frames", cycle - let.start, 1ms, nr_dirtied - let.made, let.had
claim "by then: messages to the file pager, pages it has written" \
    "not swamped: ten at most; none" pager_file_messages <= 10 && nr_written == 0 \
    "%d messages, %d pages", pager_file_messages, nr_written
# 000-3: "pretty much all the pages in the hosage object are marked inactive";
# besides, there are a small pool of active pages and one of ordinary inactive
# pages. (The rule that two thirds be inactive would alone leave a third active.)
claim "frames active" "a small pool" \
    vm.active * 10 < vm.inactive \
    "%d frames", vm.active
claim "frames inactive; dirty pages of files" "\"pretty much all\" are the hosage object's" \
    vm.file_dirty * 10 > vm.inactive * 7 "%d; %d", vm.inactive, vm.file_dirty
# The daemon drops clean pages, whose frames dd takes at once, and hands the object's first ten
# pages to the file pager: "the number of free pages *will* drop below 15".
run-until every 1us pager_file_messages >= 10 || cycle > let.start + 2s
run-for 5ms
claim "above 15: messages to the file pager" \
    "\"it might not page out as many as it could\": a burst of ten" \
    pager_file_messages == 10 "%d, of %d dirty pages", pager_file_messages, vm.file_dirty
claim "messages to the default pager" "none yet" pager_default_pages == 0 \
    "%d", pager_default_pages
claim "frames free 5 ms later" "\"*will* drop below 15\"" vm.free < 15 \
    "%d frames", vm.free
# 000-5: between 10 and 15 free frames dd gets none, the file pager hardly any; the daemon goes on
# sending, and its messages take nearly all the frames from 14 down to 9.
let made nr_dirtied
let sent pager_file_messages
let kernel vm.kernel_data
let from cycle
let free vm.free
run-until every 1us vm.free < 10 || cycle > let.from + 5s
claim "from there to fewer than 10 free" \
    "\"the system quickly plummets to the less-than-10\"" \
    cycle - let.from < 2s "%.0f ms", cycle - let.from, 1ms
claim "in this time: pages that the writer writes" "none" \
    nr_dirtied == let.made "%d pages", nr_dirtied - let.made
claim "messages sent meanwhile" "a burst of ten each 300 ms" \
    pager_file_messages - let.sent >= 10 && \
    pager_file_messages - let.sent <= 10 + (cycle - let.from) / 30ms \
    "%d messages", pager_file_messages - let.sent
claim "frames that the kernel took for them, of those no longer free" \
    "messages cost memory: nearly all" \
    (vm.kernel_data - let.kernel) * 4 >= (let.free - vm.free) * 3 \
    "%d of %d", vm.kernel_data - let.kernel, let.free - vm.free
claim "the file pager: pages written, waits for a frame" \
    "hardly any: it needs memory itself" pager_file_waits > 0 && nr_written < 10 \
    "%d pages, %d waits", nr_written, pager_file_waits
claim "pages of the file to swap until then" "none" pager_double_paged == 0 \
    "%d", pager_double_paged
# A double-paged page counts twice, so that the daemon's burst of ten is five such pages.
run-for 100ms
claim "100 ms later" "\"the default pager pages out five\": at most" \
    pager_double_paged >= 1 && pager_double_paged <= 5 && vm.free >= 10 \
    "%d pages, %d free", pager_double_paged, vm.free

# 000-7, 000-8, 000-9: sample free frames each 10 ms until dd ends or 60 s pass.
let samples 0
let below15 0
let below10 0
let below5 0
let teeth 0
let under 1
let second 0
echo "second: free frames; pages a second that go to swap, to the file"
while forks == let.forks && let.second < 60
  let low 9999
  let high 0
  let swap pager_double_paged
  let file nr_written
  repeat 100
    if forks == let.forks
      run-for 10ms
      let samples let.samples + 1
      let below15 let.below15 + (vm.free < 15)
      let below10 let.below10 + (vm.free < 10)
      let below5 let.below5 + (vm.free < 5)
      let teeth let.teeth + (let.under && vm.free >= 10)
      let under vm.free < 10
      let low vm.free < let.low ? vm.free : let.low
      let high vm.free > let.high ? vm.free : let.high
    end
  end
  let second let.second + 1
  printf "%6d: %3d to %3d; %3d, %3d\n", let.second, let.low, let.high, pager_double_paged - let.swap, nr_written - let.file
end
let doubled pager_double_paged
let crawled nr_written
figure "until the writer's end: samples of free frames, one each 10 ms" \
    "%d", let.samples
claim "of these with fewer than 15 free" \
    "\"the number of free pages *will* drop below 15\": no steady state above" \
    let.below15 * 10 > let.samples * 9 "%.0f%%", 100 * let.below15, let.samples
claim "with fewer than 10" "again and again, and not for long" \
    let.teeth >= 5 && let.below10 * 10 < let.samples \
    "%d, in %d dips", let.below10, let.teeth
claim "with fewer than 5" "\"We don't get here much\": 1% at most" \
    let.below5 * 100 <= let.samples "%d", let.below5
claim "of the 3200 pages: given to the default pager, for swap" \
    "double paging: \"pages go to the swap partition\"" \
    let.doubled > 1600 "%d", let.doubled
claim "written to the file by its pager until then" \
    "\"paging at a crawl\"" let.crawled < 640 "%d", let.crawled
audit

# 000-10: dd has ended, "and it clears up" by itself.
expect "ended 0" 600s
let from cycle
let written nr_written
let short 0
let samples2 0
while vm.messages && let.samples2 < 6000
  run-for 10ms
  let samples2 let.samples2 + 1
  let short let.short + (vm.free < 15)
end
let during let.crawled * 100 / let.samples
let after (nr_written - let.written) * 100 / let.samples2
figure "until the file pager has no message left" "%.0f ms", cycle - let.from, 1ms
claim "pages a second to the file with the writer running; after" \
    "\"at a crawl\"; \"at a reasonable speed\"" \
    let.after > 4 * let.during "%d; %d", let.during, let.after
claim "samples with fewer than 15 free, after" "\"it clears up\" by itself" \
    let.short * 20 < let.samples2 && vm.free >= vm.low && deadlock == 0 \
    "%d of %d", let.short, let.samples2
expect "ok> " 60s

# A page that was paged twice was written twice, to swap and to its file.
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
claim "pages written, to swap and to the file, in percent of the file's" "more than 100%: double paging" \
    nr_written >= 3200 && pager_double_paged > 0 \
    "%.0f%%", nr_written + pager_double_paged, 32
audit
