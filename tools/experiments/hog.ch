# options: --ram 16M
# The memory hog writes half of RAM with a pattern and forks two children; all
# three read everything back.
title "Half of RAM, written and shared"
console off
expect "# " 60s
let zero demand_zero
let copied cow_copied
let kept cow_reused
console on
send "hog 0.5x 2; echo status $?\n"

# The hog's first writes take cleared frames; after the forks every write to a
# page that is still shared copies that page, and only that one.
expect "hog: wrote " 60s
hear kib
expect "forked 2, read all back: " 60s
hear wrong
expect "status 0" 10s
console off
claim "what three processes read back" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong

# The hog's N pages are half of memory. Each was cleared once. Each child and the
# parent then wrote an eighth of the pages, no two the same: three eighths were
# copied, except pages whose other owners had gone already. (For the shell and the
# children's stacks up to 60 more frames are cleared, and up to 60 copied.)
let n let.kib / 4
claim "frames cleared for its pages" "one for each" \
    demand_zero - let.zero >= let.n && demand_zero - let.zero < let.n + 60 \
    "%d frames for %d pages", demand_zero - let.zero, let.n
let written cow_copied - let.copied + cow_reused - let.kept
claim "pages copied, or kept by their last owner" \
    "three eighths of them in all, each once" \
    let.written >= let.n / 8 * 3 && let.written < let.n / 8 * 3 + 60 \
    "%d copied, %d kept, of %d", cow_copied - let.copied, cow_reused - let.kept, let.n

# The hog has ended: no anonymous memory is left but the shell's and init's own,
# and the tables agree with each other.
expect "# " 10s
claim "private memory that is left" "the shell's: under 60 frames" \
    vm.anonymous + vm.cow_shared < 60 "%d frames", vm.anonymous + vm.cow_shared
audit
