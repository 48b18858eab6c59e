# options: --ram 24M
# Shared libraries at work (001-17, 001-18; 002-4 ... 002-6): Debian's own dynamic linker, C library
# and bash, unmodified; and one program three times, with a library of 64 functions, each in a page
# of its own and calling a function outside,
#
#   pic      position-independent: 64 pointers side by side are patched
#   text     position-dependent: a pointer beside each call is patched, 64 pages
#   static   linked statically: nothing is patched
#
# Run by tools/experiments/dynamic, which gives it Debian's disk as /dev/vdb.
title "How shared libraries work" "the FAQ (001-17), the slides (002)"
console off
expect "# " 60s
send "PS1='o''k> '; mount -t ext2 -o ro /dev/vdb /lib; PATH=/era/linux26/bin:/lib/bin:$PATH; D=/lib/demo\n"
expect "ok> " 10s
# kib prints the sum of column $2 of pmap -x (2 size, 3 RSS, 4 Anon) of process $1, over
# rows whose mode and file match $3.
send "kib() { pmap -x $1 | awk -v c=$2 -v m=\"$3\" '$6 FS $7 ~ m { n += $c } END { print n + 0 }'; }\n"
expect "ok> " 10s
send "$D/static; $D/pic; $D/text; echo status $?; $D/static 1000 & S=$!; $D/pic 1000 & P=$!; $D/text 1000 & T=$!; sleep 1\n"
expect "status 0" 60s
expect "ok> " 20s

# The dynamic linker is itself static: it has no interpreter, and runs alone
# with the program's path as its first argument.
console on
send "/lib/ld-linux-riscv64-lp64d.so.1 $D/pic && echo it r''an; /lib/ld-linux-riscv64-lp64d.so.1 --list $D/pic\n"
expect "it ran" 20s
console off
expect "libpic.so => /lib/demo/libpic.so" 20s
expect "ok> " 10s

send "a=$(kib $S 4 r-x); b=$(kib $P 4 r-x); c=$(kib $T 4 r-x); echo ki''b: $a $b $c\n"
expect "kib: " 20s
hear static pic text
expect "ok> " 10s
claim "executable memory that became private: static program; library of position-independent code (pic)" \
    "none; none: the patched pointers are not in the code" let.static == 0 && let.pic == 0 \
    "%d KiB; %d KiB", let.static, let.pic
claim "executable memory that became private: library patched in place (text)" "all that is patched: 64 pages, 256 KiB (001-17)" let.text == 256 \
    "%d KiB", let.text
send "a=$(kib $P 4 '^rw.* libpic|^r--.* libpic'); b=$(kib $T 4 '^rw.* libtext|^r--.* libtext'); echo ki''b: $a $b\n"
expect "kib: " 20s
hear pic text
claim "private pages of the library's other mappings: pic, text" "few: 8 KiB at most" \
    let.pic <= 8 && let.text <= 8 "%d KiB, %d KiB", let.pic, let.text
expect "ok> " 10s
# The linker had taken write permission away again before the program began.
send "grep -e libpic -e libtext /proc/$P/maps /proc/$T/maps\n"
expect "r-xp 00000000" 10s
expect "r--p" 10s
expect "ok> " 10s
send "grep -c 'wxp.*lib' /proc/$P/maps /proc/$T/maps\n"
expect "maps:0" 10s
expect "maps:0" 10s
expect "ok> " 10s

send "frames() { sed -n 's/^AnonPages: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }\n"
expect "ok> " 10s
send "one() { u=$(frames); for i in 1 2 3 4; do $D/$1 1000 & done; sleep 1; r=$((($(frames) - u) / 4)); }; one static; a=$r; one pic; b=$r; one text; c=$r; echo ki''b: $a $b $c\n"
expect "kib: " 60s
hear static pic text
claim "anonymous memory of each further process: static, pic" "static ones cost less" \
    let.static < let.pic "%d KiB, %d KiB", let.static, let.pic
claim "anonymous memory of each further process: text" "its 64 patched pages more than pic: 256 KiB" \
    let.text - let.pic > 240 && let.text - let.pic < 272 \
    "%d KiB, %d more", let.text, let.text - let.pic
expect "ok> " 10s
send "killall static pic text; wait; echo go''ne\n"
expect "gone" 20s
expect "ok> " 10s

send "as() { sed -n 's/^Committed_AS: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }; for p in pic text; do c=$(as); u=$(frames); $D/$p 1000 & sleep 1; c=$(($(as) - c)); u=$(($(frames) - u)); echo ki''b: $c $u; kill $!; wait; done\n"
expect "kib: " 20s
hear promised has
claim "pic: private writable memory that was promised; the part of it in use" \
    "promised is more than used (001-29)" let.promised * 4 > let.has * 5 \
    "%d KiB; %d KiB", let.promised, let.has
expect "kib: " 20s
hear promised has
claim "text: private writable memory that was promised; the part of it in use" "likewise" let.promised * 4 > let.has * 5 \
    "%d KiB; %d KiB", let.promised, let.has
expect "ok> " 20s

# Each program is launched 20 times to warm up, then 20 times measured.
send "go() { set -- $D/$1; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do $1; done; echo do''ne; }; go pic; go text; go static\n"
expect "done" 60s
expect "done" 60s
expect "done" 60s
expect "ok> " 10s
mark a
send "go static\n"
expect "done" 60s
let static (cycle - mark.a + 10000) / 20000
expect "ok> " 10s
mark a
send "go pic\n"
expect "done" 60s
let pic (cycle - mark.a + 10000) / 20000
expect "ok> " 10s
let copied cow_copied
mark a
send "go text\n"
expect "done" 60s
let text (cycle - mark.a + 10000) / 20000
expect "ok> " 10s
claim "a launch: static, pic" "static programs spawn faster" \
    let.static * 3 < let.pic * 2 "%d us, %d us", let.static, let.pic
claim "a launch: text" "slower still: it patches 64 pages, and so copies them" \
    let.pic < let.text && cow_copied - let.copied > 20 * 64 \
    "%d us, %.0f copies", let.text, cow_copied - let.copied, 20

# Two shells (002-4 ... 002-6) of Debian's present bash; the slides show the bash
# of 2004 on x86, which is larger and uses other libraries.
console on
send "bash -c 'sleep 1000; :' & A=$!; bash -c 'x=$(seq 1 20000); sleep 1000; :' & B=$!; sleep 3\n"
expect "ok> " 60s
send "pmap $A; pmap $B; /era/linux26/bin/ps -ofname,pid,vsize,rss -p $A,$B\n"
expect " total " 20s
expect " total " 20s
expect "COMMAND" 20s
expect "ok> " 20s
console off
send "a=$(pmap $A | sed -n 's/^ total *//p'); b=$(pmap $B | sed -n 's/^ total *//p'); n=$(kib $A 2 '^r-'); echo ki''b: ${a%K} ${b%K} $n\n"
expect "kib: " 20s
hear a b n
expect "ok> " 20s
claim -n "two bashes (of 2024, RISC-V; the slides' of 2004, x86): pmap's totals" "5248K and 5696K" \
    let.a == 5248 && let.b == 5696 "%dK and %dK", let.a, let.b
claim -n "of the first bash's total: the part that is not writable" "3996K" let.n == 3996 "%dK", let.n
claim "the second has a variable of 20000 numbers" "it is larger" let.b > let.a \
    "by %d KiB", let.b - let.a
# pmap's rows add up to its total, and the total is VSZ. (Both count RISC-V's
# page for signals; the slides have 4K of vsyscall in its place.)
send "v=$(/era/linux26/bin/ps -ovsize -p $A | tail -n 1); echo ki''b: $v $(pmap $A | awk '/K [r-]/ { n += $2 } END { print n }')\n"
expect "kib: " 20s
hear vsz rows
expect "ok> " 20s
claim "VSZ; pmap's rows added up" "both are pmap's total" \
    let.vsz == let.a && let.rows == let.a "%d KiB; %d KiB", let.vsz, let.rows
send "sum() { awk -v k=\"$2:\" '$1 == k { n += $2 } END { print n }' /proc/$1/smaps; }; echo ki''b: $(sum $A Rss) $(sum $B Rss) $(sum $A Pss) $(sum $B Pss) $(($(sum $A Private_Clean) + $(sum $A Private_Dirty))) $(($(sum $B Private_Clean) + $(sum $B Private_Dirty)))\n"
expect "kib: " 20s
hear rss1 rss2 pss1 pss2 own1 own2
expect "ok> " 20s
claim "what is not writable is in memory once: RSS of both; PSS of both" \
    "RSS misleads: the sum of both is at least 1.5 times that of PSS" \
    (let.rss1 + let.rss2) * 2 > (let.pss1 + let.pss2) * 3 \
    "%d + %d; %d + %d KiB", let.rss1, let.rss2, let.pss1, let.pss2
figure "each has alone" "%d, %d KiB", let.own1, let.own2
send "s() { /era/linux26/bin/ps -ovsize,rss -p $A | tail -n 1; }; set -- $(s); hog 0.8x 0 > /dev/null; set -- $* $(s); echo ki''b: $*\n"
expect "kib: " 100s
hear vsz1 rss1 vsz2 rss2
claim "when others have wanted memory: VSZ before and after" "5244, 5244: the same" \
    let.vsz1 == let.vsz2 "%d, %d KiB", let.vsz1, let.vsz2
claim "RSS before and after" "1440, 1188: it falls" let.rss2 < let.rss1 \
    "%d, %d KiB", let.rss1, let.rss2
expect "ok> " 20s

# A promise that is never redeemed (001-29): of a library's text only the patched pages are
# written, but making the text writable promises memory for all of it. Without swap and in mode 2
# the limit is lowered until the program `text` is refused.
send "kill $A $B; wait; swapoff -a 2> /dev/null; cd /proc/sys/vm; k=2000; echo $k > overcommit_kbytes; echo 2 > overcommit_memory; while $D/text 2> /dev/null; do k=$((k - 16)); echo $k > overcommit_kbytes; done; $D/text; s=$?; $D/pic; t=$?; echo 0 > overcommit_memory; echo li''mit: $k, status $s $t\n"
expect "cannot make segment writable for relocation" 60s
expect "limit: " 20s
hear limit text pic
expect "ok> " 20s
claim "strict accounting (mode 2): status of text; of pic, with the same limit" \
    "001-29: refused (127), for a promise that it would not use; runs (0)" \
    let.text == 127 && let.pic == 0 \
    "%d; %d, at %d KiB", let.text, let.pic, let.limit
audit
