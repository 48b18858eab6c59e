# options: --ram 8M --swap 32M --policy gnumach99 --timing fast
# The cure of 1999 for hosage.ch, on the same work: files may have half of the
# memory beyond the reserve, and the writer, nobody else, waits when they do.
# (000-12; algorithms.md 1.2)
title "The hosage object, cured (1999)" "the letter and its cure (000-12)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s
let start cycle
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null; echo ended $?\n"
expect "dd if" 1s
# Free frames each 200 ms.
run-for 1s
let a vm.free
run-for 200ms
let b vm.free
run-for 200ms
let c vm.free
run-for 200ms
let d vm.free
run-for 200ms
let e vm.free
claim "a file larger than memory is written: free frames, each 200 ms" \
    "5 to 15 before the cure; now never below low" \
    let.a > vm.low && let.b > vm.low && let.c > vm.low && let.d > vm.low && let.e > vm.low \
    "%d %d %d %d %d (low: %d)", let.a, let.b, let.c, let.d, let.e, vm.low
claim "pages of files that count" "as many as their limit allows" \
    vm.external <= vm.ext_limit + 1 && vm.external > vm.ext_target \
    "%d of %d", vm.external, vm.ext_limit
expect "ended 0" 600s
let during nr_written * 100000 / ((cycle - let.start) / 10000)
let from cycle
let written nr_written
let limit cycle + 60s
while vm.messages && cycle < let.limit
  run-for 100ms
end
let after (nr_written - let.written) * 100000 / ((cycle - let.from) / 10000)
claim "pages a second to the file with the writer running; after" \
    "no crawl any more: over half as many as after" \
    let.during * 2 > let.after "%d; %d", let.during, let.after
expect "ok> " 5s
send "sync; md5sum /root/big\n"
expect "2cf89b9489b2985f59087db9a9817bd9" 200s
expect "ok> " 20s
# What the change of 1999 leaves as it was: the page of a message lies in a
# temporary object, and the daemon sends more in a second than the file pager
# writes; those that wait come round once more, as the default pager's.
claim -n "pages of the file that went to swap as well" "the symptom that the letter names: none" \
    pager_double_paged == 0 "%d (hosage.ch: as many)", pager_double_paged
claim "waits of the file pager for a frame" "none" pager_file_waits == 0 \
    "%d", pager_file_waits
figure "written for the file, of its size" \
    "%d%%", 100 * (nr_written + pager_double_paged) / 3200

# Who wants little: milliseconds, where it was seconds before the cure. (Not
# nothing: while the daemon cleans for the limit's sake, programs' pages gather
# at the head of inactive, and a few go; policy/gnumach99.c. mach.t measures
# both.)
send "rm /root/big; seqread -c 12M /root/b 1 >/dev/null & set -- $(probe -n 20); echo $*; echo wor''st: $8\n"
expect "0 pages wrong" 60s
expect "worst: " 20s
hear worst
claim "a process that wants little, beside the writer: its worst wait" \
    "seconds before the cure; milliseconds now" let.worst < 10000 \
    "%d.%d ms", let.worst / 1000, let.worst % 1000 / 100
audit
