#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A guest that is saved at any moment - in the firmware, waiting for the disk,
# in a program - and loaded, ends as if it had never been saved.
use lib 'tests/lib';
use Clockhand;

my $command = 'seq 1 300 | sort -rn | head -2; ls /bin | wc -l >/tmp/n; ps';
srand 2026;

for my $timing ('fast', 'cycle') {
    my @machine = ('--timing', $timing, '--hash', '--run', $command);
    my ($status, $want, $err) = clockhand(@machine);
    my ($hash) = $err =~ /^hash (\w+)$/m;
    is($status, 0, "$timing: runs");
    like($want, qr/^300\n299\n/, "$timing: prints the expected lines");
    ok($hash, "$timing: has a hash");
    my $save = tmp('save');
    # The last moment is after the end: a machine that is off stays off.
    for my $at (1000, 60_000, map({ int rand 180_000_000 } 1 .. 4), 9_000_000_000) {
        my $script = spew(tmp('s.ch'), "run-for $at\nsave $save\n");
        my (undef, $before) = clockhand(@machine, '-x', $script);
        # Removes the line that says where run-for stopped.
        $before =~ s/^.*  cycle \d+\n|^the machine is off.*\n//m;
        my ($status, $after, $err) = clockhand(@machine, '--load', $save);
        my ($got) = $err =~ /^hash (\w+)$/m;
        is($status, 0, "$timing, saved at $at: ends with status 0") or diag($err);
        is($before . $after, $want, "$timing, saved at $at: same output");
        is($got, $hash, "$timing, saved at $at: same hash");
    }
    my ($other, undef, $why) = clockhand(@machine, '--load', $save, '--ram', '24M');
    is($other, 2, "$timing: not loaded into another machine");
    like($why, qr/^clockhand: .*saved with RAM bytes 16777216/,
        "$timing: ... and one line says why");
}

# A saved machine goes on only in a machine of the same kind; a difference is
# reported, and no option is silently ignored.
my $save = tmp('save');
my $log = tmp('log');
my $image = tmp('root.img');
system('cp', build() . '/guest/root.img', $image) == 0 or die;
my @saved = ('--run', 'echo here', '--drive', "$image,overlay");
clockhand(@saved, '--max-sim-time', '50ms', '--save', $save);
for (['--ram 24M', 'RAM bytes 16777216, this machine has 25165824'],
    ['--cpu ideal --clock 1000000000', '--cpu u54, this machine has ideal'],
    ['--dram ddr3-1600k', '--dram ddr4-2400r, this machine has ddr3-1600k'],
    ['--disk-model ssd', '--disk-model cheetah9lp, this machine has ssd'],
    ['--tlb 16', 'TLB entries 32, this machine has 16'],
    ['--tlb 32', 'saved without --tlb and --tlb2'], # the default in cycle timing only
    ['--asid off', '--asid on, this machine has off'],
    ['--isa rv64gc_zicntr_sstc', 'saved with b in --isa'],
    ['--ad fault', '--ad hw, this machine has fault'],
    ['--epoch 7', '--epoch 946684800, this machine has 7'],
    ['--seed 7', '--seed 1, this machine has 7'],
    ['--append quiet', 'saved without --append'],
    ['--policy linux24', 'saved with --policy clock, this machine has linux24'],
    ['--set clock.handspread=256', q(has its tunables already (the monitor's set NAME VALUE changes one))],
    ['--run :', q(saved with --run 'echo here', this machine has another)],
    ['--swap 16M', 'disk sectors 65536, this machine has 32768']) {
    my ($options, $why) = @$_;
    my ($status, $out, $err) = clockhand(@saved, '--load', $save, split ' ', $options);
    is($status, 2, "$options: refused");
    like($err, qr/^clockhand: \Q$save\E: .*\Q$why\E\n\z/, "$options: ... and the message says why");
}
{
    my ($status, $out, $err) = clockhand(@saved, '--load', $save);
    is("$status $out", "0 here\n", 'the same machine goes on');
    # (the same options, repeated beside --load, must not be refused)
    my @other = ('--policy', 'linux24', '--run', 'echo here');
    clockhand(@other, '--max-sim-time', '50ms', '--save', tmp('other'));
    (my $s, $out) = clockhand(@other, '--load', tmp('other'));
    is("$s $out", "0 here\n", '... also under another policy, as saved');
    ($status, $out) = clockhand(@saved, '--load', $save, '--timing', 'fast', '--stats', $log);
    is("$status $out", "0 here\n", '... also in the other timing');
    my $fast = json(slurp($log));
    clockhand(@saved, '--load', $save, '--stats', $log);
    my $slow = json(slurp($log));
    cmp_ok($fast->{cycles_by}{dram}, '<', $slow->{cycles_by}{dram},
        '... and the rest of the run keeps that timing');
    open my $f, '+<', $image or die;
    seek $f, 5000, 0;
    print $f 'other';
    close $f;
    ($status, $out, $err) = clockhand(@saved, '--load', $save);
    is($status, 2, 'not if the file under a disk has changed');
    like($err, qr/file has changed since/, '... and the message says so');
}

# A default that is spelt out makes no other machine: a machine with the option and one
# without it load each other's saves. Options not given are taken over from the saved machine.
{
    my $hash = sub { (clockhand('--run', 'true', '--hash', @_))[2] };
    my $plain = $hash->();
    like($plain, qr/^hash \w{32}$/, 'the machine without options');
    for ('--policy clock', '--cpu u54', '--disk-model cheetah9lp,queue=fifo',
        '--dram ddr4-2400r', '--ram 16M', '--swap 32M', '--clock 1000000000',
        '--asid on', '--ad hw', '--timing cycle', '--seed 1',
        '--set clock.handspread=512', '--epoch 946684800') {
        is($hash->(split ' '), $plain, "$_: the same machine");
    }
    is($hash->('--append', ''), $plain, "--append '': the same machine");
    isnt($hash->('--policy', 'fifo'), $plain, 'another policy: another hash');
    isnt($hash->('--disk-model', 'cheetah9lp,queue=ncq'), $plain, 'another queue: another hash');
    my $plainly = tmp('plainly');
    my $fifo = tmp('fifo');
    clockhand('--run', 'echo here', '--max-sim-time', '50ms', '--save', $plainly);
    clockhand('--run', 'echo here', '--policy', 'fifo', '--max-sim-time', '50ms', '--save', $fifo);
    my @loads = ([$plainly, '--policy', 'clock'], [$plainly], [$fifo],
        [$fifo, '--policy', 'fifo', '--run', 'echo here']);
    for (@loads) {
        my ($file, @options) = @$_;
        my ($status, $out, $err) = clockhand('--load', $file, @options);
        is("$status $out", "0 here\n", "loaded with '@options': goes on") or diag($err);
    }
    my %end = map { $_ => (clockhand('--load', $fifo, '--hash', split ' '))[2] }
        ('', '--policy fifo');
    is($end{''}, $end{'--policy fifo'}, '... and both end with the same hash');
    my (undef, undef, $err) = clockhand('--load', $fifo, '--policy', 'clock');
    like($err, qr/saved with --policy fifo, this machine has clock$/,
        'a default that contradicts the saved machine is refused');
    clockhand('--run', 'echo here', '--save', $plainly);
    (my $status, undef, $err) = clockhand('--load', $plainly);
    like($err, qr/off \(status 0\).*--monitor or -x FILE looks at it$/,
        'loaded after its end: the message says how to inspect it');
}
done_testing;
