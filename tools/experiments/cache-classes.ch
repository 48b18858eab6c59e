# options: --policy linux240t --ram 16M --swap 32M --timing fast
# "Linux, like any modern OS, tries to cache almost everything in a common
# cache" (document 004). The script makes pages of the six kinds that the document
# names, in turn, and reads their numbers from /proc/cache. (004-1; 001-22)
title "What the common cache holds" "the patch (004-1)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin; get() { while read -r n v; do [ $n = $1 ] && r=$v; done < /proc/cache; }\n"
expect "ok> " 10s
# grew CLASS prints by how many pages a class has grown since `base CLASS`.
send "base() { get $1; b=$r; }; grew() { get $1; echo gr''ew: $((r - b)); }\n"
expect "ok> " 10s
send "seqread -c 2M /root/f 1 > /dev/null; cp /tests/glibc /root/p; sync; echo 3 > /proc/sys/vm/drop_caches; cat /proc/cache\n"
expect "metadata" 60s
expect "ok> " 20s

send "base io_buffer; cat /root/f > /dev/null; grew io_buffer\n"
expect "grew: " 20s
hear pages
expect "ok> " 10s
claim "I/O buffers: 2 MiB are read" "512 pages" \
    let.pages >= 512 && let.pages <= 530 "%d pages", let.pages

send "echo 3 > /proc/sys/vm/drop_caches; base read_ahead; dd if=/root/f of=/dev/null bs=4k count=8 2>/dev/null; grew read_ahead\n"
expect "grew: " 20s
hear pages
expect "ok> " 10s
claim "read-ahead: 8 pages of a file are read; what came with them" \
    "8 to 128 pages: nobody has asked for them" \
    let.pages >= 8 && let.pages <= 128 "%d pages", let.pages

let first pgmajfault
send "r=0; get potentially_shared; echo be''fore: $r\n"
expect "before: " 20s
hear before
expect "ok> " 10s
send "/root/p > /dev/null; base dead_process; echo st''ay: $b\n"
expect "stay: " 20s
hear pages
expect "ok> " 10s
claim "dead processes: a program's text, mapped by nobody" \
    "its pages stay" let.pages > 30 "%d pages", let.pages
let majors pgmajfault
send "/root/p\n"
expect "glibc: " 20s
expect "ok> " 10s
claim "faults that waited for the disk: in the program's first run; in its second" \
    "some; none: its pages had stayed" \
    let.majors > let.first && pgmajfault == let.majors \
    "%d waits; %d", let.majors - let.first, pgmajfault - let.majors

send "base shared; app -a 4K -t 1 /root/f > /dev/null & app -a 4K -t 1 /root/f > /dev/null & sleep 0.5; grew shared; wait\n"
expect "grew: " 20s
hear pages
expect "ok> " 10s
claim "shared pages: two programs map one file of 512 pages" \
    "its pages are there once" let.pages >= 512 && let.pages <= 560 \
    "%d pages", let.pages

send "/root/p > /dev/null; get potentially_shared; echo ke''pt: $r\n"
expect "kept: " 20s
hear pages
expect "ok> " 10s
claim "potentially shared: a program wrote to its private pages of a file" \
    "the file's own pages are kept" let.pages > let.before + 3 "%d pages, %d before its first run", let.pages, let.before

send "base pending_swap; m=0; hog 24M 0 > /dev/null & for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do get pending_swap; [ $r -gt $m ] && m=$r; sleep 0.05; done; wait; echo mo''st: $m\n"
expect "most: " 60s
hear pages
expect "ok> " 10s
claim "pending swap: to be written, or being written" "some, at times" \
    let.pages > 0 "%d pages at most", let.pages

send "echo 3 > /proc/sys/vm/drop_caches; m() { sed -n \"s/^$1: *\\([0-9]*\\) kB/\\1/p\" /proc/meminfo; }; echo no''w: $(m MemFree) $(m Cached)\n"
expect "now: " 10s
hear free cached
expect "ok> " 10s
let before let.cached
figure "before a file of 13/16 of memory is written: free, cached" \
    "%d KiB, %d KiB", let.free, let.cached
send "read -r x t x < /proc/meminfo; t=$((t * 13 / 16)); seqread -c ${t}K /root/g 1 > /dev/null; sync; echo no''w: $(m MemFree) $(m Cached) $t\n"
expect "now: " 60s
hear free cached size
expect "ok> " 10s
claim "and after" "while there is memory, the cache grows by the file's size" \
    (let.cached - let.before) * 10 > let.size * 9 \
    "%d KiB, %d KiB; the file: %d KiB", let.free, let.cached, let.size
console on
send "cat /proc/cache\n"
expect "metadata" 10s
audit
