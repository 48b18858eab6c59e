# options: --ram 16M
# A compiler works eight times, two at once: processes come and go, read a source, build a tree in
# their heaps, write a temporary file that another process reads. Thus all parts of memory
# management work at once, each for a short time.
title "A compiler's work"
console off
expect "# " 60s
console on
send "ccmix 8; echo status $?\n"
expect "8 units of" 60s
expect " 2 at once, in /tmp: " 60s
hear wrong
expect "status 0" 10s
console off
claim "what the processes passed on" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong
claim "8 units, a compiler and an assembler each" "16 forks" forks >= 16 \
    "%d forks", forks
# Each compiler has a heap of 1/16 of RAM, cleared page by page as its tree grows.
claim "frames cleared on demand, 240 pages a heap" "8 * 240 = 1920 at least" \
    demand_zero >= 8 * 240 "%d frames", demand_zero
expect "# " 10s
claim "private memory that is left" "the shell's: under 60 frames" \
    vm.anonymous + vm.cow_shared < 60 "%d frames", vm.anonymous + vm.cow_shared
claim "temporary files left in /tmp, in memory" "none" \
    vm.shared_memory == 0 "%d frames", vm.shared_memory

# Now the temporary files are in a folder on the disk, but live so briefly that
# hardly any of their data is written to it before they are removed.
console on
send "ccmix -d /root 4; echo status $?\n"
expect "4 units of" 60s
expect " 2 at once, in /root: " 60s
hear wrong
expect "status 0" 10s
console off
claim "with the temporary files on the disk" "no page is wrong" \
    let.wrong == 0 "%d pages wrong", let.wrong
expect "# " 10s
send "echo fi''les: $(ls /root | grep -vc README); sync\n"
expect "files: " 10s
hear files
expect "# " 10s
claim "temporary files left on the disk" "none" let.files == 0 \
    "%d files", let.files
audit
