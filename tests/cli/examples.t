#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every verb has an example, in help and clockhand-monitor(7), that can be typed as it stands (with a
# name for FILE) while a program runs in the guest (in fast timing; in cycle timing with SOAK=1).
use lib 'tests/lib';
use Clockhand;
use Cwd qw(abs_path);

my ($status, $out, $err) = clockhand('-x', spew(tmp('all.ch'), "json help\n"));
my @timing = $ENV{SOAK} ? () : qw(--timing fast);
my @verbs = @{ json((grep { /^\[/ } split /\n/, $out)[0]) };
cmp_ok(scalar @verbs, '>', 60, 'there are more than 60 verbs');
for my $v (@verbs) {
    my ($verb, $example) = @$v{qw(verb example)};
    like($example, qr/^(?:json )?\Q$verb\E\b/m, "$verb: its example uses it");
    spew(tmp('FILE'), "echo from a file\n");
    my $text = $example =~ s/\bFILE\b/tmp('FILE')/ger;
    ($status, $out, $err) = clockhand(@timing, '--ram', '8M', '--swap', '32M', '-x',
        spew(tmp('example.ch'), <<"CH"));
expect "# " 60s
mark prompt
send "hog 1.2x 2\\n"
run-for 20ms
run-until lens.busy == 0
$text
CH
    is("$status $err", '0 ', "$verb: ... and runs") or diag($example, "\n", $out);
    like($out, qr/^\d+ of 2048 frames are free$/m, 'printf: ... and prints a number, not an address') if $verb eq 'printf';
}

# Each line of the other man pages' examples can be typed as it stands.
$ENV{PATH} = abs_path(build()) . ":$ENV{PATH}";
(my $here = spew(tmp('trace'), "1\n2\n3\n1\n2\n")) =~ s{/trace$}{};
for my $page (qw(vmsim dramreplay)) {
    my ($lines) = slurp(build() . "/$page.1") =~ /^\.SH EXAMPLES?\n\.nf\n(.*?)^\.fi/ms;
    for my $line (split /\n/, $lines =~ s/\\-/-/gr =~ s/\\e/\\/gr) {
        ($status, $out, $err) = run_command('', 'sh', '-ec', "cd '$here'; $line");
        is("$status $err", '0 ', "$page(1): $line");
    }
}
done_testing;
