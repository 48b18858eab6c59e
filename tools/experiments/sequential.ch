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
