#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The monitor must answer questions in the words that people use, and suggest the right word for a mistyped one.
use lib 'tests/lib';
use Clockhand;
use Pressure qw(policies);
no warnings 'portable'; # addresses have 64 bits

my $shell = 'expect "# " 60s';
sub asked {
    my ($options, @commands) = @_;
    my ($status, $out, $err) = clockhand('--timing', 'fast', @$options, '-x',
        spew(tmp('s.ch'), join "\n", $shell, @commands, ''));
    return ($status, $out, $err);
}
sub facts { return map { json($_) } grep { /^[\[{]/ } split /\n/, shift }

# ---- nearly right names and numbers: the message says the right form ----
refuses([], ['catch oom if pid 6', qr/'pid' .*did you mean event\.pid\?/],
    ['run-for 2sec', qr/a time is 20ns, 5us, 300ms or 2s/]);
{
    my $if = 'if event.from == state.file-clean && event.to == state.free';
    my $at = 'trap_vector if $stval >> 12 == 0x3fff6e0 && $scause == 15 && $sepc > 0x100';
    my ($out, $err) = succeeds('a state with its hyphen', asked([], "catch reclaim $if", "break $at",
        'assert state.file-clean == state.file_clean', 'assert state.free-1 == -1',
        'json info breakpoints'));
    my ($all) = facts($out);
    is_deeply([ map { $_->{what} } @$all ], [ "reclaim $if", $at ],
        'a condition is shown whole, and once');
}

# At a stop inside an event, the event is listed but not yet counted: `why` says so.
{
    my ($out, $err) = succeeds('why, at an event', asked([], 'send "poke 8 w fork w t1\n"',
        'catch cow-copy', 'continue', 'why cow_copied'));
    like($out, qr/stands between an event and its count: 1 not counted/,
        '... says that its count is still to come');
}

# ---- info frames WORDS ----
my @questions = ('dirty', 'clean', 'file', 'anon', 'free', 'cow', 'swap',
    'kernel', 'mapped', 'shared', 'referenced', 'pid sh', 'pid 5', 'locked',
    'file referenced', 'not free', 'anon not shared', 'page-table', 'FREE');
my ($out, $err) = succeeds('info frames WORDS', asked([], 'json info frames',
    map { "json info frames $_" } @questions));
my ($count, @got) = facts($out);
my %got;
@got{@questions} = @got;
is($got{free}{matched}, $count->{free}, 'free: as many as are counted');
is($got{FREE}{matched}, $count->{free}, 'capitals make no difference');
is($got{'page-table'}{matched}, $count->{'page-table'}, 'page-table: as many as are counted');
is($got{file}{matched}, $count->{'file-clean'} + $count->{'file-dirty'}, 'file: clean and dirty pages of files');
is($got{anon}{matched},
    $count->{anonymous} + $count->{'cow-shared'} + $count->{'swap-cache'}, 'anon: anonymous, cow-shared and swap-cache frames');
is($got{'not free'}{matched}, 4096 - $count->{free}, 'not WORD');
is_deeply($got{'pid sh'}, $got{'pid 5'}, 'a process by name or number');
cmp_ok($got{'file referenced'}{matched}, '<=', $got{file}{matched}, 'more words, fewer frames');
for my $q (qw(dirty clean referenced shared)) {
    my @unmarked = grep { my $r = $_; !grep { $_ eq $q } @{ $r->{marks} } }
        @{ $got{$q}{list} };
    is(@unmarked, 0, "frames listed as $q show that mark");
    cmp_ok($got{$q}{matched}, '>', 0, '... and there are some');
}
my ($same, $where, $bad);
($same, $out) = asked([], 'json info frames anon not shared pid 5',
    'json info frames where anon && !shared && pid == 5');
($bad, $where) = facts($out);
is_deeply($where, $bad, 'where takes words and !, joined by &&');
cmp_ok($where->{matched}, '>', 0, '... and there are some');
my $status;
($status, $out) = asked([], 'let p 5', 'json info frames pid let.p anon not shared',
    'json info frames bank 3', 'json info frames bank 3 row 0x4001');
(my ($by_name, @in_dram)) = facts($out);
is_deeply($by_name, $where, 'pid: an expression');
is($in_dram[0]{matched}, 4096 / 16, 'bank: an equal part of the frames');
is_deeply([ map { $_->{pfn} } @{ $in_dram[1]{list} } ],
    [ grep { $_ >= 32 && $_ < 64 } map { $_->{pfn} } @{ $in_dram[0]{list} } ],
    'row: the part of the bank in the second 128 KiB');
($status, $out) = asked([], 'info frames file', 'info frames file 3',
    'info frames file all', 'frames file 3', 'info frames file , 3');
my @lists = split /^(?=  frame  state)/m, $out;
is((() = $lists[1] =~ /^ +\d+  file-/mg), 20, 'twenty rows');
like($lists[1], qr/^\d+ of 4096 frames; add `all` to see the rest/m, '... and how to see more');
is((() = $lists[2] =~ /^ +\d+  file-/mg), 3, 'as many as asked for');
is((() = $lists[3] =~ /^ +\d+  file-/mg), $got{file}{matched}, 'all');
is($lists[4], $lists[2], 'frames file: info may be left out');
is($lists[5], $lists[2], 'a comma by itself is ignored');
# A condition is applied or refused, never ignored.
refuses([$shell], ['info frames where dirty || clean', qr/^info frames: give words joined by &&/],
    map { ["info frames $_->[0]", qr/^info frames: \Q$_->[1]/] } ['file not', 'not: a word is missing'],
    ['pid == 5 && pid == 1', 'pid: once is enough'], ['pid 5 sh', 'pid: once is enough'],
    (map { ["$_ 3 file $_ 4", "$_: once is enough"] } qw(inode bank row slot va)),
    (map { ["not $_", "not $_: only words like dirty can be negated"] } 'sh', 'bank'),
    ['!pid == 5', 'not pid: only words'], ['dirty == file', '=: neither a process'], ['dirty and', 'and: a word is missing'],
    ['dirty && && file', 'and: neither a process'], ['3 file 4', '4: one number of rows is enough']);
refuses([$shell], map { [$_->[0], qr/did you mean \Q$_->[1]\E\?/] } [ 'info frames drity', 'dirty' ], [ 'info dirty', 'info frames dirty' ],
    [ 'info frames fiel', 'file' ],
    [ 'info swp', 'swap' ], [ 'info polcy', 'policy' ], [ 'info cyles', 'cycles' ],
    [ 'catch evcit', 'evict' ], [ 'catch fualt', 'fault' ],
    [ 'info events frok', 'fork' ], [ 'contniue', 'continue' ],
    [ 'hlep', 'help' ], [ 'walks', 'walk' ], [ 'print vm.fre', 'vm.free' ], [ 'print free', 'vm.free' ],
    [ 'print swapiness', 'vm.swappiness' ], [ 'why slow', 'info cycles' ], [ 'why drity', 'dirty' ],
    [ 'why pgfualt', 'pgfault' ], [ 'explain cost', 'info cycles' ], [ 'explain page walk', 'walk' ], [ 'help me', 'help' ]);
refuses([], ['st', qr/more than one verb begins so: .*stepi.*step-walk/],
    ['info f', qr{info: f: more than one begins so \(info alone lists all\)}],
    ['--ram 16M', qr/options are for the command line/], ['dirty', qr/unknown verb; explain dirty/]);
($status, $out, $err) = clockhand('--ram', '16', '--run', 'true');
is($status, 2, '--ram 16');
like($err, qr/^clockhand: --ram: 16 bytes: a unit is missing \(16M\)$/, '... wants a unit');
($status, undef, $err) = clockhand('--ram', '1K');
like($err, qr/^clockhand: --ram: from 1M/, '--ram 1K has a unit, but is too small');

# ---- everyday words ----
my %said;
my @rows = slurp('emu/monitor/verbs/everyday.def') =~ /^SAID\("([^"]+)", "([^"]+)"\)/mg;
cmp_ok(@rows / 2, '>', 40, 'everyday words');
while (my ($word, $type) = splice @rows, 0, 2) { $said{$word} //= $type }
delete $said{break}; # a verb itself; the suggestion is for `info break`
refuses([], map { ["$_ me now", qr/^\Q$_\E: unknown verb; did you mean \Q$said{$_}\E\?$/] }
    qw(top exit bye shell guest fg resume memory show what how which cost where undo free back who));
my %type = map { $_ => 1 } values %said;
for my $type (sort keys %type) {
    my $end = $type =~ /^(?:quit|continue)$/ ? "help $type" : $type;
    ($out, $err) = succeeds("$type: the suggested command works", asked([], $end));
    isnt($out, '', '... and says something');
}
($status, $out, $err) = asked([], 'explain MINFLT');
unlike($err, qr/did you mean min\?/, 'MINFLT is not corrected to min');

refuses([], [ 'print demand_zero', qr/has not started yet/ ],
    [ 'print vm.free', qr/has not started yet/ ], [ 'quit now', qr/'now' is not a status/ ],
    [ 'catch off', qr/delete/ ], [ 'page 0x3ffea78000', qr/walk 0x3ffea78000/ ]);

# ---- questions with an answer ----
($status, $out, $err) = asked([], 'json info swap', 'json info policy',
    'json info cycles', 'json info status', 'json ps', 'json status',
    'json INFO Vm', 'json info events 3 fork', 'json info events fault 2',
    'json catch', 'json info vm all');
is($status, 0, 'info swap, policy, cycles, status') or diag($err);
my ($swap, $policy, $cycles, $state, $ps, $state2, $vm, $forks, $faults, $catch, $all) =
    facts($out);
is($swap->{used} + $swap->{free}, $swap->{total}, 'swap: slots add up');
is($policy->{policy}, 'clock', 'policy: its name');
is_deeply([ sort keys %{ $policy->{tunables} } ],
    [ 'vm.min_free_kbytes', 'vm.watermark_scale_factor' ],
    '... and the tunables that it reads, no others');
my $sum = 0;
$sum += $cycles->{$_} for grep { $_ ne 'cycles' } keys %$cycles;
is($sum, $cycles->{cycles}, 'cycles add up');
is($state->{cycle}, $cycles->{cycles}, '... to those of the run');
is($state->{status}, 'halted', 'status');
is_deeply($state2, $state, 'status alone means info status');
is(ref $ps, 'ARRAY', 'ps alone means info ps');
is_deeply($vm, $all, 'verbs in capitals; all counters in JSON');
is(join(' ', map { $_->{reason} } @$forks), join(' ', ('fork') x @$forks), 'events of a reason');
ok(@$forks > 0 && @$forks <= 3, '... at most as many as asked for');
is(@$faults, 2, 'count and reason in either order');
cmp_ok(@$catch, '>', 50, 'catch alone lists the reasons');
($status, $out) = asked([], 'info vm', 'info vm all');
my ($short, $long) = $out =~ /^(vm\.free.*?)^(vm\.free.*)/ms;
cmp_ok(($short =~ tr/\n//), '<', 25, 'info vm: the important lines');
like($short, qr/info vm all/, '... and how to see the rest');
cmp_ok(($long =~ tr/\n//), '>', 90, 'info vm all');

# The tunables that `info policy` lists are of the policy's own family, or vm's.
for my $p (policies()) {
    ($status, $out) = asked([ '--policy', $p ], 'json info policy', 'info policy', 'info vm');
    my ($f) = facts($out);
    my $other = qr/(?:prev_)?priority|unreclaimable|swap_tendency|\w+_cost|(?:slow|fast)scan|swapped|messages/;
    unlike($out, qr/^(?:vm\.)?$other +\d+ frames?(?!\/s)\b/m, "$p: only numbers of frames have the unit frames");
    my $family = { twohand => 'clock', linux26 => 'vm', linux612 => 'vm',
        mach97 => 'mach', gnumach99 => 'mach', solaris8 => 'sunos', linux240t => 'linux24', kpaged => 'linux24' }->{$p} // $p;
    my @own = keys %{ $f->{tunables} };
    cmp_ok(@own, '>', 0, "$p has tunables");
    ok(!(grep { !/^(?:\Q$family\E|vm)\./ } @own), '... of its own family') or diag("@own");
}
($status, $out) = asked([ '--policy', 'linux612' ], 'json info policy', 'json info frames active',
    'info policy', 'explain priority');
like($out, qr/^priority +\d+ steps of 12 .*^priority \(mark\): \d+ now; [^\n]* in steps of 12: [^\n]*looks at[^\n]*$/ms,
    'a priority is no number of frames');
my ($lists, $active) = facts($out);
is($lists->{'active list'}, $active->{matched}, 'lists: as many as info frames active');

# ---- walk ----
($status, $out, $err) = asked([ '--timing', 'cycle' ], 'json walk 0x10000',
    'json walk 0x10000 5', 'json walk 0x10000 sh', 'json walk 0x1000 5',
    'json walk 0x3ffff00000 5', 'walk 0x10000 5');
my ($s, $u, $n, $none, $far) = facts($out);
is("$s->{mode} $s->{verdict}", 'supervisor fault', 'walk VA asks in the hart\'s mode: supervisor');
like($s->{why}, qr/U is set.*SUM.*walk VA PID/, '... and why that faults');
is("$u->{mode} $u->{verdict}", 'user ok', 'walk VA PID asks as user');
is_deeply($n, $u, 'a process by its name');
like($none->{why}, qr/no mapping of pid 5/, 'an address that nothing maps');
like($out, qr/^a load in user mode of pid 5$/m, 'the text says who asks');
# A fault beyond a file's end brings no page, and a mapping does not tell where that is.
my ($program) = grep { $_->{name} =~ /busybox/ } @{ (facts((asked([], 'json pmap 5'))[1]))[0]{mappings} };
my @untouched = grep { /not touched yet/ } map { $_->{why} // '' } facts((asked([], map { sprintf 'json walk 0x%x 5',
            hex($program->{start}) + 4096 * $_ } 0 .. 39))[1]);
cmp_ok(scalar(@untouched), '>', 0, 'pages of a program that nobody has used');
is((grep { !/the fault brings the page, or SIGBUS if the file ends before it$/ } @untouched), 0, '... may lie beyond its end');
($status, $out, $err) = asked([ '--ram', '8M' ], 'send "hog 12M &\n"',
    'catch swap-out if pswpout > 500', 'continue', 'json pmap hog');
my ($map) = facts($out);
my ($heap) = sort { $b->{anon_pages} <=> $a->{anon_pages} } @{ $map->{mappings} };
my $pages = (hex($heap->{end}) - hex $heap->{start}) / 4096;
($status, $out, $err) = asked([ '--ram', '8M' ], 'send "hog 12M &\n"',
    'catch swap-out if pswpout > 500', 'continue', map { sprintf 'json walk 0x%x hog',
        hex($heap->{start}) + 4096 * $_ } map { int $pages * $_ / 40 } 0 .. 39);
my @why = map { $_->{why} // 'ok' } facts($out);
ok((grep { /in swap, slot \d+/ } @why), 'a swapped page: its slot');
like(join("\n", @why), qr/\A(?:ok\n|.* in swap, slot \d+\n)+(?:.* not touched yet,.*\n?)+\z/,
    'and pages that are not in swap') or diag("@why");
($status, $out) = asked([], 'send "i=0; while [ $i -lt 70 ]; do (:); i=$((i+1)); done; echo fin\'\'ished\n"',
    'expect "finished" 20s', 'json why pgfault');
my ($served) = facts($out);
is(eval join('+', map { $_->{events} } @{ $served->{processes} }), $served->{known}, 'the events by process, and of others, add up to `known`');

($status, $out, $err) = asked([ '--ram', '8M' ], 'send "hog 12M &\n"',
    'catch reclaim if event.from == state.file_clean', 'continue', 'walk event.va');
is($status, 2, 'an evicted page of a file has no address to walk');
like($err, qr/walk: the event \(reclaim\) has no address; its frame is \d+/, '... and walk says so');
($status, $out, $err) = asked([ '--ram', '8M' ], 'send "hog 12M &\n"', 'catch swap-out',
    'continue', 'walk event.va');
like($out, qr/^a load in user mode of pid \d+\n(?:.*\n)+?fault: .*\n  not present: the page is in swap/m,
    'walk event.va asks as the process whose page goes to swap') or diag($out, $err);

# ---- at a catch of cow, the pte does not map the copy yet ----
($out, $err) = succeeds('walk VA w, walk VA PID w', asked([], 'catch cow', 'send "cow\n"', 'continue -v',
    'walk event.va', 'walk event.va w', 'json walk event.va 5 w', 'page event.pfn'));
like($out, qr/^catch 1: copy on write: .* frame \d+, and gets a copy, frame (\d+):/m,
    'the stop does not say that the copy is there');
my ($copy) = $out =~ /gets a copy, frame (\d+):/m;
like($out, qr/^in the kernel's .*\bcopy_frame\b.*  cycle \d+$/m, 'nor does it show lens_report');
unlike($out, qr/<lens_report/, '... anywhere');
like($out, qr/^a load in .*\n(?:.*\n)+?  the machine stands inside the kernel's cow-copy: the entry gets frame $copy /m,
    'walk says that the entry is still the old one');
like($out, qr/^a store in user mode of pid 5\n(?:.*\n)+?fault: .*\n  not allowed: W is clear: shared copy-on-write: the fault copies it$/m,
    'a store can be asked for');
my ($stored) = facts($out);
is("$stored->{access} $stored->{verdict}", 'store fault', '... also with a pid before the w');
like($out, qr/^  the kernel is at work on it: pid 5 gets it at 0x/m,
    'page says why a frame just supplied has no reference');

# ---- a frame's number, and numbers of frames ----
($status, $out) = asked([], 'info frame 30', 'page 30', 'frame 30', 'info frames 30',
    'info frames pid 5', 'info frame free 2');
my @one = split /^(?=frame 30  pa )/m, $out;
is(@one, 4, 'info frame 30 and frame 30 are page 30');
is($one[1], $one[2], '... and not a list of the first 30');
like($out, qr/^the first 30 of 4096 such frames, of 4096 in all; page 30 tells of frame 30$/m,
    'the footer counts the rows that are shown');
like($out, qr/^sh 5 maps \d+ of them by \d+ PTEs \(its RSS in ps\)/m, '... and says how many a process maps (its RSS)');

# ---- bt, help ----
($status, $out, $err) = asked([], 'catch fork', 'send "(true)\n"', 'continue', 'bt');
like($out, qr/^#0 .*lens_report.*\n(?:#.*\n)*#\d+ .*syscall_dispatch/m,
    'bt: the kernel\'s functions') or diag($out);
($status, $out) = clockhand('-x', spew(tmp('s.ch'), "help\n"));
like($out, qr/^Running\ncontinue.*^Looking\n.*^Asking\npage.*^Scripts and reports\n/ms, 'help in sections');
like($out, qr/^Back in time\nreverse-stepi.*^Stopping\n/ms, '... the ways back in time among them');

my %section = (running => qr/^Running\ncontinue/, stopping => qr/^Stopping\nbreak/,
'Page walks' => qr/^Page walks\nwalk/,
    walks => qr/^Page walks\nwalk/, looking => qr/^Looking\ninfo/);
my ($reports) = (clockhand('-x', spew(tmp('s.ch'), "help reports\n")))[1];
like($reports, qr/^Scripts and reports\n.*^figure .*^report /ms, 'help reports: the section');
for my $word (sort keys %section) {
    ($status, $out, $err) = clockhand('-x', spew(tmp('s.ch'), "help $word\n"));
    like($out, $section{$word}, "help $word: a section");
    cmp_ok(($out =~ tr/\n//), '<', 24, '... and the answer fits a screen');
}
($status, $out) = clockhand('-x', spew(tmp('s.ch'), "?\n"));
like($out, qr/^One section: help Running, Back in time, Stopping, /,
    '? is help, which begins with its sections');

# ---- print ----
($status, $out) = asked([], 'print frames', 'print frames + 1', 'print/d frames', 'print cycle');
like($out, qr/^0x[0-9a-f]+\n  the address of the symbol frames; u64\[frames\] is what lies there; info frames .*\n0x[0-9a-f]+\n-?\d+\n\d+\n\z/m,
    'print SYMBOL says that it is an address') or diag($out);

# ---- the shell's query for the cursor's position ----
($status, $out) = asked([], 'send "\n"', $shell, 'run-for 5ms');
unlike($out, qr/\e\[6n/, 'the query is not written to a file');
($status, $out) = run_command("echo a\$((1+1))b\n", build() . '/clockhand');
unlike($out, qr/\e\[6n/, '... nor to a pipe');
like($out, qr/a2b/, '... which gets the rest');

# ---- titles of columns; words of reports ----
($status, $out) = asked([], 'page 30', 'why 30', 'info events 1', 'why evict 30');
my $head = qr/^ +cycle  process   what happened \(who did it\), the latest first$/m;
is(scalar(() = $out =~ /$head/g), 3, 'histories have titles over their columns') or diag($out);
like($out, qr/^  no event of evict about this frame is still known$/m, 'why evict PFN of a frame that was never evicted');
for (['A/D', qr/(?m)^A\/D \(term\): .*walker/], ['dirty bit', qr/(?m)^dirty bit \(term\)/],
    ['minor fault', qr/(?m)^minor fault \(term\)/], ['major fault', qr/(?m)^major fault \(term\)/]) {
    ($status, $out) = asked([], "explain $_->[0]");
    like($out, qr/$_->[1]/m, "explain $_->[0]");
}

($status, $out, $err) = clockhand('-x', spew(tmp('s.ch'), "info ps\n"));
like("$status $err", qr/^2 .*info ps: .*it has not started yet/, 'info ps before the kernel has started');

($status, $out) = asked([], 'why dirty 25', 'why 25 dirty');
my ($one, $other) = $out =~ /^(frame 25 is .*)(frame 25 is .*)\z/ms;
is($other, $one, 'why 25 dirty is why dirty 25');

# ---- a wrong line: the verb's usage, or how to type it in the guest ----
refuses([$shell], ['explain lens_report', qr/^explain: lens_report: a name in the kernel's own code, at 0x/],
    ['ls /', qr/ls: unknown verb; a command of the guest's: send "ls \/\\n" types it there/],
    ['send ls', qr/send: a "text" in quotes is missing \(send "TEXT\\n"\)/],
    ['vm.free', qr/vm\.free: unknown verb; print vm\.free/], ['walk', qr/walk: an address is missing \(walk VA /],
    ['print 1 2', qr/print: unexpected '2' \(print \[\/FMT\] EXPR\)/],
    (map { [$_, qr/'event\.\w+' is of the event caught last, and no event has been caught/] }
        'print event.pfn', 'page event.pfn', 'walk event.va', 'why event.va', 'let p event.pid',
        'printf "%s\n", event.reason', 'assert event.actor == fault'));

# ---- other wordings, as newcomers type them ----
# Pairs of lines with the same answer: frame, page, pfn before a number.
my @pairs = (['why frame 30', 'why 30'], ['why page 30', 'why 30'], ['page frame 30', 'page 30'],
    ['page pfn 30', 'page 30'], ['why 30 evicted', 'why evicted 30'], ['info frames sh 2', 'info frames pid 5 2'],
    ['info frames dirty of sh', 'info frames dirty pid 5'], ['info ps sh', 'info ps 5'],
    ['info swap sh', 'info swap slots pid 5'], ['walk 0x10000 pid 5', 'walk 0x10000 5'],
    ['info events page fault 2', 'info events 2 fault'],
    ['explain "major fault"', 'explain major fault'], ['explain LRU', 'explain lru'],
    ['explain swappiness', 'explain vm.swappiness'], ['explain eviction', 'explain evict']);
($status, $out, $err) = asked([], (map { ('echo begin', $_->[0], 'echo begin', $_->[1]) } @pairs),
    'echo begin', 'run 300us', 'run-for 300 us', 'step walk', 'next event fork');
is($status, 0, 'all of them are understood, and run, step walk, next event') or diag($err);
s/^(?:LRU|lru|eviction|evict) // for my @answer = split /^begin\n/m, $out;
is($answer[2 * $_ + 1], $answer[2 * $_ + 2], "$pairs[$_][0] is $pairs[$_][1]") for 0 .. $#pairs;
($status, $out, $err) = asked([], 'catch page fault', 'catch cow pid 5', 'info breakpoints',
    'set vm.swappiness = 10', 'json print vm.swappiness', 'delete fault', 'delete all',
    'json info breakpoints');
is($status, 0, 'catch page fault; catch EVENT pid N; set NAME = VALUE; delete all') or diag($err);
like($out, qr/^1 +catch +page fault .*\n2 +catch +cow /m, '... two catches');
like($out, qr/"value":10\b.*\n\[\]\n\z/s, '... the value, and no catch is left');
($status, $out, $err) = asked([], 'catch fork', 'send "(true)\n"', 'continue', 'page event.pfn');
like($err, qr/page: the event \(fork\) is about no frame/, 'an event without a frame');
refuses([$shell], ['break foo:12 if a.b', qr/expression: 'foo' is no/],
    ['break on page fault', qr/break: page fault: an event; did you mean catch page fault\?/],
    (map { [$_, qr/chosen at the start: clockhand --policy NAME \(--policy list/] }
        'policy twohand', 'policy list', 'set policy lru', 'set vm.policy x', 'info policy lru'),
    ['set ram 8M', qr/chosen at the start: clockhand --ram/],
    ['set vm.swapiness 10', qr/did you mean vm\.swappiness\?/],
    ['set swappiness 10', qr/did you mean vm\.swappiness\?/], ['wy 30', qr/did you mean why\?/],
    ['owner 30', qr/did you mean help page\?/],
    ['explain sh', qr/sh: a process: info ps 5/], ['why sh', qr/sh is a process: info frames pid 5/],
    ['page sh', qr/sh is a process: info frames pid 5/], ['pmap foo', qr/'foo' is not a process/],
    ['delete foo', qr/'foo' is not a breakpoint's number/],
    ['run', qr/a time is missing .*continue runs/], ['info swap slots 8191', qr/no process 8191/],
    (map { [$_, qr/: unknown verb; .*goto goes back to a moment/] } qw(reset reboot restart)),
    ['waht 5', qr/did you mean help explain\?/], ['plot vm.free', qr/print NAME shows its value now/],
    ['table', qr/title, claim, figure, report \(help scripts\)/],
    ['print event.actro', qr/did you mean event\.actor\?/],
    ['catch cow if event.foo == 1', qr/'event\.foo' is no counter/],
    ['catch cow if event.actor == pageuot', qr/'pageuot' is no counter/],
    ['s', qr/gdb steps by source lines, backwards too \(the verb gdb opens it here\)/], ['lua x', qr/if, repeat and while/], ['goto', qr/where to\?/]);
($status, $out) = asked([], 'info events swap-in');
like($out, qr/^no such event is remembered$/m, 'no events: a sentence instead of a bare heading');
($status, $out) = asked(['--timing', 'cycle'], 'walk 0x10000');
like($out, qr/the machine stands in the kernel, the page is pid 5's \(.*walk 0x10000 5 asks/,
    'walk inside the kernel: how to ask as the process');
# Conditions may compare event.actor and event.reason with their words.
($status, $out, $err) = asked([], 'catch cow-copy if event.actor == fault && event.from == free && event.to == anonymous',
    'catch proc-exit if event.reason == proc-exit && event.actor == pageout',
    'send "ls /\n"', 'continue', 'printf "%s %s %d\n", event.reason, event.actor, event.actor == actor.fault',
    'printf "%d%d\n", event.reason != cow-copy, event.reason != swap-in', 'delete all',
    'break lens_report if $a0 == 0x3fff638000', 'rwatch u64[&counters]', 'awatch u64[&counters]', 'watch u64[&counters]',
    'info breakpoints');
is($status, 0, 'a condition on event.actor, event.reason') or diag($err);
like($out, qr/^cow-copy fault 1$/m, '... compared with their words');
like($out, qr/^01$/m, '... and with !=');
like($out, qr/ breakpoint lens_report if \$a0 == 0x3fff638000 +0 hits/, 'a breakpoint shows its condition once');
like($out, qr/^\d+ +read watchpoint +u64.*\n\d+ +access watchpoint +u64.*\n\d+ +watchpoint +u64/m, '... and watchpoints show which accesses');
for (['--lessons', qr/unknown option; is --lesson meant\?/], ['--polcy', qr/is --policy meant\?/],
    ['--policy=lrux', qr/did you mean lru\?/], ['--set=swappiness=3', qr/did you mean vm\.swappiness\?/]) {
    ($status, $out, $err) = clockhand($_->[0]);
    is($status, 2, $_->[0]);
    like($err, $_->[1], '... with the nearest word');
}

# ---- a program that the OOM killer ends ----
($status, $out, $err) = clockhand('--timing', 'fast', '--set', 'vm.overcommit_memory=1',
    '--run', 'hog 5x');
is($status, 137, 'a program that memory is too small for');
like($err, qr/^clockhand: --run: memory was exhausted: the kernel has killed \d+ process/m, '... is not killed silently');
($status, $out, $err) = clockhand('--timing', 'fast', '--run', 'kill -9 $$');
unlike($err, qr/exhausted/, 'a program that another one kills is not reported so');

# ---- continue says what a guest at rest waits for ----
(undef, $out) = asked([], 'continue -v');
like($out, qr/^the guest is idle: it waits for a key/m, 'continue of a guest that waits for a key: says so');

# ---- the guest ----
($out) = succeeds('cow is on the PATH', asked([], 'send "ls; cat README; which cow; cow | head -n 1\n"',
    'expect "memory allocated but not touched" 60s'));
like($out, qr{^/era/bin/cow\r?$}m, '... in /era/bin');
is(join(' ', (guest('cow 1 64 | head -n 1'))[ 0, 1 ]), "0 memory allocated but not touched...\n",
    'a command of --run finds cow, too');
like($out, qr/^README\r?$/m, 'home has a README');
like($out, qr/Ctrl-A c comes back/, '... which says what Ctrl-A c does');
($status, $out) = guest('. /etc/profile; for a in $(busybox --list); do '
        . 'w=$(which $a); case $w in /era/linux26/*|/era/solaris/*) echo "$w";; esac; done');
is($out, '', 'no program of linux26 or solaris hides a command of busybox');
# ---- help names: all that print knows; a wrong name leads to a right one ----
{
    my @own = slurp('emu/monitor/run/names.def') =~ /^NAME\("([^"]+)"/mg;
    cmp_ok(scalar @own, '>', 20, 'names.def has more than 20 names');
    my $file = spew(tmp('names.ch'), join "\n", 'expect "# " 60s', 'let foo 3', 'mark here',
        'tcatch fork', 'send "(true)\n"', 'continue', 'page 30', 'help names', 'json help names', map({ "print $_" } @own), map({ "explain $_" } @own),
        'explain noted', 'info events 2', '');
    my ($status, $out, $err) = clockhand('--timing', 'fast', '-x', $file);
    is("$status$err", '0', 'each of them can be printed and explained') or diag($err);
    like($out, qr/^\Q$_\E +\S/m, "help names lists $_") for @own;
    like($out, qr/"let\.foo","mark\.here"/, '... and those that were set');
    like($out, qr/^noted \(term\)/m, 'noted, a word of a frame\'s marks');
    like($out, qr/^and \d+ older ones: info events N shows N, 256 at most; --events FILE writes all$/m,
        'a list that stops says how many more, and how to see them');
    ($status, $out, $err) = clockhand('--timing', 'fast', '--ram', '8M', '-x',
        spew(tmp('lists.ch'), join "\n", 'expect "# " 60s', 'send "hog 2x 0\n"', 'expect "ms" 60s',
            'catch swap-out', 'send "hog 2x 0\n"', 'continue', 'let frame event.pfn', 'delete',
            'page let.frame', 'why let.frame', 'json why let.frame', 'why evict', ''));
    is("$status$err", '0', 'a frame with a long past');
    my ($older, $frame) = $out =~ /^and (\d+) before these: why (\d+)$/m;
    my ($all) = map { json($_) } $out =~ /^(\{.*"events".*)$/m;
    cmp_ok($older // 0, '>', 0, 'page shows the latest events, and says how many there are besides');
    cmp_ok(scalar @{ $all->{events} }, '==', 8 + ($older // 0), '... as many as why PFN lists');
    is($all->{pfn}, $frame, '... of that frame');
    like($out, qr/^more of them: info events 256 evict; to stop/m, 'why evict: how to see more');
    (undef, $out) = clockhand('-v', '--timing', 'fast', '-x', spew(tmp('minor.ch'), join "\n",
        'expect "# " 60s', 'catch fault-minor', 'send "ls /\n"', 'continue', ''));
    like($out, qr/page fault: \S+ \(pid \d+\) touched 0x\w+: the page was not mapped, or not for this access\. It was not read from a disk for this/,
        'a minor fault in plain words') or diag($out);
    refuses(['let foo 3', 'run-for 300ms'], ['print let.fo', qr/'let\.fo' has not been set; did you mean let\.foo\?/],
        ['print let.zzz', qr/has not been set \(let NAME EXPR sets one\)/],
        ['print mark.x', qr/has not been set \(mark NAME makes one\)/],
        ['print walk.ptea', qr/did you mean walk\.pte\?/],
        ['print walk.foo', qr/help names lists the known names/],
        ['print page.refs', qr/page PFN` shows, and none has been shown/]);
}

done_testing();
