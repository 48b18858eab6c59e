# options: --ram 8M --swap 64M --set vm.page-cluster=0 --timing fast --max-sim-time 3000s
# "The OOM killer doesn't wait for a true memory exhaustion" (001-27, 001-25):
# with vm.oom_thrash a process is killed when waiting for pages takes up all the
# time, with most of swap free. Six processes look at 400 pages
# each, fifty times a second; four of them just fit (thrash.ch).
expect "# " 60s
send "PS1='o''k> '; for i in 1 2 3 4 5 6; do idled -p 20 -a 1600K > /dev/null & done; sleep 20\n"
expect "ok> " 200s
echo ==== they thrash, and nobody is killed: pages from swap in 20 s; KiB of swap
echo ==== free, of all
let in pswpin
run-for 20s
print pswpin - let.in
print (vm.swap_total - vm.swap_used) * 4
print vm.swap_total * 4
assert pswpin - let.in > 1000
assert oom_kill == 0
assert vm.swap_used * 2 < vm.swap_total

echo ==== vm.oom_thrash=70: one is killed, and another one, until the rest fit;
echo ==== seconds until the first; KiB of swap free then; frames free
set vm.oom_thrash 70
mark on
tcatch oom-thrash
continue
print (cycle - mark.on) / 1000000000
print (vm.swap_total - vm.swap_used) * 4
print vm.free
assert cycle - mark.on < 60s
assert vm.swap_used * 2 < vm.swap_total
run-until oom_kill == 2
run-for 30s
echo ==== pages from swap in the next 20 s; killed in all
let in pswpin
run-for 20s
print pswpin - let.in
print oom_kill
assert pswpin - let.in < 50
assert oom_kill == 2
assert thrashing == 2
send "dmesg | grep -e Thrashing -e Killed; echo do''ne\n"
expect "done" 20s
expect "ok> " 10s

echo ==== reading a file larger than memory is no thrashing
send "killall idled; wait; seqread -c 10M /root/f 3 > /dev/null; echo do''ne\n"
expect "done" 100s
assert oom_kill == 2
expect "ok> " 10s
audit
