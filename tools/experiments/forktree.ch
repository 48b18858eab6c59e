# options: --ram 16M
# A tree of processes: each forks two children, for five generations, 31 in all.
# Each process inherits 64 KiB from its parent, checks them, changes one page.
title "A tree of processes"
console off
expect "# " 60s
let copied cow_copied
console on
send "forktree 4 2 64K; echo status $?\n"
expect "forktree: " 60s
hear processes _
expect "each, " 60s
hear refused wrong
expect "status 0" 10s
console off
claim "processes of five generations" "31" let.processes == 31 && forks >= 31 \
    "%d", let.processes
claim "forks that were refused; pages that were wrong" "none; none" \
    let.refused == 0 && let.wrong == 0 "%d; %d", let.refused, let.wrong
# 31 processes with 16 pages of data each would be 496 pages. With sharing only
# written pages count: one of the array each, and those of a process's start.
let copied cow_copied - let.copied
claim "of 31 * 16 = 496 pages, copied at once by fork; copied on write" \
    "none; one of the array a process, and what it needs to run: under 12 each" \
    fork_copied == 0 && let.copied >= 31 && let.copied < 31 * 12 \
    "%d; %d pages", fork_copied, let.copied
expect "# " 10s
claim "private memory that is left" "the shell's: under 60 frames" \
    vm.anonymous + vm.cow_shared < 60 "%d frames", vm.anonymous + vm.cow_shared
audit
