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
echo ==== frames: 12.5 MiB copied to /dev/null; the letter: "never copied into a
echo ==== hosage object"
print let.free - vm.free
assert let.free - vm.free < 70
let free vm.free
let read ppgin
mark a
send "dd if=/dev/zero of=/root/a bs=64k count=60 2>/dev/null; dd if=/root/a of=/root/b bs=64k count=15 2>/dev/null; echo copied\n"
expect "copied" 20s
expect "ok> " 5s
echo ==== frames: 960 pages to a file, 240 of them to another (the letter: an N MB
echo ==== file "eats up N MB of memory quickly"); pages read; ms; pages written
print let.free - vm.free
print ppgin - let.read
print (cycle - mark.a) / 1000000
print nr_written
assert let.free - vm.free >= 1200 && let.free - vm.free < 1230
assert vm.file_dirty >= 1200
assert cycle - mark.a < 100ms
assert nr_written == 0
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
echo ==== ms until fewer than 15 frames are free; the letter: quickly; pages made
echo ==== dirty by then, messages to the file pager, pages that it has written
print (cycle - let.start) / 1000000
print nr_dirtied - let.made
print pager_file_messages
print nr_written
assert cycle - let.start < 60ms
assert nr_dirtied - let.made > 1200
assert pager_file_messages <= 10
assert nr_written == 0

# 000-3: "pretty much all the pages in the hosage object are marked inactive";
# a small pool of active pages, a small one of ordinary inactive pages. (The
# rule of two thirds alone would leave a third of them active.)
echo ==== frames active; inactive; of files written, all in all; the letter: small,
echo ==== a gajillion of the hosage object
print vm.active
print vm.inactive
print vm.file_dirty
assert vm.active * 10 < vm.inactive
assert vm.file_dirty * 10 > vm.inactive * 7
assert vm.file_dirty - vm.active > 1200

# It drops what is clean and hands over the first ten of the object; dd has
# those frames, too, at once: "the number of free pages *will* drop below 15".
run-until pager_file_messages >= 10
run-for 5ms
echo ==== above 15: messages to the file pager, of so many pages (the letter: "it
echo ==== might not page out as many as it could"); to the default pager; frames
echo ==== free 5 ms later
print pager_file_messages
print vm.file_dirty
print pager_default_pages
print vm.free
assert pager_file_messages == 10
assert pager_default_pages == 0
assert vm.free < 15

# 000-5: between 10 and 15 dd gets nothing, the file pager hardly anything; the
# daemon goes on sending, and that costs memory: nothing else takes the frames
# from 14 down to 10.
let made nr_dirtied
let sent pager_file_messages
let kernel vm.kernel_data
run-for 900ms
echo ==== 900 ms between 15 and 10: pages that dd wrote (the letter: none);
echo ==== messages (a burst of ten each 300 ms); frames the kernel took for them;
echo ==== frames free; pages double paged; pages of the file written; waits of its
echo ==== pager
print nr_dirtied - let.made
print pager_file_messages - let.sent
print vm.kernel_data - let.kernel
print vm.free
print pager_double_paged
print nr_written
print pager_file_waits
assert nr_dirtied == let.made
assert pager_file_messages - let.sent >= 20 && pager_file_messages - let.sent <= 40
assert vm.kernel_data - let.kernel >= 2
assert vm.free >= 10 && vm.free < 15
assert pager_double_paged == 0
assert pager_file_waits > 0
assert nr_written < 10

# 000-7: below 10 the file's pages go to swap as well. 000-9: the default pager
# gives about five frames back, the messages take them again, and so on.
run-until vm.free < 10
let sent pager_default_pages
run-until pager_double_paged > 0
let crawl cycle
let written nr_written
let real u64[free_frames]
assert let.real == vm.free
echo ==== below 10: double paging begins. Five times: frames free
echo ==== at the bottom; at the top (the letter: it "pages out five")
let double pager_double_paged
run-until vm.free < 10
let low vm.free
run-until vm.free >= 13
print let.low
print vm.free
assert let.low >= 5 && vm.free < 15
let double pager_double_paged
run-until vm.free < 10
let low vm.free
run-until vm.free >= 13
print let.low
print vm.free
assert let.low >= 5 && vm.free < 15
let double pager_double_paged
run-until vm.free < 10
let low vm.free
run-until vm.free >= 13
print let.low
print vm.free
assert let.low >= 5 && vm.free < 15
let double pager_double_paged
run-until vm.free < 10
let low vm.free
run-until vm.free >= 13
print let.low
print vm.free
assert let.low >= 5 && vm.free < 15
let double pager_double_paged
run-until vm.free < 10
let low vm.free
run-until vm.free >= 13
print let.low
print vm.free
assert let.low >= 5 && vm.free < 15
echo ==== pages of the file to swap meanwhile
print pager_double_paged
assert pager_double_paged > 5
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
echo ==== a burst to the default pager with fewer than 10 free, pages; the same
echo ==== with fewer than 5 (the letter: it stops and waits for it)
print let.burst
print pager_default_pages - let.sent
assert let.burst > 1
assert pager_default_pages - let.sent == 1
assert u64[free_frames] >= 4
set u64[free_frames] = u64[free_frames] + (let.real - 4)
audit

# 000-10: dd ends, "and it clears up", without anybody's help. (Before that the
# crawl is not even: when nearly all of memory is queued to the file pager there
# is nothing left to send, and of the frames that come free it gets each other.)
expect "ended 0" 600s
let whole (nr_written - let.written) * 100000 / ((cycle - let.crawl) / 10000)
let written nr_written
echo ==== the writer has ended; free frames each second
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
run-for 1s
print vm.free
echo ==== pages a second that the file was written at: in the five teeth (the
echo ==== letter: "at a crawl"); in all the time until the writer's end; since
echo ==== ("at a reasonable speed")
print let.teeth
print let.whole
print (nr_written - let.written) / 5
assert (nr_written - let.written) / 5 > 4 * let.teeth
assert (nr_written - let.written) / 5 > let.whole
# Above free_min, and the daemon has nothing left to do; nobody is stuck.
assert vm.free >= vm.low
assert deadlock == 0
expect "ok> " 60s

# What was paged twice was written twice: bytes written / bytes of the file.
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
echo ==== per cent of the file's size that was written for it (cured: 100)
print 100 * (nr_written + pager_double_paged) / 3200
assert nr_written >= 3200
assert pager_double_paged > 0
audit
