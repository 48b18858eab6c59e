#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every row of planted faults fits the source; every room (source folder) and policy has
# rows. With SOAK=1 it plants twelve faults, others each week: their tests must fail.
use lib 'tests/lib';
use Clockhand;

my ($status, $out) = run_command('', 'tests/mutants/run', '--check', build());
is($status, 0, 'every row fits its file') or diag($out);
my ($rows) = $out =~ /^(\d+) rows, /m;
cmp_ok($rows // 0, '>=', 150, 'at least 150 rows');

my $table = join '', map { slurp($_) } glob 'tests/mutants/*.txt';
my %in;
$in{$1}++ while $table =~ m{^\S+ (?:emu|guest/kernel|guest)/(\w+)/}mg;
my @rooms = qw(base isa hart mmu time engine dev boot history inspect monitor
        lesson panel web vm fs proc sys arch drv lib policy);
is(join(' ', grep { !$in{$_} } @rooms), '', 'no room is left out');

# In these rooms, and in these tools, each file that has a function must have a row.
my %named = map { $_ => 1 } $table =~ /^[a-z0-9]\S* (\S+)(?: \?.*)?$/mg;
my @files = map { glob "$_/*.[ch] $_/*/*.[ch]" } qw(emu/mmu emu/time emu/hart guest/kernel/vm);
cmp_ok(@files, '>=', 110, 'the list of files is not cut short');
push @files, glob 'tools/python/*/*.py tools/compare tools/grade tools/report';
is(join(' ', grep { !$named{$_} && slurp($_) =~ /^(\{| *def )/m } @files), '',
    'each file with a function has at least one fault');

# Each verb, and each topic of info, must stand in a line "silent TEST: VERB..." of the
# table: TEST must fail if the verb does nothing.
my %silent = map { $_ => 1 } map { split } $table =~ /^silent \S+: (.*)/mg;
my @verbs = slurp('emu/monitor/verbs/commands.def') =~ /^COMMAND\("(\S+?)"/mg;
my @topics = slurp('emu/monitor/verbs/infos.def') =~ /^INFO\((\w+),/mg;
cmp_ok(@verbs + @topics, '>', 90, 'verbs and topics are found');
is(join(' ', grep { !$silent{$_} } @verbs, map { "info/$_" } @topics),
    '', 'no verb is left out: the lines "silent TEST: VERB"');
my $plan = join ' ', map { /`([^`]*)`/g } slurp('emu/monitor/README.md') =~ /^\|(.*)/mg;
is(join(' ', grep { $plan !~ /(?<![\w-])\Q$_\E(?![\w.])/ } @verbs),
    '', 'emu/monitor/README.md has each verb');

# Each public function of the Python package is named by one of its tests.
my $python = join '', map { slurp($_) =~ s/^ *#.*//gmr } glob 'tests/python/*.t';
my @public = map { slurp($_) =~ /^ *def ([a-z]\w*)\(/mg } glob 'tools/python/clockhand/*.py';
is(join(' ', grep { $python !~ /\.\Q$_\E\b|\b\Q$_\E\(/ } @public), '',
    'no public Python function is left out');

# In policy.txt a policy's rows begin with its name, in decisions.txt with decides-NAME.
my @policies = slurp('guest/kernel/policy/policies.def') =~ /^POLICY\((\w+)/mg;
is(join(' ', grep { (() = $table =~ /^\Q$_\E-/mg) < 2 } @policies), '',
    'at least two faults for each policy (policy.txt)');
is(join(' ', grep { $table !~ /^decides-$_\b/m } @policies), '', '... and one of a decision (decisions.txt)');

SKIP: {
    skip 'planting takes an hour; SOAK=1 plants some', 3 unless $ENV{SOAK};
    local $ENV{TEST_TIMEOUT} = 3600;
    my $week = int(time / 604800);
    ($status, $out) = run_command('', 'tests/mutants/run', '--n', 12, '--seed', $week, build());
    is($status, 0, "twelve planted faults are caught (lot $week)") or diag($out);
    my @run = ('tests/mutants/run', '--without');
    ($status, $out) = run_command('', @run, 'test_panel_slider', '--by', 'test_panel_scenes', build());
    is("$status $out" =~ s/ .*?\bseen .*/ seen/sr, '0 seen', '--without A --by B: test B sees each fault that A sees');
    ($status, $out) = run_command('', @run, 'test_history', '--by', 'test_words', build());
    is("$status $out" =~ s/ .*?\balone .*/ alone/sr, '1 alone', '... B misses a fault that A sees');
}
done_testing();
