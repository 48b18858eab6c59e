# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The kernel notices sequential access by itself, and lays aside the page that
# was left behind. "There are still problems" (seed 000): what comes in order
# need not be done with. (000-3, -13)
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin; seqread -c 4M /root/f 1 >/dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s

# In order: nearly every page is laid aside, and none is missed.
let behind seq_behind
let false seq_false
send "seqread -b 4K /root/f 1 > /dev/null; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
echo ==== read in order, 1024 pages: laid aside, of these used after all
print seq_behind - let.behind
print seq_false - let.false
assert seq_behind - let.behind > 900

# By random: what was behind by chance.
let behind seq_behind
send "randread /root/f 500 > /dev/null; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
echo ==== 500 pages at random, twice: laid aside
print seq_behind - let.behind
assert seq_behind - let.behind < 250

# Orders that are sequential and do not look like it, or look like it and are
# not. No read-ahead, so that pages come one by one.
set vm.read_ahead_pages 0
echo ==== 1024 pages forward, backwards, every other one, two writers in one
echo ==== file turn by turn: laid aside
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order forward /root/f\n"
expect "order: forward, 1024 pages" 60s
expect "ok> " 10s
print seq_behind - let.behind
assert seq_behind - let.behind > 1000
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order backwards /root/f\n"
expect "order: backwards, 1024 pages" 60s
expect "ok> " 10s
print seq_behind - let.behind
assert seq_behind - let.behind < 30
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; order stride /root/f\n"
expect "order: stride, 1024 pages" 60s
expect "ok> " 10s
print seq_behind - let.behind
assert seq_behind - let.behind < 30
let behind seq_behind
send "echo 3 > /proc/sys/vm/drop_caches; cp /root/f /root/w; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 60s
let behind seq_behind
send "order writers /root/w; rm /root/w\n"
expect "order: writers, 1024 pages" 60s
expect "ok> " 10s
print seq_behind - let.behind
assert seq_behind - let.behind < 60
echo ==== in order, but each page is used once more soon: laid aside all the same,
echo ==== of these used after all, when memory is wanted
let behind seq_behind
let false seq_false
send "echo 3 > /proc/sys/vm/drop_caches; order again /root/f; hog 6M 0 > /dev/null\n"
expect "order: again, 2044 pages" 60s
expect "ok> " 60s
print seq_behind - let.behind
print seq_false - let.false
assert seq_behind - let.behind > 1000
assert seq_false - let.false > 500
set vm.read_ahead_pages 32

# Memory that is filled in order and then used again and again looks the same
# to the rule if it is mapped from a file; and under pressure each page of it
# costs a look, or a fault, more: false hits.
let behind seq_behind
let false seq_false
send "cp /root/f /root/g; seqread -m /root/g 6 & seqread -c 6M /root/h 1 >/dev/null; wait\n"
expect "pass 6" 300s
expect "ok> " 60s
echo ==== read through a mapping six times, beside a writer: laid aside, of these used after all
print seq_behind - let.behind
print seq_false - let.false
assert seq_false - let.false > 50
audit
