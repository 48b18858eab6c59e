# options: --ram 16M --swap 256M --set vm.page-cluster=0
# Too much swap (001-26): "programs that query available memory see huge amounts
# of swap space and try to use it", and run at the disk's speed, "four orders of
# magnitude slower than main memory". The same chain of loads through 8 MiB, and
# through 40 MiB in 16 MiB of RAM. (Too little: swapless.ch.)
expect "# " 60s
send "PS1='o''k> '; grep -e MemTotal -e SwapTotal /proc/meminfo\n"
expect "ok> " 10s
echo ==== main memory: nanoseconds a load
send "chase 131072 64 100000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let memory (cycle - let.c) / 100
print let.memory / 1000
expect "ok> " 10s
# The first time round: afterwards the pages lie in swap in the chain's order.
echo ==== swap: nanoseconds a load; times slower; the FAQ: 10000
send "chase 10240 4160 8\n"
expect "linked" 2000s
let f pgmajfault
let c cycle
expect "warm" 2000s
let swap (cycle - let.c) / 10248 * 1000
print let.swap / 1000
print let.swap / let.memory
assert pgmajfault - let.f > 7000
assert let.swap > 5000 * let.memory
assert let.swap < 200000 * let.memory
echo ==== what took a tenth of a second takes, in seconds (the FAQ: two minutes,
echo ==== which is 1200 times; ten thousand times are 17 minutes)
print let.swap / let.memory / 10
expect "ok> " 10s
