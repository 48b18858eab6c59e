# options: --ram 16M --swap 256M --set vm.page-cluster=0
# only in cycle timing: in fast timing a load from memory costs one cycle
# Too much swap (001-26): "programs that query available memory see huge amounts of swap space and
# try to use it", at the disk's speed, "four orders of magnitude slower than main memory". The
# script times chains of loads through 8 and 40 MiB, in 16 MiB of RAM. (Too little: swapless.ch.)
title "Too much swap" "the FAQ (001-26)"
console off
expect "# " 60s
send "PS1='o''k> '; grep -e MemTotal -e SwapTotal /proc/meminfo\n"
expect "ok> " 10s
send "chase 131072 64 100000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let memory (cycle - let.c) / 100
figure "a load from main memory (only cycle timing knows what it costs)" "%.0f ns", let.memory, 1000
expect "ok> " 10s
# Only the first round is timed: afterwards the pages lie in swap in chain order.
send "chase 10240 4160 8\n"
expect "linked" 2000s
let f pgmajfault
let c cycle
expect "warm" 2000s
let swap (cycle - let.c) * 1000 / 10248
claim "of 10248 loads: those that wait for swap" "most: over 7000" pgmajfault - let.f > 7000 \
    "%d", pgmajfault - let.f
claim "a load from swap: times slower" \
    "\"four orders of magnitude\": 10000; with this disk's seeks 5000 to 200000" \
    let.swap > 5000 * let.memory && let.swap < 200000 * let.memory \
    "%.0f ns: %.0f times", let.swap, 1000, let.swap, let.memory
# The FAQ contradicts itself: two minutes are 1200 tenths of a second, 10000 of them are 17 minutes.
claim -n "what took a tenth of a second takes" "two minutes" \
    let.swap / let.memory / 10 < 180 "%.0f s", let.swap, 10 * let.memory
expect "ok> " 10s
