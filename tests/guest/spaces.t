#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests how the machine shows address spaces and their page tables. One address has different
# frames in different processes. Each process has a tree of three levels; the kernel's part is the
# same in all. Contiguous pages lie in scattered frames. A shared frame counts its PTEs, loses one
# when a process copies it to write, and is freed with the last. An absent page was never touched or
# lies in swap. Monitor and guest agree on RSS. (001-1 ... 001-3, 001-14, 001-15, 002-3)
use lib 'tests/lib';
use Clockhand;
use Qemu;
no warnings 'portable';    # addresses of more than 32 bits

my $n = 3;
sub look {
    my ($start, @ask) = @_;
    my $script = spew(tmp('spaces.ch'), join "\n", 'expect "# " 60s', $start,
        @ask, 'audit', '');
    my ($out) = succeeds('the script and its audit: status 0', clockhand('--swap', '64M', '-x', $script));
    return map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
}
my $spaces = qq(send "spaces $n &\\n"\nexpect "parent 0 finds" 20s\nrun-for 10ms);

my ($ps) = look($spaces, 'json info ps');
my @spaces = sort { $a->{pid} <=> $b->{pid} }
    grep { $_->{name} eq 'spaces' } @$ps;
my ($parent, @children) = map { $_->{pid} } @spaces;
my @all = ($parent, @children);
is(@children, $n, 'a parent and its children');

# ---- the same address (001-1) ----
my %va = (own => 0x100000000, shared => 0x200000000, clock => 0x500000000,
    untouched => 0x600000000);
my @walks = look($spaces, map { my $p = $_;
        map { sprintf 'json walk 0x%x %d', $va{$_}, $p } sort keys %va } @all);
my %w;
for my $p (@all) {
    $w{$p}{$_} = shift @walks for sort keys %va;
}
my %frames = map { $w{$_}{own}{pa} => 1 } @all;
is(keys %frames, @all, 'one address: a frame for each process');
%frames = map { $w{$_}{shared}{pa} => 1 } @all;
is(keys %frames, 1, 'another address, mapped shared: one frame for all processes');
is_deeply([map { hex $w{$_}{clock}{pa} } @children], [(0x101000) x $n],
    'a mapped device lies at the physical address of the device (001-3)');
is($w{$parent}{clock}{verdict}, 'fault',
    '... but only after the first access: the parent, which made none, has no valid PTE');
is_deeply([map { $w{$_}{untouched}{verdict} } @all], [('fault') x @all],
    'never touched: no valid entry (002-3)') or diag explain $w{$parent};

# ---- three levels, a root for each, the kernel in all (001-2) ----
is_deeply([map { scalar @{ $w{$_}{own}{levels} } } @all], [(3) x @all], 'three levels');
my %root = map { $_->{pid} => (hex($_->{satp}) & 0xfffffffffff) << 12 } @spaces;
is(keys %{ { reverse %root } }, @all, 'each process has a root of its own');
for my $p (@all) {
    is(hex($w{$p}{own}{levels}[0]{pte_pa}) & ~0xfff, $root{$p}, "$p: the walk begins at its root");
}
my ($status, $out) = clockhand('--swap', '64M', '-x', spew(tmp('roots.ch'),
        join "\n", 'expect "# " 60s', $spaces,
        (map { sprintf "echo root %d\nxp/512gx 0x%x", $_, $root{$_} } @all), ''));
my %words;
for (split /^root /m, $out) {
    my ($p, $text) = /^(\d+)\n(.*)/s or next;
    $words{$p} = [ map { split ' ', s/^[^:]*://r } grep { /^(?:pa:)?0x/ }
            split /\n/, $text ];
}
is_deeply([map { scalar @{ $words{$_} } } @all], [(512) x @all], 'tables of 512 entries');
my @kernel = @{ $words{$parent} }[256 .. 511];
is_deeply([@{ $words{$_} }[256 .. 511]], \@kernel,
    "$_: the upper half is the kernel's, the same as its parent's")
    for @children;
cmp_ok(scalar(grep { hex } @kernel), '>=', 2, '... and maps something');
isnt("@{ $words{$_} }[0 .. 255]", "@{ $words{$parent} }[0 .. 255]",
    "$_: the lower half is its own") for @children;

# ---- contiguous pages in scattered frames (001-1: none needs to be moved) ----
my @array = look($spaces, map { sprintf 'json walk 0x%x %d',
        0x300000000 + $_ * 4096, $parent } 0 .. 63);
my @pfn = map { hex($_->{pa}) >> 12 } @array;
my $breaks = grep { $pfn[$_] != $pfn[ $_ - 1 ] + 1 } 1 .. $#pfn;
is($breaks, 63, "64 contiguous pages: none lies in the frame that follows its predecessor's");

# ---- counted PTEs (001-14) ----
my $pfn = (hex($w{$parent}{shared}{pa}) - 0x80000000) >> 12;
my @kill = map { (qq(send "kill $_\\n"), 'run-for 50ms', "json page $pfn") }
    reverse(@children), $parent;
my @refs = look($spaces, "json page $pfn", @kill);
is_deeply([map { $_->{refs} } @refs], [reverse 0 .. @all],
    'each PTE that maps the shared frame counts; the count falls by one when a process ends');
is_deeply([map { scalar grep { $_->{pid} } @{ $_->{ptes} } } @refs[ 0 .. $n ]],
    [reverse 1 .. @all], '... and as many PTEs are found in the page tables');
is($refs[-1]{state}, 'free', '... and when the last process has ended, the frame is free');

# ---- copied on write: the original frame loses a reference (001-15) ----
($status, $out) = clockhand('-x', spew(tmp('copied.ch'), <<'END'));
expect "# " 60s
send "spaces 1\n"
tcatch demand-zero if event.va == 0x100000000
continue
let page event.pfn
tcatch fork
continue
json page let.page
tcatch cow-copy if event.va == 0x100000000
continue
expect "parent 0 finds 1000" 10s
json page let.page
END
@refs = map { json($_) } grep { /^\{/ } split /\n/, $out;
is("$refs[0]{refs} $refs[0]{state}", '2 cow-shared', 'forked: two PTEs');
is($refs[1]{refs}, 1, 'written by the child: one PTE') or diag($out);

# ---- absent: in swap (002-3) ----
my @gone = look($spaces . qq(\nsend "hog 3x 0\\n"\nexpect "0 pages wrong" 200s),
    sprintf('json walk 0x%x %d', $va{own}, $children[0]), 'json info ps');
is($gone[0]{verdict}, 'fault', 'after memory pressure: absent');
my $pte = hex $gone[0]{levels}[-1]{pte};
is($pte & 3, 2, '... its entry is not valid');
cmp_ok($pte >> 10, '>', 0, '... and names the place in swap');

# ---- swap, as smaps shows it ----
my (undef, $shares) = compile_both('tests/guest/swap_shares.c');
my $image = qemu_image('tests/shares' => $shares);
for my $policy (qw(clock linux612 mach97)) {
    my ($lines) = succeeds("$policy: status 0", guest('/tests/shares 20; echo 1 >/proc/audit',
        '--drive', "$image,overlay", '--ram', '16M', '--swap', '64M', '--timing', 'fast', '--policy', $policy));
    is($lines =~ s/^ok .*\n//mgr, '', '... Swap and SwapPss of private and shared memory');
    is(() = $lines =~ /^ok/mg, 8, '... 8 checks');
}

# ---- the kernel's own memory: calls that need much of it do not fail while some can be freed ----
my (undef, $calls) = compile_both('tests/guest/kernel_memory.c');
$image = qemu_image('tests/calls' => $calls);
my @large = map { truncate(spew(tmp($_), ''), ($_ eq 'large' ? 600 : 32) << 20); tmp($_) } qw(large small);
system("/sbin/mkswap -q $_") == 0 or die 'mkswap failed' for @large;
for my $case (['maps /root/big', 'clock', '--swap', '0'], ['busy 6', 'linux24', '--swap', '64M'],
    ['busy 12', 'mach97', '--swap', '64M'], ['locks', 'sunos', '--swap', '4M'], ['device', 'mach97', '--swap', '0'],
    ['exec 40', 'mach97', '--swap', '64M'], ['exec 40', 'linux240t', '--swap', '48M'], ['unmap', 'linux24', '--swap', '64M'],
    ['swapoff /dev/vdb', 'mach97', '--swap', '16M'],
    ['swap /dev/vdb', 'clock', (map { ('--drive', "$_,overlay") } @large), '--append', 'swap=/dev/vdc'])
{
    my ($do, $policy, @swap) = @$case;
    my $ram = $do =~ /busy 6|locks/ ? '6M' : $do =~ /exec|unmap|swapoff/ ? '8M' : '16M';
    my $file = $do =~ /big/ ? 'dd if=/dev/zero of=/root/big bs=64k count=150 2>/dev/null; sync; ' : '';
    my ($lines) = succeeds("$policy, $do: status 0", guest("$file/tests/calls $do; echo 1 >/proc/audit", '--drive',
        "$image,overlay", '--ram', $ram, '--timing', 'fast', '--policy', $policy, @swap));
    is($lines, "end\n", '... no call fails');
}

# swapoff ends beside a process whose pages leave again as fast as swapoff brings them back.
my (undef, $races) = compile_both('tests/guest/races.c', qw(-pthread -Wno-unused -Wno-unused-result), 'tests/guest/races_calls.c');
$image = qemu_image('tests/races' => $races);
for my $policy (qw(clock linux612)) {
    my ($lines) = succeeds("$policy, swapoff: status 0", guest('/tests/races emptied 2', '--drive', "$image,overlay",
        qw(--ram 8M --swap 16M --timing fast --max-sim-time 30s --policy), $policy));
    is($lines, "emptied: 2 rounds, 0 wrong\n", '... it ends, and no other process is killed for it');
}

# A daemon that is slow is no reason to kill: swap is empty, and nothing is locked.
my (undef, $ended) = guest('for i in 1 2 3 4; do (hog 0.4x >/dev/null; echo $?) & done; wait', qw(--ram 8M --swap 32M --timing fast),
    qw(--policy bsd43 --set bsd43.handspread=900));
is($ended, "0\n" x 4, 'bsd43, hands far apart: no process is killed');

# ---- one meaning of RSS, for the monitor and for the guest ----
# In one process, pages that were only read share the zero frame; a second maps its own
# program file once more; a third maps a device, which only its child reads.
($status, $out) = clockhand('--timing', 'fast', '-x', spew(tmp('rss.ch'), join "\n", 'expect "# " 60s',
    'send "poke 64 r0-39 w40-59 t99999 & poke -p /era/bin/poke 0 r t99999 & spaces 1 &\n"', 'expect "parent 0 finds" 20s',
    'send "for p in /proc/[6-9]; do cat $p/statm; grep -h ^Rss $p/smaps; grep VmRSS $p/status; done; echo o\'\'ver\n"',
    'expect "over" 20s', 'run-for 20ms', map { ("echo pid $_", map { "json $_" } "info ps $_", "pmap $_", "info frames pid $_") } 6 .. 9));
my @of = split /^pid /m, $out =~ s/\r//gr;
my @statm = (shift @of) =~ /^(\d+ \d+ \d+ \d+ 0 \d+ 0\n(?:Rss.*\n)+VmRSS.*)$/mg;
for my $pid (6 .. 9) {
    my ($ps, $map, $frames) = map { json($_) } (shift @of) =~ /^([\[{].*)$/mg;
    my ($guest, $smaps) = (shift @statm // '') =~ /^\d+ (\d+) (.*)/s;
    my ($status, $rss, $mapped) = ($smaps =~ /^VmRSS:\s+(\d+)/m, 0, 0);
    $rss += $1 / 4 while $smaps =~ /^Rss: +(\d+) kB/mg;
    $mapped += $_->{resident_pages} for @{ $map->{mappings} };
    is_deeply([ $ps->[0]{rss_frames}, $mapped, $frames->{rss_frames}, $rss, $status / 4 ], [ ($guest) x 5 ],
        "RSS of pid $pid: ps, pmap, info frames, smaps, status and statm agree on $guest");
}
done_testing;
