# options: --ram 16M --swap 32M --timing fast
# Page faults by policy: a program writes 20 MiB in 16 MiB of RAM, and reads
# them all again. The number of its faults, and of its waits for a disk, depends
# on the pages that the system evicted meanwhile. One system is measured by
#
#     build/clockhand --policy NAME -x tools/experiments/faults.ch
#
# and all of them, one row each, by tools/experiments/faults.
title "Page faults of a program larger than memory"
console off
expect "# " 60s
let faults pgfault
let majors pgmajfault
let swapped pswpin
send "hog 20M 0\n"
expect "read all back: " 300s
hear wrong
let faults pgfault - let.faults
let majors pgmajfault - let.majors
claim "what it read back" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong
claim "faults for 5120 pages" "each is written once, at least: 5120" \
    let.faults >= 5120 "%d faults", let.faults
# At least the 5120 - 4096 pages that do not fit were evicted and are read again.
claim "pages that came back from swap" "1024 do not fit in RAM: at least as many" \
    pswpin - let.swapped >= 1024 "%d pages", pswpin - let.swapped
figure "faults that waited for a disk" "%d", let.majors
printf "%-10s %6d faults, %5d waited for a disk\n", vm.policy, let.faults, let.majors
