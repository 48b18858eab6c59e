# options: --policy sunos --ram 16M --set ufs.ufs_ninode=40 --set ufs.ncsize=20
# An inode cache that is too small: pages of a file hang off its inode, so an
# idle inode that gives way to another one takes its pages along, and %ufs_ipf
# of sar -g is above 0. With room for all it is 0, and nothing is read twice.
# (003-7 ... 003-10)
expect "# " 60s
send "PS1='o''k> '; PATH=/era/solaris/bin:$PATH; cd /root; i=1; while [ $i -le 90 ]; do echo $i > f$i; i=$((i+1)); done; sync\n"
expect "ok> " 60s

echo ==== 90 files, read twice, 40 inodes; Solaris 2.4's rules (the article: any
echo ==== %ufs_ipf above 0 means that the cache is too small; its own is 0.00, with
echo ==== inod-sz 2108/2108; more may exist than the size); inodes taken with pages
send "cat f* > /dev/null\n"
expect "ok> " 30s
let ipage ufs_ipage
let disk pgpgin
send "sar -agv 2 1 & sleep 1; cat f* > /dev/null; wait; cat /proc/sys/fs/inode-caches\n"
expect "ok> " 30s
print ufs_ipage - let.ipage
assert ufs_ipage - let.ipage > 60
assert pgpgin - let.disk > 60 * 4
assert ufs_scavenged > 100

echo ==== the same twice with the rules of 2.3: no more than 40 exist, none is blank
echo ==== (the article: "an inactive inode will be reused from the cache if the cache
echo ==== is full"); inodes taken with pages
set ufs.icache 0
let ipage ufs_ipage
let disk pgpgin
send "cat f* f* > /dev/null; grep ext2 /proc/sys/fs/inode-caches\n"
expect "ext2 40 " 30s
expect "ok> " 30s
print ufs_ipage - let.ipage
assert ufs_ipage - let.ipage > 120
assert pgpgin - let.disk > 120 * 4

echo ==== 400 inodes: the second time all is there (the article: %ufs_ipf 0.00);
echo ==== inodes taken with pages
set ufs.ufs_ninode 400
send "cat f* > /dev/null; sar -g 1 1\n"
expect "ok> " 30s
let ipage ufs_ipage
let inopage ufs_inopage
let disk pgpgin
send "sar -g 2 1 & sleep 1; cat f* > /dev/null; wait\n"
expect "ok> " 30s
print ufs_ipage - let.ipage
assert ufs_ipage == let.ipage
assert ufs_inopage == let.inopage
assert pgpgin - let.disk < 20
audit
