# options: --ram 8M --swap 64M --set vm.page-cluster=0 --timing fast --max-sim-time 3000s
# "The OOM killer doesn't wait for a true memory exhaustion" (001-27, 001-25):
# with vm.oom_thrash a process is killed when the system waits for pages most of
# the time, though most of swap is free. Six processes look at a fifth of
# memory each, fifty times a second; four of them just fit (thrash.ch).
title "Killed for thrashing, before memory is exhausted" "the FAQ (001-27, 001-25)"
console off
expect "# " 60s
send "PS1='o''k> '; for i in 1 2 3 4 5 6; do idled -p 20 -a 0.2x > /dev/null & done; sleep 20\n"
expect "ok> " 200s
let in pswpin
run-for 20s
claim "six processes of which four fit: pages from swap in 20 s" \
    "they thrash" pswpin - let.in > 1000 "%d pages", pswpin - let.in
claim "and as long as vm.oom_thrash is off" "nobody is killed" oom_kill == 0 \
    "%d killed", oom_kill

# Processes are killed, one after another, until those left fit.
set vm.oom_thrash 70
mark on
tcatch oom-thrash
continue
claim "vm.oom_thrash=70: until the first is killed" "soon: within a minute" \
    cycle - mark.on < 60s "%.1f s", cycle - mark.on, 1s
claim "swap that is free then" "\"doesn't wait for a true memory exhaustion\": most" \
    vm.swap_used * 2 < vm.swap_total \
    "%d of %d KiB", (vm.swap_total - vm.swap_used) * 4, vm.swap_total * 4
run-until oom_kill == 2
run-for 30s
let in pswpin
run-for 20s
claim "four are left: pages from swap in 20 s" "it is over" pswpin - let.in < 50 \
    "%d pages", pswpin - let.in
claim "killed in all" "two: the rest fit" oom_kill == 2 && thrashing == 2 \
    "%d, %d for thrashing", oom_kill, thrashing
console on
send "dmesg | grep -e Thrashing -e Killed; echo do''ne\n"
expect "done" 20s
expect "ok> " 10s

send "killall idled; wait; seqread -c 10M /root/f 3 > /dev/null; echo do''ne\n"
expect "done" 100s
claim "a file larger than memory is read three times: killed" \
    "nobody: that is no thrashing" oom_kill == 2 "%d more", oom_kill - 2
expect "ok> " 10s
audit
