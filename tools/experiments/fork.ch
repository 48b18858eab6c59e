# options: --ram 32M
# The savings of copy-on-write (002-20, 002-12, 001-16): the script compares the same forks with
# vm.fork=0, which copies every private page at once as Unix did before there was paging, and with
# vm.fork=1, which copies none. In both the time grows with the mapped pages; but a shared page
# costs a PTE and a reference count, a copied page 4 KiB to read and to write.
title "What copy-on-write saves" "the slides (002-12, 002-20)"
console off
expect "# " 60s
console on
let copied cow_copied
send "forkcost; echo status $?\n"
expect "copy       512" 60s
hear few
expect "copy      2048" 60s
hear many _ all
expect "cow        512" 60s
hear cheap
expect "cow       2048" 60s
hear dear _ none written
expect "forkcost: " 60s
hear wrong
expect "status 0" 10s
expect "# " 10s
console off
claim "fork of 2048 pages: us, copied and shared" \
    "4 KiB read and written by 1024 instructions, against a PTE and a count: over 4 times" \
    let.many > 4 * let.dear \
    "%d us, %d us: %.1f times", let.many, let.dear, let.many, let.dear
claim "4 times the pages (512, 2048), copied: how many times as long" \
    "linear in the pages mapped" \
    let.many * 2 > 7 * let.few && let.many * 2 < 9 * let.few \
    "%.1f times", let.many, let.few
claim "4 times the pages, shared: how many times as long" \
    "linear, too: a PTE each" \
    let.dear > 3 * let.cheap && let.dear * 2 < 9 * let.cheap \
    "%.1f times", let.dear, let.cheap
claim "pages copied at once by vm.fork=0" "all 2048" \
    let.all >= 2048 && let.all < 2060 "%d pages", let.all
claim "the child writes 256 of 2048: copied at once, on write" \
    "\"only what is written is copied\"" let.none == 0 && let.written == 256 \
    "%d and %d pages", let.none, let.written
claim "results of the program that differ from its own prediction" "none" \
    let.wrong == 0 "%d results", let.wrong
# At each of the four sizes the child writes an eighth of its pages.
claim "in all: copied on write" "32 + 64 + 128 + 256 = 480, and what the children need to run" \
    cow_copied - let.copied >= 480 && cow_copied - let.copied < 580 \
    "%d pages", cow_copied - let.copied
claim "in all: copied at once" "256 + 512 + 1024 + 2048 = 3840, and the program's other pages" \
    fork_copied >= 3840 && fork_copied < 4000 "%d pages", fork_copied
audit

# Nearly all forks are followed by exec, which throws the copies away unread. With
# vm.fork=0 each fork copies all pages that the shell has written: some 16.
let copied fork_copied
send "echo 0 > /proc/sys/vm/fork; for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; echo cop''ied\n"
expect "copied" 10s
expect "# " 10s
claim "ten times fork and exec, vm.fork=0: pages copied, and thrown away unread" \
    "all pages of the shell, each time: over 100" fork_copied - let.copied > 10 * 10 \
    "%d pages", fork_copied - let.copied
let copied fork_copied
send "echo 1 > /proc/sys/vm/fork; for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; echo sha''red\n"
expect "shared" 10s
expect "# " 10s
claim "ten times fork and exec with copy-on-write: pages copied at once" "none" \
    fork_copied == let.copied "%d pages", fork_copied - let.copied
audit
