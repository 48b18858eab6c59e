#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests vmsim's trace formats, tables, command line and refusals.
use lib 'tests/lib';
use Clockhand;

my $tool = build() . '/vmsim';

# Tests references, faults and dirty evictions of FIFO with two frames.
sub counts {
    my ($name, $text, $want, @options) = @_;
    my $file = spew(tmp('trace'), $text);
    my ($out, $err) = succeeds("$name: status", run_command('', $tool, '--json', '--policy',
        'fifo', '--frames', 2, '--refs', $file, @options));
    my $r = json($out || '{}');
    is_deeply([@$r{qw(references faults dirty_evictions)}], $want, $name);
}

# ---- formats ----

counts('plain', "# a string\n1\n 2 w \n\n1 # again\n! fault 7\n3", [4, 3, 0]);
counts('plain: a dirty page leaves once', "1 w\n2\n3\n1\n", [4, 4, 1]);
counts('plain: a page that comes back clean leaves clean', "1 w\n2\n3\n1\n4\n5\n", [6, 6, 1]);
counts('plain: hexadecimal, 64 bits',
    "0x10\n16\n0xffffffffffffffff\n18446744073709551615 w\n", [4, 2, 0]);
counts('plain: on one line, as textbooks print a string', '7, 0, 1, 2, 0, 3', [6, 6, 0]);
counts('plain: blanks, commas, writes, lines', "7 0 w,1 w 2, # four\n\t0x0 , 3", [6, 6, 2]);
counts('plain: a line of more than a batch', join(' ', map { $_ % 3 } 0 .. 5000), [5001, 5001, 0]);
counts('an empty trace', '', [0, 0, 0]);
counts('plain: more than a buffer', join('', map { "$_\n" } 1 .. 70_000), [70_000, 70_000, 0]);

my $lackey = <<'END';
==12== Lackey, an example Valgrind tool
==12== Command: /bin/true
I  04000000,3
 L 04001ff8,8
 S 04001ffc,8
 M 04000010,4
END
# 4000, 4001, 4001 w, 4002 w, 4000 w: an access that crosses a page counts as two
counts('lackey', $lackey, [5, 4, 1]);
counts('lackey without valgrind\'s own lines', " L 1000,4\n S 1004,4\nI  2000,2\n", [3, 2, 0]);

sub oracle {
    my $time = 0;
    return join '', map { pack 'V Q< V q<', $time++, $_, 4096, -1 } @_;
}
counts('oracleGeneral', oracle(1, 2, 2**40, 1), [4, 4, 0]);
counts('oracleGeneral: more than a batch', oracle(map { $_ % 3 } 0 .. 5000), [5001, 5001, 0]);
# A zstd file in frames of one raw block, as the small ones below; libCacheSim's traces come as .zst.
sub zst {
    return join '', map { pack('V C V', 0xfd2fb528, 0xa0, length)
            . substr(pack('V', length() << 3 | 1), 0, 3) . $_ } @_;
}
counts('oracleGeneral.zst', zst(oracle(map { $_ % 3 } 0 .. 5000)), [5001, 5001, 0]);
counts('... in two frames', zst(oracle(1, 2), oracle(3, 1)), [4, 4, 0], '--format', 'oracle');
counts('plain, compressed', zst("1 w\n2\n3\n1\n"), [4, 4, 1]);
counts('lackey, compressed', zst(" L 1000,4\n S 1004,4\nI  2000,2\n"), [3, 2, 0]);
my (undef, $piped, $why) = run_command(zst('7, 0, 1, 2, 0, 3'), $tool, qw(--policy fifo --frames 2 --json));
is(json($piped || '{}')->{faults}, 6, 'compressed, from a pipe') or diag($why);
my $sized = spew(tmp('sized'), join '', map { pack 'V Q< V q<', 1, $_, $_ == 5 ? 1 : 4096, -1 } 1 .. 9, 5);
(undef, $piped, $why) = run_command('', $tool, qw(--policy fifo --frames 2 --refs), $sized);
is($why, "vmsim: $sized: sizes are ignored: each object is a page, though some are larger than others\n",
    'objects of several sizes: once, that sizes are ignored');
counts('--format', oracle(1, 2), [2, 2, 0], '--format', 'oracle');

# Packs bytes as a file of --refs.
sub refs { return zst('CHrefs01' . join '', @_) }
# A record's low three bits are its type: 0 is the end, 2 a process, 1 a touch (bits 3-4: fetch, load,
# store). After a touch comes its page's distance from that of the last fetch, or of the last load or
# store: n as 2n, -n as 2n - 1. Six pages are used; the only one written is evicted.
my @refs = (pack('CC', 2, 1), pack('CC', 1, 10), pack('CC', 1 | 1 << 3, 2 * 9),
    pack('CC', 1 | 1 << 3, 2 * 11), pack('CC', 1 | 2 << 3, 2 * 8 - 1),
    pack('CC', 2, 2), pack('CC', 1, 0), pack('CC', 1, 2));
counts('refs', refs(@refs, pack 'CC', 0, 6), [6, 6, 1]);
# A process touches page 5, gets a page of zeros there (type 7), then touches that twice: two
# pages, and two faults however many frames there are.
my @page5 = (pack('CC', 2, 1), pack('CC', 1 | 1 << 3, 2 * 5));
my @born = (pack('CCC', 7, 1, 5), pack('CC', 1 | 1 << 3, 0) x 2);
counts('refs: a page of zeros is another page', refs(@page5, @born, pack 'CC', 0, 3), [3, 2, 0]);
counts('refs: ... and one page if the address had none before', refs($page5[0], $born[0], $page5[1], pack 'CC', 0, 1),
    [1, 1, 0]);

# ---- mistakes are refused: one line, status 2 ----

sub refused {
    my ($name, $text, $error, @options) = @_;
    my $file = spew(tmp('trace'), $text);
    s/FILE(?!\|)/$file/ for @options, $error;
    my ($status, $out, $err) = run_command('', $tool, @options);
    is($status, 2, "$name: status");
    is($err, "vmsim: $error\n", "$name: one line");
    is($out, '', "$name: nothing else");
}

my @fifo = qw(--policy fifo --frames 2 --refs FILE);
refused('a word', "1\ntwo\n", 'FILE: line 2: not a page number, alone or with `w` after it', @fifo);
refused('no blank before w', "12w\n",
    'FILE: line 1: not a page number, alone or with `w` after it', @fifo);
refused('65 bits', "18446744073709551616\n",
    'FILE: line 1: not a page number, alone or with `w` after it', @fifo);
refused('a long line', ('#' x 70_000) . "\n",
    'FILE: line 1: a line that is too long', @fifo);
refused('lackey', "I  04000000,3\n X 12,4\n", 'FILE: line 2: not `I|L|S|M address,size`', @fifo);
refused("lackey, $_", $_, 'FILE: line 1: not `I|L|S|M address,size`', @fifo, qw(--format lackey))
    for " L 1000,8xyz\n", " L ffffffffffffffff,8\n";
# A record of type 4 is a call: a row of guest/abi/seam.def (2 is init), then the words. Type 6 is a text.
sub replay { refused("replay, $_[1]", refs(pack('CC/a', 6, 'policy ' . $_[1]), @_[2 .. $#_]), "FILE: $_[0]", qw(--replay FILE)) }
replay('a frame that does not exist', shift @$_, pack("C*", 4, 2, 16), pack 'C*', 4, @$_)
    for ['arc', 8, 16, 1], ['linux24', 6, 16], ['linux612', 9, 16];
replay('the kernel starts twice, or without frames', 'twohand', pack 'C*', 4, 2, 0);
replay('calls nested too deep', 'clock', pack('C*', 4, 2, 16), pack('C*', 12, 3, 1, 0, 0) x 400);
refused('refs, no such list change', refs(pack 'C*', 29, 1, 1), 'FILE: a place that no list has', '--dump', 'FILE');
refused('oracle, cut', substr(oracle(1, 2, 3), 0, 60),
    'FILE: record 3: cut short', @fifo, '--format', 'oracle');
refused('refs, cut', refs(@refs), 'FILE: cut short', @fifo);
refused('a sign between numbers', "1; 2\n", 'FILE: line 1: not a page number, alone or with `w` after it', @fifo);
refused('two commas', "3\n1,, 2\n", 'FILE: line 2: not a page number, alone or with `w` after it', @fifo);
refused('zst, cut', substr(zst('1 2 3'), 0, 12), 'FILE: cut short', @fifo);
refused('zst, damaged', zst('') . zst('1') =~ s/\xa0/\xaf/r, 'FILE: Unsupported frame parameter', @fifo);
refused('other bytes', "\x00\x01\x02", 'FILE: no format that is known; '
    . 'try --format list', @fifo);
refused('an unknown format', '1', 'zip: no such format; try --format list', @fifo,
    '--format', 'zip');
refused('no file', '', '/none/at/all: No such file or directory', @fifo[0 .. 4], '/none/at/all');
refused('a folder', '', '/: Is a directory', @fifo[0 .. 4], '/');
refused('no policy', '', '--policy: missing; try --policy list', '--frames', 2);
refused('an unknown policy', '1', 'nosuch: no such policy; try --policy list',
    '--policy', 'fifo,nosuch', @fifo[2 .. 5]);
refused("a mistyped policy, $_->[0]", '1', "$_->[0]: no such policy; did you mean $_->[1]?",
    '--policy', $_->[0], @fifo[2 .. 5]) for ['clcok', 'clock'], ['guest:lunix24', 'guest:linux24'];
refused('an unknown policy of the kernel', '1', 'guest:nosuch: no such policy; try --policy '
    . 'list', qw(--policy guest:nosuch --frames 2 --refs FILE));
refused('no --frames', '', '--frames: missing: how many frames memory has', '--policy', 'fifo');
refused('--frames 0', '1', "--frames: '0': not a number of at least 1",
    qw(--policy fifo --frames 0 --refs FILE));
refused('frames without commas', '1', "--frames: '3;4': not numbers with commas between",
    qw(--policy fifo --frames 3;4 --refs FILE));
refused('an unknown option', '', '--polcy: unknown option; --help lists them', '--polcy', 'fifo');
refused('no value', '', '--refs: wants FILE|-', '--refs');
refused('two modes at once', '1', 'only one of: --trace, --mrc, --working-set, '
    . '--quiz or --solve', @fifo, qw(--trace --mrc));
refused('--mrc of a policy that is no stack algorithm', '1', '--mrc: 2q has no stack property, so a pass gives one '
    . 'size: --frames N,N... without --mrc gives several',
    '--mrc', '--policy', 'lru,2q', @fifo[4, 5]);

# ---- tables ----

my ($status, $out) = run_command("7\n0\n1\n2\n0\n3\n", $tool, '--solve',
    '--policy', 'lru', '--frames', 3);
is($out, <<'END', 'a filled table');
7 0 1 2 0 3

lru, 3 frames: 5 faults, 1 hits
page      7 0 1 2 0 3
frame 1   7 7 7 2 2 2
frame 2     0 0 0 0 0
frame 3       1 1 1 3
fault     F F F F   F
END

my (undef, $quiz)   = run_command('', $tool, '--quiz', 5);
my (undef, $solved) = run_command('', $tool, '--quiz', 5, '--solve');
my ($string) = split /\n/, $quiz;
like($string, qr/^\d( \d){19}$/, 'a quiz: 20 references');
is((split /\n/, $solved)[0], $string, '--solve has the same string');
is(() = $quiz =~ /^(?:fifo|lru|opt), 3 frames$/mg, 3, 'three empty tables');
unlike($quiz, qr/F/, '... without a fault in them');
isnt((run_command('', $tool, '--quiz', 6))[1], $quiz, 'another seed, another quiz');
for my $policy (qw(fifo lru opt)) {
    my (undef, $json) = run_command(join('', map { "$_\n" } split ' ', $string),
        $tool, '--json', '--policy', $policy, '--frames', 3);
    my $faults = json($json)->{faults};
    like($solved, qr/^$policy, 3 frames: $faults faults/m, "$policy solved");
}
# A policy of the kernel fills a table, too; a wide table continues below.
(undef, $out) = run_command(join('', map { "$_\n" } 1000 .. 1019), $tool,
    '--solve', '--policy', 'guest:fifo', '--frames', 2);
is(() = $out =~ /^page /mg, 2, 'a wide table has two parts');
ok(!(grep { length > 79 } (split /\n/, $out)[1 .. 8]), '79 columns');

# ---- decisions, lists, help ----

(undef, $out) = run_command("1 w\n2\n3\n", $tool, '--trace', '--policy', 'fifo',
    '--frames', 2);
is($out, <<'END', '--trace');
fifo 2: 0: page 1 w: fault, a free frame
fifo 2: 1: page 2: fault, a free frame
fifo 2: 2: page 3: fault, 1 (dirty) leaves: came first
END
(undef, $out) = run_command("1 w\n2\n3\n", $tool, '--trace', '--json',
    '--policy', 'guest:fifo', '--frames', 2);
is_deeply(json((split /\n/, $out)[2])->{victims},
    [{page => 1, dirty => JSON::PP::true}], 'the kernel\'s victim');

my (undef, $list) = run_command('', $tool, '--policy', 'list');
for my $name (qw(fifo lru clock opt mru lru2 2q arc car random clockpro mglru
    plan9 uvm s3fifo sieve guest:linux612)) {
    like($list, qr/^\Q$name\E +\S/m, "--policy list: $name");
}
# All policies in one run (one pass, if possible) give the figures of single runs.
my @names = map { (split ' ')[0] } split /\n/, $list;
my $text  = join '', map { ($_ * 7919 % 101 % 37) . ($_ % 5 ? "\n" : " w\n") }
    1 .. 400;
my $file = spew(tmp('all'), $text);
my (undef, $together) = run_command('', $tool, '--json', '--refs', $file,
    '--frames', '1,4,16', '--policy', join ',', @names);
my $apart = join '', map {
    (run_command('', $tool, '--json', '--refs', $file, '--frames', '1,4,16',
        '--policy', $_))[1]
} @names;
is($together, $apart, 'all policies in one run: the same figures, with one frame, too');
is(() = $together =~ /"references": 400,/g, 3 * @names, 'each saw all 400 references');

{
    my @of = ('--working-set', '2,4', '--refs', spew(tmp('three'), "1\n2\n1\n"));
    my (undef, $out) = run_command('', $tool, @of);
    like($out, qr/^ +4 +0\.6667 +- +- +-$/m, 'a trace shorter than the window: no size');
    (undef, $out) = run_command('', $tool, @of, '--json');
    like($out, qr/"t": 2, "missing": 0.666667, "size": 2\.0000,/, 'a size');
    like($out, qr/"t": 4, .*"size": null, "bits": null, "damon": null/, 'no size: null in JSON');
}

like((run_command(~0 . "\n1\n" . ~0 . "\n", $tool, qw(--working-set 2)))[1], qr/ 2\.00$/m, 'the last page of 64 bits');
like(`(ulimit -v 4000000; $tool --quiz 7 --frames 1073741824) 2>&1`, qr/^vmsim: memory: .*\n\z/m, 'too many frames');
# Linux 2.4 wants 30 frames free. With 16 it never finds a victim: vmsim says so, and
# does not take long.
{
    my $loop = spew(tmp('loop'), join '', map { $_ % 40 . "\n" } 1 .. 20_000);
    my ($status, $out, $err) = run_command('', 'sh', '-c', "ulimit -t 10; "
        . "$tool --json --policy guest:linux24 --frames 16 --refs $loop");
    is($status, 0, 'a policy that finds no victim: the run ends') or diag($err);
    like($out, qr/"faults": 12016\b/, 'the first 16 pages stay');
    like($err, qr/guest:linux24: 16 frames: no victim at 12000 of 12016 faults/, '... and says so');
}

my (undef, $help) = run_command('', $tool, '--help');
my $page = slurp(build() . '/vmsim.1');
for my $option ($help =~ /^  (--[a-z-]+)/mg) {
    (my $roff = $option) =~ s/-/\\-/g;
    like($page, qr/^\.B \Q$roff\E/m, "vmsim(1): $option");
}
like($page, qr/^\.B s3fifo\n/m, 'vmsim(1): policies');

done_testing();
