# options: --ram 16M --ad fault
# "The system can track active pages by removing the ... bits from page table
# entries but leaving the associated physical page still attached, then taking a
# soft fault the next time" (001-20). RISC-V's bit for that is A: with --ad
# fault a page whose A is clear faults, the handler sets it again, and nothing
# else happens. A process looks at its 256 pages once a second; the kernel is
# told to forget what it used (/proc/PID/clear_refs, as the hands do).
expect "# " 60s
send "PS1='o''k> '; idled -p 1000 -a 1M & sleep 3\n"
expect "ok> " 20s
echo ==== two seconds of use: faults; then its marks are taken away, frames stay
let f pgfault
run-for 2s
print pgfault - let.f
assert pgfault - let.f < 5
send "r() { sed -n 's/^VmRSS: *//p' /proc/$!/status; }; a=$(r); echo 1 > /proc/$!/clear_refs; b=$(r); echo; echo $a $b; [ \"$a\" = \"$b\" ] && echo st''ill there\n"
expect "still there" 10s
expect "ok> " 10s
echo ==== the next use: soft faults (256 pages, and what its stack and text are),
echo ==== of these with disk; frames taken
let f pgfault
let m pgmajfault
let free vm.free
run-for 2s
print pgfault - let.f
print pgmajfault - let.m
print let.free - vm.free
assert pgfault - let.f >= 256 && pgfault - let.f < 270
assert pgmajfault == let.m
assert vm.free == let.free
echo ==== and then none
let f pgfault
run-for 2s
print pgfault - let.f
assert pgfault - let.f < 5
audit
