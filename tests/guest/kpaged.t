#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Document 004: kpaged and the stock kernel that it patches do the same work, and
# SysRq-M's numbers keep their invariants in every report (only with SOAK=1: 20 s of
# CPU). A small run shows that throughput grows with the cache. (004-1 ... 004-15)
use lib 'tests/lib';
use Clockhand;
use Qemu;

# After idle time kswapd first evicts pages of the larger of two sets of old pages.
my ($took, $of) = clockhand(qw(--policy kpaged --ram 8M --swap 64M --timing fast), '-x',
    spew(tmp('sets.ch'), <<'END'));
expect "# " 60s
send "idled -p 100000 0.1x >/dev/null & S=$!; idled -p 100000 0.3x >/dev/null & sleep 20; echo si''zes: $S $!\n"
expect "sizes: " 60s
hear small large
expect "# " 10s
tcatch swap-add
send "hog 0.9x 0 >/dev/null\n"
continue
assert event.owner == let.large
END
is($took, 0, 'the larger set of old pages goes first') or diag($of);

if ($ENV{SOAK}) {
    my %said;
    for my $name (qw(linux240t kpaged)) {
        ($said{$name}) = succeeds("$name.ch holds", clockhand('-x', "tools/experiments/$name.ch"));
    }

    # Checks the format of the four lines (004-11), and the overload figures that only kpaged has.
    my $n = qr/(?:\d+|-)/;
    for my $name (sort keys %said) {
        my $lines = () = $said{$name} =~ /^Swap\ cache:\ add\ \d+\ \[\d+-\d+\],
            \ del\ \d+,\ find\ \d+\/\d+\ \[\d+\]\ \d+%\r?\n
            kswapd:\ total\ \d+\ overload\ $n\ out\ of\ sync\ $n\r?\n
            kswapd:\ wakeup\ \d+\ \[g\ $n\ y\ $n\ o\ $n\ r\ $n\]
            \ free\ \d+\ io\ \d+\r?\n
            kswapd:\ aged\ pages\ $n\ dirty\ pages\ $n\r?$/mgx;
        is($lines, 5, "$name: the four lines five times");
    }
    like($said{linux240t}, qr/overload - out of sync -/,
        'the stock kernel has no kpaged that could be overloaded');
    like($said{kpaged}, qr/overload 0 out of sync \d+.*overload [1-9]/s,
        'kpaged copes at first, later it is overloaded');

    # Compares the figures at the end of the two runs, which did the same work (004-14).
    my %end = map { $_ => { $said{$_} =~ /^  in all: (\w+)[^|]*\|[^|]*\| (\d+)/mg } }
        keys %said;
    my ($stock, $patch) = @end{qw(linux240t kpaged)};
    is($patch->{killed}, 0, "no process is killed ($stock->{killed} under the stock kernel)");
    # Under kpaged a stalled process writes no pages itself (the number of stalls is
    # a matter of luck).
    my ($by_patch) = $said{kpaged} =~ /^  a little at a[^|]*\|[^|]*\| (\d+) pages/m;
    my ($by_stock) = $said{linux240t} =~ /^  overload: pages[^|]*\|[^|]*\| (\d+) pages/m;
    is($by_patch, 0, 'processes wrote none of the pages out themselves');
    cmp_ok($by_stock, '>', 500, "... under the stock kernel they wrote $by_stock");
    note("$_: stock $stock->{$_}, patch $patch->{$_}") for sort keys %$stock;
}

# Returns the counters of a run under kpaged, a hash for each part between lines "==".
sub counts {
    my ($command, @options) = @_;
    my ($status, $out, $err) = guest($command, qw(--policy kpaged --ram 8M --timing fast), @options);
    is($status, 0, $command =~ s/;.*//sr) or diag($err);
    return map { +{ /^(\w+) (\d+)$/mg } } split /^==\n/m, $out;
}
sub runs { my $c = shift; my $n = 0; $n += $c->{"kpaged_$_"} for qw(green yellow orange red); return $n }

# The page cache yields so easily that kswapd hardly ever tries a mapping (004-5).
my ($a, $b) = counts('seqread -c 12M /root/f 1 > /dev/null; sync; cat /proc/counters; echo ==; '
        . 'seqread -k /root/f 2 > /dev/null; cat /proc/counters', qw(--swap 8M));
cmp_ok($b->{kswapd_free} - $a->{kswapd_free}, '>', 100,
    'a file is read: kswapd often tries to free pages');
cmp_ok($b->{kswapd_io} - $a->{kswapd_io}, '<', ($b->{kswapd_free} - $a->{kswapd_free}) / 50,
    '... but hardly ever pages of a mapping: the cache yields enough');
is($b->{pswpout}, $a->{pswpout}, '... nothing goes to swap');

# kpaged runs only when the machine is idle (004-4): 5 s of idleness, then 3 s of computing. The sum
# of the colours is the number of its runs (004-13): it sleeps after each.
my $pid = 'for d in /proc/[0-9]*; do read -r x c x < $d/stat; [ $c = "(kpaged)" ] && K=$d; done; ';
my $switches = 'grep -w voluntary_ctxt_switches: $K/status | tr -s ":\t" "  "';
($a, $b, my $c) = counts("${pid}cat /proc/counters; $switches; echo ==; sleep 5; cat /proc/counters; "
        . "$switches; echo ==; (while :; do :; done) & sleep 3; cat /proc/counters; $switches; kill \$!",
    qw(--clock 100000000)); # few cycles to simulate
cmp_ok(runs($b) - runs($a), '>=', 4, 'idle: kpaged runs each second');
cmp_ok(runs($c) - runs($b), '<=', 1, 'a process computes: kpaged does not run');
is($_->{voluntary_ctxt_switches}, runs($_),
    'the four colours add up to the number of its runs') for $a, $b, $c;

# An allocation fails only if swap is full (004-6).
my $full = spew(tmp('full.ch'), <<'END');
# options: --policy kpaged --ram 8M --swap 4M --set vm.overcommit_memory=1 --timing fast --max-sim-time 100s
expect "# " 60s
send "/era/bin/hog 14M 1\n"
tcatch oom
continue
print vm.swap_total - vm.swap_used
assert vm.swap_total - vm.swap_used <= 16
END
my ($killed, $said) = clockhand('-x', $full);
is($killed, 0, 'a process is killed only when swap is full') or diag($said);

# kswapd chooses mappings, not processes (004-7): parent and child have shared a page
# since a fork, and it takes the page out of the parent's mapping only. The child's mapping
# keeps the page until kswapd comes to the child (whose ptes, made by fork, are old, too).
my $shared = spew(tmp('shared.ch'), <<'END');
# options: --policy kpaged --ram 8M --swap 32M --timing fast --max-sim-time 100s
expect "# " 60s
send "/era/linux26/bin/cow 3000 3072 > /dev/null &\n"
run-for 8s
send "/era/bin/hog 3M 0\n"
tcatch swap-add if event.from == state.cow_shared
continue
page event.pfn
let page page.pfn
assert page.refs == 2
run-for 2us
page let.page
assert page.refs == 1
END
($killed, $said) = clockhand('-x', $shared);
is($killed, 0, 'a page of two mappings is taken out of one') or diag($said);

# Likewise 12 processes that share 256 pages have 12 mappings of them, 12 threads have
# one. kswapd's tries (R) grow with the number of mappings: each further mapping adds at
# least one try for every second page. Under the stock kernel they do not grow: the
# number of its tries depends on rss, and allocations make tries as well. (004-7)
my $program = tmp('mappings');
system(qw(riscv64-linux-gnu-gcc -O1 -Wall -Wextra -static -s tests/guest/mappings.c -o),
    $program) == 0 or die 'no cross compiler';
my $with = qemu_image('tests/mappings' => $program);
my %tries;
for my $policy (qw(kpaged linux240t)) {
    for my $what (qw(threads processes)) {
        my ($status, $out, $err) = guest("/tests/mappings $what 12 & sleep 20; "
                . 'echo ==; cat /proc/counters; echo ==; hog 7M 0 >/dev/null; '
                . 'cat /proc/counters; kill $!', '--policy', $policy, qw(--ram 8M --swap 32M
                --timing fast --drive), "$with,overlay");
        my ($ready, @count) = map { +{ /^(\w+) (\d+)$/mg } } split /^==\n/m, $out;
        like($out, qr/^mappings: ready$/m, "$policy: 12 $what") or diag($err);
        $tries{$policy}{$what} = $count[1]{kswapd_io} - $count[0]{kswapd_io};
    }
    note("$policy: tries: $tries{$policy}{threads} (threads), $tries{$policy}{processes} (processes)");
}
my ($one, $many) = @{ $tries{kpaged} }{qw(threads processes)};
cmp_ok($many - $one, '>', 11 * 256 / 2, 'kpaged: tries grow with mappings of 256 pages');
cmp_ok($one, '>', 100, '... and threads cost some tries');
($one, $many) = @{ $tries{linux240t} }{qw(threads processes)};
cmp_ok($many, '<', 1.25 * $one, 'the stock kernel: the tries do not grow');

# The classes of /proc/cache add up to the whole cache of /proc/meminfo. (004-1)
my ($status, $out) = guest('idled -p 100000 8M & hog 1x 0 >/dev/null; '
        . 'cat /proc/cache /proc/meminfo', # one cat reads both: pages come and go
    '--policy', 'linux240t', '--swap', '64M', '--timing', 'fast');
my %class = $out =~ /^(\w+) (\d+)$/mg;
my ($all, $metadata) = (0, delete $class{metadata});
$all += $_ for values %class;
my ($cached, $swap) = $out =~ /^(?:Swap)?Cached: +(\d+) kB/mg;
cmp_ok(abs($all - ($cached + $swap) / 4), '<=', 4,
    "the classes add up to the cache ($all pages)") or diag($out);

my $build = build();
$out = `SIZES=6,8,12 tools/experiments/cachesize $build kpaged solaris8 2>&1`;
is($? >> 8, 0, 'cachesize: the curves rise') or diag($out);
done_testing;
