#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The try: line of each lesson's exercise works as typed, and prints the figure that the exercise
# asks for (tests/lib/Try.pm). Lesson 9's try: line takes a minute and is never typed. Only SOAK=1
# tests that it exists, because the lesson must run for that, which takes half this test's time.
use lib 'tests/lib';
use Clockhand;
use Try;

# %figure has for each lesson a function that reads the figure from the screen, and the
# least and the most by which the figure may exceed the exercise's answer: some figures
# include pages of the programs themselves, as the lesson's text says.
sub numbers { return shift =~ /^(?:\e\[\?2004l)?(\d+)$/mg }
sub last_number { return (numbers(shift))[-1] }
sub difference { my @n = numbers(shift); return @n == 2 ? $n[1] - $n[0] : undef }
my %figure = (
    1 => [ \&difference, 0, 8 ],
    2 => [ sub { shift =~ /^level 0  vpn\[0\] +(\d+)/m ? $1 : undef }, 0, 0 ],
    3 => [ sub { my $d = difference(shift); return defined $d ? $d / 1000 : undef }, -5, 60 ],
    4 => [ \&difference,  -2,  5 ],
    5 => [ \&difference,  -5,  5 ],
    6 => [ \&last_number, 0,   0 ],
    7 => [ \&last_number, 0,   0 ],
    8 => [ \&difference,  -15, 15 ],
    10 => [ sub { shift =~ /^faults (\d+)$/m ? $1 : undef }, 0, 0 ],
    11 => [ \&last_number, -60, 60 ],
    12 => [ sub { (shift =~ /, (\d+) KiB of it from disk$/mg)[-1] }, -60, 60 ],
    13 => [ \&last_number, 0, 0 ],
);
for my $file (sort glob 'tools/lessons/[0-9]*.md') {
    my ($number) = $file =~ m{/0*(\d+)};
    next if $number == 9 && !$ENV{SOAK};
    my ($options, $typed) = try_of("./$file", 1);
    ok($options && @$typed, "$file: a command line, and lines to type") or next;
    my ($read, $least, $most) = @{ $figure{$number} // next };
    my ($exercise) = slurp($file) =~ /^(```exercise\n.*)\z/ms;
    my ($status, $out) = clockhand('--lesson', spew(tmp($file =~ s{.*/}{}r),
        "# 1. Its exercise\n\nIn one minutes.\n\n## None\n\n$exercise"), '--solve');
    my ($answer) = $out =~ /^answer: ([\d.]+)/m;
    my $screen = type_it($options, $typed);
    my $got = $read->($screen);
    unless (ok(defined $got, "$file: the figure is printed")) { diag($screen); next }
    ok($got - $answer >= $least && $got - $answer <= $most,
        "$file: $got, and the answer is $answer") or diag($screen);
}
done_testing();
