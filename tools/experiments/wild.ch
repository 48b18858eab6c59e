# options: --ram 16M
# Wild pointers (001-5, 001-6, 001-32): "The page fault handler sends a
# Segmentation Violation signal (SIGSEGV) to the program on any access to
# unmapped addresses". The FAQ has the default end in the message "bus error":
# that is SIGBUS's, which a page behind the end of a mapped file gives.
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
let illegal pgillfault
echo ==== a null pointer, read and written: signal 11
send "wild 0; echo status $?; wild -w 0; echo status $?\n"
expect "Segmentation fault" 10s
expect "status 139" 5s
expect "Segmentation fault" 10s
expect "status 139" 5s
echo ==== the first kilobytes, unmapped memory, the program's own text (written),
echo ==== the kernel's memory, what Sv39 has no address for: the same
send "for a in ff8 fff8 123456000 ffffffc080200000 8000000000; do wild $a; echo status $?; done; wild -w 10000; echo status $?\n"
expect "status 139" 5s
expect "status 139" 5s
expect "status 139" 5s
expect "status 139" 5s
expect "status 139" 5s
expect "status 139" 5s
echo ==== a page behind the end of a mapped file: signal 7
send "wild -f /etc/passwd; echo status $?\n"
expect "Bus error" 5s
expect "status 135" 5s
expect "ok> " 5s
echo ==== the text itself can be read: no signal
send "wild 10000; echo status $?\n"
expect "wild: 10102464c457f" 5s
expect "status 0" 5s
expect "ok> " 5s
echo ==== illegal faults, counted apart
print pgillfault - let.illegal
assert pgillfault - let.illegal == 9
audit
