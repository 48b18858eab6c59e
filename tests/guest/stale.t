#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `catch stale` finds a kernel that forgets an sfence.vma: fences of some functions become nops in
# RAM before a run. A test of the guest then uses the old translation, and the first stop names the
# function that wrote the PTE. `catch freed` stops at a use of a free frame. A program executes pages
# that the kernel has filled: fence.i has run in between. With all fences in place
# neither /tests/all nor /tests/pressure makes `info stale` count a use, and catching changes no hash.
# SOAK=1: all tests of the guest, all policies, a larger /tests/pressure, Debian's kernel.
use lib 'tests/lib';
use Clockhand;
use Debian qw(boot_arguments $PROMPT);
use PanelPicture;
use Qemu;
no warnings 'portable';    # 64-bit numbers in hex

my $kernel = build() . '/guest/kernel.elf';

# Finds each sfence.vma of the kernel: its address, and the functions that contain it,
# innermost first ("fence_page put_frame pte_unmap").
my %fence;
my @at = map { /^(\w+):\s.*sfence\.vma/ ? $1 : () }
    split /\n/, qx{riscv64-linux-gnu-objdump -d $kernel};
for (split /^(?=0x)/m, qx{riscv64-linux-gnu-addr2line -iafe $kernel @at}) {
    my ($at, @lines) = split /\n/;
    $fence{ $at =~ s/^0x0*//r } = join ' ', @lines[grep { $_ % 2 == 0 } 0 .. $#lines];
}

# Removes the fences of the functions that $where matches, runs the command and returns the
# first stop; {} if there is no stop, or no such fence.
sub planted {
    my ($where, $command, @options) = @_;
    my @there = grep { $fence{$_} =~ /$where/ } @at;
    my $script = join '', map({ sprintf "set u32[pa:0x%x] = 0x13\n", hex($_) - 0xffffffc000000000 }
        @there), "catch stale\njson continue\n";
    my ($status, $out) = guest($command, qw(--timing fast --ram 32M), @options, '-x',
        spew(tmp('planted.ch'), $script));
    return @there && $out =~ /^(\{"stop".*)/m ? json($1) : {};
}

my (undef, $calls) = compile_both('tests/guest/stale_calls.c');
my @drive = ('--drive', qemu_image('tests/stale' => $calls) . ',overlay');

# Each row: name, pattern of the functions that lose their fences, kind of use, function that wrote
# the PTE, command, options. If any one of several fences would prevent the use, all of them are removed.
my $press = '/tests/pressure private 16384';
my @small = qw(--ram 8M --swap 32M);
for (
    ['munmap', 'unmap_run', 'invalid', 'pte_unmap_range', '/tests/stale munmap'],
    ['madvise', 'unmap_run', 'invalid', 'pte_unmap_range', '/tests/all dontneed'],
    ['mprotect', 'protect_run', 'rights', 'space_protect', '/tests/stale mprotect'],
    ['mremap', 'move_entry', 'invalid', 'space_remap', '/tests/stale mremap'],
    ['COW break', 'pte_map|put_frame pte_unmap', 'frame', 'user_page', '/tests/stale cow'],
    ['fork', 'copy_tables|space_fork', 'rights', 'space_fork', '/tests/stale fork'],
    ['swap-out', 'pte_swap_out', 'invalid', 'pte_swap_out', $press, @small,
        qw(--policy random)],
    ['clearing of A', 'pte_clear_used', 'accessed', 'pte_clear_used', $press, @small],
    ['ASID reused', 'asid_take|unmap_run|pte_drop_table', 'invalid', 'space_activate',
        'for i in 1 2 3; do ls /; done'],
    ['exec', 'asid_take|unmap_run|pte_drop_table', 'invalid', 'space_activate',
        'exec sh -c "exec ls /"'],
    ['table freed', 'pte_drop_table', 'table', 'make', '/tests/stale table'],
    ['huge page unmapped', 'pte_unmap_huge', 'invalid', 'pte_unmap_huge', '/tests/all huge_unmap'],
    ['huge page split', 'pte_split|unmap_run', 'invalid', 'pte_split', '/tests/all huge_unmap'],
) {
    my ($name, $where, $kind, $function, $command, @options) = @$_;
    my $stop = planted($where, $command, @drive, @options);
    ok($stop->{sin}, "$name: the use without a fence is caught");
    is($stop->{kind}, $kind, "$name: the stop gives the kind of use, $kind");
    like($stop->{text}, qr/frame \d+ is free$/, '... and the frame is free') if $name eq 'munmap';
    like($stop->{writer}, qr/<$function\+/, "$name: the function that wrote the PTE is named");
}

# ---- the way back ------------------------------------------------------------
# The machine goes back to the write, is saved, loaded and continued: it stops at the
# same use. It also stops there when reverse-continue goes back from the end.
my ($first) = grep { $fence{$_} =~ /unmap_run/ } @at;
my $omit = sprintf "set u32[pa:0x%x] = 0x13\n", hex($first) - 0xffffffc000000000;
for my $o (['--timing', 'fast'], ['--timing', 'cycle'], ['--engine', 'interp']) {
    my ($status, $out) = guest('/tests/stale munmap', @drive, '--ram', '32M', @$o, '-x',
        spew(tmp('back.ch'), $omit . "catch stale\njson continue\nscreenshot "
            . tmp('at.png') . "\n"));
    my ($stop) = map { json($_) } $out =~ /^(\{"stop".*)/m;
    ok($stop->{sin}, "@$o: the use is caught");
    like(join(' ', tab_lines(picture(tmp('at.png')))),
        qr/the entry used .*written by pte_unmap_range\+.* missing between the two: sfence\.vma 0x/,
        '... and drawn in the panel');
    (undef, $out) = guest('/tests/stale munmap', @drive, '--ram', '32M', @$o, '-x',
        spew(tmp('back.ch'), $omit . "catch stale\ncontinue\ngoto $stop->{wrote}\n"
            . "assert \$pc == $stop->{wrote_pc}\nsave " . tmp('at') . "\nload "
            . tmp('at') . "\njson continue\ndelete\n"
            . "continue\ncatch stale\njson reverse-continue\n"));
    my @again = map { json($_) } $out =~ /^(\{"stop".*)/mg;
    is(scalar @again, 2, "@$o: two more stops");
    delete @$_{qw(number text)} for $stop, @again;
    is_deeply($_, $stop, '... like the first') for @again;
}

# ---- fence.i -----------------------------------------------------------------
# The machine drops old instructions at each store, so that it does not show a missing fence.i, but
# a board does. The kernel must run one after it has filled a page and before a program executes it;
# of a page that it has not touched since, it runs none.
my $fetch = tmp('fetch_calls');
system(qw(riscv64-linux-gnu-gcc -O1 -Wall -Wextra -Wno-unused-result -static -s
        -Wl,--section-start=.marks=0x40000000 tests/guest/fetch_calls.c -o), $fetch) == 0
    or die 'no compiler';
my ($begins, $ends) = map { hex } qx{riscv64-linux-gnu-objdump -dj .marks $fetch} =~ /^ *(\w+):\t/mg;
my @fence_i = qx{riscv64-linux-gnu-objdump -d $kernel} =~ /^(\w+):\s.*fence\.i/mg;
sub fences {
    my $script = join '', map("break $_\n", $begins, $ends, map("0x$_", @fence_i)),
        "while 1\njson continue\njson print \$a0\nend\n";
    my ($status, $out) = guest('/tests/fetch', qw(--timing fast --ram 24M --swap 64M --drive),
        qemu_image('tests/fetch' => $fetch) . ',overlay', '-x', spew(tmp('fetch.ch'), $script));
    my (@counts, $n, $pc);
    for (map { json($_) } grep { /^[{]/ } split /\n/, $out) {
        $pc = hex($_->{pc}) if $_->{stop};
        next if !exists $_->{expr} || !defined $pc;
        if ($pc == $begins) { $n = 0 }
        elsif ($pc != $ends) { $n++ if defined $n }
        elsif (defined $n) { push @counts, $_->{value} ? $n : 'wrong'; undef $n }
    }
    return @counts;
}
my @fences = fences();
for (['a file'], ['the file, mapped again', 0], ['the file, written'], ['memory that gets PROT_EXEC'],
    ['a copy on write'], ['MADV_COLLAPSE'], ['inherited by fork', 0],
    ['inherited, a copy on write'], ['swap'])
{
    my ($way, $none) = @$_;
    my $n = shift @fences // 'none run';
    defined $none ? is($n, 0, "$way: executed without another fence.i")
        : like($n, qr/^[1-9]\d*$/, "$way: fence.i comes before the page is executed");
}

# ---- catch freed -------------------------------------------------------------
# The script marks as free, in the kernel's table, a frame that is mapped or that a disk writes to; it does so at a
# function that the kernel calls once it has looked at the frame's state for the last time.
for (['demand-zero', 'return_to_user',
        qr/store at 0x\w+ by pid \d+ in frame %d: the page table still names it/],
    ['page-in', 'blk_submit', qr/a device writes into frame %d, which is free/])
{
    my ($event, $at, $sentence) = @$_;
    my @run = (qw(--timing fast --run /bin/ls -x), tmp('freed.ch'));
    my $begin = "catch $event\ncontinue\n";
    spew($run[-1], $begin . "json info lens\njson print event.pfn\n");
    my ($info, $pfn) = map { json($_) } grep { /^[{]/ } split /\n/, (clockhand(@run))[1];
    my $row = hex($info->{frames_pa}) + $pfn->{value} * $info->{frame_stride};
    spew($run[-1], $begin . "delete\nbreak $at\ncontinue\ndelete\n"
            . "catch freed\nset u8[pa:$row] = 0\njson continue\n");
    my $text = (json((clockhand(@run))[1] =~ /^(\{"stop".*)/m))->{text};
    $sentence = sprintf "$sentence", $pfn->{value};
    like($text, qr/$sentence/, "catch freed: $event");
}

# ---- silence -----------------------------------------------------------------
my $counts = spew(tmp('silent.ch'), "catch stale all\ncatch freed\ncontinue\n"
        . "json info stale\n");
sub silent {
    my ($command, @options) = @_;
    my ($status, $out, $err) = guest($command, @options, '--hash', '-x', $counts);
    my ($info) = map { json($_) } $out =~ /^(\{"on".*)/m;
    is("$status $info->{sins} $info->{windows}", '0 0 0', "$command @options: silent")
        or diag($out);
    return $err =~ /^hash (\w+)/m;
}
# (The tests left out are those that compute for longest.)
my $all = join ' ', '/tests/all', $ENV{SOAK} ? () :
    grep { !/^(?:preemption|job_cputimer|pipe_ring|memory_hog)$/ }
    slurp('guest/user/tests/tests.def') =~ /^TEST\((\w+)/mg;
silent($all, qw(--timing fast --ram 32M));
$press = '/tests/pressure private 7680' if !$ENV{SOAK};
my @policies = qw(fifo linux26);
@policies = map { /^(\w+)/ } split /\n/, (clockhand('--policy', 'list'))[1] if $ENV{SOAK};
silent($press, @small, qw(--timing fast --policy), $_) for @policies;
silent($press, @small, '--timing', 'cycle');
my ($with) = silent($press, @small, qw(--timing fast --asid off));
my (undef, undef, $err) = guest($press, @small, qw(--timing fast --asid off --hash));
is("hash $with\n", $err, 'catching changes no bit of the machine');

# Debian's kernel has stale uses (it clears A without a flush), but each is a window, not a sin.
my $debian = build() . '/debian';
if ($ENV{SOAK} && -r "$debian/versions") {
    local $ENV{TEST_TIMEOUT} = 3600;
    my $stress = 'stress-ng --vm 2 --vm-bytes 96M --timeout 60';
    my ($status, $out) = clockhand(boot_arguments("$debian/root.img,overlay"), '--drive',
        "$debian/swap.img,overlay", qw(--timing fast -x), spew(tmp('debian.ch'), "catch stale\n"
            . qq(expect "$PROMPT" 120s\nsend "$stress\\n"\nexpect "successful run" 400s\n)
            . "json info stale\n"));
    my ($info) = map { json($_) } $out =~ /^(\{"on".*)/m;
    is("$status $info->{sins}", '0 0',
        'Debian: info stale counts no sin in its boot and stress-ng with swap') or diag($out);
    my @other = grep { $_->{kind} ne 'accessed' } @{ $info->{rows} };
    is_deeply(\@other, [], '... and each window comes from a cleared A bit');
}
done_testing();
