# options: --ram 16M
# Who uses how much memory? (002-6, 001-18) Two shells and eight sleeping
# processes, all of them the one busybox: each process's RSS counts the frames
# that it shares with the others as if they were its own.
expect "# " 60s
send "PATH=/era/linux26/bin:$PATH; sum() { smem > /tmp/s; sed -n 's/^ *sum *//p; s/^in frames: \\([0-9]*\\)[^0-9]*\\([0-9]*\\).*/\\1 \\2/p' /tmp/s; }\n"
expect "# " 10s
send "sh -c 'sleep 1000; :' & for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; sleep 1\n"
expect "# " 20s
send "smem\n"
expect "of files and shared memory mapped" 20s
expect "# " 10s

# VSZ adds up to more than RSS, RSS to far more than there is. PSS, where a
# frame that n processes map counts 1/n, adds up to the frames in use: to
# AnonPages and Mapped of /proc/meminfo, but for what is lost in rounding (less
# than a byte in 4096 for each process and page).
echo ==== KiB, sums over all: USS, PSS, RSS, VSZ; frames in use (the slides: "VSIZE
echo ==== and RSS alone" mislead: two shells of some 1100K each, 3996K of them shared)
send "set -- $(sum); used=$(($6 + $7)); echo; echo $2 $3 $4 $5 $used; echo USS $2 PSS $3 RSS $4 VSZ $5, frames in use: $used KiB\n"
expect "frames in use: " 20s
expect "# " 10s
send "[ $2 -lt $3 ] && [ $4 -gt $((2 * $3)) ] && [ $5 -gt $((2 * $4)) ] && echo misleading'' sums\n"
expect "misleading sums" 10s
expect "# " 10s
send "[ $3 -le $used ] && [ $((used - $3)) -lt $((used / 20)) ] && echo frames'' accounted for\n"
expect "frames accounted for" 10s
expect "# " 10s

# What did sharing save? The same eight programs, but each from a copy of its
# own of the file: nothing to share. (They leave first; the copies go to the
# disk, so that only what is used of them comes into memory again.)
send "kill %1 %2 %3 %4 %5 %6 %7 %8 %9; wait 2>/dev/null; one=$3\n"
expect "# " 20s
send "for i in 1 2 3 4 5 6 7 8; do cp /bin/busybox /root/b$i; done; sync; echo 3 > /proc/sys/vm/drop_caches; mkdir -p /root/d; for i in 1 2 3 4 5 6 7 8; do mkdir /root/d/$i; mv /root/b$i /root/d/$i/sleep; done\n"
expect "# " 60s
send "sh -c 'sleep 1000; :' & for i in 1 2 3 4 5 6 7 8; do /root/d/$i/sleep 1000 & done; sleep 1\n"
expect "# " 20s
echo ==== KiB of frames for eight processes of one program; of eight copies of it
send "set -- $(sum); echo; echo $one $3; echo one program, eight times: $one KiB of frames, eight programs: $3 KiB\n"
expect "eight programs:" 20s
expect "# " 10s

# The text of each is some 260 KiB of the file, mapped; of the shared program
# it is there once.
send "[ $(($3 - one)) -gt $((7 * 200)) ] && echo sharing'' saves\n"
expect "sharing saves" 10s
expect "# " 10s
audit
