# options: --ram 16M --swap 0
# "It zeroes a free physical page (or grabs a page from a pool of prezeroed
# pages)" (001-10): the same program without such a pool and with one, filled
# while nobody runs. Both are counted.
expect "# " 60s
send "hog 8M 0; PS1='o''k> '\n"
expect "0 pages wrong" 10s
expect "ok> " 10s
echo ==== cleared on demand: frames, of these cleared in advance; us in all
run-for 200ms
let z demand_zero
let p prezeroed
mark a
send "hog 8M 0\n"
expect "0 pages wrong" 10s
let without cycle - mark.a
print demand_zero - let.z
print prezeroed - let.p
print let.without / 1000
assert demand_zero - let.z >= 2048
assert prezeroed == let.p
expect "ok> " 10s
echo ==== the same with vm.prezero=2500
set vm.prezero 2500
run-for 200ms
let z demand_zero
mark a
send "hog 8M 0\n"
expect "0 pages wrong" 10s
let with cycle - mark.a
print demand_zero - let.z
print prezeroed - let.p
print let.with / 1000
assert demand_zero - let.z >= 2048
assert prezeroed - let.p > 2040
expect "ok> " 10s
echo ==== cycles saved a page: clearing 4 KiB
print (let.without - let.with) / 2048
assert let.without - let.with > 2048 * 256
audit
