# options: --ram 16M
# The memory of processes that share (002-6, 001-18): two shells and eight
# sleeping processes, all running one busybox. Each process's RSS counts the
# frames that it shares with the others as if they were its own.
title "Who uses how much memory?" "the slides (002-6)"
console off
expect "# " 60s
send "PATH=/era/linux26/bin:$PATH; sum() { smem > /tmp/s; sed -n 's/^ *sum *//p; s/^in frames: \\([0-9]*\\)[^0-9]*\\([0-9]*\\).*/\\1 \\2/p' /tmp/s; }\n"
expect "# " 10s
send "sh -c 'sleep 1000; :' & for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; sleep 1\n"
expect "# " 20s
console on
send "smem\n"
expect "of files and shared memory mapped" 20s
expect "# " 10s
console off

# VSZ adds up to more than RSS, RSS to far more than is in use. PSS, where a frame that n processes
# map counts 1/n, adds up to the frames in use: to AnonPages and Mapped of /proc/meminfo, except for
# rounding (less than a byte for each page of a process, and less than 1 KiB for each mapping).
send "set -- $(sum); echo su''ms: $2 $3 $4 $5 $(($6 + $7))\n"
expect "sums: " 20s
hear uss pss rss vsz used
expect "# " 10s
claim "sums over all processes: VSZ; RSS" \
    "\"VSIZE and RSS alone\" mislead: VSZ over twice RSS, RSS over twice PSS" \
    let.rss > 2 * let.pss && let.vsz > 2 * let.rss \
    "%d; %d KiB", let.vsz, let.rss
claim "USS, what is a process's alone" "less than PSS" let.uss < let.pss \
    "%d KiB", let.uss
claim "PSS; frames in use" "PSS adds up to them, but for rounding" \
    let.pss <= let.used && (let.used - let.pss) * 20 < let.used \
    "%d; %d KiB", let.pss, let.used

# To show the saving, the eight sleeping programs run again, each from its own copy
# of the file, so they share nothing. (The nine processes above are killed first;
# drop_caches leaves the copies on the disk, so that only used pages come back.)
send "kill %1 %2 %3 %4 %5 %6 %7 %8 %9; wait 2>/dev/null; one=$3\n"
expect "# " 20s
send "for i in 1 2 3 4 5 6 7 8; do cp /bin/busybox /root/b$i; done; sync; echo 3 > /proc/sys/vm/drop_caches; mkdir -p /root/d; for i in 1 2 3 4 5 6 7 8; do mkdir /root/d/$i; mv /root/b$i /root/d/$i/sleep; done\n"
expect "# " 60s
send "sh -c 'sleep 1000; :' & for i in 1 2 3 4 5 6 7 8; do /root/d/$i/sleep 1000 & done; sleep 1\n"
expect "# " 20s
send "set -- $(sum); echo ki''b: $one $3\n"
expect "kib: " 20s
hear one eight
expect "# " 10s

# Each process maps some 260 KiB of text from its file; the shared program's text is in memory once.
claim "memory of eight processes of one program; of eight copies of it" \
    "sharing saves their text, seven times: 1400 KiB and more" \
    let.eight - let.one > 7 * 200 "%d; %d KiB", let.one, let.eight
audit
