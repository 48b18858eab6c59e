# options: --ram 8M --swap 4M --timing fast --set vm.oom_kill=0 --max-sim-time 100s
# The end of thrashing if no process is killed (001-28): "true deadlock (where the flood of swap I/O
# stops because the CPU is pegged at 100% searching for the next page to steal, never finding one,
# and thus stops scheduling new I/O)". Three programs want 15 MiB; RAM and swap together have 12.
title "The end of thrashing where nobody is killed" "the FAQ (001-28)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "idled -p 100000 5M & idled -p 100000 4M & hog 6M 0\n"
run-until every 1ms pswpout > 500
let io pswpout + pswpin
run-for 500ms
claim "first: pages to swap and back in half a second" "\"the flood of swap I/O\"" \
    pswpout + pswpin - let.io > 100 "%d pages", pswpout + pswpin - let.io
run-until every 1ms vm.swap_used == vm.swap_total
run-for 1s

let io pswpout + pswpin
# zones[ZONE_NORMAL].pages_scanned (002-15, guest/kernel/vm/zone.h) counts the
# pages looked at since a frame was last freed.
let search u64[zones + 688]
let idle cycles_by.idle
let t cycle
run-for 1s
claim "when swap is full: pages to swap and back in 1 s" \
    "\"stops scheduling new I/O\": none" pswpout + pswpin == let.io \
    "%d pages", pswpout + pswpin - let.io
claim "pages looked at in that second" \
    "\"searching for the next page to steal, never finding one\"" \
    u64[zones + 688] - let.search > 1000000 && oom_kill == 0 \
    "%d, %d frames free", u64[zones + 688] - let.search, vm.free
claim "the processor works" "\"pegged at 100%\"" \
    (cycles_by.idle - let.idle) * 50 < cycle - let.t \
    "%.0f%% of the time", 100 * (cycle - let.t - (cycles_by.idle - let.idle)), cycle - let.t

# Ctrl-C ends one of the programs, whose memory is enough for the others to go on.
send "\x03"
expect "ok> " 60s
send "kill %1 %2; wait\n"
expect "ok> " 60s
claim "Ctrl-C ends one, and a signal the others; frames free" "all is well: over 100" \
    vm.free > 100 "%d frames", vm.free
audit
