# options: --ram 16M --swap 64M
# "The fork/exec combo creates transient virtual memory usage spikes, which go away again almost
# immediately" (001-16, 001-29): a process of 4 MiB, then one of 64 MiB in 16 MiB of RAM, starts
# /bin/true. Promised memory (Committed_AS) doubles; RAM and swap in use grow by what the child writes.
title "fork and exec: a spike of promises" "the FAQ (001-16, 001-29)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
console on
let c cow_copied + fork_copied
send "spike 4M\n"
expect "before  " 60s
hear promised there
expect "forked, before exec" 60s
hear promised2 there2
expect "the child has ended" 60s
hear promised3 there3
expect "ok> " 10s
claim "a process of 4 MiB starts /bin/true: memory promised before, between, after" \
    "a spike that goes \"away again almost immediately\"" \
    let.promised2 > let.promised + 4096 && let.promised3 < let.promised + 100 \
    "%d, %d, %d KiB", let.promised, let.promised2, let.promised3
claim "memory and swap in use" "grows by the pages that the child writes: under 100 KiB" \
    let.there2 < let.there + 100 "%d, %d, %d KiB", let.there, let.there2, let.there3
claim "frames copied" "those that the processes write: under 40" cow_copied + fork_copied - let.c < 40 \
    "%d frames", cow_copied + fork_copied - let.c
let c cow_copied + fork_copied
send "spike 64M\n"
expect "before  " 200s
hear promised there
expect "forked, before exec" 200s
hear promised2 there2
expect "the child has ended" 200s
hear promised3 there3
expect "ok> " 200s
claim "a process of 64 MiB, in 16 MiB of RAM: memory promised" "the same spike" \
    let.promised2 > let.promised + 65536 && let.promised3 < let.promised + 100 \
    "%d, %d, %d KiB", let.promised, let.promised2, let.promised3
claim "memory and swap in use" "again under 100 KiB more" let.there2 < let.there + 100 \
    "%d, %d, %d KiB", let.there, let.there2, let.there3
claim "frames copied" "again under 40" cow_copied + fork_copied - let.c < 40 \
    "%d frames", cow_copied + fork_copied - let.c
# Strict accounting refuses the fork, though the child would have written almost nothing: 36 MiB
# twice, with what other programs have been promised, are more than the limit of 72 MiB.
send "echo 2 > /proc/sys/vm/overcommit_memory; spike 36M; echo status $?; echo 0 > /proc/sys/vm/overcommit_memory\n"
expect "fork refused: error " 200s
hear error
expect "status 3" 10s
expect "ok> " 10s
claim "36 MiB, in mode 2 with a limit of 72 MiB" "fork is refused: ENOMEM, 12" \
    let.error == 12 && oom_kill == 0 "error %d", let.error
audit
