# options: --ram 16M
# An idle daemon has 1/16 of RAM, written once, and looks at the first page ten times
# a second. It costs memory, and next to no processor time.
title "An idle daemon"
console off
expect "# " 60s
send "grep MemTotal /proc/meminfo\n"
expect "MemTotal:" 10s
hear ram
expect "# " 10s
let before vm.anonymous
let idle cycles_by.idle
let t cycle
send "idled -p 100 & sleep 1\n"
expect "# " 5s
let idle cycles_by.idle - let.idle
let t cycle - let.t

# A second later it has woken nine or ten times. Its other pages have not been
# looked at since they were written: `page PFN` of one of them says when.
claim "memory that the daemon holds" "1/16 of RAM, and the shell's 60 frames at most" \
    vm.anonymous - let.before >= let.ram / 64 && vm.anonymous < let.ram / 64 + 60 \
    "%d KiB of %d, %d of them more than before", vm.anonymous * 4, let.ram, (vm.anonymous - let.before) * 4
claim "share of that second in which the processor works" "next to nothing: under 10%" \
    (let.t - let.idle) * 10 < let.t \
    "%.1f%%", 100 * (let.t - let.idle), let.t

# SIGTERM ends the daemon's sleep. It reads all its memory back, and exits.
console on
send "kill %1; wait; echo wai''ted\n"
expect "idled: woke " 10s
hear woke _ _ wrong
expect "waited" 10s
console off
claim "times that it woke" "9 or 10" let.woke >= 9 && let.woke <= 10 \
    "%d times", let.woke
claim "what it reads back at its end" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong
expect "# " 10s
claim "private memory that is left" "the shell's: under 60 frames" \
    vm.anonymous + vm.cow_shared < 60 "%d frames", vm.anonymous + vm.cow_shared
audit
