#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# why tells the cause of a frame's state or mark, of an event, of every kind of number;
# a counter's value is never taken for a frame number. Events name the process that
# owned the frame, the frame that a copy on write copied, and the faulting instruction.
use lib 'tests/lib';
use Clockhand;
use Qemu;

# Runs commands at the guest's first prompt; returns the status, the lines of JSON
# decoded, and the whole output.
sub asked {
    my ($options, @commands) = @_;
    my ($status, $out, $err) = clockhand('--timing', 'fast', @$options, '-x',
        spew(tmp('s.ch'), join "\n", 'expect "# " 60s', @commands, ''));
    diag($err) if $err;
    return ($status, [ map { json($_) } grep { /^[\[{]/ } split /\n/, $out ], $out);
}

# ---- dirty ----
my ($status, $j) = asked([], 'send "echo hi > /root/x\n"', 'expect "# " 10s',
    'json info frames file dirty', 'json why dirty', 'json info frames anon');
is($status, 0, 'a file is written');
my ($files, $why, $anon) = @$j;
cmp_ok($files->{matched}, '>', 0, 'pages of files are dirty');
my @not = grep { my $r = $_; !grep { $_ eq 'dirty' } @{ $r->{marks} } }
    @{ $files->{list} };
is(@not, 0, 'each frame listed as dirty shows the mark');
is($why->{word}, 'dirty', 'why dirty');
like($why->{sentence}, qr/newer than its copy on disk/, 'says what it means');
my %made = map { $_->{reason} => $_->{events} } @{ $why->{made_by} };
cmp_ok($made{$_} // 0, '>', 0, "$_ made frames dirty") for qw(demand-zero cow-copy);
cmp_ok(scalar(@{ $why->{latest} }), '>', 0, 'the latest events');

my ($pfn) = map { $_->{pfn} } grep { $_->{state} eq 'file-dirty' } @{ $files->{list} };
my ($page) = map { $_->{pfn} } @{ $anon->{list} };
($status, $j) = asked([], 'send "echo hi > /root/x\n"', 'expect "# " 10s',
    "json why dirty $pfn", "json why dirty $page", 'json why dirty 0',
    "json why anon $page", "json why free $page", 'json why evict 9');
my ($d, $a, $k, $an, $fr, $ev) = @$j;
ok($d->{is}, "frame $pfn is dirty");
is($d->{made_by}[0]{to}, 'file-dirty', 'the event that made it so');
is($d->{made_by}[0]{pfn}, $pfn, 'is an event of that frame');
ok(length $d->{made_by}[0]{reason} && length $d->{made_by}[0]{actor}, 'with reason and actor');
ok($a->{is} && $a->{made_by}[0]{reason} =~ /^(?:demand-zero|cow-|stack|swap)/,
    'an anonymous frame: the fault that supplied it');
ok(!$k->{is} && !$k->{made_by}, 'the firmware is not dirty, no event made it so');
ok($an->{is} && $an->{made_by}[0]{to} =~ /anonymous|cow-shared/, 'why anon PFN');
ok(!$fr->{is}, 'that frame is not free now');
is($ev->{word}, 'evict', 'why EVENT PFN');

# ---- any word is answered ----
my @words = ('free', 'evict', 'evicted', 'cow', 'swap', 'fault', 'reclaim',
    'referenced', 'locked', 'vm.free', 'state.free', 'vm.file_dirty', 'vm.low',
    'vm.swap_used', 'walker.cycles', 'cycles_by.dram', 'cycle', 'instret',
    'tlb.dtlb.misses', 'clock.handspread', 'kflushd', 'page', 'dtlb');
for my $word (@words) {
    my ($st, undef, $out) = asked([], "why $word");
    is($st, 0, "why $word is answered");
    unlike($out, qr/^frame \d+ is/m, '... and not with a frame');
}
my ($st, undef, $out) = asked([], 'why vm.free');
like($out, qr/^free: on the buddy.*\n\d+ frames are so now/m,
    'why vm.free explains the free frames');
# A free frame without an event has been free since the kernel's start. If such frames
# are counted, too, the counts of `why free` add up.
($st, $j) = asked([], 'json why free', 'json info frames free', 'json info events 1000000');
my %seen = map { $_->{pfn} // -1 => 1 } @{ $j->[2] };
my ($still) = grep { !$seen{$_} } map { $_->{pfn} } @{ $j->[1]{list} };
cmp_ok($j->[0]{since_start}, '>', 1000, 'most free frames are so since the start');
cmp_ok($j->[0]{frames} - $j->[0]{since_start}, '<=',
    eval { my $n = 0; $n += $_->{events} for @{ $j->[0]{made_by} }; $n },
    '... and events made the others so');
($st, undef, $out) = asked([], 'why free', "why free $still", 'why free 0');
like($out, qr/^\d+ of them have been so since the kernel's start /m, '... and the answer says so');
like($out, qr/^frame $still is free\n  no event has been about it since the kernel's start/m,
    'why free PFN of one of them');
like($out, qr/^frame 0 is not free: .*^  it was free from the kernel's start .* to its first event: boot,/ms,
    'why free PFN of a frame that was taken once');
($st, undef, $out) = asked([], 'why');
like($out, qr/why dirty PFN.*why vmstat\.sr/s, 'why alone lists its arguments');
is($st, 0, '... and that is no mistake');
($st, $j) = asked([], 'let x 5 + 7', 'json why 12', 'json why let.x', 'json why (6 * 2)');
is_deeply([ map { $_->{pfn} } @$j ], [ 12, 12, 12 ],
    'a number, a name for one and an expression are taken for frame numbers');

# ---- events say more ----
($status, $j) = asked([], 'catch cow-copy', 'send "ls /\n"', 'json continue',
    'json info events 1', 'json walk event.va', 'print event.pfn');
my ($catch, $stop, $events, $walk) = @$j;
($catch, $stop, $events, $walk) = (undef, @$j) if @$j == 3;
my $e = $events->[0];
is($e->{reason}, 'cow-copy', 'a copy on write');
isnt($e->{source} // 0, 0, 'has the frame that is copied');
is($walk->{pfn}, $e->{source}, '... the frame that the page table maps');
isnt($e->{source}, $e->{pfn}, '... and which is not the copy');
like($stop->{text}, qr/frame $e->{source},.* frame $e->{pfn}/, 'catch cow names both');
like($stop->{text}, qr/\(pid $e->{pid}\).* at 0x[0-9a-f]+/, '... the process and the page');
like($e->{pc}, qr/^0x[0-9a-f]+$/, 'and where the store is');

# catch fork counts the frames that this fork shares: not all shared ones, nor all that the kernel maps (kpages=4k).
($status, $j) = asked(['--append', 'quiet kpages=4k'], 'send "(sleep 9 & sleep 9 & sleep 9 & sleep 9)\n"',
    'expect "# " 10s', 'json info frames cow', 'catch fork', 'send "(true)\n"',
    'json continue', 'json info frames cow');
my ($before, $text) = ($j->[0]{matched}, $j->[1]{text});
my ($shares) = $text =~ /shares (\d+) frames? with it copy-on-write/;
ok($shares, 'catch fork: how many frames') or diag($text);
cmp_ok($shares // 9**9, '<', $j->[2]{matched}, '... fewer than all shared ones');
like($text, qr/made pid \d+/, '... and the child');

# After pids have begun anew the new child has a smaller pid than its brothers; that it has not run tells it.
(undef, undef, $out) = asked([qw(--set kernel.pid_max=304)], 'send "i=0; while [ $i -lt 297 ]; do (:); i=$((i+1)); done; '
        . 'sleep 1000 & sleep 1000 & echo do\'\'ne\n"', 'expect "done" 100s', 'expect "# " 20s', 'run-for 100ms', 'ps',
    'send "sleep 2000 &\n"', 'catch fork', 'json continue', 'ps');
my ($earlier, $later) = split /^\{"stop"/m, $out;
my %ps = map { $_ => 1 } $earlier =~ /^ *(\d+) +5 /mg;
my ($made) = grep { !$ps{$_} } ($later // '') =~ /^ *(\d+) +5 /mg;
$made //= 0;
cmp_ok(scalar(grep { $_ > $made } keys %ps), '>', 0, 'pids began anew') or diag($out);
like($out, qr/fork: sh \(pid 5\) made pid $made and/, '... and catch fork names the new child') or diag($out);

# event.* are of the event caught last, not of one that a condition refused.
(undef, undef, $out) = asked([ '--ram', '8M' ], 'send "hog 12M\n"', 'tcatch swap-add', 'continue', 'print event.pfn',
    'catch reclaim if event.pid == 99', 'run-for 100ms', 'print event.pfn', 'printf "%s\n", event.reason',
    'print pgsteal_kswapd + pgsteal_direct > 0');
like($out, qr/^(\d+)\n\1\nswap-add\n1\n/m, 'event.* stay when a catch\'s condition is false') or diag($out);

# The event of an eviction names the victim's owner beside the daemon.
($status, $j, $out) = asked([ '--ram', '8M' ], 'catch evict if event.from == '
        . 'state.swap_cache', 'send "hog 12M\n"', 'json continue',
    'json info events 1 reclaim');
like($j->[0]{text}, qr/the pageout daemon took frame \d+ of \w+ \(pid \d+\) back/,
    'catch evict names the owner of the frame');
ok($j->[1][0]{owner}, '... as the event does') or diag($out);

# A page whose first owner has ended is not called its page: its child has it.
(undef, $j, $out) = asked([ '--ram', '8M' ], 'send "(x=aaaaaaaa; for i in 1 2 3 4 5 6; do x=$x$x$x$x; done; (sleep 1000; true) & )\n"', 'expect "# " 10s', 'run-for 100ms',
    'send "hog 12M\n"', 'catch evict if event.owner == 6 && event.from == state.swap_cache', 'json continue', 'info events 1 reclaim');
like($j->[0]{text}, qr/took frame \d+, once given to pid 6 \(ended\) back/, 'catch: the frame of an orphan') or diag($out);
like($out, qr/reclaim \(\w+\), once given to pid 6 \(ended\) at 0x/, '... and the list of events');

# ---- under pressure: figures add up, each event is listed once ----
my $told;
($status, undef, $told) = asked([ '--ram', '8M' ], 'send "hog 12M\n"',
    'catch swap-out if pswpout > 500', 'continue', 'delete',
    'why pgsteal_kswapd', 'echo ----', 'why vmstat.sr', 'echo ----', 'info swap slots hog all',
    'json info swap slots hog', 'json ps', 'echo ----', 'catch evict', 'continue', 'why evict event.pfn',
    'let page event.pfn', 'print vm.free', 'why evict let.page', 'delete', 'run-for 20ms',
    'why evict let.page');
is($status, 0, 'under pressure');
my ($stolen, $sr, $slots, $chosen) = split /^----\n/m, $told;
like($stolen, qr/^  made by some of the events reclaim, swap-add, cached, free-behind, write-back, swap-out\, of which there have been \d+ in all/m,
    'a counter raised by some events says that others are listed, too');
like($stolen, qr/^  these events by process: /m, '... and that the processes are those of the events');
unlike($stolen, qr/~/, '... without an unexplained "~"');
my %times;
$times{$_}++ for $sr =~ /^ +(\d+  pid \d+ .*)$/mg;
cmp_ok(scalar(keys %times), '>', 0, 'why vmstat.sr lists events');
is((grep { $_ > 1 } values %times), 0, '... each once');
cmp_ok(($sr =~ tr/\n//), '<', 30, '... on a screen');
my @rows = $slots =~ /^ +\d+ +(\d+) hog +0x[0-9a-f]+$/mg;
my ($out_of) = $slots =~ /^(\d+) pages of processes in swap$/m;
cmp_ok($out_of // 0, '>', 100, 'info swap slots: the pages that are out');
is(@rows, $out_of, '... all, when asked');
my ($listed) = map { json($_) } grep { /^\[\{"slot"/ } split /\n/, $slots;
is(@$listed, $out_of, '... in JSON, too');
like($chosen, qr/^  before that, at cycle \d+ \([\d.]+ ms earlier\), its mark of use was cleared; when the (?:daemon|process, which needed a frame,) came to it, it had not been set again$/m,
    'why evict PFN: what made the daemon, or a process without a frame, choose it');
like($chosen, qr/^  the daemon begins, at the latest, when fewer than \d+ frames are free \(low\), and aims at/m,
    '... and what woke it');
(undef, undef, my $fifo) = asked([qw(--ram 8M --policy fifo)], 'send "hog 12M\n"', 'catch evict', 'continue', 'why evict event.pfn');
like($fifo, qr/^  before that, at cycle \d+ \([\d.]+ ms earlier\), it was supplied$/m, '... under fifo no use counts');

my ($then) = $chosen =~ /^(\d+)\r?\nframe /m;
is_deeply([ $chosen =~ /; (\d+) were free when (?:it|the process) took this one$/mg ], [ ($then) x 3 ],
    'why evict PFN: the free frames at that event, asked at once and later') or diag($chosen);

# ---- a frame's owner: its holder, not the process it was given to once ----
my $pages;
(undef, undef, $pages) = asked([], 'send "hog 64K 0\n"', 'catch cow-reuse', 'continue',
    'let page event.pfn', 'delete', 'tcatch exec-discard if event.pfn == let.page', 'continue',
    'expect "ms" 20s', 'expect "# " 20s', 'why let.page');
like($pages, qr/^ +\d+  pid \d+ +frame \d+ +cow-shared -> anonymous: cow-reuse .*, once given to sh \(pid 5\)$/m,
    'the last holder of a shared frame takes it over') or diag($pages);
like($pages, qr/^ +\d+  pid \d+ +frame \d+ +anonymous -> free: exec-discard \(syscall\) at 0x3f\w+$/m,
    '... and when it is freed, no other owner is named');
(undef, undef, $pages) = asked([], 'send "(sleep 1)\n"', 'tcatch cow-share if event.pid == 5',
    'continue', 'let page event.pfn', 'run-until lens.busy == 0', 'page let.page',
    'expect "# " 20s', 'info frames cow', 'explain cow-shared', 'explain anonymous',
    'explain scanner');
unlike($pages, qr/one process still maps it.*refs [^1]/s, 'two holders are not called one');
my ($alone) = $pages =~ /^ +(\d+)  cow-shared/m;
(undef, undef, $out) = asked([], 'send "(sleep 1)\n"', 'expect "# " 20s', "page $alone");
like($out, qr/^  one process still maps it: it stays cow-shared until .*\n  owner \d+ \S+  refs 1 /m,
    'cow-shared with one holder: page says so') or diag($out);
like($pages, qr/^cow-shared .*one process still maps it/m, '... and explain says so, too');
unlike($pages, qr/broken COW|one page after another/, 'page and explain use plain words');

# ---- why VA PID: the page's whole past, in whichever frame or slot it was ----
(undef, undef, $pages) = asked([ '--ram', '8M', '--swap', '64M' ], 'send "hog 16M\n"',
    'run-for 12s', 'tcatch swap-map if event.pid == 7', 'continue', 'let page event.pfn', 'let pid event.pid',
    'print let.page', 'why event.va let.pid');
my ($ahead) = $pages =~ /^(\d+)\r?\npage 0x/m;
like($pages, qr/frame +$ahead +free -> swap-cache: swap-ahead \(fault\)/,
    'why VA PID: the read-ahead from swap that brought the page') or diag($pages);
like($pages, qr/swap-map .*\n(?:.*\n)*.*swap-ahead .*\n(?:.*\n)*.*reclaim .*\n.*swap-out .*\n.*swap-add /,
    '... between the mapping and the events that took it to swap') or diag($pages);
like($pages, qr/^ +\d+  pid 7 .*\n(?:.*\n)* +\d+  pid 6 +frame \d+ +free -> anonymous: demand-zero .*\n\z/m,
    '... back to its parent\'s first touch: it was in swap at the fork') or diag($pages);
unlike($pages, qr/swap-map .*, of \w+ \(pid/, 'no sharer is named as the owner of a frame that came from swap');
(undef, undef, $pages) = asked([], 'send "(sleep 1)\n"', 'run-for 200ms', 'why 0x3ffffef000 6');
like($pages, qr/pid 5 +frame (\d+) +anonymous -> cow-shared: cow-share (?:.*\n)+.* pid 5 +frame \1 +free -> anonymous: demand-zero/,
    'the child\'s page: what its parent did before the fork') or diag($pages);

# ---- fork: the child's pte has no A bit (the page is not used), but the same D ----
my @forks = ('send "hog 2x &\n"', 'catch fork if event.pid == 6', 'continue', 'continue', 'delete');
($status, $j) = asked([], @forks, 'json info events 256 cow-share');
my ($idle) = map { $_->{pfn} } grep { $_->{pid} == 6 } @{ $j->[0] };
ok($idle, 'the second fork shares frames') or done_testing(), exit;
($status, $j, $out) = asked([], @forks, "json page $idle", "page $idle", "why referenced $idle",
    "why dirty $idle", sprintf('page 0x%x', 0x80000fff + $idle * 4096), 'pmap hog', 'pmap 7');
my ($row) = @$j;
is((grep { $_->{pid} == 8 && $_->{flags} =~ /A/ } @{ $row->{ptes} }), 0,
    'the second child\'s entry has no A');
is((grep { $_->{pid} == 8 } @{ $row->{ptes} }), 1, '... and there is one such entry');
like($out, qr/; fork does not set it in the child's entry$/m, 'why referenced says that fork does not set A') or diag($out);
like($out, qr/^  the D bit is set in all 3 of its entries, .*fork copies it to the child's entry$/m,
    'why dirty: D is the parent\'s');
is((() = $out =~ /^frame $idle  pa 0x\w+  cow-shared  dirty \(D\), referenced, shared$/mg), 2,
    'page says the same as why');
is_deeply([ grep { /dirty|referenced/ } @{ $row->{marks} } ], [ 'dirty', 'referenced' ], '... in JSON, too');
like($out, qr/^\(physical address 0x\w+ is in frame $idle\)$/m, 'page takes a physical address');
is((() = $out =~ /^this is pid 6; others are named hog, too: pmap 7, pmap 8$/mg), 1,
    'pmap NAME says that others have the name; pmap PID does not');
refuses([], map { ["page $_->[0]", $_->[1]], ["why $_->[0]", qr/why: .*RAM has frames 0 to 4095/] }
    [ -1, qr/page: -1 is no frame: RAM has frames 0 to 4095$/m ],
    [ 4096, qr/page: no frame 4096: RAM has frames 0 to 4095$/m ],
    [ '0x81000000', qr/at physical addresses 0x80000000 to 0x80ffffff \(for a virtual address, ask walk 0x81000000\)$/m ]);

# ---- a page of a process, whichever frames it was in ----
# The event of an eviction has the address of the page that leaves, not that of the
# fault that needed memory.
my @hog = ('send "hog 2x 0\n"', 'catch swap-in if event.pid == 6', 'continue', 'delete', 'run-for 300ms');
($status, $j, $out) = asked([], @hog, 'json why event.va hog', 'why event.va', 'json info events 1');
my $va = $j->[0]{va};
ok($va, 'a page of hog came back from swap') or done_testing(), exit;
(undef, undef, my $any) = asked([], @hog, "why $va", "why $va 6");
my ($place) = $va =~ m{^(\w+)\w{3}$};
my @life = reverse @{ $j->[0]{events} };
my %first;
$first{ $life[$_]{reason} } //= $_ for 0 .. $#life;
is((grep { ($_->{va} // $_->{fault_va}) !~ m{^$place} } @life), 0, 'each event is about that page');
ok($first{'demand-zero'} < $first{'swap-add'} && $first{'swap-add'} < $first{reclaim}
        && $first{reclaim} < $first{'swap-in'}, 'first touch, slot in swap, eviction, swap-in: in this order')
    or diag($out);
isnt($life[ $first{'demand-zero'} ]{pfn}, $life[ $first{'swap-in'} ]{pfn}, '... the last in another frame');
like($out, qr/^page $va of pid 6 is in frame \d+$/m, 'where it is now');
like($any, qr/^page $va of any process\n(?:.*\n)+page $va of pid 6 /m, 'without a pid: of all');
# catch EVENT pid N also stops if N is the page's owner: the process that takes the page is the daemon.
($status, $j, $out) = asked([], 'send "hog 2x\n"', 'run-for 200ms', 'catch swap-out pid 6', 'continue',
    'print event.owner', 'info breakpoints', 'json why event.va', 'json why evicted event.va');
is($status, 0, 'catch EVENT pid N stops where a page of that process is taken');
like($out, qr/^6\n1 +catch +swap-out by or of pid 6 +1 hit/m, '... and says so') or diag($out);
is_deeply($j->[1], $j->[0], 'why evicted VA: the page\'s story');
my (undef, undef, $none) = clockhand(qw(--timing fast -x), spew(tmp('n.ch'),
    qq(expect "# " 60s\ncatch fork\nsend "ls\\n"\ncontinue\nwhy event.va\n)));
like($none, qr/why: the event \(fork\) has no address/, 'why event.va of an event without one says so');

# A catch stops before its event is complete: `why dirty` then says "not dirty", lists
# that event as the cause, and must say why. A page used just now was used "less than
# a millisecond ago", as times of use are known only to a millisecond.
(undef, undef, $out) = asked([], 'send "echo hello >/tmp/x\n"', 'catch file-write', 'continue',
    'why dirty event.pfn', 'let f event.pfn', 'delete', 'run-for 1ms', 'why dirty let.f');
like($out, qr/not dirty: .*\n(?:.*\n)*?  the machine stands inside the kernel's file-write: the frame is dirty when/,
    'why dirty at a catch of the event that makes the frame dirty');
is(() = $out =~ /stands inside the kernel/g, 1, '... and not when it has gone on') or diag($out);
(undef, undef, $out) = asked([], 'send "hog 1M\n"', 'run-until demand_zero > 60', 'catch demand-zero', 'continue',
    'let f event.pfn', 'delete', 'run-for 20us', 'page let.f');
like($out, qr/last used less than a millisecond ago/, 'a page used just now') or diag($out);

($status, $j) = asked([ '--ram', '8M' ], 'send "hog 2x\n"', 'catch swap-add if pgscan_direct > 100', 'continue',
    'json info events 256');
my @direct = grep { $_->{actor} eq 'fault' && $_->{reason} =~ /^(?:swap-add|ref-cleared)$/ } @{ $j->[0] };
cmp_ok(scalar(@direct), '>', 0, 'a fault that finds no free frame scans memory itself');
is(scalar(grep { $_->{fault_va} && $_->{fault_va} ne ($_->{va} // '') } @direct), @direct,
    "each frame has the address of its own page, and the fault's beside it");
cmp_ok(scalar(grep { $_->{va} } @direct), '>', 0, '... of anonymous pages');

# Linux takes a page of a file that only read() has used; the mark that its look clears is no proof of
# disuse.
for my $policy (qw(linux26 linux612)) {
    (undef, undef, $out) = asked([ '--ram', '8M', '--policy', $policy ],
        'send "dd if=/dev/zero of=/root/x bs=64k count=160 2>/dev/null; '
            . 'while :; do dd if=/root/x of=/dev/null bs=2k 2>/dev/null; done &\n"',
        'run-for 3s', 'catch reclaim if event.actor == pageout', 'continue', 'why evicted event.pfn');
    like($out, qr/mark of use was cleared at that same look, and did not save it: no program maps it/,
        "$policy: a used page that no program maps is taken") or diag($out);
    like($out, qr/begins, at the latest, when fewer than (\d+) frames are free \(low\), and aims at (\d+) \(high\); \d+ were/,
        "$policy: when its daemon begins");
}
(undef, undef, $out) = asked([qw(--ram 8M --policy sunos)], 'send "hog 2x\n"', 'catch swap-add', 'continue',
    'print vm.cachefree', 'why swap-add event.pfn');
my ($begins) = $out =~ /^(\d+)\r?$/m;
like($out, qr/takes frames while fewer than $begins are free \(cachefree\); kept ones count/,
    'sunos: its daemon begins at a level of its own') or diag($out);

# A page that swapoff read back belongs to its process, and has no copy on disk.
($status, $j) = asked([qw(--ram 16M --swap 32M)],
    q(send "(x=$(yes | head -c 4000000); sleep 90; echo $x | wc -c) & sleep 2; hog 12M 0; swapoff -a; echo do''ne\n"),
    'expect "done" 100s', 'run-for 10ms', 'json info frames pid 6 all', 'json info ps', 'json why swap-off');
my @back = grep { $_->{state} eq 'anonymous' && $_->{pid} == 6 } @{ $j->[0]{list} };
cmp_ok($j->[2]{made_by}[0]{events}, '>', 100, 'swapoff reads pages back');
is((grep { $_->{owner} != 6 } @back), 0, '... which belong to their process');
is((grep { !grep { $_ eq 'dirty' } @{ $_->{marks} } } @back), 0, '... and are dirty');

# ---- rights of the mapping, and of the entry ----
# Page 0 may no longer be used, 1 and 4 were never used, 2 is shared, 3 is a child's, too.
my (undef, $program) = compile_both(spew(tmp('rights.c'), <<'C'));
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#define AT(n) ((volatile char *)0x1000000000 + ((long)(n) << 12))
static void map(int page, int rights, int flags)
{
    mmap((void *)AT(page), 4096, rights, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
static void woken(int signal) { (void)signal; }
int main(int argc, char **argv)
{
    struct rlimit rss = {1 << 20, 1 << 20};
    (void)argv;
    signal(SIGUSR1, woken);
    if (argc > 1)
        setrlimit(RLIMIT_RSS, &rss);
    map(0, 3, MAP_PRIVATE), map(1, 1, MAP_PRIVATE), map(2, 3, MAP_SHARED), map(3, 3, MAP_PRIVATE), map(4, 0, MAP_PRIVATE);
    *AT(0) = 1, *AT(2) = 1, *AT(3) = 1;
    if (argc == 1)
        mprotect((void *)AT(0), 4096, PROT_NONE);
    if (argc == 1 && !fork())
        for (;;)
            pause();
    puts("mapped"), fflush(stdout);
    pause();
    (void)*AT(3);
    puts("read"), fflush(stdout);
    pause();
    *AT(3) = 2;
    for (;;)
        pause();
}
C
(undef, my $other) = compile_both(spew(tmp('holes.c'), <<'C'));
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
static char stack[65536];
static int child(void *arg) { (void)arg, usleep(200000); return 0; }
int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) { /* shares memory with a child, and does not wait for it */
        clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, 0);
        usleep(300000);
        return 0;
    }
    int file = open("/root/holes", O_RDWR | O_CREAT, 0644);
    ftruncate(file, 1 << 20);
    volatile char *at = mmap((void *)0x1000000000, 1 << 20, 3, MAP_SHARED | MAP_FIXED, file, 0);
    return at[0];
}
C
my $image = qemu_image('tests/rights' => $program, 'tests/holes' => $other);
my @on = ('--drive', "$image,overlay");
(undef, $j, $out) = asked(\@on, 'catch fault-minor if event.va == 0x1000000000', 'send "/tests/holes\n"', 'json continue',
    'json info events 8');
my ($came) = grep { $_->{reason} eq 'page-in' } @{ $j->[1] };
is($j->[0]{stop}, 'catch', 'a fault on a hole of a file') or diag($out);
is(join(' ', map { $_->{reason} } grep { ($_->{pfn} // 0) == ($came->{pfn} // -1) } @{ $j->[1] }), 'page-in',
    '... makes its page, and has not found it in memory') or diag($out);
(undef, $j, $out) = asked(\@on, 'catch fork if event.pid == 6', 'send "/tests/holes clone\n"', 'json continue');
like($j->[0]{text}, qr/made pid \d+, which shares its memory: nothing is copied\. If the call was vfork, /,
    'clone(CLONE_VM) need not be a vfork') or diag($out);
my @mapped = ('send "/tests/rights &\n"', 'expect "mapped" 20s', 'run-for 20ms');
(undef, $j, $out) = asked(\@on, @mapped, 'json walk 0x1000000000 6', 'json walk 0x1000002000 6', 'json walk 0x1000001000 6 w',
    'json walk 0x1000001000 6', 'json walk 0x1000001000 6 x', 'json walk 0x1000004000 6', 'why 0x1000000000 6');
my ($closed, $shared, @why) = map { $_->{why} // $_->{pfn} } @$j;
like($closed, qr/: U is clear, .*: the mapping allows no load \(SIGSEGV\)$/, 'PROT_NONE: U is clear, as the mapping allows nothing');
like($out, qr/^page 0x1000000000 of pid 6 is in frame \d+, but a load would fault/m, '... and the page has its frame');
is_deeply([ map { /not touched yet, or dropped; (.*)$/ } @why ],
    [ 'the mapping allows no store (SIGSEGV)', 'the fault brings the page', 'the mapping allows no fetch (SIGSEGV)', 'the mapping allows no load (SIGSEGV)' ],
    'walk of an untouched page asks the mapping');
(undef, undef, $out) = asked(\@on, @mapped, "why dirty $shared");
like($out, qr/^this first use made it dirty, if it was a store, .*\n.* free -> shared-memory: demand-zero /m,
    'why dirty: the first use of shared memory') or diag($out);
(undef, undef, $out) = asked([ @on, qw(--policy lru) ], 'send "/tests/rights 1 &\n"', 'expect "mapped" 20s', 'run-for 20ms',
    'walk 0x1000000000 6', 'why 0x1000000000 6');
like($out, qr/: U is clear, .*: the kernel wants to see the page's next use; the fault sets U$/m, 'a page that the kernel closed to see its use');
like($out, qr/^page 0x1000000000 of pid 6 is in frame \d+, but a load would fault/m, '... has its frame');
(undef, $j, $out) = asked([ @on, qw(--ram 8M --swap 32M) ], @mapped, 'send "hog 3x 0\n"', 'expect "0 pages wrong" 200s',
    'send "kill -USR1 6\n"', 'expect "read" 20s', 'run-for 20ms', 'json walk 0x1000003000 6 w', 'json walk 0x1000003000 7',
    'catch cow-copy if event.va == 0x1000003000', 'send "kill -USR1 6\n"', 'json run-for 100ms', 'json walk 0x1000001000 w');
like($j->[1]{why}, qr/in swap, slot \d+$/, 'the child\'s page is still in swap') or diag($out);
like($j->[0]{why}, qr/another process's entry names the page's slot in swap: the fault copies it$/, '... so that a store copies it');
is($j->[2]{stop}, 'catch', '... as it does');
like($j->[3]{why}, qr/the mapping allows no store \(the system call fails with EFAULT; the program's own access: SIGSEGV\)$/,
    'the kernel\'s own access to a page that the mapping closes');

# ---- what walk promises of a store is what the next store's events are ----
# The program makes an entry with W clear, waits for a key, and stores. `+` and `-` tell which events about the
# page the store must bring, and which not.
(undef, $program) = compile_both(spew(tmp('stores.c'), <<'C'));
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#define PAGES 3072
static char page[4096];
static volatile char *map(int flags, int fd)
{
    return mmap((void *)0x1000000000, PAGES << 12, PROT_READ | PROT_WRITE, flags, fd, 0);
}
static void stop(const char *what)
{
    puts(what), fflush(stdout);
    read(0, page, 1);
}
int main(int argc, char **argv)
{
    int file = argv[1][0] == 'f' ? open("/root/f", O_RDWR | O_CREAT, 0644) : -1;
    if (file >= 0)
        write(file, page, 4096), fsync(file);
    volatile char *p = file >= 0 ? map(argv[1][1] == 'p' ? MAP_PRIVATE : MAP_SHARED, file)
                                 : map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (!strchr("fz", argv[1][0]))
        *p = 1;
    if (argv[1][0] == 's' || argv[1][0] == 'w')
        for (int i = 0; i < PAGES; i++)
            p[i << 12] = 1;
    if (!strcmp(argv[1], "fw"))
        (void)*p, pwrite(file, page, 1, 1);
    if (!strcmp(argv[1], "child") || !strcmp(argv[1], "fs")) {
        (void)*p;
        if (!fork())
            *p = 2, _exit(0);
        wait(0);
    }
    (void)*p;
    stop("ready");
    for (unsigned at = 1; argv[1][0] == 'w';)
        p[(at = at * 1664525 + 1013904223) % PAGES << 12] = 1;
    *p = 3;
    stop("stored");
}
C
my $stores = qemu_image('tests/stores' => $program);
for ([ f => qr/the page is clean, the fault makes it dirty and sets W/, '+file-write' ],
    [ fw => qr/the page is dirty already, the fault only sets W/, '-file-write' ],
    [ fs => qr/the page is dirty already, the fault only sets W/, '-file-write' ],
    [ fp => qr/a private mapping's page of a file: copy-on-write, the fault copies it/, '+cow-copy' ],
    [ z => qr/the entry maps the zero frame, the fault puts a cleared frame in its place \(demand zero\)/, '+demand-zero', '-cow-copy' ],
    [ child => qr/copy-on-write, and nobody else has the page any more: the fault only sets W/, '+cow-reuse' ],
    [ swap => qr/the page has a copy in swap, .* the fault gives up that slot and sets W/, '+swap-free', '-cow-reuse' ])
{
    my ($case, $says, @events) = @$_;
    (undef, $j, $out) = asked([ '--drive', "$stores,overlay", qw(--ram 8M --swap 32M) ], qq(send "/tests/stores $case\\n"),
        'expect "ready" 60s', 'run-for 20ms', 'json walk 0x1000000000 w 6', 'json walk 0x1000000000 6',
        'print cycle', 'send "\n"', 'expect "stored" 20s', 'json info events 60');
    my ($from) = $out =~ /^(\d+)$/m;
    my %seen = map { $_->{reason} => 1 } grep {
        $_->{cycle} > $from && grep { ($_ // '') =~ /^0x1000000...$/ } @$_{qw(va fault_va)}
    } @{ $j->[2] };
    like($j->[0]{why}, qr/^not allowed: W is clear: $says$/, "a store, case $case: walk says what the kernel does");
    is("@{[ grep { !$seen{ substr $_, 1 } == /^\+/ } @events ]}", '', '... and it does that') or diag($out);
}
my $stride = (asked([], 'json info lens'))[1][0]{frame_stride};
(undef, $j, $out) = asked([ '--drive', "$stores,overlay", qw(--ram 8M --swap 32M --policy linux612) ],
    'send "/tests/stores write\n"', 'expect "ready" 60s', 'send "\n"',
    "catch swap-map if event.pid == 6 && (u8[u64[frames] + event.pfn * $stride + 1] & 1)", # FRAME_F_IO
    'continue',
    'let va event.va', 'let frame event.pfn', 'delete', 'run-for 20us', 'json walk let.va w 6', 'page let.frame',
    'catch swap-out if event.pfn == let.frame', 'json continue', 'delete', 'catch fault-major if event.va == let.va', 'json continue');
like($out, qr/^frame \d+ .* swap-cache .*\bio\b/m, 'a page that is being written to swap, and is mapped again') or diag($out);
like($j->[0]{why}, qr/the page is being written to swap, the fault waits until it is there; then the store faults again$/, '... a store waits');
is($_->{stop}, 'catch', '... as it does') for @$j[1, 2];

# ---- a write to a file is the event of whoever asked for it ----
for ([ 'sync', 'syscall', 'a system call of the process', 'sync', '--set', 'vm.dirty_writeback_centisecs=360000' ],
    [ 'kflushd', 'writer', 'a daemon that writes files', 'true' ],
    [ 'filepager', 'writer', 'a daemon that writes files', 'dd if=/dev/zero of=/root/y bs=64k count=160', qw(--ram 8M --policy mach97) ])
{
    my ($who, $actor, $text, $command, @options) = @$_;
    (undef, $j, $out) = asked(\@options, "send \"echo hi > /root/x; $command\\n\"", 'catch write-back', 'continue', 'let pid event.pid', 'let frame event.pfn',
        'delete', 'run-until lens.busy == 0', 'ps', 'why clean let.frame', 'print let.pid');
    my ($pid) = $out =~ /^(\d+)\s*\z/m;
    like($out, qr/^ *\Q$pid\E +\d+ .* $who$/m, "a page of a file is written for $who") or diag($out);
    like($out, qr/^ *\d+  pid \Q$pid\E .* write-back \($actor\).*\n.*actor $actor: \Q$text\E\)$/m, '... and why says so');
}

# ---- what is no process, who sets A and D, what is no eviction ----
(undef, undef, $out) = asked([], 'why 0x10000000000 2', 'why 0x10000000000 999', 'why referenced', 'why dirty');
like($out, qr/of pid 2 \(kpageoutd\), which has no page table$/m, 'a thread of the kernel lives, without pages of programs');
like($out, qr/of pid 999; no process has this number now$/m, 'a pid that never was has not ended');
is_deeply([ $out =~ /^and by (.*?), without an event/mg ], [ ('the walker') x 2 ], 'the walker sets A and D');
(undef, undef, $out) = asked([qw(--ad fault)], 'why referenced', 'why dirty');
is_deeply([ $out =~ /^and by (.*?), without an event/mg ], [ ('the kernel\'s fault handler') x 2 ], '... but not with --ad fault');
my @removed = ('send "echo hi > /root/x; sync\n"', 'expect "# " 10s', 'run-for 1s');
is((asked([], @removed, "catch $_", 'send "rm /root/x\n"', 'json run-for 2s'))[1][-1]{stop}, $_ eq 'truncate' ? 'catch' : 'done',
    "rm of a clean file: catch $_") for qw(evict drop-cache truncate);
(undef, undef, $out) = asked([qw(--policy sunos --set sunos.release=9)], 'catch cached', 'continue', 'why evict event.pfn', 'explain high',
    'explain cachefree');
like((asked([qw(--policy), $_->[0]], 'explain active'))[2], $_->[1], "$_->[0]: what its active list has, used or not")
    for ['linux26', qr/anonymous pages and shared memory as they come/], ['linux24', qr/that programs map, or that cannot leave/],
    ['mach97', qr/the oldest leave it when inactive is too short, used or not/];
is(() = $out =~ /first passes, which measure the scanner's speed/g, 2, 'Solaris 9: the hands rest from cachefree on only when it has measured')
    or diag($out);
like($out, qr/\(cachefree\); kept ones count as free\. It also does while it measures its own speed/, 'Solaris 9 scans to measure its speed') or diag($out);

# ---- dirty until it is written; a list and a mark that the page came with ----
(undef, undef, $out) = asked([qw(--ram 8M)], 'send "hog 12M\n"', 'catch swap-add', 'continue', 'let p event.pfn', 'delete',
    'run-for 20us', 'why dirty let.p', 'catch swap-out if event.pfn == let.p', 'continue', 'why dirty let.p');
like($out, qr/^frame \d+ is dirty: .*\nwhat made it dirty:\n.*: demand-zero /m, 'a page that goes to swap is dirty') or diag($out);
like($out, qr/^frame \d+ is not dirty: .*\n(?:it is .*\n)?what last made it dirty:\n.*\n.*\nand that ended with:\n.*: swap-out /m, '... until it is there');
(undef, undef, $out) = asked([], 'send "hog 1M\n"', 'catch read-ahead', 'continue', 'let p event.pfn', 'delete', 'run-for 20us', 'why referenced let.p');
like($out, qr/^the latest event that marked it referenced:\n.*: read-ahead /m, 'a page read ahead has the mark') or diag($out);
(undef, $j, $out) = asked([qw(--ram 8M --policy linux612)],
    'send "hog 2x & sleep 1; while :; do ls -lR / >/dev/null; cat /bin/hog >/dev/null; done\n"', 'run-for 3s',
    map { ("why inactive $_", "why referenced $_", "json why $_") } 0 .. 2047);
cmp_ok(scalar(() = $out =~ /^no event moved it from another list; it came with:\n.* free -> /mg), '>', 10, 'why inactive: how the page came');
unlike($out, qr/^frame \d+ is inactive:.*\n(?:it is .*\n)?  no event/m, '... which is known');
my %came; # the cycle at which the page came to the frame
for my $row (@$j) {
    my ($e) = grep { $_->{from} eq 'free' } @{ $row->{events} // [] };
    $came{ $row->{pfn} } = $e->{cycle} if $e;
}
my @before = grep { my ($f, $at) = /^frame (\d+) .*since its mark was cleared at cycle (\d+)/s; defined $f && $at < ($came{$f} // 0) }
    split /^(?=frame )/m, $out;
is(@before, 0, 'no mark of an earlier page counts') or diag($before[0]);

done_testing();
