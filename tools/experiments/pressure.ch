# options: --ram 16M --swap 32M
# The story of a page, which `make run` shows. A program larger than a quarter
# of RAM is paged in, forks and breaks copy-on-write; files fill the cache;
# then more memory is written than there is, until the pageout daemon cleans
# pages to swap; and they come back. Then the prompt is yours.
#
# What to watch on the frame map: free frames turn into file pages (1, 3) and
# anonymous ones (2, 4); the hands of the clock begin to move when free falls
# below its threshold (4).
expect "# " 60s
send "pressure\n"

# 1. Paged in: 1152 pages of text. Some faults wait for the disk, the others
#    find what read-ahead has brought meanwhile.
expect "1. This program" 60s
expect "free:" 300s
assert pgmajfault > 0
assert pgpgin >= 1152 * 4

# 2. Copy-on-write: 128 pages of the child's, and what both need to run.
expect "2. One MiB" 60s
expect "free:" 60s
assert cow_copied >= 128

# 3. The cache fills. What the program has written itself is dirty, until the
#    write-back daemon has been there.
expect "3. Files are read" 60s
expect "free:" 120s
assert vm.file_clean + vm.file_dirty > 1500
assert vm.free < 512
assert pgpgout > 1000

# 4. Overcommitted: the daemon scans, takes, writes to swap.
#    At its height, hundreds of pages are in swap and more on their way: --screenshot's
#    picture is taken here.
expect "4. Now more memory" 60s
tcatch swap-out if vm.swap_used > 400
continue
screenshot
expect "free:" 600s
assert pgscan_kswapd > 0
assert pgsteal_kswapd > 0
assert pswpout > 500

# 5. Back again.
expect "5. All of it is read" 60s
expect "free:" 600s
assert pswpin > 500

# 6. Over. Nothing was lost.
expect "6. The program gives" 60s
expect "That is the story; 0 pages were wrong" 60s
expect "# " 10s
