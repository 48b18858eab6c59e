#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every word that the monitor and the panel show is explained: the test reads the words from the
# tables in guest/abi and emu, the sources of policies and panel, and the lessons.
use lib 'tests/lib';
use Clockhand;

# Returns a string of each row of a table: the first, or the one after $skip strings.
sub words {
    my ($file, $row, $skip) = @_;
    my $text = slurp($file);
    $text =~ s{/\*.*?\*/}{}gs;
    my @words;
    while ($text =~ /^$row\(/mg) {
        my $rest = substr $text, pos $text, 200;
        my @strings = $rest =~ /"([^"]*)"/g;
        push @words, $strings[ $skip // 0 ];
    }
    cmp_ok(@words, '>', 3, "$file has rows");
    return @words;
}
# Returns the names of the policies' lists, ghosts and marks, which `info policy` prints.
sub lists {
    my @tables = map { slurp($_) =~ /^[\w *]*\w*(?:lists|marks|ghosts)\[[^]]*\] =\s(.*?);/gms }
        glob 'guest/kernel/policy/*/*.c';
    my @names = map { /"(\w+)"/g } @tables;
    cmp_ok(@names, '>', 50, 'the policies have lists, ghosts and marks');
    return @names;
}
my %from = (
    states   => [ words('guest/abi/frame_states.def', 'STATE') ],
    reasons  => [ words('guest/abi/events.def', 'REASON') ],
    kinds    => [ words('guest/abi/events.def', 'REASON', 1) ],
    counters => [ words('guest/abi/counters.def', 'COUNTER') ],
    levels   => [ words('guest/abi/gauges.def', 'GAUGE') ],
    tunables => [ words('guest/abi/tunables.def', 'TUNABLE') ],
    notions  => [ words('guest/abi/notions.def', 'NOTION') ],
    verbs    => [ words('emu/monitor/verbs/commands.def', 'COMMAND') ],
    marks    => [ words('emu/inspect/words/marks.def', 'MARK') ],
    terms    => [ words('emu/inspect/words/glossary.def', 'TERM') ],
    lists    => [ lists() ],
    actors   => [ qw(boot fault syscall exit pageout writer kernel) ],
    policies => [ (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg ],
    # Words of the panel, of users, and of the issue that asked for the verb explain.
    said => [ 'dirty', 'page fault', 'Page-Fault', 'free list', 'inode', 'object',
        'slot', 'evict', 'kflushd', 'referenced', 'A', 'D', 'A bit', 'D bit',
        'asid', 'DRAM row hit', 'DRAM closed', 'DRAM conflict', 'cow', 'row hit',
        '~reclaim', 'info frames' =~ s/info //r, 'status', 'swap', 'policy',
        'cycles', 'vm.free', 'walker.cycles', 'vmstat.re', 'swap cache', 'COW',
        'zero frame', 'victim', 'working set', 'walk', 'TLB',
        # Words of our texts for which a lecturer found no explanation.
        'shadow', 'offset', 'belief', 'watermark', 'ghost', 'distress',
        'external page', 'stack algorithm', 'second chance', 'ticks', 'Morton',
        'supervisor mode', 'guest', 'hands', 'Working Sets' ],
);
# The words on the panel that a click explains, as far as the source has them as literals.
my %said = map { $_ => 1 } @{ $from{said} };
for my $file (glob 'emu/panel/*/*.c') {
    push @{ $from{panel} }, grep { !$said{$_}++ }
        slurp($file) =~ /add_term\([^;"]*"([^"%]+)"/g;
}
# A lesson's terms are between asterisks.
my %term;
for my $file (glob 'tools/lessons/[0-9]*.md') {
    my $text = slurp($file) =~ s/^```(?!predict|compare)\w+\n.*?^```//msgr;
    $term{ s/\s+/ /gr } = 1 for $text =~ /(?<![*\w])\*(\w[^*]{0,40})\*(?!\*)/g;
}
cmp_ok(keys %term, '>', 30, 'the lessons were read');
$from{lessons} = [ sort keys %term ];
my @all = map { @{ $from{$_} // [] } } sort keys %from;
my ($status, $out, $err) = clockhand('--timing', 'fast', '-x',
    spew(tmp('s.ch'), join "\n", 'expect "# " 60s',
        (map { "json explain $_" } @all), 'json explain', ''));
my @answers = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
if ($status) { # the answers end at the first unknown word
    fail('every word is explained (a new word needs a TERM in emu/inspect/words/glossary.def)');
    diag($err =~ /(explain: .*)/);
    done_testing;
    exit;
}
pass('every word is explained');
is(@answers, @all + 1, 'an answer for each');
my @empty = grep { length($answers[$_]{sentence} // '') < 8 } 0 .. $#all;
is("@all[@empty]", '', '... a sentence each');
my $list = pop @answers;
my %known = map { $_ => 1 } ref $list ? @$list : ();
is(join(' ', grep { !$known{$_} && $_ ne 'none' } map { @{ $from{$_} } }
        qw(states reasons kinds counters levels tunables verbs marks terms
           actors policies)),
    '', 'explain alone lists them');
my @rest = grep { !/^(?:all|not|pid)$/ } sort keys %known;
($out) = succeeds('every listed word is explained', clockhand('--timing', 'fast', '-x',
    spew(tmp('s.ch'), join "\n", 'expect "# " 60s',
        (map { "json explain $_" } @rest), '')));

refuses([], map { my ($typed, $meant) = split /:/; ["explain $typed", qr/did you mean $meant\?/] }
    qw(dirtty:dirty pgfualt:pgfault inodes_idl:inodes_idle kfulshd:kflushd));
my @new = ('si', 'so', 'bi', 'swpd', 'vmstat', 'eviction', 'evicted', 'virtual memory',
    'virtual address', 'physical address', 'system call', 'mmap', 'SIGSEGV', 'segfault',
    'belady', 'tlb miss', 'zero page', '"major fault"', 'LRU', 'init', 'interrupt');
($status, $out, $err) = clockhand('-x', spew(tmp('n.ch'), join "\n", 'expect "# " 60s',
        (map { "json explain $_" } @new), 'explain fork', 'explain thrashing', ''));
is($status, 0, 'words that newcomers ask for') or diag($err);
like($out, qr/^fork .*both map the same frames/m, 'fork: parent and child map the same frames');
like($out, qr/^  as a word: .*working sets do not fit/m, 'thrashing is more than a counter');
# ---- a number of a policy has a sentence of its own, whatever else its name means ----
my @others = (words('guest/abi/frame_states.def', 'STATE', 1), # the sentences' first lines
    words('emu/inspect/words/marks.def', 'MARK', 1), words('guest/abi/events.def', 'REASON', 2));
my $all = 0;
for my $policy (@{ $from{policies} }) {
    my ($text) = succeeds("info policy of $policy", clockhand('--timing', 'fast', '--ram', '8M',
        '--policy', $policy, '-x', spew(tmp('g.ch'), "expect \"# \" 60s\ninfo policy\n")));
    my %said = $text =~ /^(\w+) +\d+ (?:steps of \d+|\S+) +(.*)$/mg;
    delete $said{hand};
    $all += keys %said;
    my @borrowed = grep {
        my $name = $_;
        grep { index($said{$name}, $_) == 0 } 'a mark or a list of this policy', @others
    } sort keys %said;
    is("@borrowed", '', "$policy: each of its numbers has its own sentence");
    cmp_ok(scalar keys %said, '>=', 4, '... min, low and high among them') or diag($text);
}
cmp_ok($all, '>', 90, 'they were read');
my (undef, $kept) = clockhand('--policy', 'sunos', '-x', spew(tmp('k.ch'), join "\n",
        'expect "# " 60s', 'explain kept', 'explain low', 'explain swapped', 'info policy', ''));
like($kept, qr/^kept \(mark\): \d+ now; .* policy sunos, in frames: frames that are free and keep/m,
    'explain kept: the number comes first');
like($kept, qr/^  as an event reason: reclaim came to it/m, '... then the event');
like($kept, qr/^  as a mark of a frame: counted as free/m, '... and the mark of a frame');
like($kept, qr/^low \(mark\): 64 now; .*: desfree: .* fewer than cachefree are free$/m,
    'explain low: SunOS\'s meaning');
like($kept, qr/^low +64 frames +desfree: /m, '... as info policy says');
like($kept, qr/^swapped \(mark\): 0 now; .*: processes whose memory is swapped out whole$/m,
    'explain swapped: processes');

# ---- the cost of a page walk ----
($status, $out, $err) = clockhand('-x', spew(tmp('c.ch'), join "\n", 'expect "# " 60s',
        'explain walk', 'explain walker',
        (map { "explain $_" } qw(sepc monitor VSZ MINFLT hosage
            pid ppid handspread)), ''));
is($status, 0, 'words of the lessons and of ps') or diag($err);
is((() = $out =~ /^  so far \d+ walks took \d+ cycles: [\d.]+ each/mg), 2,
    'explain walk, explain walker: the cycles of a walk');

done_testing();
