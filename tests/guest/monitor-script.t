#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# -x files end with status 0, 1 or 2, or with quit's; messages have file and line; every verb works
# on the running guest; every query answers as one line of JSON.
use lib 'tests/lib';
use Clockhand;
use Pty;

sub script {
    my ($lines, @options) = @_;
    my $file = spew(tmp('s.ch'), join "\n", @$lines, '');
    return clockhand(@options, '-x', $file);
}
sub objects { return map { json($_) } grep { /^[{\[]/ } split /\n/, shift }

# ---- statuses ------------------------------------------------------------------
my $prompt = 'expect "# " 5s';
like((script([$prompt, 'refuse "" catch stale if (', 'info stale']))[1],
    qr/nothing looks for stale uses yet/, 'after a refused catch nothing looks for stale uses');
for my $case (
    [0, qr/^$/, 'assert 1 < 2'],
    [1, qr/s\.ch:2: assert: 1 > 2: left is 1 .* right is 2/, 'assert 1 > 2'],
    [1, qr/s\.ch:2: expect: "nothing" did not come \((?:time is up|the guest waits for ever)\); last: /,
        'expect "nothing" 1ms'],
    [2, qr/s\.ch:2: goto: where to\?/, 'goto'],
    [1, qr/s\.ch:2: goto: the past is kept as far back as cycle 0/, 'goto -9000s'],
    [2, qr/s\.ch:2: branch: the machine stands at its present/, 'branch'],
    [2, qr/s\.ch:2: break: 'nowhere' is not a location/, 'break nowhere'],
    [2, qr/s\.ch:2: print: no memory at 0x10/, 'print u8[0x10]'],
    [0, qr/^$/, 'refuse "not a location" break nowhere'],
    [1, qr/s\.ch:2: refuse: break nowhere: another message: break: 'nowhere' is not/, 'refuse "unknown" break nowhere'],
    [1, qr/s\.ch:2: refuse: print 1: it was done/, 'refuse "print" print 1'],
    [2, qr/s\.ch:2: frob: unknown verb/, 'frob'],
    [7, qr/^$/, 'quit 7 # nothing'],
    [2, qr/s\.ch:4: goto: the machine stopped before that, at cycle/, qq(break page_fault\nsend "ls\\n"\ngoto 9s)],
    [0, qr/^$/, 'quit'])
{
    my ($want, $pattern, $line) = @$case;
    my ($status, $out, $err) = script([$prompt, $line, 'echo unreached']);
    is($status, $want, "status of: $line");
    like($err, $pattern, "message of: $line");
    is(scalar(() = $err =~ /\n/g), $want && $want != 7 ? 1 : 0, "lines of: $line");
    my $goes_on = $want == 0 && $line !~ /quit/;
    is($out =~ /unreached/ ? 1 : 0, $goes_on ? 1 : 0, "goes on after: $line");
}

succeeds('a breakpoint stops a run-until; going on passes it, but no catch at the same instruction', script([$prompt,
    'catch trap', 'send "ls\n"', 'while $scause != 8', 'continue', 'end', 'let at $sepc', 'delete', 'break *let.at',
    'run-until 0', 'assert $pc == let.at', 'run-for 0', 'assert $pc == let.at', 'catch trap', 'continue',
    'assert $pc != let.at && $sepc == let.at']));
like((succeeds('small cases', script([$prompt, 'break page_fault', 'send "ls\n"', 'continue', 'let sp $sp', 'delete',
    'rwatch u8[0xffffffc080200000]', 'watch u64[let.sp-16]', 'watch u8[let.sp-16]', 'json continue', 'delete', 'run-for 9ms',
    'refuse "no RAM" set u64[pa:0x80fffffc] = -1', 'assert !u32[pa:0x80fffffc]', 'json refuse "" frob', 'info events 0',
    'send "echo 7\n"', 'expect "echo " 1s', 'hear n', 'run-for 9ms', 'goto -1ms', 'refuse "no number" hear m'])))[0],
    qr/"number":3,"text":"watchpoint 3: u64.*\{"ok":true\}\nand \d+ older/s, '... watchpoint 3, refuse in JSON, 0 events');

# Blocks nest, and messages name lines; a missing end, stray else or missing count fails.
{
    my ($status, $out, $err) = script(['let n 0', 'repeat 3 # times \\',
        'if let.n == 1', 'echo one', 'else', 'if let.n > 1', 'echo many', 'end',
        'echo other', 'end', 'let n let.n + 1', 'end', 'while let.n > 1',
        'let n let.n - 1', 'end', 'repeat 0', 'echo never', 'end', 'if 0',
        'echo never', 'end', 'echo', 'print let.n', 'repeat 2',
        'let n let.n + 1', 'assert let.n < 3', 'end', 'echo never']);
    is("$status $out", "1 other\none\nmany\nother\n\n1\n", 'blocks');
    like($err, qr/s\.ch:26: assert: let\.n < 3: left is 3/, '... and messages name their lines');
    for my $case (['s.ch:1: the end of the block is missing', 'while 1', 'if 1',
            'end'], ['s.ch:2: else: there is no block', 'echo', 'else'],
        ['s.ch:3: else: unexpected', 'if 0', 'echo', 'else if 0', 'end'], ['s.ch:2: end: unexpected', 'if 0', 'end 1'],
        ['s.ch:1: repeat: a count is missing', 'repeat', 'end'],
        ['s.ch:2: frob: unknown verb', 'repeat 2', 'frob', 'end'])
    {
        my ($why, @lines) = @$case;
        ($status, $out, $err) = script(\@lines);
        is($status, 2, "status of: $why");
        like($err, qr/\Q$why\E/, "message: $why");
    }
}

# `let` keeps numbers of a caught event, and conditions test them.
{
    my ($out, $err) = succeeds('catch EVENT if EXPR, let', script([$prompt,
        'tcatch exec', 'send "hog 64K 0\n"', 'continue', 'let who event.pid',
        'tcatch demand-zero if event.pid == let.who && event.va % 4096 == 0',
        'json continue', 'let page event.pfn', 'assert event.va % 4096 == 0',
        'tcatch exit if event.pfn == let.page', 'continue',
        'assert event.pfn == let.page && event.pid == let.who',
        'json why let.page', 'let page 1 + let.page', 'print let.page']));
    my $why = (objects($out))[-1];
    my $last = $why->{events}[0];
    is($last->{reason}, 'exit', 'the exit of the right frame was caught');
    is($why->{state}, 'free', '... and the frame is free');
    like($out, qr/^@{[$why->{pfn} + 1]}$/m, 'let gives a name another value');
}

# A file may source files, and have options in its first line; -x may be repeated.
spew(tmp('inner.ch'), "echo inner\nassert 0\n");
my ($status, $out, $err) = script(['echo outer', 'source ' . tmp('inner.ch')]);
is($status, 1, 'a failure in a sourced file fails the script');
like($err, qr/inner\.ch:2: assert: 0/, '... and the file is named');
spew(tmp('self.ch'), 'source ' . tmp('self.ch') . "\n");
($status, $out, $err) = clockhand('-x', tmp('self.ch'));
is($status, 2, 'a file that sources itself ends');
($out, $err) = succeeds('# options: configures the machine', script(['# options: --ram 8M', $prompt,
    'assert vm.frames == 2048']));
($out, $err) = succeeds('the command line overrides # options:', script(['# options: --ram 8M', $prompt,
    'assert vm.frames == 3072'], '--ram', '12M'));
spew(tmp('one.ch'), "mark here\n");
($out) = succeeds('two files, one machine, from reset', clockhand('-x', tmp('one.ch'), '-x',
    spew(tmp('two.ch'), "assert mark.here == 0 && cycle == 0\n")));
($status, $out, $err) = run_command("run-for 1ms\nassert cycle >= 1ms\nfrob\n",
    build() . '/clockhand', '--monitor');
is($status, 2, 'commands from a pipe');
like($err, qr/standard input:3: frob/, '... errors name the line');
is((run_command("quit 3\n", build() . '/clockhand', '--monitor'))[0], 3, '... and quit gives the status');
($status) = script([$prompt, 'run-for 10s'], '--max-sim-time', '2s');
is($status, 124, '--max-sim-time ends a script with 124');

# ---- running and stopping ----------------------------------------------------------
($out, $err) = succeeds('running and stopping', script([$prompt,
    'mark a', 'stepi 1000', 'assert instret > 0 && cycle > mark.a',
    'mark b', 'run-for 1ms', 'assert cycle >= mark.b + 1ms',
    'assert cycle < mark.b + 1ms + 2000',
    'run-until cycle >= mark.b + 2ms', 'assert cycle >= mark.b + 2ms',
    'mark c', 'send "cat /etc/passwd\n"',
    'tbreak copyout if $a2 > 0', 'json continue',
    'assert $pc == copyout && (long)$a2 > 0', 'json info breakpoints',
    'break copyout', 'json continue', 'json continue',
    'json info breakpoints', 'delete', 'expect "root" 1s',
    'watch u64[counters]', 'send "ls /\n"', 'json continue', 'delete',
    'catch exec', 'send "/bin/ls /\n"', 'json continue', 'delete',
    'tcatch demand-zero', 'send "od /dev/null\n"', 'json continue',
    'json info breakpoints',
    'catch trap', 'json continue', 'delete',
    'run-until pgfault % 10 == 0', 'assert pgfault % 10 == 0',
    'timing fast', 'mark f', 'stepi 10', 'assert cycle - mark.f == 10',
    'timing cycle', 'pace 5', 'pace max', 'expect "# " 1s']));
my @o = objects($out);
is($o[0]{stop}, 'breakpoint', 'a breakpoint with a condition');
is_deeply($o[1], [], '... is gone after one stop');
is_deeply([@{$o[2]}{qw(stop number)}], ['breakpoint', 2], 'a breakpoint that stays');
cmp_ok($o[3]{instret}, '>', $o[2]{instret}, '... is left and hit again');
is($o[4][0]{hits}, 2, '... and counts its hits');
is($o[5]{stop}, 'watchpoint', 'a watchpoint');
like($o[5]{text}, qr/was 0x[0-9a-f]+, is 0x[0-9a-f]+/, '... shows old and new value');
is($o[6]{stop}, 'catch', 'catch: an event');
like($o[6]{text}, qr/exec: ls \(pid \d+\)/, '... in words, with the process');
is($o[7]{stop}, 'catch', 'tcatch: a reason');
is_deeply($o[8], [], '... caught once');
like($o[9]{text}, qr/trap|interrupt/, 'catch trap');

# ---- facts as JSON --------------------------------------------------------------------
my @queries = (map({ "info $_" } infos()), 'info registers pc satp a0', 'print 1 + 1', 'x/4gx $sp', 'x/3i $pc', 'x/2s $sp & ~7',
    'xp/2wx 0x80200000', 'page 700', 'why 700', 'why pgfault', 'pmap 1',
    'pmap init', 'walk $pc', 'walk 0x10000 1', 'walk 0', 'audit', 'hash',
    'explain asid', 'help', 'help walk', 'info', 'assert 1', 'stepi -v',
    'run-for -v 100', 'echo words', 'mark q', 'pace max', 'delete',
    'catch fault', 'timing cycle', 'halt');
($out, $err) = succeeds('all queries answer', script([$prompt, 'run-until !lens.busy',
    map { ("echo >$_", "json $_") } @queries]));
sub by_query {
    my (%answer, $to);
    /^>(.*)/ ? $to = $1 : push @{ $answer{ $to // '' } }, $_ for split /\n/, shift;
    return %answer;
}
my %answer = by_query($out);
for my $q (@queries) {
    my @lines = @{ $answer{$q} // [] };
    my $value = eval { json($lines[0]) };
    ok(@lines == 1 && defined $value, "json $q") or diag(join "\n", @lines);
}
my %fact = map { $_ => eval { json($answer{$_}[0]) } } @queries;
is($fact{'print 1 + 1'}{value}, 2, 'print computes');
is($fact{'info frames'}{frames}, 4096, 'frames');
my $sum = 0;
$sum += $fact{'info frames'}{$_} for grep { $_ ne 'frames' }
    keys %{ $fact{'info frames'} };
is($sum, 4096, '... of all states add up');
my $buddy = 0;
$buddy += $fact{'info buddy'}[$_] << $_ for 0 .. $#{ $fact{'info buddy'} };
is($buddy, $fact{'info frames'}{free}, 'free blocks add up to free frames');
my $p = $fact{'info profile'};
my $all = 0;
$all += $p->{$_} for grep { !/^(cycles|instructions)$/ } keys %$p;
is($all, $p->{cycles}, 'causes add up to cycles');
is($fact{'pmap 1'}{name}, 'init', 'pmap by number');
is_deeply($fact{'pmap init'}, $fact{'pmap 1'}, '... and by name');
is($fact{'walk 0'}{verdict}, 'fault', 'page 0 is not mapped');
is($fact{'walk 0x10000 1'}{verdict}, 'ok', "init's text is mapped");

($out, $err) = succeeds('all queries answer in text', script([$prompt, 'run-until !lens.busy',
    map { ("echo >$_", $_) } @queries]));
%answer = by_query($out);
my %silent = map { $_ => 1 } 'assert 1', 'mark q',
    'pace max', 'delete', 'catch fault', 'timing cycle', 'halt';
ok($answer{$_}, "text of $_") for grep { !$silent{$_} } @queries;

# Memory and registers have the same values in every notation.
($out, $err) = succeeds('places, registers, counters', script([$prompt,
    'assert u64[$sp] == *$sp', 'assert u32[$sp] == (u32)u64[$sp]',
    'assert u8[$sp + 3] == (u64[$sp] >> 24 & 0xff)',
    'set u32[$sp - 64] = 0xdeadbeef', 'assert u32[$sp - 64] == 0xdeadbeef',
    'assert s32[$sp - 64] < 0', 'set u8[$sp - 64] = 0x11',
    'assert *(unsigned *)($sp - 64) == 0xdeadbe11',
    'assert $x2 == $sp && $x10 == $a0', 'assert $satp >> 60 == 8',
    'assert cycle == cycles && instret == instructions']));

# ---- save, load, hash, send ------------------------------------------------------------
my $save = tmp('machine');
($out, $err) = succeeds('save and load', script([$prompt, "save $save", 'json hash', 'send "echo x$((20+3))y\n"',
    'expect "x23y" 1s', 'run-for 5ms', 'json hash', "load $save", 'json hash',
    'send "echo x$((20+3))y\n"', 'expect "x23y" 1s', 'run-for 5ms',
    'json hash']));
@o = objects($out);
is($o[2]{hash}, $o[0]{hash}, 'loading goes back');
is($o[3]{hash}, $o[1]{hash}, '... and the same commands lead to the same machine');
isnt($o[1]{hash}, $o[0]{hash}, 'the two hashes differ');

($out, $err) = succeeds('Ctrl-C by send', script([$prompt, 'send "sleep 100\n"', 'run-for 50ms',
    'send "\x03"', 'expect "# " 1s', 'send "echo st$?\n"',
    'expect "st130" 1s']));

# ---- on a terminal: the guest's shell asks for the cursor's place; the
# question must not reach the terminal, whose answer would arrive at the user's own prompt ----
for my $how ('from a script', 'from a pipe') {
    my $file = spew(tmp('s.ch'), "$prompt\nrun-for 5ms\necho over\n");
    my @pipe = ('sh', '-c', build() . '/clockhand < /dev/null');
    my $pty = Pty->start(24, 80, $how =~ /pipe/ ? @pipe : (build() . '/clockhand', '-x', $file));
    my $raw = $pty->everything;
    is($pty->finish, 0, "on a terminal, $how");
    like($raw, qr/# /, '... the prompt is shown');
    unlike($raw, qr/\e\[6n/, '... without the question for the cursor');
}
my (undef, $asks) = script([$prompt, 'send "\n"', 'expect "# " 1s', 'run-for 5ms']);
unlike($asks, qr/\e\[6n/, 'nor is the question written to a file');

# ---- sysrq m, and a catch that stops before the report is complete ----
($out, $err) = succeeds('sysrq m with a catch set', script([$prompt, 'catch fault', 'send "ls\n"',
    'sysrq m', 'delete', 'sysrq m']));
like($out, qr/fault.* cycle \d+\n.*SysRq: Show Memory/s, '... prints the stop, later the report');

# ---- printf: several values in a line ----
($status, $out, $err) = script([$prompt, 'tcatch fork', 'send "ls\n"', 'continue',
    'printf "%-8s|%5d|%#x|%-4u|%c|%03o|%%|%s|%.2s|%.0f|%5.1f\n", vm.policy, 6 * 7, 255, 7, 65, 8, event.reason, event.reason, $satp, $satp / 266, 1 - 4, 2',
    'json printf "%llx %s\n", -1, state.cow_shared', 'printf "no value\n"',
    'printf "[%s]\n", event.reason_x ? 1 : 2'], '--policy', 'arc');
like($out, qr/^arc     \|   42\|0xff\|7   \|A\|010\|%\|fork\|fo\|266\| -1\.5$/m, 'printf: a line')
    or diag($out);
like($out, qr/^\{"text":"ffffffffffffffff cow-shared\\u000a"\}$/m, 'printf as JSON');
like($out, qr/^no value$/m, 'printf without values');
is($status, 2, 'event.reason_x is not taken for event.reason: an error');
refuses([], map { [$_->[0], qr/\Q$_->[1]/] } ['printf "%d\n"', 'more % than values'], ['printf "%d", 1, 2', 'more values'],
    ['printf "%f", 1', 'two values'], ['printf "%f", 1, 0', 'division by 0'],
    ['printf "%n", 1', '% and what'], ['printf "%100d", 1', '% and what'],
    ['printf "%.*d", 1', '% and what'], ['printf 1', 'text'], ['printf "%", 1', '% and what'],
    ['printf "%-0+ #-0+ #-0+ #-0+ #-0+ #-0+ #-0+ #d", 1', '% and what'],
    ['printf "%d", nothing', 'nothing'], ['let a-b 1', 'let: '],
    ['print let.none', 'has not been set'], ['printf "%s", 3', '%s: no word for 3'], ['mark now', 'the present'],
    ['last-write pfn:4503599627370553', 'not in RAM'], ['walk 0 4294967297', 'no process'], ['list 4294967301', '4294967301'], ['catch walk if 1', "unexpected 'if 1'"]);

succeeds('--run under a script', script(['expect "42" 2s', 'json audit', 'continue',
    'assert exit_status == 3'], '--run', 'echo $((6*7)); sleep 1; exit 3'));

done_testing();
