#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Source-level debugging of the guest shows a program's own lines, even if other processes are at
# the same address, and the kernel's lines; call stacks go on through traps. The image's programs
# are stripped: their debug information lies in symbols/ beside the kernel.
use lib 'tests/lib';
use Clockhand;
use Qemu;

sub run_script {
    my ($before, @lines) = @_;
    my $script = spew(tmp('s.ch'), join "\n", 'console off', 'expect "# " 5s', @$before, @lines, '');
    my ($out, $err) = succeeds('the script ends with status 0', clockhand('-x', $script));
    return $out;
}

# ---- the kernel's lines while a program runs ----
my $listed = run_script(['send "hog 4M\n"'], 'run-for 20ms', 'run-until $priv == 0', 'print $priv', 'list vm_fault');
like($listed, qr/^0x0\n(?:\d+\t.*\n)+/m, 'list shows a kernel function in user mode') or diag($listed);

# ---- two processes at the same addresses -----------------------------------------
my $hog = slurp('guest/user/era/hog.c');
my $line = 1 + (() = substr($hog, 0, index($hog, 'page_fill(memory + i')) =~ /\n/g);
{
    my $out = run_script(['send "hog 256K &\n"', 'send "hog 256K &\n"'], "break hog.c:$line",
        map { ('continue -v', 'print $satp', 'print $priv', 'info line') } 1 .. 12);
    like($out, qr/^breakpoint 1\n.*<(main|write_part)\b.*\nhog\.c:$line\t/m, 'break in a program');
    my %space = map { $_ => 1 } $out =~ /^(0x8\w+)$/mg;
    cmp_ok(scalar keys %space, '>', 1, '... stops more than one process');
    is((() = $out =~ /^0x0$/mg), 12, '... in user mode');
    is((() = $out =~ /^Line $line of "hog\.c"/mg), 12, '... at the line') or diag($out);
}

# ---- calls, globals --------------------------------------------------------------
{
    my $out = run_script(['send "hog 256K\n"'], "break hog.c:$line", 'continue', 'bt', 'json bt',
        'print memory == $a0 || memory != 0', 'list main');
    like($out, qr/^#0 .* write_part\S* at hog\.c:$line$/m, 'bt: a program\'s function');
    like($out, qr/^#\d .* main\+\w+ at hog\.c:\d+\n/m, '... and its callers');
    like($out, qr/^#\d .* tiny_start.* at tiny\.c:\d+\n#\d .* _start\S*\n/m, '... up to the first function');
    like($out, qr/^1\n/m, 'a global of the program');
    like($out, qr/^int main\(|^\d+\t.*int main\(/m, 'list FUNCTION of a program');
    my ($frames) = $out =~ /^(\[.*)$/m;
    is(json($frames)->[0]{file} =~ s:.*/::r, 'hog.c', 'json bt: the file');
}

# ---- the kernel ------------------------------------------------------------------
{
    my ($before) = slurp("guest/kernel/sys/trap.c") =~ /\A(.*?\n)    return_to_user\(tf\);/s;
    my $line = 1 + $before =~ tr{\n}{};
    my $out = run_script(['send "ls / | tail -1\n"'], 'break page_fault', 'continue -v', 'bt',
        'print ((struct trapframe *)$a0)->cause == $scause', 'print/x ((struct trapframe *)$a0)->tval - $stval',
        'print *(struct trapframe *)$a0', "break trap.c:$line", 'continue', 'info line');
    like($out, qr/^#0 .* page_fault at trap\.c:\d+$/m, 'bt in the kernel');
    like($out, qr/^#1 .* exception, inlined, at trap\.c:\d+$/m, '... and calls that were inlined');
    like($out, qr/^1\n0x0\n\{x = \{0, .*\}, pc = \d+, .*cause = \d+.*\}\n/m, 'print: members, casts, whole structs');
    like($out, qr/^Line $line of "trap\.c"/m, 'break FILE:LINE');
}

# ---- through a trap ---------------------------------------------------------------
# The call stack goes on from the kernel to the instruction that trapped, in a page
# fault and in a system call.
{
    my $out = run_script(['send "hog 256K\n"'], "break hog.c:$line", 'continue', 'delete', 'break page_fault',
        'continue', 'bt', 'delete', 'break syscall_dispatch', 'continue', 'bt',
        'delete', 'catch trap', 'continue', 'bt', 'stepi 6', 'bt');
    my @calls = grep { /^#0/ } split /(?=^#0)/m, $out;
    like($calls[0], qr/^#0 .* page_fault .*\n#1 .* exception.*\n#2 .* trap_from_user.*\n#3 .* <trap taken> trap_vector\S*\n#4 .* page_fill\S* at work\.c:\d+\n#5 .* write_part\S* at hog\.c:$line\n#6 .* main/m,
        'bt goes on from a page fault into the program') or diag($out);
    like($calls[-3], qr/^#0 .* syscall_dispatch.*<trap taken> trap_vector\S*\n#\d .*\n#\d .* main/s, '... from a system call');
    like($_, qr/^#0 .*<trap taken> trap_vector\S*\n#1 .*\n(?!#\d .*\?)/, '... from trap_vector\'s start')
        for @calls[-2, -1];
}

# ---- a program of one's own ---------------------------------------------------------
# The function's frame is too large for one addi: an unwinder that reads the code would
# lose the stack. The program's call frame information leads to the caller.
{
    my $deep = tmp('deep');
    system('riscv64-linux-gnu-gcc', '-g', '-O1', '-static', '-o', $deep, spew(tmp('deep.c'), <<'C')) == 0 or die;
volatile char sink;
__attribute__((noipa)) void within(char *p)
{
    sink = *p;
}
__attribute__((noipa)) void deep(int n)
{
    volatile char many[9000];
    many[n] = 1;
    within((char *)many);
    sink = many[0];
}
int main(void)
{
    for (int i = 0;; i = (i + 1) & 1023)
        deep(i);
}
C
    my ($status, $out, $err) = clockhand('--drive', qemu_image('deep' => $deep) . ',overlay', '-x',
        spew(tmp('deep.ch'), join "\n", 'console off', 'expect "# " 5s', 'send "/deep\n"', 'run-for 100ms',
            'break within', 'continue', 'bt', ''));
    like($out, qr/^#0 .* within at deep\.c:\d+\n#1 .* deep\S* at deep\.c:\d+\n#2 .* main\S* at deep\.c:\d+\n/m,
        'bt: past a large frame') or diag($out, $err);
}

# ---- no debug information on the disk, no trace in the hash --------------------------
{
    my @elf = grep { -f } glob build() . '/guest/user/era/* ' . build() . '/guest/user/tests/*';
    my @with = grep { `riscv64-linux-gnu-readelf -SW $_` =~ /\.debug_|\.symtab/ } @elf;
    is("@with", '', 'programs in the image have no debug information');
    my @hash = map {
        (run_script(['send "ls /\n"'], @$_, 'run-until cycle >= 310000000', 'hash') =~ /hash (\w+)/)[0]
    } [], [ 'break page_fault', 'continue', 'bt', 'print *(struct trapframe *)$a0', 'list', 'delete' ];
    is($hash[1], $hash[0], 'looking changes nothing');
}
done_testing();
