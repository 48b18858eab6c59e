#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A guest is short of memory. What the panel's display shows of it (swap slots, address
# spaces, lit frames, banks, buddy blocks, beliefs, sliders) must agree with the answers
# of other queries (display_facts.c). A copy of it (struct ins_display) made while the machine runs must equal it,
# and asking must change nothing in the machine.
use lib 'tests/lib';
use Cwd qw(abs_path);
use Clockhand;

my $b = build();
my $program = tmp('facts');
my @san = $b =~ /san/ ? ('-fsanitize=address,undefined') : ();
system('gcc', '-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Iemu', '-Iguest/abi',
    @san, '-o', $program, 'tests/guest/display_facts.c', '-Wl,--start-group',
    grep({ !m{/(panel|lesson)\.a$} } glob("$b/emu/*.a")), '-Wl,--end-group',
    split(' ', slurp("$b/emu/libs"))) == 0 or BAIL_OUT('gcc');
symlink(abs_path($b) . '/guest', tmp('guest'));

# Returns the hash, and the "NAME A B" lines as {NAME => [[A, B], ...]}.
sub facts {
    my ($how, @options) = @_;
    my ($hash, %f) = ('none');
    open(my $in, '-|', $program, $how, @options) or die $!;
    while (<$in>) {
        if (/^hash (\w+)/) { $hash = $1 }
        elsif (/^(\S+) (\d+) (\d+)$/) { push @{ $f{$1} }, [$2, $3] }
        else { diag($_) }
    }
    close($in) or fail("@options: ends with status 0");
    return ($hash, \%f);
}

my $work = '/tests/pressure private 24576 & exec /tests/pressure private 12000';
for ([clock => '--timing', 'fast'], [clock => '--timing', 'cycle'],
    [linux26 => '--timing', 'fast']) {
    my ($policy, @timing) = @$_;
    my @options = ('--policy', $policy, @timing, '--ram', '16M', '--swap',
        '64M', '--disk-model', 'ssd', '--run', $work);
    my ($hash, $f) = facts('look', @options);
    for my $name (sort keys %$f) {
        my @bad = grep { $_->[0] ne $_->[1] } @{ $f->{$name} };
        is(scalar @bad, 0, "$policy, $timing[1]: $name (" .
            @{ $f->{$name} } . ')') or diag("@{ $bad[0] }");
    }
    cmp_ok(scalar keys %$f, '>', 80, "$policy: all facts were asked");
    my ($blind) = facts('blind', @options);
    is($hash, $blind, "$policy, $timing[1]: asking changes nothing");
}
done_testing();
