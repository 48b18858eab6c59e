# SPDX-License-Identifier: MIT
# Implements page replacement a second time, from the same papers, plainly and slowly:
# lists are arrays that are searched from end to end. Tests compare tools/vmsim with it.
# It also has the reference strings of the experiments with known answers.
package Textbook;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(slow_policies slow_victims draws string_e3 string_e4 string_e6);

# ---- strings ----

# Returns a linear congruential generator, modulo 2^64; a draw is its top 31 bits.
sub draws {
    my $x = shift;
    return sub {
        use integer;
        $x = $x * 6364136223846793005 + 1442695040888963407;
        return $x >> 33 & 0x7fffffff;
    };
}

# Returns a string that refers in turn to a page of a pool of 100 and to one of a pool of 10,000.
sub string_e3 {
    my $draw = draws(7);
    return map { $_ % 2 ? 1000 + $draw->() % 10_000 : $draw->() % 100 }
        1 .. 300_000;
}

# Makes a scan of 4096 pages with a hot reference after each k-th page; hot references precede and
# follow the scan. Returns the string and each reference's part: before, scan, during, after.
sub string_e4 {
    my $k    = shift;
    my $draw = draws(42);
    my (@string, @part);
    my $hot = sub { push @string, $draw->() % 64; push @part, shift };
    $hot->('before') for 1 .. 20_000;
    for my $i (0 .. 4095) {
        push @string, 100_000 + $i;
        push @part,   'scan';
        $hot->('during') if $i % $k == 0;
    }
    $hot->('after') for 1 .. 640;
    return (\@string, \@part);
}

sub string_e6 {
    my $draw = draws(1);
    return map {
        $draw->() % 10 ? $draw->() % 64 : 1000 + $draw->() % 4096
    } 1 .. 60_000;
}

# ---- policies ----
# A policy is a sub that makes a memory of n frames for a string. A memory is a sub that
# takes (page, place in the string) and returns (true on a hit, the page that left or undef).

sub without { my ($page, $list) = @_; @$list = grep { $_ != $page } @$list; return }
sub has     { my ($page, $list) = @_; return scalar grep { $_ == $page } @$list }

sub lru {
    my $n = shift;
    my @stack;
    return sub {
        my $page = shift;
        my $hit  = has($page, \@stack);
        without($page, \@stack);
        push @stack, $page;
        return ($hit, @stack > $n ? shift @stack : undef);
    };
}

sub mru {
    my $n = shift;
    my @stack;
    return sub {
        my $page   = shift;
        my $hit    = has($page, \@stack);
        my $victim = !$hit && @stack == $n ? pop @stack : undef;
        without($page, \@stack);
        push @stack, $page;
        return ($hit, $victim);
    };
}

sub opt {
    my ($n, $string) = @_;
    my @stack; # by last use, oldest first
    return sub {
        my ($page, $at) = @_;
        my $hit = has($page, \@stack);
        my $victim;
        if (!$hit && @stack == $n) {
            my $farthest = -1;
            for my $candidate (@stack) {
                my $next = $at + 1;
                $next++ while $next < @$string && $string->[$next] != $candidate;
                ($victim, $farthest) = ($candidate, $next) if $next > $farthest;
            }
            without($victim, \@stack);
        }
        without($page, \@stack);
        push @stack, $page;
        return ($hit, $victim);
    };
}

sub lru2 {
    my $n = shift;
    my (%in, %uses);
    return sub {
        my ($page, $at) = @_;
        my $hit = $in{$page};
        my $victim;
        if (!$hit && keys %in == $n) {
            my $older = sub { $uses{$_[0]}[-2] // -1 };
            ($victim) = sort {
                $older->($a) <=> $older->($b) or $uses{$a}[-1] <=> $uses{$b}[-1]
            } keys %in;
            delete $in{$victim};
        }
        $in{$page} = 1;
        push @{$uses{$page}}, $at;
        return ($hit ? 1 : 0, $victim);
    };
}

sub twoq {
    my $n = shift;
    my (@in, @out, @main); # oldest first
    return sub {
        my $page = shift;
        return (1) if has($page, \@in);
        my ($hit, $again) = (has($page, \@main), has($page, \@out));
        without($page, $_) for \@main, \@out;
        my $victim;
        if (!$hit && @in + @main == $n) {
            if (@in > int($n / 4) || !@main) {
                $victim = shift @in;
                push @out, $victim;
                shift @out if @out > int($n / 2);
            } else {
                $victim = shift @main;
            }
        }
        push @{$hit || $again ? \@main : \@in}, $page;
        return ($hit, $victim);
    };
}

sub min { return $_[0] < $_[1] ? $_[0] : $_[1] }
sub max { return $_[0] > $_[1] ? $_[0] : $_[1] }

# p is exact: a whole number of units, each 1 / lcm(1, ..., c), as every denominator is at most c.
# (Above 40 frames the sums are no longer whole numbers of 64 bits.)
sub arc {
    my $c = shift;
    my ($p, $unit) = (0, 1);
    for my $n (2 .. min($c, 40)) {
        my ($gcd, $rest) = ($n, $unit % $n);
        ($gcd, $rest) = ($rest, $gcd % $rest) while $rest;
        $unit *= $n / $gcd;
    }
    my (@t1, @t2, @b1, @b2); # oldest first
    my $replace = sub {
        my $from_b2 = shift;
        my ($t, $b) = @t1 && (@t1 * $unit > $p || $from_b2 && @t1 * $unit == $p) ? (\@t1, \@b1) : (\@t2, \@b2);
        my $victim = shift @$t;
        push @$b, $victim;
        return $victim;
    };
    return sub {
        my $page = shift;
        my $hit  = has($page, \@t1) || has($page, \@t2);
        my $victim;
        if ($hit) {
            without($page, $_) for \@t1, \@t2;
            push @t2, $page;
        } elsif (has($page, \@b1)) {
            $p = min($p + max($unit, @b2 * ($unit / @b1)), $c * $unit);
            $victim = $replace->(0);
            without($page, \@b1);
            push @t2, $page;
        } elsif (has($page, \@b2)) {
            $p = max($p - max($unit, @b1 * ($unit / @b2)), 0);
            $victim = $replace->(1);
            without($page, \@b2);
            push @t2, $page;
        } else {
            if (@t1 + @b1 == $c) {
                if (@t1 < $c) {
                    shift @b1;
                    $victim = $replace->(0);
                } else {
                    $victim = shift @t1;
                }
            } elsif (@t1 + @t2 + @b1 + @b2 >= $c) {
                shift @b2 if @t1 + @t2 + @b1 + @b2 == 2 * $c;
                $victim = $replace->(0);
            }
            push @t1, $page;
        }
        return ($hit, $victim);
    };
}

# If $late, uses of a page between its fault and the next fault do not count, as in the guest's arc.
sub car {
    my ($c, undef, $late) = @_;
    my $p = 0;
    my $newest = -1;
    my (@t1, @t2, @b1, @b2, %bit); # a clock's hand is at its first page
    return sub {
        my $page = shift;
        if (has($page, \@t1) || has($page, \@t2)) {
            $bit{$page} = 1 if !$late || $page != $newest;
            return (1);
        }
        $newest = $page;
        my $seen = has($page, \@b1) || has($page, \@b2);
        my $victim;
        if (@t1 + @t2 == $c) {
            until (defined $victim) {
                my ($t, $b) = @t1 + 1e-6 >= max(1, $p) ? (\@t1, \@b1) : (\@t2, \@b2);
                my $first = shift @$t;
                if ($bit{$first}) {
                    push @t2, $first;
                } else {
                    push @$b, $victim = $first;
                }
                $bit{$first} = 0;
            }
            if (!$seen && @t1 + @b1 == $c) {
                shift @b1;
            } elsif (!$seen && @t1 + @t2 + @b1 + @b2 == 2 * $c) {
                shift @b2;
            }
        }
        if (!$seen) {
            push @t1, $page;
        } else {
            $p = has($page, \@b1) ? min($p + max(1, @b2 / @b1), $c)
                : max($p - max(1, @b1 / @b2), 0);
            without($page, $_) for \@b1, \@b2;
            push @t2, $page;
        }
        $bit{$page} = 0;
        return (0, $victim);
    };
}

sub sieve {
    my $n = shift;
    my (@queue, %bit); # oldest first
    my $hand = 0;
    return sub {
        my $page = shift;
        my $hit  = has($page, \@queue);
        my $victim;
        if (!$hit && @queue == $n) {
            $hand = 0 if $hand >= @queue;
            while ($bit{$queue[$hand]}) {
                $bit{$queue[$hand]} = 0;
                $hand = ($hand + 1) % @queue;
            }
            ($victim) = splice @queue, $hand, 1;
            $hand = $n if $hand == @queue; # past the newest page: goes on at the oldest
        }
        push @queue, $page if !$hit;
        $bit{$page} = $hit;
        return ($hit, $victim);
    };
}

sub s3fifo {
    my $n     = shift;
    my $tenth = max(1, int($n / 10));
    my (@small, @main, @ghost, %uses); # oldest first
    my $from_main = sub {
        while (@main) {
            my $first = shift @main;
            return $first if !$uses{$first};
            $uses{$first}--;
            push @main, $first;
        }
        return;
    };
    my $evict = sub {
        while (@small >= $tenth || @small && !@main) {
            while (@small) {
                my $first = shift @small;
                if ($uses{$first} > 1) {
                    $uses{$first} = 0;
                    push @main, $first;
                } else {
                    push @ghost, $first;
                    shift @ghost if @ghost > $n - $tenth;
                    return $first;
                }
            }
        }
        return $from_main->();
    };
    return sub {
        my $page = shift;
        if (has($page, \@small) || has($page, \@main)) {
            $uses{$page} = min($uses{$page} + 1, 3);
            return (1);
        }
        my $victim = @small + @main == $n ? $evict->() : undef;
        my $again  = has($page, \@ghost);
        without($page, \@ghost);
        push @{$again ? \@main : \@small}, $page;
        $uses{$page} = 0;
        return (0, $victim);
    };
}

my %policy = (
    lru => \&lru, mru => \&mru, opt => \&opt, lru2 => \&lru2, '2q' => \&twoq,
    arc => \&arc, car => \&car, sieve => \&sieve, s3fifo => \&s3fifo,
    'guest:arc' => sub { car(@_, 1) },
);
sub slow_policies { return sort keys %policy }

# Returns for each reference `hit`, `-` (a free frame) or the page that leaves.
sub slow_victims {
    my ($name, $n, @string) = @_;
    my $memory = $policy{$name}->($n, \@string);
    return map {
        my ($hit, $victim) = $memory->($string[$_], $_);
        $hit ? 'hit' : $victim // '-'
    } 0 .. $#string;
}

1;
