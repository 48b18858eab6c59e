# options: --ram 16M
# Wild pointers (001-5, 001-6, 001-32): "The page fault handler sends a
# Segmentation Violation signal (SIGSEGV) to the program on any access to
# unmapped addresses". The FAQ says that the default action prints "bus error":
# that message is SIGBUS's, which a page past the end of a mapped file causes.
title "Wild pointers" "the FAQ (001-5, 001-6, 001-32)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
let illegal pgillfault
console on
send "wild 0; echo status $?; wild -w 0; echo status $?\n"
expect "Segmentation fault" 10s
expect "\nstatus " 5s
hear read
expect "Segmentation fault" 10s
expect "\nstatus " 5s
hear write
claim -n "what the shell prints" "\"the default action ... the message 'bus error'\"" \
    0 "Segmentation fault"
claim "a null pointer, read; written" "SIGSEGV: signal 11" \
    let.read == 128 + 11 && let.write == 128 + 11 \
    "signal %d; signal %d", let.read - 128, let.write - 128
send "for a in ff8 fff8 123456000 ffffffc080200000 8000000000; do wild $a; echo sta''tus $?; done; wild -w 10000; echo sta''tus $?\n"
expect "\nstatus " 5s
hear low
expect "\nstatus " 5s
hear low2
expect "\nstatus " 5s
hear unmapped
expect "\nstatus " 5s
hear kernel
expect "\nstatus " 5s
hear none
expect "\nstatus " 5s
hear text
claim "the first kilobytes (0xff8, 0xfff8); unmapped memory" "the same" \
    let.low == 139 && let.low2 == 139 && let.unmapped == 139 \
    "signals %d, %d; %d", let.low - 128, let.low2 - 128, let.unmapped - 128
claim "the kernel's memory; an address outside of Sv39" "the same" \
    let.kernel == 139 && let.none == 139 \
    "signal %d; signal %d", let.kernel - 128, let.none - 128
claim "the program's own text, written" "the same" let.text == 139 \
    "signal %d", let.text - 128
send "wild -f /etc/passwd; echo sta''tus $?\n"
expect "Bus error" 5s
expect "\nstatus " 5s
hear bus
claim "a page behind the end of a mapped file" "SIGBUS, \"bus error\": signal 7" \
    let.bus == 128 + 7 "signal %d", let.bus - 128
expect "ok> " 5s
send "wild 10000; echo sta''tus $?\n"
expect "wild: 10102464c457f" 5s
expect "\nstatus " 5s
hear status
claim "the text, read" "no signal" let.status == 0 "status %d", let.status
expect "ok> " 5s
claim "illegal faults, counted apart" "9: one for each signal above" \
    pgillfault - let.illegal == 9 "%d", pgillfault - let.illegal
audit
