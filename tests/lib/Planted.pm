# SPDX-License-Identifier: MIT
# Links clockhand's archives into a program with a planted fault, to show that a test can
# fail: the linker's option --wrap replaces one function by another, written in C.
package Planted;
use Exporter 'import';
use Cwd qw(abs_path);
use Clockhand;
our @EXPORT = qw(planted_program);

# Returns the path of a clockhand with `function` replaced by __wrap_function of the C
# source (which may call __real_function); undef if it does not build.
sub planted_program {
    my ($function, $source) = @_;
    my $b = build();
    my $program = tmp("planted-$function");
    my $c = spew(tmp("$function.c"), $source);
    my @san = $b =~ /san/ ? ('-fsanitize=address,undefined') : ();
    system('gcc', '-std=gnu11', '-D_GNU_SOURCE', '-Iemu', '-Iguest/abi', @san,
        '-o', $program, $c, "$b/emu/main.o", "-Wl,--wrap=$function",
        '-Wl,--start-group', glob("$b/emu/*.a"), '-Wl,--end-group',
        split(' ', slurp("$b/emu/libs"))) == 0 or return;
    # The program finds the guest beside itself, as the real one does.
    symlink(abs_path($b) . '/guest', tmp('guest'));
    return $program;
}

1;
