#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# README.md is true: its links lead to files, its targets exist, and each of its commands
# of build/clockhand, but those with a panel, runs as it is printed.
use lib 'tests/lib';
use Clockhand;
use Pty;

my $text = slurp('README.md');
cmp_ok(scalar(grep { !/^ *\|/ } split /\n/, $text), '<=', 110, 'about a hundred lines, tables apart');

# Returns the anchors of a file's headings, in GitHub's form.
sub anchors {
    return map { lc s/[^\w\s-]//gr =~ s/\s/-/gr } slurp(shift) =~ /^#+ (.*)$/mg;
}
while ($text =~ /\]\(([^)#]+)(?:#([^)]+))?\)/g) {
    my ($file, $anchor) = ($1, $2);
    ok(-e $file, "$file is there");
    ok(grep({ $_ eq $anchor } anchors($file)), "$file#$anchor") if $anchor;
}

my $makefiles = join '', map { slurp($_) } glob('Makefile */*.mk */*/*.mk');
ok($makefiles =~ /^\Q$_\E:|^[\w -]*\b\Q$_\E\b[\w -]*:/m, "make $_")
    for sort keys %{{ map { $_ => 1 } $text =~ /(?:^|`)make ([a-z]+)\b(?= |`)/mg }};

# Each command of the code blocks prints something and ends with status 0.
my @slow = qr{hog 3x};
my $b = build();
for my $command ($text =~ m{^(build/clockhand .*?)\s*(?:#.*)?$}mg) {
    next if $command =~ /--panel/;
    (my $here = $command) =~ s{^build/}{$b/};
    # A slow command is only begun: 124 says that the limit was reached.
    my $slow = grep { $command =~ $_ } @slow;
    $here .= ' --max-sim-time 50ms' if $slow;
    my ($status, $out, $err) = run_command('', 'sh', '-c', $here);
    is($status, $slow ? 124 : 0, $command) or diag($out, $err);
    like($out, qr/\S/, "$command: prints") unless $slow;
}

# The session at the prompt also runs as a file of its verbs.
my ($session) = $text =~ /`build\/clockhand --monitor`.*?^```\n(.*?)^```/ms;
my @verbs = split /\n/, $session;
cmp_ok(scalar(@verbs), '>=', 8, 'a session of the monitor');
my ($out, $err) = succeeds('the session runs',
    clockhand('-x', spew(tmp('session.ch'), join "\n", @verbs, '')));
unlike($err, qr/\S/, 'and nothing in it is a mistake');
# The same block can be pasted whole at the prompt, with the terminal's brackets around the
# paste (also if each line begins with the prompt) and without.
my $paste = sub {
    my ($block, $begin, $finish) = @_;
    my $pty = Pty->start(24, 100, build() . '/clockhand', '--pace', 'max', '--monitor');
    $pty->expect(qr/\(clockhand\) \z/, 20);
    (my $keys = $block) =~ s/\n/\r/g;
    $pty->send("$begin$keys$finish");
    my $said = $pty->expect(qr/step-walk\nlevel 2.*quit\n/s, 60) // '';
    return ($said, $pty->finish);
};
for ([$session, "\e[200~", "\e[201~\r"], [$session =~ s/^/(clockhand) /mgr, "\e[200~", "\e[201~\r"],
    [$session, '', '']) {
    my ($said, $end) = $paste->(@$_);
    is($end, 0, 'pasted whole at the prompt, it ends') or diag($said);
    like($said, qr/\(clockhand\) \Q$_\E\n/, "$_: reached the prompt, not the guest") for @verbs[3 .. 10];
    like($said, qr/catch 1: copy on write: sh .*\(clockhand\) walk event\.va w\na store in user mode/s,
        'lines after continue wait for the stop');
    like($said, qr/step-walk\nlevel 2 /, '... so does step-walk, after the second continue');
}
my ($gaps) = slurp('README.md') =~ /^## What is not there yet\n(.*)/ms;
my $help = (clockhand('--help'))[1];
is(join(' ', grep { $help =~ /^  (-\w, )?\Q$_\E\b/m } $gaps =~ /`(--[\w-]+)`/g), '',
    'no option that README.md calls missing is in --help');

done_testing();
