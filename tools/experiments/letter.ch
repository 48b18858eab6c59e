# options: --policy sunos --ram 88848K --swap 248576K --timing fast --max-sim-time 600s
# only at this RAM: the letter's machine, to which the figures belong
# The letter itself, in its own sizes: "How can I get my memory back?" (Cockcroft, Unix Insider,
# October 1995; sunos-memory.ch repeats it in an eighth of the RAM, with the answer). Its machine has
# 330252 KB of swap and 80708 KB of memory free; a program takes 16048 KB and 55 MB of files. (003-2, 003-3)
title "\"How can I get my memory back?\", in the letter's own sizes" "the letter (003-2)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:/era/bin:$PATH; mkdir /tmp/m; mount -t ext2 -o ro /dev/vdb /tmp/m; app -a 4K /etc/passwd\n"
expect "ok> " 10s
# Without the disk that tools/experiments/letter makes, the script fails here.
send "ls /tmp/m/bin\n"
expect "\n/tmp/m/bin" 5s
expect "ok> " 10s
# kb prints swap and free memory in KB.
send "kb() { while read -r n v; do case $n in swap_unreserved) s=$((v * 4));; freemem) f=$((v * 4));; esac; done < /proc/counters; echo k''b: $s $f; }\n"
expect "ok> " 10s
console on
send "vmstat 5 3; kb\n"
expect "kb: " 30s
hear swap0 free
let swap let.swap0
claim "before the program starts: swap" "330252 KB" \
    let.swap >= 330252 - 330 && let.swap <= 330252 + 330 "%d KB", let.swap
claim "free" "80708 KB" let.free >= 80708 - 200 && let.free <= 80708 + 200 \
    "%d KB", let.free
expect "ok> " 30s
figure "(fitted: RAM, swap and the sizes of the program are the letter's; with 6% more or less of RAM the figures are others)" ""
let scanned pgscan_kswapd
let majors pgmajfault
let read pgpgin
send "app -a 15656K -t 30 /tmp/m/bin /tmp/m/dat & vmstat 5 5; kb\n"
expect "kb: " 100s
hear swap free
let first pgmajfault - let.majors
let firstread pgpgin - let.read
claim "it runs: swap" "314204 KB" \
    let.swap >= 314204 - 330 && let.swap <= 314204 + 330 "%d KB", let.swap
claim "free" "8824 KB" let.free >= 8824 - 200 && let.free <= 8824 + 200 \
    "%d KB", let.free
# (The letter's shell held 328 KB more swap afterwards than before; ours a tenth.)
expect "app: quits, 0 pages wrong" 100s
send "vmstat 5 3; kb\n"
expect "kb: " 100s
hear swap free
expect "ok> " 30s
claim "it has ended: swap" "it comes back, but for 328 KB: 329924 KB" \
    let.swap <= let.swap0 && let.swap0 - let.swap <= 328 "%d KB, %d less", let.swap, let.swap0 - let.swap
claim "free" "it does not come back: 24396 KB" \
    let.free >= 24396 - 500 && let.free <= 24396 + 500 "%d KB", let.free
claim "sr: pages scanned all the while" "0" pgscan_kswapd == let.scanned \
    "%d pages", pgscan_kswapd - let.scanned
let majors pgmajfault
let read pgpgin
send "app -a 15656K /tmp/m/bin /tmp/m/dat\n"
expect "app: quits, 0 pages wrong" 100s
expect "ok> " 10s
# Files of 24576000 and 32731136 bytes: 55964 KiB, 13991 pages; read-ahead
# brings at most 32 pages at a time, so at least one fault in 33 waits.
claim "it is launched for the first time" "all comes from the disk" \
    let.first > 13991 / 33 && let.firstread >= 55964 \
    "%d waits for the disk, %d KiB read", let.first, let.firstread
claim "it is launched again" \
    "\"more quickly than ... the first time, and with less disk activity\"" \
    pgmajfault == let.majors && pgpgin == let.read \
    "%d waits, %d KiB read", pgmajfault - let.majors, pgpgin - let.read
audit
