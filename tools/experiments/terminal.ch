# options: --ram 8M --swap 4M --timing fast --set vm.oom_kill=0 --max-sim-time 100s
# The end of thrashing where nobody is killed (001-28): "true deadlock (where the
# flood of swap I/O stops because the CPU is pegged at 100% searching for the
# next page to steal, never finding one, and thus stops scheduling new I/O)".
# Three programs want 15 MiB of the 12 that there are.
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "hog 5M 0 & hog 4M 0 & hog 6M 0\n"
run-until pswpout > 500
echo ==== first the flood: pages to swap and back in half a second
let io pswpout + pswpin
run-for 500ms
print pswpout + pswpin - let.io
assert pswpout + pswpin - let.io > 100
run-until vm.swap_used == vm.swap_total
run-for 1s

echo ==== then none: pages to swap and back in 1 s; pages that the hand
echo ==== looked at, none of which could go; free frames
let io pswpout + pswpin
# zone.pages_scanned (002-15): looked at since a frame was last freed.
let search u64[zone + 40]
let idle cycles_by.idle
let t cycle
run-for 1s
print pswpout + pswpin - let.io
print/d u64[zone + 40] - let.search
assert u64[zone + 40] - let.search > 1000000
print vm.free
assert pswpout + pswpin == let.io
echo ==== of the time the processor searched for a victim, per cent
print 100 - 100 * (cycles_by.idle - let.idle) / (cycle - let.t)
assert (cycles_by.idle - let.idle) * 50 < cycle - let.t
assert oom_kill == 0

echo ==== Ctrl-C ends one of them: the others go on, and all is well
send "\x03"
expect "ok> " 60s
send "wait\n"
expect "ok> " 60s
assert vm.free > 100
audit
