#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Programs get pages of 2 MiB (CONTRACT.md, 001-30). On Clockhand and on QEMU, T:huge_... test the effects of
# madvise, fork, munmap, mprotect, mremap, mlock and MADV_COLLAPSE on them. /tests/huge prints the
# same on Debian's Linux; random calls agree with a model; policies work under pressure with huge
# pages wherever they fit; the monitor audits them. SOAK=1: Debian's Linux, more random
# calls, more memory under pressure, all policies.
use lib 'tests/lib';
use Clockhand;
no warnings 'portable';    # 64-bit numbers in hex
use Debian ();
use Pressure;
use Qemu;

# ---- the calls ---------------------------------------------------------------
my @tests = map { "huge_$_" }
    qw(fault refused fork unmap protect remap lock collapse);
my $all = "/tests/all @tests";
sub all_pass {
    my ($what, $out) = @_;
    like($out, qr/^8 passed, 0 failed$/m, "$what: the tests pass") or diag($out);
    unlike($out, qr/in a row/, "$what: no test says that no 512 free frames lie in a row");
    return;
}
for my $o ([], ['--ad', 'fault'], ['--asid', 'off', '--tlb', '4'],
    ['--timing', 'cycle'], ['--ram', '8M'])
{
    my ($status, $out) = guest($all, '--timing', 'fast', '--ram', '64M', @$o);
    all_pass("Clockhand @$o", $out);
}
my ($out) = qemu_run($all, ram => '64M');
all_pass('QEMU', $out);

# Without huge pages, or with failing allocations, programs see the same memory.
for my $o (['--set', 'vm.transparent_hugepage=0'], ['--append', 'allocfail=3'])
{
    my ($status, $out) = guest("/tests/huge; grep thp_fault_alloc /proc/vmstat",
        '--timing', 'fast', '--ram', '64M', @$o);
    unlike($out, qr/WRONG/, "@$o: every word is right");
    like($out, qr/^filled +0 kB, right$/m, "@$o: small pages") if "@$o" =~ /huge/;
}

# ---- as on Linux -------------------------------------------------------------
my $as_linux = <<'END';
collapse of nothing: -22
advice: 0
filled                           2048 kB, right
child                            2048 kB, right
child, has written                  0 kB, right
parent, has written              2048 kB, right
mprotect of all                  2048 kB, right
mprotect of a page                  0 kB, right
collapse: 0
collapsed                        2048 kB, right
MADV_DONTNEED of five               0 kB, right
collapse: 0
collapsed                        2048 kB, right
mremap, aligned                  2048 kB, right
mremap, not aligned                 0 kB, right
collapse: -22
filled                           2048 kB, right
mlock of a part                     0 kB, right
collapse: -22
munmap of the end: 0 kB, right
END
my ($status, $said) = guest('/tests/huge', '--timing', 'fast', '--ram', '64M');
is($said, $as_linux, '/tests/huge: the output of Linux');
is($status, 0, '... and every word right');
SKIP: {
    skip 'Debian: only with SOAK=1', 1 if !$ENV{SOAK};
    my $dir = build() . '/debian';
    skip 'no Debian images (`make debian`)', 1 if !-r "$dir/versions";
    run_command('', 'cp', "$dir/root.img", tmp('disk'));
    run_command('', 'debugfs', '-w', '-R',
        'write ' . build() . '/guest/user/tests/huge huge', tmp('disk'));
    run_command('', 'debugfs', '-w', '-R', 'sif huge mode 0100755', tmp('disk'));
    my ($status, $out, $err) = clockhand(Debian::boot_arguments(tmp('disk')),
        '--timing', 'fast', '-x',
        Debian::type_and_expect(tmp('huge.ch'),
            # (Linux switches huge pages off where it has less than 512 MiB.)
            'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled',
            '/huge', 'poweroff'));
    $out =~ s/\r|\e\[6n//g;
    like($out, qr/^\Q$as_linux\E/m, "/tests/huge on Debian's kernel") or diag($out, $err);
}

# ---- random calls against a model -------------------------------------------
sub stress {
    return "for s in @_; do /tests/vmstress \$s 2000 huge || exit 1; done; "
        . 'grep thp /proc/vmstat';
}
sub model {
    my ($what, $out, $runs) = @_;
    is(scalar(() = $out =~ /all as the model says$/mg), $runs,
        "$what: each run is as the model says") or return diag($out);
    my %n = $out =~ /^(thp_\w+) (\d+)$/mg;
    my $few = 3 * $runs;
    cmp_ok($n{thp_fault_alloc}, '>', $few, "$what: pages of 2 MiB by faults");
    cmp_ok($n{thp_collapse_alloc}, '>', $few, "$what: ... by MADV_COLLAPSE");
    cmp_ok($n{thp_split_pmd}, '>', $few, "$what: ... and splits");
    return;
}
my @seeds = $ENV{SOAK} ? (1 .. 12) : 4;
for my $o ($ENV{SOAK} ? [] : (), ['--ad', 'fault', '--asid', 'off', '--tlb', '4'],
    ['--set', 'vm.fork=0'])
{
    my ($status, $out) = guest(stress(@seeds), '--timing', 'fast', '--ram', '64M', @$o);
    model("vmstress @$o", $out, scalar @seeds);
}
($out) = qemu_run(stress(@seeds), ram => '64M', timeout => 240);
model('vmstress on QEMU', $out, scalar @seeds);

# ---- pressure ----------------------------------------------------------------
# Anonymous memory is in pages of 2 MiB where they fit: swap-out splits them, under any policy
# (SOAK=1: all policies; else one with a hand and one with lists).
my $kib = $ENV{SOAK} ? 12288 : 8192;
my @always = ('--set', 'vm.transparent_hugepage=2');
for my $policy ($ENV{SOAK} ? policies() : 'linux612') {
    pressed('private', $kib, '--ram', '8M', '--swap', '24M', '--policy', $policy, @always);
}
pressed('moved', $kib, '--ram', '8M', '--swap', '24M', @always);
pressed('private', $kib, '--ram', '8M', '--swap', '24M', '--ad', 'fault', @always) if $ENV{SOAK};
($status, $out) = guest('/tests/pressure private 16000; grep thp /proc/vmstat',
    '--timing', 'fast', '--swap', '64M', @always);
my %thp = $out =~ /^(thp_\w+) (\d+)$/mg;
cmp_ok($thp{thp_fault_alloc}, '>=', 3, 'under pressure: faults got pages of 2 MiB');
cmp_ok($thp{thp_split_pmd}, '>=', 3, '... and they were split');
# MADV_COLLAPSE makes a huge page even of small pages most of which are in swap.
for my $o (['clock', '8M', 12000], ['kpaged', '8M', 12000],
    ['linux612', '16M', 20000])
{
    my ($policy, $ram, $kib) = @$o;
    ($status, $out) = guest("/tests/huge $kib", '--timing', 'fast', '--ram',
        $ram, '--swap', '32M', '--policy', $policy);
    is($out, <<'END', "$policy: split, swapped out, collapsed");
filled                           2048 kB, right
pressed: 0 kB, most of it in swap
collapse: 0
collapsed                        2048 kB, right
END
}

# A huge page has one A bit for 512 frames. While the program uses it, the page stays
# whole and the hand evicts cold pages; hardly more pages are read back than with small pages.
my %n;
for my $mode (0, 2) {
    ($status, $out) = guest('poke 3000 w0-511 h0-511 w512-2999; '
            . 'cat /proc/vmstat', '--timing', 'fast', '--ram', '8M', '--set',
        "vm.transparent_hugepage=$mode", '--policy', 'clock');
    $n{$mode} = { $out =~ /^(\w+) (\d+)$/mg };
}
is($n{2}{thp_fault_alloc}, 1, 'a hot page of 2 MiB');
is($n{2}{thp_split_pmd}, 0, '... stays whole under pressure');
cmp_ok($n{2}{pswpout}, '>', 1000, '... while others go to swap');
cmp_ok($n{2}{pswpin}, '<=', $n{0}{pswpin} + 8, '... and hardly a page more is read back');

# ---- the machine's view ------------------------------------------------------
my $script = spew(tmp('walk.ch'), <<'END');
# options: --ram 64M --set vm.transparent_hugepage=2 --timing fast
expect "# " 60s
send "/era/bin/poke 1024 w fork c:r c:w1-4\n"
tcatch fault-huge
continue
repeat 3
tcatch fault-huge
continue
end
run-until !lens.busy
json audit
tcatch split-cow
continue
run-until !lens.busy
json audit
json why thp_split_pmd
json why thp_fault_alloc
expect "c:w1-4 done" 1s
json pmap 6
json pmap 7
END
($out, my $err) = succeeds('the script runs', clockhand('-x', $script));
my @json = map { json($_) } grep { /^\{/ } split /\n/, $out;
for my $k (0, 1) {
    ok($json[$k]{ran} && !$json[$k]{errors},
        ('with leaves of 2 MiB', 'after a split')[$k]
            . ': kernel, page tables and events agree')
        or diag(explain $json[$k]);
}
# The child has its own copies of four pages: the other pages of the area are shared, also those in the
# parent's leaf of 2 MiB, which differ now.
for my $p (@json[-2, -1]) {
    my ($area) = grep { $_->{anon_pages} == 1024 } @{$p->{mappings}};
    is($area->{shared_pages}, 1020, "pmap $p->{pid}: shared are all pages but the four copied");
}
done_testing;
