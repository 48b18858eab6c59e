#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# PROGRAM -h describes each program of /era/bin, as /era/README promises: -h is not taken for a size
# and starts no experiment; a wrong command line gets a usage line without "error 0".
use lib 'tests/lib';
use Clockhand;

my ($status, $out, $err) = guest('for p in /era/bin/*; do echo "== $p"; $p -h; '
    . 'echo "status $?"; done; cd /era/bin; echo "== ./hog"; ./hog --help && echo "status 0"');
is($status, 0, 'hog --help: status 0') or diag($err);
my %said = $out =~ m{^== (\S+)\n(.*?)(?=^== |\z)}msg;
delete $said{'/era/bin/smem'};    # a usage line of its own
cmp_ok(keys %said, '>', 20, 'there are more than 20 programs');
for my $file (sort keys %said) {
    my ($name) = $file =~ m{([^/]+)$};
    if ($name eq 'vmstat') { # its columns
        like($said{$file}, qr/^r +processes.*^status 0$/ms, "$file: columns");
        next;
    }
    like($said{$file}, qr/^\Q$name\E[ :].{40,}\nstatus 0\n/s, "$file: a description");
    unlike($said{$file}, qr{\*/|^ ?\*|\bnot a (?:size|number)\b}m, '... without marks of a C comment, and no error');
}
unlike($err, qr/not a |usage: (?!smem)/, 'no complaint');

for my $wrong ('pollute', 'play', 'lockers', 'order', 'quiesce', 'poke') {
    ($status, $out, $err) = guest($wrong);
    is($status, 2, "$wrong: status 2");
    like($err, qr/^usage: $wrong .*\n\z/, '... and one line');
    unlike($err, qr/error 0/, '... without "error 0"');
}
done_testing;
