# SPDX-License-Identifier: MIT
# Tests every lesson of tools/lessons: each block runs, each answer and each check
# holds, the lesson's own answers pass, other answers fail, and three seeds make three
# exercises. A graded lesson takes four runs; three .t files share the lessons. Unless SOAK=1,
# each lesson is solved with its number as seed, but only lessons 1, 2 and 3 are graded; and
# of 9 and 11, whose machines run longest, only the exercises are solved.
package Lessons;
use Exporter 'import';
use Clockhand;
our @EXPORT = qw(check_lessons);

sub answers { return shift =~ /^answer: (.*)$/mg }

# Grades answers, one a line: returns (status, decoded JSON, standard error).
sub grade {
    my ($file, $seed, @answers) = @_;
    my ($status, $out, $err) = run_command(join('', map { "$_\n" } @answers),
        build() . '/clockhand', '--lesson', $file, '--grade', '--seed', $seed);
    my $json = eval { json($out) };
    ok($json, "$file: --grade prints JSON") or diag($out, $err);
    return ($status, $json // {}, $err);
}

# Writes a lesson with nothing but this file's exercise (an exercise has its own machine).
sub exercise_alone {
    my ($file) = @_;
    my ($exercise) = slurp($file) =~ /^(```exercise\n.*)\z/ms;
    return spew(tmp($file =~ s{.*/}{}r),
        "# 1. Its exercise\n\nIn one minutes.\n\n## None\n\n$exercise");
}

sub check_lesson {
    my $file = './' . shift;
    my ($number) = $file =~ m{/0*(\d+)};
    my $seed = $ENV{SOAK} ? 1 : $number;
    my $part = !$ENV{SOAK} && ($number == 9 || $number == 11);
    my ($status, $out, $err) = clockhand('--lesson', $file, '--solve', '--seed', $seed,
        $part ? '--exercise' : ());
    is($status, 0, "$file: all blocks run, all answers and checks hold")
        or return diag($err);
    is($err, '', "$file: nothing on standard error");
    my @answers = answers($out);
    cmp_ok(scalar @answers, '>', 0, "$file: prints an answer to the exercise");
    return if !$ENV{SOAK} && $number > 3;

    my $alone = exercise_alone($file);
    # (Of lesson 9, whose machine runs for 13 s, only the exercise is graded.)
    my ($graded, @given) = $file =~ m{/09-} ? ($alone, $answers[-1]) : ($file, @answers);
    my ($passed, $one) = grade($graded, $seed, @given);
    is($passed, 0, "$file: its own answers pass");
    ok($one->{ok}, "$file: and JSON says so");
    my @questions = @{ $one->{questions} // [] };
    is(scalar(grep { $_->{ok} } @questions), @given - 1, "$file: ... and each question is right");

    # Grades another seed's exercise with this seed's answer, and a third seed's
    # exercise without an answer.
    my ($failed, $two) = grade($alone, $seed + 1, $answers[-1]);
    is($failed, 1, "$file: with another seed this answer fails");
    my ($third, $three) = grade($alone, $seed + 2);
    is($third, 1, "$file: an exercise without an answer fails");
    my %right = map { ($_->{exercise}{right} // '') => 1 } $one, $two, $three;
    is(scalar(keys %right), 3, "$file: answers differ by seed") or diag(join ' ', keys %right);
    return;
}

# Checks the lessons whose numbers are $part modulo 3.
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
