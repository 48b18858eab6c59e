# options: --ram 16M --swap 32M
# The story of a page, which `make run` shows. A program larger than a quarter of RAM is paged in,
# forks and breaks copy-on-write; files fill the cache; then more memory is written than there is,
# until the pageout daemon cleans pages to swap; and the pages come back. Then the prompt is yours.
#
# On the frame map, watch free frames turn into file pages (1, 3) and anonymous ones (2, 4); the
# hand of the clock begins to move when free falls below its threshold (4).
title "The story of a page"
console off
expect "# " 60s
console on
# Pages read by the boot and the shell are not part of the story.
let read pgpgin
let majors pgmajfault
send "pressure\n"

# 1. 1152 pages of text are paged in. Some faults wait for the disk, the others
#    find pages that read-ahead has brought meanwhile.
expect "1. This program" 60s
caption "1 of 6. A program starts. Its pages are read from the disk when it touches them or their neighbours, not before: each blue cell is a page of a file" read-ahead
expect "free:" 300s
claim "1. A program of 1152 pages is paged in: read from the disk" \
    "all of it: 4608 KiB; some faults wait" pgmajfault > let.majors && pgpgin - let.read >= 1152 * 4 \
    "%d KiB were read; %d faults waited (with those of the shell that starts it)", pgpgin - let.read, pgmajfault - let.majors

# 2. Copy-on-write copies 128 pages of the child's, and what both need to run.
expect "2. One MiB" 60s
caption "2 of 6. It writes one MiB of its own, then makes a child. Both then have the same frames (pink): who writes to one first gets a copy. It stays pink until its last owner writes, too" cow-copy
let copied cow_copied
expect "free:" 60s
claim "2. The child writes half of 256 pages: copied" "128, and what both need" \
    cow_copied - let.copied >= 128 && cow_copied - let.copied < 200 \
    "%d frames were copied", cow_copied - let.copied

# 3. The cache fills. The pages that the program has written itself are dirty
#    until the write-back daemon writes them.
expect "3. Files are read" 60s
caption "3 of 6. Files are read and written. The kernel keeps their pages (blue) while there is room, and writes changed ones (light blue) to the disk later" write-back
expect "free:" 120s
claim "3. Files are read and written: frames of files, free frames" \
    "the cache fills: over 1500; under 512" \
    vm.file_clean + vm.file_dirty > 1500 && vm.free < 512 && pgpgout > 1000 \
    "%d frames hold pages of files; %d are free", vm.file_clean + vm.file_dirty, vm.free

# 4. Overcommitted: the daemon scans frames, takes them, writes pages to swap.
#    --screenshot's picture is taken when hundreds of pages are in swap and more
#    on their way.
expect "4. Now more memory" 60s
caption "4 of 6. More is written than fits. The clock's hand goes round the map and takes pages that nobody used lately; changed ones go to swap first" swap-out
tcatch swap-out if vm.swap_used > 400
continue
screenshot
expect "free:" 600s
claim "4. More is written than there is RAM: pages to swap" \
    "the daemon scans, takes, writes: over 500" \
    pgscan_kswapd > 0 && pgsteal_kswapd > 0 && pswpout > 500 \
    "%d pages were written to swap while it wrote; the daemon examined %d frames and took %d; programs that found none free examined %d and took %d", \
    pswpout, pgscan_kswapd, pgsteal_kswapd, pgscan_direct, pgsteal_direct

# 5. Pages come back from swap.
expect "5. All of it is read" 60s
let came pswpin
caption "5 of 6. The program reads all of it again. What went to swap comes back to a frame (purple: it has its place in swap still), and pushes something else out" swap-in
expect "free:" 600s
claim "5. All of it is read again: pages from swap" "over 500 come back" \
    pswpin - let.came > 500 "%d pages came back from swap", pswpin - let.came

# 6. The end: nothing was lost.
expect "6. The program gives" 60s
caption "6 of 6. It gives all back. Its frames become free, and so do its places in swap" unmap
expect "That is the story; " 60s
hear wrong
claim "6. The end: what was lost" "nothing" let.wrong == 0 \
    "%d pages were wrong", let.wrong
expect "# " 10s
caption "Now try. Drag the time axis back to the moment when a page of yours was taken. Type a command into the Console, such as hog 24M; then Esc, and Enter goes from event to event. In a shell: build/clockhand --lesson 1 runs a lesson, --policy lru another policy"
