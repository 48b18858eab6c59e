# options: --policy sunos --ram 16M --set ufs.ufs_ninode=40 --set ufs.ncsize=20
# An inode cache that is too small: pages of a file hang off its inode, so when an idle inode is
# reused for another file, its pages are lost, and %ufs_ipf of sar -g is above 0. With room for all
# inodes %ufs_ipf is 0, and nothing is read twice. (003-7, 003-9, 003-10)
title "An inode cache that is too small" "the article (003-7)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:$PATH; cd /root; i=1; while [ $i -le 90 ]; do echo $i > f$i; i=$((i+1)); done; sync\n"
expect "ok> " 60s

send "cat f* > /dev/null\n"
expect "ok> " 30s
let ipage ufs_ipage
let disk pgpgin
console on
send "sar -agv 2 1 & sleep 1; cat f* > /dev/null; wait; cat /proc/sys/fs/inode-caches\n"
expect "ok> " 30s
claim "90 files read twice, 40 inodes, Solaris 2.4's rules: inodes taken with pages" \
    "any %ufs_ipf above 0: the cache is too small" ufs_ipage - let.ipage > 60 \
    "%d inodes", ufs_ipage - let.ipage
claim "KiB read again from the disk" "a file's page each time: over 60 * 4" \
    pgpgin - let.disk > 60 * 4 "%d KiB", pgpgin - let.disk
figure "inodes that the scavenger took" "%d inodes", ufs_scavenged
send "find / -xdev > /dev/null; cat f* > /dev/null; grep ext2 /proc/sys/fs/inode-caches\n"
expect "\next2 " 30s
hear existing active idle blank size most
expect "ok> " 30s
claim "inodes that exist then" "more than the size of 40 may exist" \
    let.existing > 40 "%d inodes", let.existing
claim "of these idle; the most that ever were" \
    "\"between ufs_ninode and 75 percent of\" it: 30 to 40; at no moment more" \
    let.idle >= 30 && let.idle <= 40 && let.most <= 40 "%d; %d inodes", let.idle, let.most
send "tail -f $(ls f* | head -60) > /dev/null & sleep 1; grep ext2 /proc/sys/fs/inode-caches\n"
expect "\next2 " 30s
hear _ active idle
expect "ok> " 30s
send "kill %1; wait\n"
expect "ok> " 30s
claim "60 files are held open: active inodes" \
    "without limit: 60 at least, though the cache's size is 40" let.active >= 60 && let.idle <= 40 \
    "%d, and %d idle", let.active, let.idle

# By Solaris 2.3's rules no inode is blank; over 40 exist only while over 40 are in use. (003-9)
set ufs.icache 0
let ipage ufs_ipage
let disk pgpgin
send "cat f* f* > /dev/null; grep ext2 /proc/sys/fs/inode-caches\n"
expect "\next2 " 30s
hear inodes
expect "ok> " 30s
claim "2.3's rules: inodes that exist" "no more than the cache's 40" \
    let.inodes == 40 "%d inodes", let.inodes
claim "90 files read twice by 2.3's rules: inodes taken with pages" \
    "\"an inactive inode will be reused ... if the cache is full\"" \
    ufs_ipage - let.ipage > 120 && pgpgin - let.disk > 120 * 4 \
    "%d inodes, %d KiB read", ufs_ipage - let.ipage, pgpgin - let.disk
send "tail -f $(ls f* | head -60) > /dev/null & sleep 1; grep ext2 /proc/sys/fs/inode-caches\n"
expect "\next2 " 30s
hear inodes active
expect "ok> " 30s
let beyond let.inodes
send "kill %1; wait; grep ext2 /proc/sys/fs/inode-caches\n"
expect "\next2 " 30s
hear inodes
expect "ok> " 30s
claim "60 files are held open: inodes; active; when they are closed, inodes" \
    "\"entirely possible for ... active inodes to exceed ufs_ninode\": over 60; \"discarded if the cache is over-full\": 40" \
    let.beyond > 60 && let.active >= 60 && let.inodes == 40 \
    "%d; %d; %d", let.beyond, let.active, let.inodes

# fsflush has not written these modified pages yet: they are younger than 30 s.
send "i=1; while [ $i -le 30 ]; do echo new $i > f$i; i=$((i+1)); done\n"
expect "ok> " 30s
let ipage ufs_ipage
let written nr_written
let dirty nr_dirtied - nr_written
send "cat $(ls f* | tail -60) > /dev/null\n"
expect "ok> " 30s
claim "modified pages of files; written when the inodes of 60 others come" \
    "it \"updates on disk any modified pages\": all" \
    let.dirty >= 30 && nr_written - let.written >= let.dirty && ufs_ipage - let.ipage >= 30 \
    "%d; %d", let.dirty, nr_written - let.written

set ufs.ufs_ninode 400
send "cat f* > /dev/null; sar -g 1 1\n"
expect "ok> " 30s
let ipage ufs_ipage
let inopage ufs_inopage
let disk pgpgin
send "sar -g 2 1 & sleep 1; cat f* > /dev/null; wait\n"
expect "ok> " 30s
claim "400 inodes, the second time: inodes taken with pages" \
    "%ufs_ipf 0.00" ufs_ipage == let.ipage && ufs_inopage == let.inopage \
    "%d inodes", ufs_ipage - let.ipage
claim "KiB read again" "all is there: none" pgpgin - let.disk < 20 \
    "%d KiB", pgpgin - let.disk
audit
