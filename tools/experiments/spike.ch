# options: --ram 16M --swap 64M
# "The fork/exec combo creates transient virtual memory usage spikes, which go
# away again almost immediately" (001-16, 001-29; experiments.md, E8): a process
# of 4 MiB, then one of 64 MiB in 16 MiB of RAM, starts /bin/true. What is
# promised doubles; what is there grows by what the child runs on.
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
echo ==== 4 MiB: promised and there, KiB, before, between, after; frames copied
let c cow_copied
send "spike 4M\n"
expect "as predicted" 60s
expect "ok> " 10s
print cow_copied - let.c
assert cow_copied - let.c < 40
echo ==== 64 MiB in 16 MiB of RAM; the same
let c cow_copied
send "spike 64M\n"
expect "as predicted" 200s
expect "ok> " 10s
print cow_copied - let.c
assert cow_copied - let.c < 40
echo ==== strict accounting (vm.overcommit_memory=2) refuses it, though nothing
echo ==== would have been written: 36 MiB twice in a limit of 72 MiB
send "echo 2 > /proc/sys/vm/overcommit_memory; spike 36M; echo status $?; echo 0 > /proc/sys/vm/overcommit_memory\n"
expect "fork refused: error 12" 200s
expect "status 3" 10s
expect "ok> " 10s
assert oom_kill == 0
audit
