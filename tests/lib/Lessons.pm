# SPDX-License-Identifier: MIT
# Every file of tools/lessons on the machine: each block runs, each answer and
# each check holds, its own answers pass, others fail, and three seeds make
# three exercises. Four runs a lesson; the .t files share the lessons.
package Lessons;
use strict;
use warnings;
use Exporter 'import';
use Test::More;
use Clockhand;
our @EXPORT = qw(check_lessons);

sub answers { return shift =~ /^answer: (.*)$/mg }

# The learner's answers, one a line: (status, decoded JSON, standard error).
sub grade {
    my ($file, $seed, @answers) = @_;
    my ($status, $out, $err) = run_command(join('', map { "$_\n" } @answers),
        build() . '/clockhand', '--lesson', "./$file", '--grade', '--seed', $seed);
    my $json = eval { json($out) };
    ok($json, "$file: --grade prints JSON") or diag($out, $err);
    return ($status, $json // {}, $err);
}

# For a choice the next letter, for a number one far away.
sub wrong {
    my $answer = shift;
    return $answer =~ /^[a-z]$/ ? ($answer eq 'a' ? 'b' : 'a') : 3 * $answer + 7;
}

sub check_lesson {
    my $file = shift;
    my ($status, $out, $err) = clockhand('--lesson', "./$file", '--solve');
    is($status, 0, "$file: all blocks run, all answers and checks hold")
        or return diag($err);
    is($err, '', "$file: nothing on standard error");
    my @answers = answers($out);

    my ($passed, $one) = grade($file, 1, @answers);
    is($passed, 0, "$file: its own answers pass");
    ok($one->{ok}, "$file: and JSON says so");
    my @questions = @{ $one->{questions} // [] };
    is(scalar(grep { $_->{ok} } @questions), @answers - 1, "$file: each question");

    # Another seed's exercise with this one's answer; then questions gone wrong.
    my ($failed, $two) = grade($file, 2, @answers);
    is($failed, 1, "$file: another seed, another answer");
    my @bad = map { wrong($_) } @answers[0 .. $#answers - 1];
    my ($third, $three) = grade($file, 3, @bad);
    is($third, 1, "$file: no answer to the exercise");
    is(scalar(grep { $_->{ok} } @{ $three->{questions} // [] }), 0,
        "$file: wrong predictions are wrong");
    my %right = map { ($_->{exercise}{right} // '') => 1 } $one, $two, $three;
    is(scalar(keys %right), 3, "$file: three seeds, three answers")
        or diag(join ' ', keys %right);
    return;
}

# Of three parts, the lessons of one.
sub check_lessons {
    my $part = shift;
    for my $file (sort glob 'tools/lessons/[0-9]*.md') {
        my ($number) = $file =~ m{/(\d+)};
        subtest $file => sub { check_lesson($file) } if $number % 3 == $part;
    }
    done_testing();
    return;
}

1;
