# options: --ram 24M
# How do shared libraries work? (001-17, 001-18; 002-4 ... 002-6) Debian's own
# dynamic linker, C library and bash, unmodified; and one program three times:
# a library of 64 functions, each in a page of its own, each calling a function
# outside,
#
#   pic      position-independent: 64 pointers side by side are patched
#   text     not: a pointer beside each call is patched, in 64 pages of text
#   static   linked when it was made: nothing is patched
#
# Run by tools/experiments/dynamic, which gives it Debian's disk as /dev/vdb.
expect "# " 60s
send "PS1='o''k> '; mount -t ext2 -o ro /dev/vdb /lib; PATH=/era/linux26/bin:/lib/bin:$PATH; D=/lib/demo\n"
expect "ok> " 10s
# KiB of process $1 in column $2 of pmap -x (2 size, 3 RSS, 4 Anon), of rows
# whose mode and file match $3.
send "kib() { pmap -x $1 | awk -v c=$2 -v m=\"$3\" '$6 FS $7 ~ m { n += $c } END { print n + 0 }'; }\n"
expect "ok> " 10s
send "$D/static; $D/pic; $D/text; echo status $?; $D/static 1000 & S=$!; $D/pic 1000 & P=$!; $D/text 1000 & T=$!; sleep 1\n"
expect "status 0" 60s
expect "ok> " 20s

echo ==== the dynamic linker is itself static: it has no interpreter, and runs
echo ==== alone with the program's path as its first argument
send "/lib/ld-linux-riscv64-lp64d.so.1 $D/pic && echo it r''an; /lib/ld-linux-riscv64-lp64d.so.1 --list $D/pic\n"
expect "it ran" 20s
expect "libpic.so => /lib/demo/libpic.so" 20s
expect "ok> " 10s

echo ==== executable pages that became private, in KiB: static, pic, text; the
echo ==== FAQ: none; none, since what is patched lies together; all that are
send "a=$(kib $S 4 r-x); b=$(kib $P 4 r-x); c=$(kib $T 4 r-x); echo; echo $a $b $c\n"
expect "0 0 256" 20s
expect "ok> " 10s
echo ==== private pages of the library's other mappings: pic, text (KiB)
send "a=$(kib $P 4 '^rw.* libpic|^r--.* libpic'); b=$(kib $T 4 '^rw.* libtext|^r--.* libtext'); echo; echo $a $b; [ $a -le 8 -a $b -le 8 ] && echo fe''w\n"
expect "few" 20s
expect "ok> " 10s
# It has taken the right to write away again, before the program began.
send "grep -e libpic -e libtext /proc/$P/maps /proc/$T/maps\n"
expect "r-xp 00000000" 10s
expect "r--p" 10s
expect "ok> " 10s
send "grep -c 'wxp.*lib' /proc/$P/maps /proc/$T/maps\n"
expect "maps:0" 10s
expect "maps:0" 10s
expect "ok> " 10s

echo ==== each further process costs, in KiB of frames: static, pic, text
send "frames() { sed -n 's/^AnonPages: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }\n"
expect "ok> " 10s
send "one() { u=$(frames); for i in 1 2 3 4; do $D/$1 1000 & done; sleep 1; r=$((($(frames) - u) / 4)); }; one static; a=$r; one pic; b=$r; one text; c=$r; echo; echo $a $b $c; [ $a -lt $b ] && [ $((c - b)) -gt 240 -a $((c - b)) -lt 272 ] && echo shar''ed\n"
expect "shared" 60s
expect "ok> " 10s
send "killall static pic text; wait; echo go''ne\n"
expect "gone" 20s
expect "ok> " 10s

echo ==== what each is promised is more than it uses (001-29): KiB promised for
echo ==== private writable memory by one process, KiB it has of that: pic, text
send "as() { sed -n 's/^Committed_AS: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }; for p in pic text; do c=$(as); u=$(frames); $D/$p 1000 & sleep 1; c=$(($(as) - c)); u=$(($(frames) - u)); echo; echo $c $u; [ $c -gt $((u * 5 / 4)) ] && echo mo''re; kill $!; wait; done\n"
expect "more" 20s
expect "more" 20s
expect "ok> " 20s

echo ==== 20 launches, microseconds each: static, pic, text; the FAQ: static
echo ==== programs spawn faster
send "go() { set -- $D/$1; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do $1; done; echo do''ne; }; go pic; go text; go static\n"
expect "done" 60s
expect "done" 60s
expect "done" 60s
expect "ok> " 10s
mark a
send "go static\n"
expect "done" 60s
let static (cycle - mark.a) / 20000
expect "ok> " 10s
mark a
send "go pic\n"
expect "done" 60s
let pic (cycle - mark.a) / 20000
expect "ok> " 10s
let copied cow_copied
mark a
send "go text\n"
expect "done" 60s
let text (cycle - mark.a) / 20000
expect "ok> " 10s
print let.static
print let.pic
print let.text
assert let.static * 3 < let.pic * 2
assert let.pic < let.text
assert cow_copied - let.copied > 20 * 64

echo ==== two shells (002-4 ... 002-6), Debian's bash: pmap, then VSZ and RSS;
echo ==== the slides: total 5248K and 5696K, of which 3996K not writable;
echo ==== VSZ 5244 and 5692, RSS 1188 and 1136
send "bash -c 'sleep 1000; :' & A=$!; bash -c 'x=$(seq 1 20000); sleep 1000; :' & B=$!; sleep 3\n"
expect "ok> " 60s
send "pmap $A; pmap $B; /era/linux26/bin/ps -ofname,pid,vsize,rss -p $A,$B\n"
expect " total " 20s
expect " total " 20s
expect "COMMAND" 20s
expect "ok> " 20s
send "a=$(pmap $A | sed -n 's/^ total *//p'); b=$(pmap $B | sed -n 's/^ total *//p'); n=$(kib $A 2 '^r-'); echo; echo ${a%K} ${b%K} $n\n"
expect "ok> " 20s
# Rows add up to the total, and the total is VSZ (RISC-V's page for signals,
# where the slides have 4K of vsyscall, is counted in both).
send "v=$(/era/linux26/bin/ps -ovsize -p $A | tail -n 1); [ $v = ${a%K} ] && [ $(pmap $A | awk '/K [r-]/ { n += $2 } END { print n }') = ${a%K} ] && [ ${b%K} -gt ${a%K} ] && echo adds'' up\n"
expect "adds up" 20s
expect "ok> " 20s
echo ==== what is not writable is in memory once: both shells' RSS, KiB; their
echo ==== PSS; what each has alone
send "sum() { awk -v k=\"$2:\" '$1 == k { n += $2 } END { print n }' /proc/$1/smaps; }; echo; echo $(sum $A Rss) $(sum $B Rss); echo $(sum $A Pss) $(sum $B Pss); echo $(($(sum $A Private_Clean) + $(sum $A Private_Dirty))) $(($(sum $B Private_Clean) + $(sum $B Private_Dirty)))\n"
expect "ok> " 20s
send "r=$(($(sum $A Rss) + $(sum $B Rss))); p=$(($(sum $A Pss) + $(sum $B Pss))); [ $((r * 2)) -gt $((p * 3)) ] && echo it over''laps\n"
expect "it overlaps" 20s
expect "ok> " 20s
echo ==== the first shell's VSZ and RSS now, and when others have wanted memory
echo ==== (002-5; the slides: 5244 1440, later 5244 1188)
send "s() { /era/linux26/bin/ps -ovsize,rss -p $A | tail -n 1; }; set -- $(s); hog 0.8x 0 > /dev/null; set -- $* $(s); echo; echo $1 $2; echo $3 $4; [ $1 = $3 -a $4 -lt $2 ] && echo RSS f''ell\n"
expect "RSS fell" 100s
expect "ok> " 20s
audit
