#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tunables are one table in kernel.elf. --set changes it before the first instruction; the monitor's
# verb `set` changes it later. Both cost no guest time. The guest changes it by /proc/sys. The overcommit tunables have
# their effects (001-29, 002-13). SOAK=1: more systems' thresholds, and the shell under every policy.
use lib 'tests/lib';
use Clockhand;
use Pressure;

# ---- at the prompt: `set` says when a new value takes effect ----
use Pty;
my $prompt = qr/\(clockhand\) \z/;
for (['clock', 'vm.min_free_kbytes 1024',
        qr{min stays 128 until .* anew: when kpageoutd next starts .* or when the guest writes to\s+/proc/sys/vm/min_free_kbytes}s],
    ['clock', 'vm.watermark_scale_factor 100', qr/low stays 160 until/],
    ['clock', 'vm.swappiness 3', qr/policy clock does not use it \(these do: .*linux26/s],
    ['sunos', 'sunos.lotsfree 300', qr{lotsfree stays \d+ until .* anew:\s+when the guest writes to\s+/proc/sys/sunos/lotsfree}s],
    ['linux26', 'vm.swappiness 3', qr/vm\.swappiness 3 \(was 60\)\r?\n(?!  )/]) {
    my ($policy, $set, $says) = @$_;
    my $pty = Pty->start(24, 100, build() . '/clockhand', '--pace', 'max',
        '--timing', 'fast', '--policy', $policy, '--monitor');
    $pty->expect($prompt, 60);
    $pty->send("run-for 300ms\n");
    $pty->expect($prompt, 60);
    $pty->send("set $set\n");
    like($pty->expect($prompt, 60) // '', $says, "--policy $policy: set $set");
    $pty->send("quit\n");
}
my $marks = spew(tmp('marks.ch'), <<'END');
expect "# " 60s
set vm.min_free_kbytes 1024
assert vm.min == 128
send "cat /proc/sys/vm/min_free_kbytes > /tmp/k; cat /tmp/k > /proc/sys/vm/min_free_kbytes; echo $((6*7)) set\n"
expect "42 set" 60s
assert vm.min == 256
END
is((clockhand('--timing', 'fast', '-x', $marks))[0], 0,
    'after a write to /proc/sys the kernel computes the thresholds anew');
($marks = slurp($marks)) =~ s/cat .proc.*; echo/hog 14M; echo/;
is((clockhand('--timing', 'fast', '-x', spew(tmp('hog.ch'), $marks)))[0], 0,
    '... and when kpageoutd starts, too');

# After a write of a policy's own tunable to /proc/sys its marks (info policy; not hands and lists) are those with --set.
sub marks_with {
    my ($policy, $to, @set) = @_;
    my ($status, $out) = clockhand('--timing', 'fast', '--policy', $policy, @set, '-x', spew(tmp('own.ch'),
        qq(expect "# " 60s\nsend "$to && echo wr''itten\\n"\nexpect "written" 5s\nexpect "# " 5s\njson info policy\n)));
    return $status ? undef : json(($out =~ /^(\{.*)$/m)[0]);
}
for my $policy (policies()) {
    my $was = marks_with($policy, 'echo 0 >/dev/null');
    for my $name (grep { !/^(?:vm|ufs|kernel)\./ } sort keys %{ $was->{tunables} }) {
        my $value = int($was->{tunables}{$name} * 3 / 4) || 77;
        my $set = marks_with($policy, 'echo 0 >/dev/null', '--set', "$name=$value") or next;
        my $wrote = marks_with($policy, "echo $value >/proc/sys/" . $name =~ tr{.}{/}r);
        is("@{[ grep { $set->{$_} ne $was->{$_} && $wrote->{$_} ne $set->{$_} } grep { !/hand$|active|list$|external|^tun|^has/ } keys %$set ]}", '',
            "$policy: a write to $name changes the marks that --set changes");
    }
}

# ---- the list, and errors ----
my ($status, $out, $err) = clockhand('--set', 'list');
is($status, 0, '--set list');
my %row;
for (split /\n/, $out) {
    my ($name, $min, $max, $rest, $preset, $origin) =
        /^(\S+)\s+(-?\d+)\.\.(-?\d+)(.*), default (-?\d+): (\S.*)$/
        or fail("a line that is no row: $_"), next;
    $row{$name} = { min => $min, max => $max, preset => $preset };
    ok($min <= $preset && $preset <= $max && length $origin < 96,
        "$name: the default is in range, the origin is given");
}
ok($row{'vm.overcommit_memory'} && $row{'vm.overcommit_ratio'}, 'overcommit is among them');

# Each error is one line, with status 2, before any program runs.
sub refused {
    my ($like, @options) = @_;
    my ($status, $out, $err) = clockhand(@options, '--run', 'echo ran');
    is($status, 2, "@options: status 2");
    like($err, qr/^clockhand: $like\n\z/, "@options: the message says why");
    is($out, '', "@options: nothing ran");
}
refused("--set: 'vm' is not NAME=VALUE", '--set', 'vm');
refused("--set: no tunable 'vm.none' .*", '--set', 'vm.none=1');
refused('vm.overcommit_memory: 3 is not in 0..2', '--set', 'vm.overcommit_memory=3');
refused('vm.overcommit_memory: -1 is not in 0..2', '--set', 'vm.overcommit_memory=-1');
refused("vm.overcommit_memory: '1x' is not a whole number", '--set', 'vm.overcommit_memory=1x');
refused("vm.overcommit_memory: '9{30}' is not a whole number", '--set',
    'vm.overcommit_memory=' . 9 x 30);

# ---- policies ----
($status, $out) = clockhand('--policy', 'list');
is($status, 0, '--policy list');
my %policy = $out =~ /^(\S+) +(\S.*)$/mg;
ok($policy{$_}, "--policy list has $_ with a description") for qw(clock twohand);
refused("--policy: no policy 'none' .*", '--policy', 'none');
my $in_force = spew(tmp('policy.ch'), <<'END');
expect "# " 60s
json info lens
send "echo $((6*7)) vm\n"
expect "42 vm" 10s
END
for my $name ($ENV{SOAK} ? sort keys %policy : qw(arc sunos linux612 mach97)) {
    ($status, $out, $err) = clockhand('--policy', $name, qw(--timing fast -x), $in_force);
    is($status, 0, "--policy $name: the shell answers");
    my ($lens) = map { json($_) } $out =~ /^(\{.*"policy".*\})$/m;
    is($lens->{policy}, $name, "--policy $name is in force") or diag($err);
}
($status, $out) = clockhand('--policy', 'twohand', '--append',
    'run=echo $((6*7)) vm', '--max-sim-time', '60s');
like($out, qr/^42 vm\r?$/m, '--policy with --append run=CMD, which must be last');

# ---- the monitor ----
my $script = spew(tmp('set.ch'), <<'END');
assert vm.overcommit_ratio == 60
set vm.overcommit_ratio 70
expect "# " 60s
assert vm.overcommit_ratio == 70
send "grep CommitLimit /proc/meminfo; echo do''ne\n"
expect "done" 10s
json info tunables
explain vm.overcommit_ratio
END
($status, $out) = clockhand(qw(--timing fast --set vm.overcommit_ratio=60 -x), $script);
is($status, 0, '--set and set change vm.overcommit_ratio, from the first instruction on');
my ($json) = $out =~ /^(\[\{.*"name".*\}\])$/m;
my ($ratio) = grep { $_->{name} eq 'vm.overcommit_ratio' } @{ json($json) };
like($out, qr/^vm\.overcommit_ratio \(tunable\): Linux/m, 'explain knows tunables');
is_deeply([ @$ratio{qw(value default min max)} ],
    [ 70, 50, 0, $row{'vm.overcommit_ratio'}{max} ], 'info tunables as JSON');
refuses(['run-for 100ms'], ['set vm.overcommit_ratio -1', qr/-1 is not in 0\.\.1000/],
    ['set vm.overcommit_ratio 1 2', qr/unexpected '2'/], ['set vm.none 1', qr/no tunable/],
    ['set vm.overcommit_ratio many', qr/not a whole number/]);

# --set changes only the value in the kernel's image, and nothing else in the machine.
my @hash;
for my $set ([], [ '--set', 'vm.overcommit_memory=0' ],
    [ '--set', 'vm.overcommit_memory=1' ])
{
    my (undef, undef, $e) = clockhand(@$set, '--hash', '--max-instructions', '100000');
    push @hash, $e =~ /^hash (\w+)$/m;
}
is($hash[0], $hash[1], 'setting the default changes nothing');
isnt($hash[0], $hash[2], 'another value: another hash');

# ---- /proc/sys: the same table (002-19) ----
($status, $out, $err) = guest('cd /proc/sys; for f in $(cd /proc/sys; '
        . 'find . -type f -perm 644); do echo $f $(cat $f); done; '
        . 'w() { echo $1 > vm/overcommit_memory; echo st=$? $(cat '
        . 'vm/overcommit_memory); }; w 2; w 3; w -1; w x; w 1x; w 1; w "";'
        . 'su user -s /bin/sh -c "echo 0 > vm/overcommit_memory" || echo no',
    qw(--timing fast --set vm.overcommit_ratio=77));
my %file = $out =~ m{^\./(\S+) (-?\d+)$}mg;
for my $name (sort keys %row) {
    (my $path = $name) =~ tr{.}{/};
    my $want = $name eq 'vm.overcommit_ratio' ? 77 : $row{$name}{preset};
    is($file{$path}, $want, "/proc/sys/$path");
}
is(join(' ', $out =~ /^st=(\d \d)$/mg), join(' ', '0 2', ('1 2') x 4, '0 1', '1 1'),
    'values in range are written, others refused');
like($out, qr/^no$/m, '... and only root can write them');

# ---- the effects of the overcommit tunables ----
# meminfo returns RAM, swap and commitments in kB.
my $look = 'sed -n "s/^\(MemTotal\|SwapTotal\|CommitLimit\|Committed_AS\): '
    . '*\([0-9]*\).*/\1 \2/p" /proc/meminfo';
sub meminfo {
    my (undef, $out) = guest($look, qw(--timing fast), @_);
    return { map { split } split /\n/, $out };
}
for my $ratio (0, 50, 130) {
    my $m = meminfo('--set', "vm.overcommit_ratio=$ratio");
    ok(abs($m->{CommitLimit}
                - $m->{MemTotal} * $ratio / 100 - $m->{SwapTotal}) < 8,
        "CommitLimit at ratio $ratio is RAM * ratio % + swap")
        or diag explain $m;
}
# Lets dd request a buffer of $mib MiB at once, which it never touches; returns whether the kernel granted it.
sub request {
    my ($mib, @options) = @_;
    my ($status, $out, $err) = guest(
        "dd if=/dev/null of=/dev/null bs=${mib}M 2>&1 | tail -1", qw(--timing fast), @options);
    return $out =~ /out of memory/ ? 'refused' : 'granted';
}
my @heuristic = ('--set', 'vm.overcommit_memory=0');
is(request(8, @heuristic), 'granted', 'mode 0 grants what could fit');
is(request(400, @heuristic), 'refused', 'mode 0 refuses what could never fit');
is(request(400, '--set', 'vm.overcommit_memory=1'), 'granted', 'mode 1 refuses nothing');
my @strict = ('--set', 'vm.overcommit_memory=2', '--set');
is(request(2, @strict, 'vm.overcommit_ratio=100'), 'granted',
    'mode 2 grants what is within the limit');
is(request(2, @strict, 'vm.overcommit_ratio=10', '--swap', '0'), 'refused',
    'mode 2 refuses what is beyond the limit');
is(request(400, @strict, 'vm.overcommit_ratio=1000', '--swap', '0'),
    'refused', '... also with a high ratio');

# Makes requests of each kind and touches no page of them (guest/user/alone/overcommit.c).
sub grid {
    my ($mode, $ratio) = @_;
    my ($status, $out) = guest('/tests/overcommit', qw(--timing fast --swap 0 --set),
        "vm.overcommit_memory=$mode", '--set', "vm.overcommit_ratio=$ratio");
    is($status, 0, "overcommit in mode $mode, ratio $ratio");
    my %got = $out =~ /^(\w+|fork of two) (\S+|\d+ of \d+)$/mg;
    my ($n, $of) = $got{steps} =~ /^(\d+) of (\d+)$/;
    $got{steps} = $n == $of ? 'granted' : $n ? 'up to a limit' : 'refused';
    return \%got;
}
my %all = map { $_ => 'granted' } qw(single steps fork noreserve mprotect), 'fork of two';
is_deeply(grid(0, 50), { %all, single => 'refused', mprotect => 'refused',
        limit => 'no' }, 'mode 0 looks at each request alone');
is_deeply(grid(1, 50), { %all, limit => 'no' }, 'mode 1 grants all');
is_deeply(grid(2, 50), { (map { $_ => 'refused' } keys %all),
        steps => 'up to a limit', limit => 'exact' },
    'mode 2 grants steps of 1 MiB up to CommitLimit, and nothing larger, MAP_NORESERVE or not');
is_deeply(grid(2, 150), { %all, steps => 'up to a limit', limit => 'exact',
        'fork of two' => 'refused' },
    '... and more with a higher ratio');

# A system's thresholds can be set at boot and later by /proc/sys.
for my $case (['bsd43', 'bsd43.lotsfree=300 bsd43.minfree=30', '54 50 300'],
    ['mach97', 'mach.free_min=200 mach.free_target=300', '15 200 300'],
    ['gnumach99', 'mach.external_limit=800 mach.external_target=700', '50 100 115 800 700'],
    ['linux24', 'linux24.freepages_low=200', '32 200 232'],
    ['clock', 'vm.watermark_scale_factor=200', '128 209 290'], !$ENV{SOAK} ? () : (
    ['sunos', 'sunos.lotsfree=300', '75 150 300'],
    ['solaris8', 'sunos.throttlefree=50', '50 64 128'],
    ['gnumach99', 'mach.external_limit=400', '50 100 115 400 200'],
    (map { [$_, 'linux24.freepages_min=60', '60 120 180'] } qw(linux240t kpaged linux24)),
    ['linux24', 'linux24.freepages_high=500', '32 64 500'],
    ['linux26', 'vm.min_free_kbytes=1024', '256 512 768']))
{
    my ($policy, $sets, $want) = @$case;
    my $own = $policy eq 'gnumach99' ? "print vm.ext_limit\nprint vm.ext_target" : '';
    my @sets = split ' ', $sets;
    my $echo = join '; ', map { s{\.}{/}r =~ s{(.*)=(.*)}{echo $2 > /proc/sys/$1}r } @sets;
    my $levels = q{grep -E '^ +(min|low|high) ' /proc/zoneinfo};
    for my $later (0, 1) {
        my $say = $later ? "$echo; $levels" : $levels;
        my (undef, $out) = clockhand('--policy', $policy, '--timing', 'fast', '-x',
            spew($script, join "\n", 'expect "# " 60s', qq{send "$say\\n"},
                'expect "high" 10s', 'expect "# " 10s', $own, ''),
            $later ? () : map { ('--set', $_) } @sets);
        $out =~ s/\r//g;
        is(join(' ', $out =~ /^ +(?:min|low|high) +(\d+)$/mg, $out =~ /^(\d+)$/mg), $want,
            "$policy: $sets " . ($later ? 'in /proc/sys' : 'from the start'));
    }
}

# With unreasonable thresholds the machine could not even mount its root. As it boots, the
# kernel therefore refuses a value of --set that does not lie between the thresholds next to it, and
# below the size of memory: it panics and gives the range. All other values work.
for my $set (['sunos', 'lotsfree'], ['bsd43', 'minfree'], ['gnumach99', 'mach.external_limit'],
    !$ENV{SOAK} ? () : (['sunos', 'minfree'], ['linux24', 'linux24.freepages_low'],
    ['solaris8', 'throttlefree'], ['solaris8', 'pageout_reserve'], ['bsd43', 'lotsfree'],
    ['mach97', 'mach.free_min'], ['mach97', 'mach.free_target'],
    ['gnumach99', 'mach.external_target'], ['linux24', 'linux24.freepages_min'],
    ['linux24', 'linux24.freepages_high'], ['kpaged', 'linux24.freepages_min']))
{
    my ($policy, $name) = @$set;
    my $full = $name =~ /\./ ? $name : ($policy eq 'bsd43' ? 'bsd43' : 'sunos') . ".$name";
    for my $frames ($name =~ /\./ ? (1, 511) : (), 2047, 262144) {
        my ($status, $out, $err) = guest('/era/bin/hog 9M', '--policy', $policy,
            '--set', "$full=$frames", '--ram', '8M', '--timing', 'fast');
        my ($least, $most) = $err =~ /^Kernel panic: \Q$full: $frames is not in \E(\d+)\.\.(\d+)$/m;
        my $well = defined $most ? $status == 2 && ($frames < $least || $frames > $most)
            : $frames < 2048 && "$status $out" =~ /^0 .* 0 pages wrong/;
        ok($well, "$policy: $full=$frames in 2048 frames is " . (defined $most ? 'refused' : 'used'))
            or diag($out, $err);
    }
}

# Such a value written to /proc/sys is refused, too, and changes nothing.
{
    my (undef, $out) = guest('cd /proc/sys/mach; cat external_limit; echo 20 > external_limit; echo status $?; '
            . 'cat external_limit; echo 400 > external_limit; echo status $?; cat external_limit',
        qw(--policy gnumach99 --ram 8M --timing fast));
    $out =~ s/^(?!\d|status).*\n//mg;
    is($out, "0\nstatus 1\n0\nstatus 0\n400\n", 'mach.external_limit in /proc/sys: 20 is refused, 400 is set');
}
done_testing();
