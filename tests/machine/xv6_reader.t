#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The machine reads xv6's structures (emu/xv6) in a small kernel of our own that has
# them (xv6_small.c). Its answers must agree with the small kernel's record of each
# frame, at two moments, and with its processes, mappings and buffer cache. Then the
# small kernel damages structures on purpose. Its structs have another layout than
# xv6's: only DWARF tells it, here in versions 2 (which xv6 asks for) and 5.
use lib 'tests/lib';
use Clockhand;
no warnings qw(portable);

my @machine = ('--ram', '2M', '--timing', 'fast', '--engine', 'interp');

sub built {
    my ($name, @flags) = @_;
    return compile_bare("$name.c", slurp('tests/machine/xv6_small.c'), '-Wall',
        '-Wextra', '-fno-tree-loop-distribute-patterns', @flags);
}

# Returns the kernel's output up to the moment, and the answer to each question there.
# For `grown` it also asks at `full`: the reader must keep nothing from that moment.
sub asked {
    my ($elf, $moment, @questions) = @_;
    my $script = $moment eq 'grown' ? qq(expect "moment full\\n" 10s\njson info vm\n) : '';
    $script .= qq(expect "moment $moment\\n" 10s\n);
    for my $i (0 .. $#questions) {
        $script .= "echo <$i>\n$questions[$i]\n";
    }
    my ($status, $out, $err) = clockhand(@machine, '-x',
        spew(tmp('x.ch'), $script . "echo <end>\nquit 0\n"), $elf);
    diag($err) if $status;
    my ($printed, @answers) = split /^<(?:\d+|end)>\n/m, $out;
    return ($printed, @answers[0 .. $#questions]);
}

sub answers { my (undef, @answers) = asked(@_); return @answers }

my %state = (
    free => 'free', table => 'page-table', user => 'anonymous',
    guard => 'anonymous',
    map { $_ => 'kernel-data' } qw(stack trapframe other)
);
my %native = (
    free => '', user => '', other => 'allocated',
    map { $_ => $_ } qw(table stack trapframe guard)
);

# Compares each frame that kalloc manages with the kernel's own record.
sub frames_are_the_allocators {
    my ($elf, $moment) = @_;
    my $printed = (asked($elf, $moment))[0];
    $printed =~ s/.*^moment (?!$moment\n)\w+\n//ms;
    my @truth = map { [ hex $1, hex $2, hex $3, $4 ] if /^frame (\S+) (\S+) (\S+) (\w+)/ }
        grep { /^frame/ } split /\n/, $printed;
    cmp_ok(scalar @truth, '>', 300, "$moment: the kernel prints its frames");
    my @said = answers($elf, $moment, 'json info vm', map { "json page $_->[0]" } @truth);
    my %n;
    my @wrong;
    my $vm = json(shift @said)->{xv6};
    for my $i (0 .. $#truth) {
        my ($pfn, $pid, $refs, $what) = @{ $truth[$i] };
        my $is    = json($said[$i]);
        my $state = $refs > 1 && $what eq 'user' ? 'cow-shared' : $state{$what};
        my $says  = "$is->{state} $is->{native} of $is->{owner}, $is->{refs}";
        my $want  = "$state $native{$what} of $pid, $refs";
        push @wrong, "$pfn: $says; not $want" if $says ne $want;
        $n{$what}++;
        $n{shared}++ if $state eq 'cow-shared';
    }
    is_deeply(\@wrong, [], "$moment: each frame is what the kernel allocated it for");
    $n{user} += $n{guard};
    is_deeply(
        [ @$vm{qw(free page_tables user shared stacks trapframes other)} ],
        [ @n{qw(free table user shared stack trapframe other)} ],
        "$moment: the sums are right");
    is($vm->{free} + $vm->{allocated}, scalar @truth, "$moment: the total is right");
    return;
}

sub rows {
    return [ map { join ' ', @$_{qw(pid ppid state rss_frames vsize_bytes name)} }
            @{ json(shift) } ];
}

sub mappings {
    return [ map { join ' ', hex($_->{start}) >> 12 & 0x3ffffff,
            hex($_->{end}) >> 12, @$_{qw(rights resident_pages name)} }
            @{ json(shift)->{mappings} } ];
}

sub everything {
    my $elf = shift;
    frames_are_the_allocators($elf, $_) for qw(full grown);
    my ($ps, $init, $sh, $frames, $beyond, $image, $vm) = answers(
        $elf, 'full', 'json info ps', 'json pmap 1', 'json pmap 7',
        'json info frames bcache', 'json page 0x1ff', 'json page 0',
        'json info vm');
    is_deeply(rows($ps), [
        '1 0 sleeping 5 20480 init', '7 1 running 2 8192 sh',
        '8 7 disk 1 9 reader',       '9 7 zombie 1 4096 dead' ],
        'processes: one waits for a buffer');
    is_deeply(mappings($init), [
        '0 1 r-xp 1 [anon]', '1 2 rw-p 1 [anon]', '2 3 ---p 1 guard',
        '3 4 rw-p 1 [stack]', '4 5 rw-p 1 [heap]',
        '67108862 67108863 ---p 1 trapframe',
        '67108863 67108864 ---p 1 trampoline' ], 'mappings: their rights and names');
    is(json($beyond)->{native}, 'beyond', 'RAM above PHYSTOP');
    is(json($image)->{state}, 'kernel-code', 'the first frame is code');
    is_deeply([ @{ json($vm)->{xv6} }{qw(procs bufs bufs_valid bufs_held)} ],
        [ 4, 5, 4, 2 ], 'the buffer cache');
    my %blocks = map { $_ => 1 } map { $_->{native} =~ /(\d+)/g }
        @{ json($frames)->{list} };
    is_deeply([ sort keys %blocks ], [ 40, 41, 42, 44 ],
        'the frames name the valid blocks of the cache, and no others');

    ($ps, $sh) = answers($elf, 'grown', 'json info ps', 'json pmap 7');
    is_deeply([ grep { /^[79] / } @{ rows($ps) } ],
        [ '7 1 running 5 32768 sh', '9 7 zombie 0 0 dead' ],
            'one process has grown, one has lost its page');
    unlike($ps, qr/"current":true/, 'no process is on the hart');
    is_deeply([ @{ mappings($sh) }[ 0 .. 5 ] ], [
        '0 1 r-xp 1 [anon]', '1 2 rw-p 1 [anon]', '2 3 ---p 1 guard',
        '3 4 rw-p 1 [stack]', '4 8 rw-p 1 [heap]',
        '67108862 67108863 ---p 1 trapframe' ],
        'the heap has pages that are not mapped yet');
}

everything(built('dwarf2', '-gdwarf-2'));
my $elf = built('dwarf5', '-gdwarf-5');

{
    my ($vm, $ps, $pmap) = answers($elf, 'lies', 'json info vm', 'json info ps', 'json pmap 7');
    my $said = json($vm)->{xv6};
    ok(!exists $said->{free} && !exists $said->{other},
        'a free list that is a cycle is not counted');
    is($said->{stacks}, 6, 'the counts that do not depend on it are given');
    is_deeply([ map { s/ .*//r } @{ rows($ps) } ], [ 1, 7, 9 ],
        'a process of unknown state is left out');
    is_deeply(mappings($pmap), [], 'a page table that is misaligned has no mappings');

    my ($told) = answers($elf, 'found', 'json info ps');
    is(scalar @{ rows($told) }, 3, 'found: the processes are there again');
}

# The kernel is loaded raw in the firmware's place: --symbols gives its names.
{
    my $raw = tmp('raw.bin');
    system('riscv64-linux-gnu-objcopy', '-O', 'binary', $elf, $raw) == 0
        or die "objcopy: $?\n";
    my $script = spew(tmp('x.ch'), qq(expect "moment full\\n" 10s\n)
        . "info ps\nprint xv6.procs\nquit 0\n");
    my @larger = (@machine, '--ram', '16M'); # clockhand's own kernel is loaded, too
    my (undef, $whole) = clockhand(@larger, '-x', $script, $elf);
    my ($raw_status, $out, $err) = clockhand(@larger, '--bios', $raw,
        '--symbols', $elf, '-x', $script);
    is($raw_status, 0, 'loaded raw, with --symbols') or diag($err);
    is($out, $whole, 'loaded raw: the same answers');
    like($out, qr/^4$/m, '... and the number of processes is right');
}

# Checks that `info ps` is refused at this moment, with this message.
sub refused {
    my ($elf, $moment, $sentence) = @_;
    my ($status, $out, $err) = clockhand(@machine, '-x',
        spew(tmp('x.ch'), qq(expect "moment $moment\\n" 10s\ninfo ps\n)), $elf);
    is($status, 2, "$moment: refused");
    like($err, $sentence, "$moment: why");
}
refused($elf, 'early', qr/opened no lens: it has not started yet/);
refused($elf, 'lost',  qr/kernel_pagetable does not map the kernel/);
refused(built('plain'), 'full', qr/looks like xv6, but its ELF file has no debug/);
refused(built('short', '-g', '-Dblockno=number_'), 'full',
    qr/looks like xv6, but its types lack bcache.buf.blockno/);
done_testing;
