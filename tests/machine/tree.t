#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# dtc must find no fault in the device tree. A device that QEMU's virt board also has must be
# described as in QEMU's tree.
use lib 'tests/lib';
use Clockhand;

# Returns a tree as { path => { property => text } }, and dtc's messages.
sub tree {
    my $dtb = shift;
    my ($status, $dts, $err) = run_command('', 'dtc', '-I', 'dtb', '-O', 'dts', $dtb);
    my (%t, @path);
    for (split /\n/, $dts) {
        if (/^\s*(\S+) \{$/) { push @path, $1 eq '/' ? '' : $1 }
        elsif (/^\s*\};$/)   { pop @path }
        elsif (/^\s*([^\s=]+)(?: = (.*))?;$/) {
            $t{ join '/', @path }{$1} = $2 // '';
        }
    }
    return (\%t, $err);
}

my $mine = tmp('mine.dtb');
my ($status, $out, $err) = clockhand('--dump-dtb', $mine, '--ram', '128M');
is($status, 0, '--dump-dtb ends with status 0');
is($out . $err, '', '... and prints nothing');
my ($ours, $warnings) = tree($mine);
is($warnings, '', 'dtc reports nothing');

my $virt = tmp('virt.dtb');
run_command('', 'qemu-system-riscv64', '-M', "virt,dumpdtb=$virt", '-m', '128M', '-nographic');
my ($theirs) = tree($virt);
ok(scalar %$theirs, 'QEMU wrote its tree');

# Some node names differ (QEMU's test@, plic@): match nodes by unit address.
sub by_address {
    my $t = shift;
    my %at;
    /\@([0-9a-f]+)$/ && ($at{$1}{$_} = $t->{$_}) for keys %$t;
    return map { $_ => (values %{ $at{$_} })[0] }
        grep { keys %{ $at{$_} } == 1 } keys %at;
}
my %ours = by_address($ours);
my %theirs = by_address($theirs);
my $compared = 0;
for my $at (sort keys %ours) {
    my $their = $theirs{$at} or next;
    for my $p ('compatible', 'reg', 'interrupts', 'clock-frequency', 'riscv,ndev') {
        next unless defined $their->{$p} && defined $ours{$at}{$p};
        $compared++;
        is($ours{$at}{$p}, $their->{$p}, "$p of the device at $at");
    }
}
cmp_ok($compared, '>=', 30, 'enough properties are compared');
is($ours->{'/cpus'}{'timebase-frequency'}, $theirs->{'/cpus'}{'timebase-frequency'}, 'timebase');
for my $node ('/cpus/cpu@0/interrupt-controller', '/chosen',
    '/reserved-memory', '/soc/lens@10200000') {
    ok($ours->{$node}, "has $node");
}

# A tree from a file is used as it is, with our command line in it.
my $again = tmp('again.dtb');
succeeds('a given tree is taken', clockhand('--dtb', $virt, '--append', 'hello there',
    '--dump-dtb', $again));
my ($amended) = tree($again);
is($amended->{'/chosen'}{bootargs}, '"hello there"', '... with bootargs set');
is($amended->{'/cpus'}{'timebase-frequency'},
    $theirs->{'/cpus'}{'timebase-frequency'}, '... and the timebase unchanged');
for my $bad (spew(tmp('empty.dtb'), ''), spew(tmp('bad.dtb'), 'x' x 1000)) {
    ($status, $out, $err) = clockhand('--dtb', $bad);
    is($status, 2, 'a file that is no tree is refused');
    like($err, qr/^clockhand: \S+: not a flattened device tree\n\z/, '... in one line');
}
done_testing;
