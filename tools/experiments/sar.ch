# options: --policy sunos --ram 16M --swap 32M --epoch 811382401 --append sadc=3600 --set ufs.ufs_ninode=40 --set ufs.ncsize=20 --timing fast --max-sim-time 7200s
# sar prints the three reports of a magazine's column (document 003) from records that our recorder
# has made, an hour apart: the lines must show what the kernel counted in that hour. The load is
# ours (a directory listed every 25 s through an inode cache too small for it, and one program that
# needs more memory than there is); its rates are chosen to be about the column's. (003-8, 003-19)
title "sar's three lines, recorded by sadc" "the column (003-8)"
console off
expect "# " 60s
# The recorder has just made its first record.
let iget iget
let namei namei
let dirblk dirblk
let pgout pgout
let ppgout ppgout
let dfree dfree
let scan pgscan_kswapd
let ipage ufs_ipage
let inopage ufs_inopage
send "PS1='o''k> '; PATH=/era/solaris/bin:$PATH; mkdir /root/d; cd /root/d; i=1; while [ $i -le 90 ]; do : > f$i; i=$((i+1)); done; sync\n"
expect "ok> " 60s
# The load ends before the hour does.
send "hog 17M 0 > /dev/null; i=0; while [ $i -lt 140 ]; do ls -l /root/d > /dev/null; i=$((i+1)); sleep 25; done; echo rea''dy\n"
expect "ready" 3600s
expect "ok> " 10s
let iget iget - let.iget
let namei namei - let.namei
let dirblk dirblk - let.dirblk
let pgout pgout - let.pgout
let ppgout ppgout - let.ppgout
let dfree dfree - let.dfree
let scan pgscan_kswapd - let.scan
let ipage ufs_ipage - let.ipage
let inopage ufs_inopage - let.inopage
send "sleep 120\n"
expect "ok> " 200s
console on
send "sar -a; sar -g; sar -v\n"
expect "SunOS clockhand 5.4 Generic_101945-32 sun4c    09/18/95" 10s
expect "00:00:01  iget/s namei/s dirbk/s" 10s
expect "01:00:01" 10s
hear a n d
expect "00:00:01  pgout/s ppgout/s pgfree/s pgscan/s %ufs_ipf" 10s
expect "00:00:01  proc-sz    ov  inod-sz    ov  file-sz    ov   lock-sz" 10s
expect "\n01:00:01" 10s
hear proc procs ov1 inod inods ov2 file files ov3 lock locks
expect "ok> " 10s
console off
# Print sar -g's numbers in hundredths.
send "sar -g | awk '/^01:00/ { print \"g\", \"is\", $2 * 100, $3 * 100, $4 * 100, $5 * 100, $6 * 100 }'\n"
expect "g is" 10s
hear out pout free scan100 ipf
expect "ok> " 10s
# sar's lines also count the recorder's own lookups, so their counts differ from ours by a few.
claim "sar -a: iget/s, namei/s, dirbk/s, of what the kernel counted" "4 6 0 in the column; ours are the hour's counts, divided by 3600" \
    let.a == (let.iget + 1800) / 3600 && let.n == (let.namei + 1800) / 3600 && let.d == (let.dirblk + 1800) / 3600 && let.a > 0 && let.n > 0 \
    "%d %d %d: %d, %d, %d in the hour", let.a, let.n, let.d, let.iget, let.namei, let.dirblk
claim "sar -g: pgout/s, ppgout/s, pgfree/s, pgscan/s in hundredths" "2 2 8 12 in the column; ours likewise" \
    let.out * 36 + 18 >= let.pgout && let.out * 36 <= let.pgout + 18 && let.pout * 36 + 18 >= let.ppgout && let.pout * 36 <= let.ppgout + 18 && let.free * 36 + 18 >= let.dfree && let.free * 36 <= let.dfree + 18 && let.scan100 * 36 + 18 >= let.scan && let.scan100 * 36 <= let.scan + 18 && let.scan100 > 0 && let.free > 0 \
    "%d %d %d %d: %d, %d, %d, %d in the hour", let.out, let.pout, let.free, let.scan100, let.pgout, let.ppgout, let.dfree, let.scan
claim "%ufs_ipf in hundredths" "0.00 in the column, whose inodes had no pages in memory; ours of directories and programs have some" \
    let.ipf == (let.ipage * 10000 + (let.ipage + let.inopage) / 2) / (let.ipage + let.inopage) \
    "%d: %d of %d", let.ipf, let.ipage, let.ipage + let.inopage
claim "sar -v: proc-sz, inod-sz, file-sz, lock-sz" "66/506 2108/2108 353/353 0/0 in the column; ours are the tables' entries now" \
    let.procs == 128 && let.inods == 40 && let.file == let.files && let.lock == 0 && let.ov1 + let.ov2 + let.ov3 == 0 \
    "%d/%d %d/%d %d/%d %d/%d", let.proc, let.procs, let.inod, let.inods, let.file, let.files, let.lock, let.locks
