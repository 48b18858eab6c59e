# options: --ram 16M --ad fault
# "The system can track active pages by removing the ... bits from page table entries but leaving
# the associated physical page still attached, then taking a soft fault the next time" (001-20).
# RISC-V's bit is A: with --ad fault an access to a page whose A is clear faults, and the handler
# only sets A again. A process looks at its 256 pages once a second; writing to its
# /proc/PID/clear_refs clears their A bits, as the clock's hands do.
title "Use of pages, seen by soft faults" "the FAQ (001-20)"
console off
expect "# " 60s
send "PS1='o''k> '; idled -p 1000 -a 1M & sleep 3\n"
expect "ok> " 20s
let f pgfault
run-for 2s
claim "256 pages are used for two seconds" "nothing happens" \
    pgfault - let.f < 5 "%d faults", pgfault - let.f

send "r() { sed -n 's/^VmRSS: *//p' /proc/$!/status; }; a=$(r); echo 1 > /proc/$!/clear_refs; b=$(r); echo r''ss: $a, $b\n"
expect "rss: " 10s
hear before after
expect "ok> " 10s
claim "the bits are removed" "the page is \"still attached\"" \
    let.before == let.after "RSS %d KiB before, %d KiB after", let.before, let.after

# The process uses its 256 pages, and a few of its stack and text.
let f pgfault
let m pgmajfault
let free vm.free
run-for 2s
claim "the next use" "\"a soft fault the next time\", for each page" \
    pgfault - let.f >= 256 && pgfault - let.f < 270 \
    "%d faults", pgfault - let.f
# (let.m > 0 shows that the counter works: the shell was read from the disk.)
claim "of these, faults that wait for the disk; such faults before them" "none, as they are soft; some" \
    pgmajfault == let.m && let.m > 0 "%d faults; %d", pgmajfault - let.m, let.m
claim "frames that they took" "none: attached" vm.free == let.free \
    "%d frames", let.free - vm.free
let f pgfault
run-for 2s
claim "two seconds more" "nothing happens" pgfault - let.f < 5 \
    "%d faults", pgfault - let.f
audit
