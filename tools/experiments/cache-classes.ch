# options: --policy linux240t --ram 16M --swap 32M --timing fast
# "Linux, like any modern OS, tries to cache almost everything in a common
# cache" (seed 004): its six kinds of pages, one after the other, each seen to
# come, counted by /proc/cache. (004-1; 001-22)
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin; get() { while read -r n v; do [ $n = $1 ] && r=$v; done < /proc/cache; }\n"
expect "ok> " 10s
# What a class has grown by since `base CLASS`.
send "base() { get $1; b=$r; }; grew() { get $1; r=$((r - b)); echo; echo $r; [ $r -ge $2 -a $r -le $3 ] && echo as fore''seen; }\n"
expect "ok> " 10s
send "seqread -c 2M /root/f 1 > /dev/null; cp /tests/glibc /root/p; sync; echo 3 > /proc/sys/vm/drop_caches; cat /proc/cache\n"
expect "metadata" 60s
expect "ok> " 20s

echo ==== I/O buffers from read and write: 2 MiB were read (512 pages)
send "base io_buffer; cat /root/f > /dev/null; grew io_buffer 512 530\n"
expect "as foreseen" 20s
expect "ok> " 10s

echo ==== read-ahead pages: the first 8 pages of a file are read; what came
echo ==== with them has not been asked for
send "echo 3 > /proc/sys/vm/drop_caches; base read_ahead; dd if=/root/f of=/dev/null bs=4k count=8 2>/dev/null; grew read_ahead 8 128\n"
expect "as foreseen" 20s
expect "ok> " 10s

echo ==== pages of a process that dies stay: a program's text, mapped by nobody
send "/root/p > /dev/null; base dead_process; echo; echo $b; [ $b -gt 30 ] && echo they st''ay\n"
expect "they stay" 20s
expect "ok> " 10s
echo ==== ... in the hope that it will be executed again: no wait for the disk
let majors pgmajfault
send "/root/p\n"
expect "glibc: " 20s
expect "ok> " 10s
print pgmajfault - let.majors
assert pgmajfault == let.majors

echo ==== shared pages: two run the same program (the cache's file, mapped twice)
send "base shared; app -a 4K -t 1 /root/f > /dev/null & app -a 4K -t 1 /root/f > /dev/null & sleep 0.5; grew shared 512 560; wait\n"
expect "as foreseen" 20s
expect "ok> " 10s

echo ==== potentially shared pages: a program wrote to pages of its file, the
echo ==== originals are kept
send "/root/p > /dev/null; get potentially_shared; echo; echo $r; [ $r -gt 0 ] && echo kep''t\n"
expect "kept" 20s
expect "ok> " 10s

echo ==== pending swap pages: to be written, or being written
send "base pending_swap; m=0; hog 24M 0 > /dev/null & for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do get pending_swap; [ $r -gt $m ] && m=$r; sleep 0.05; done; wait; echo; echo $m; [ $m -gt 0 ] && echo pend''ing\n"
expect "pending" 60s
expect "ok> " 10s

echo ==== the cache grows as long as there is memory: KiB free and cached at
echo ==== first, and when a file of 12 MiB has been written
send "echo 3 > /proc/sys/vm/drop_caches; m() { sed -n \"s/^$1: *\\([0-9]*\\) kB/\\1/p\" /proc/meminfo; }; echo; echo $(m MemFree) $(m Cached)\n"
expect "ok> " 10s
send "seqread -c 12M /root/g 1 > /dev/null; sync; f=$(m MemFree); c=$(m Cached); echo; echo $f $c; [ $((f * 8)) -lt $c ] && echo ca''che is full\n"
expect "cache is full" 60s
expect "ok> " 10s
send "cat /proc/cache\n"
expect "metadata" 10s
audit
