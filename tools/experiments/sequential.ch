# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The kernel notices sequential access by itself, and lays aside (moves to the inactive
# queue) the page just passed. "There are still problems" (document 000): pages that
# are used in order may be needed again. (000-3, -13)
title "The kernel notices sequential access, and sometimes errs" "the letter (000-3, -13)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin; seqread -c 4M /root/f 1 >/dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s

# In order: nearly every page is laid aside, and none is wanted again.
let behind seq_behind
let false seq_false
send "seqread -b 4K /root/f 1 > /dev/null; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
claim "1024 pages read in order: laid aside" "nearly all" \
    seq_behind - let.behind > 900 \
    "%d pages, %d used after all", seq_behind - let.behind, seq_false - let.false
let ordered seq_behind - let.behind

# At random: pages are laid aside only by chance.
let behind seq_behind
send "randread /root/f 500 > /dev/null; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
claim "500 at random, twice" "few, those whose next page was read by chance: under a quarter" \
    (seq_behind - let.behind) * 4 < let.ordered "%d pages", seq_behind - let.behind

# `order` reads in orders that are sequential and do not look so, or the reverse.
# Read-ahead is off, so that pages come one by one.
set vm.read_ahead_pages 0
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order forward /root/f\n"
expect "order: forward, 1024 pages" 60s
expect "ok> " 10s
claim "page by page, forward: laid aside" "all" \
    seq_behind - let.behind > 1000 "%d pages", seq_behind - let.behind
# "None" below means less than a 20th of these pages: a kernel that lays no page aside fails.
let forward seq_behind - let.behind
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order backwards /root/f\n"
expect "order: backwards, 1024 pages" 60s
expect "ok> " 10s
claim "backwards" "none, though that is sequential" \
    (seq_behind - let.behind) * 20 < let.forward "%d pages", seq_behind - let.behind
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order stride /root/f\n"
expect "order: stride, 1024 pages" 60s
expect "ok> " 10s
claim "every other one" "none, though that is sequential" \
    (seq_behind - let.behind) * 20 < let.forward "%d pages", seq_behind - let.behind
send "echo 3 > /proc/sys/vm/drop_caches; cp /root/f /root/w; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
let behind seq_behind
send "order writers /root/w; rm /root/w\n"
expect "order: writers, 1024 pages" 60s
expect "ok> " 10s
claim "two writers in one file, turn by turn" "none, though each is sequential" \
    (seq_behind - let.behind) * 20 < let.forward "%d pages", seq_behind - let.behind
# In order, but each page is used once more soon; then a hog wants memory.
let behind seq_behind
let false seq_false
send "echo 3 > /proc/sys/vm/drop_caches; order again /root/f; hog 6M 0 > /dev/null\n"
expect "order: again, 2044 pages" 60s
expect "ok> " 60s
claim "in order, and each page used once more soon" \
    "\"there are still problems\": laid aside all the same" \
    seq_behind - let.behind > 1000 "%d pages", seq_behind - let.behind
claim "of these, used after all" "many: over 500" seq_false - let.false > 500 \
    "%d pages", seq_false - let.false
set vm.read_ahead_pages 32

# A file that is mapped, touched in order and then used again and again looks
# the same to the rule as one that is read once: false hits. Under pressure each
# of its pages costs one more look, or one more fault.
let behind seq_behind
let false seq_false
send "cp /root/f /root/g; seqread -m /root/g 6 & seqread -c 6M /root/h 1 >/dev/null; wait\n"
expect "pass 6" 300s
expect "ok> " 60s
claim "a mapping read six times, beside a writer: used after all" \
    "false hits, that cost a look or a fault: over 50" seq_false - let.false > 50 \
    "%d of %d pages", seq_false - let.false, seq_behind - let.behind
audit
