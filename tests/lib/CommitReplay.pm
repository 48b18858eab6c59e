# SPDX-License-Identifier: MIT
# Replays a commit log line by line with a second implementation of the base
# instructions, independent of the machine's, and checks each line: the bits at
# pc are those in memory, pc is what the instruction before says or the trap
# vector, loads return what stores and the ELF have left there, stores store
# their register, results are right. Results that it does not compute (multiply,
# floating point, CSRs) it takes from the log. Virtual addresses must be physical
# ones, and there must be one core.
package CommitReplay;
use strict;
use warnings;
no warnings qw(portable);    # addresses have 64 bits
use Clockhand;

sub new {
    my ($class, $elf) = @_;
    my $self = bless { x => [(0) x 32], f => [(0) x 32], csr => {}, mem => {},
        wrong => [], lines => 0, traps => 0, computed => 0 }, $class;
    $self->load($elf);
    return $self;
}

# The segments of an ELF64, byte by byte.
sub load {
    my ($self, $file) = @_;
    my $elf = slurp($file);
    my ($phoff, $n) = (unpack('x32 Q', $elf), unpack('x56 v', $elf));
    for my $i (0 .. $n - 1) {
        my ($type, undef, $offset, undef, $pa, $filesz) =
            unpack 'V V Q Q Q Q', substr $elf, $phoff + 56 * $i, 48;
        next if $type != 1;
        my @bytes = unpack 'C*', substr $elf, $offset, $filesz;
        @{ $self->{mem} }{ $pa .. $pa + $#bytes } = @bytes if @bytes;
    }
}

sub read_memory {
    my ($self, $va, $n) = @_;
    my $v = 0;
    $v = $v << 8 | ($self->{mem}{ $va + $_ } // 0) for reverse 0 .. $n - 1;
    return $v;
}

sub write_memory {
    my ($self, $va, $n, $v) = @_;
    $self->{mem}{ $va + $_ } = $v >> 8 * $_ & 0xff for 0 .. $n - 1;
}

sub extend {    # the low n bits, signed; a 64-bit pattern
    my ($v, $n) = @_;
    return $v if $n == 64;
    my $low = $v & ((1 << $n) - 1);
    return $low >> ($n - 1) ? $low | ~((1 << $n) - 1) : $low;
}

sub sum { use integer; return $_[0] + $_[1] | 0 }
sub unsigned { return $_[0] + 0 < 0 ? unpack 'Q', pack 'q', $_[0] : $_[0] }
sub add { return unsigned(sum(@_)) }
sub minus { use integer; return -$_[0] }

# ---- effects of an instruction, as far as they are computed here ----

# Returns rd => value, next => [address of the next instruction], load => [va,
# bytes, signed], store => [va, bytes, value].
sub full {
    my ($self, $i, $pc) = @_;
    my $x = $self->{x};
    my ($op, $rd, $f3) = ($i & 127, $i >> 7 & 31, $i >> 12 & 7);
    my ($a, $b) = ($x->[$i >> 15 & 31], $x->[$i >> 20 & 31]);
    my $imm = extend($i >> 20, 12);
    my $upper = extend($i & 0xfffff000, 32);
    my $next = [$pc + 4];
    return (next => $next, rd => $upper) if $op == 0x37;
    return (next => $next, rd => add($pc, $upper)) if $op == 0x17;
    if ($op == 0x6f) {
        my $to = extend(($i >> 31 & 1) << 20 | ($i >> 12 & 255) << 12
            | ($i >> 20 & 1) << 11 | ($i >> 21 & 1023) << 1, 21);
        return (next => [add($pc, $to)], rd => $pc + 4);
    }
    return (next => [add($a, $imm) & ~1], rd => $pc + 4) if $op == 0x67;
    if ($op == 0x63) {
        my $to = extend(($i >> 31 & 1) << 12 | ($i >> 7 & 1) << 11
            | ($i >> 25 & 63) << 5 | ($i >> 8 & 15) << 1, 13);
        my ($sa, $sb) = map { unpack 'q', pack 'Q', $_ } $a, $b;
        my $taken = ($f3 >> 1 == 0 ? $a == $b : $f3 >> 1 == 2 ? $sa < $sb
            : $a < $b) ^ ($f3 & 1);
        return (next => [$taken ? add($pc, $to) : $pc + 4]);
    }
    return (next => $next, load => [add($a, $imm), 1 << ($f3 & 3), $f3 < 4])
        if $op == 0x03;
    my $simm = extend($i >> 25 << 5 | $rd, 12);
    return (next => $next, store => [add($a, $simm), 1 << $f3, $b])
        if $op == 0x23;
    if ($op == 0x13) {
        my $shift = $i >> 20 & 63;
        my @do = (sub { add($a, $imm) }, sub { $a << $shift }, undef, undef,
            sub { $a ^ $imm }, $i >> 30 & 1 ? undef : sub { $a >> $shift },
            sub { $a | $imm }, sub { $a & $imm });
        return (next => $next, $do[$f3] ? (rd => $do[$f3]->()) : ());
    }
    return (next => $next, rd => extend(add($a, $imm), 32))
        if $op == 0x1b && $f3 == 0;
    if ($op == 0x33 && ($i >> 25) % 32 == 0) {
        my @do = ($i >> 30 ? sub { add($a, unsigned(minus($b))) }
                           : sub { add($a, $b) },
            sub { $a << ($b & 63) }, undef, sub { $a < $b ? 1 : 0 },
            sub { $a ^ $b }, $i >> 30 ? undef : sub { $a >> ($b & 63) },
            sub { $a | $b }, sub { $a & $b });
        return (next => $next, $do[$f3] ? (rd => $do[$f3]->()) : ());
    }
    return (next => ['anywhere']) if $i == 0x30200073 || $i == 0x10200073;
    return (next => $next);
}

sub short {
    my ($self, $i, $pc) = @_;
    my $x = $self->{x};
    my ($q, $f3, $r) = ($i & 3, $i >> 13, $i >> 7 & 31);
    my ($ra, $rb) = (8 + ($i >> 7 & 7), 8 + ($i >> 2 & 7));
    my ($a, $b, $sp) = @$x[$ra, $rb, 2];
    my $imm = extend(($i >> 12 & 1) << 5 | $i >> 2 & 31, 6);
    my $next = [$pc + 2];
    my $words = ($i >> 10 & 7) << 3 | ($i >> 6 & 1) << 2 | ($i >> 5 & 1) << 6;
    my $doubles = ($i >> 10 & 7) << 3 | ($i >> 5 & 3) << 6;
    my $form = "$q$f3";
    return (next => $next, load => [$a + $words, 4, 1]) if $form eq '02';
    return (next => $next, load => [$a + $doubles, 8, 1]) if $form eq '03';
    return (next => $next, store => [$a + $words, 4, $b]) if $form eq '06';
    return (next => $next, store => [$a + $doubles, 8, $b]) if $form eq '07';
    return (next => $next, $r ? (rd => add($x->[$r], $imm)) : ())
        if $form eq '10';
    return (next => $next, rd => extend(add($x->[$r], $imm), 32))
        if $form eq '11';
    return (next => $next, $r ? (rd => $imm) : ()) if $form eq '12';
    if ($form eq '15') {
        my $to = extend(($i >> 12 & 1) << 11 | ($i >> 8 & 1) << 10
            | ($i >> 9 & 3) << 8 | ($i >> 6 & 1) << 7 | ($i >> 7 & 1) << 6
            | ($i >> 2 & 1) << 5 | ($i >> 11 & 1) << 4 | ($i >> 3 & 7) << 1,
            12);
        return (next => [add($pc, $to)]);
    }
    if ($form eq '16' || $form eq '17') {
        my $to = extend(($i >> 12 & 1) << 8 | ($i >> 5 & 3) << 6
            | ($i >> 2 & 1) << 5 | ($i >> 10 & 3) << 3 | ($i >> 3 & 3) << 1,
            9);
        my $taken = ($a == 0) ^ ($form eq '17');
        return (next => [$taken ? add($pc, $to) : $pc + 2]);
    }
    return (next => $next, rd => $x->[$r] << ($imm & 63)) if $form eq '20';
    return (next => $next, load => [$sp + (($i >> 12 & 1) << 5
            | ($i >> 5 & 3) << 3 | ($i >> 2 & 7) << 6), 8, 1])
        if $form eq '23';
    return (next => $next, store => [$sp + (($i >> 10 & 7) << 3
            | ($i >> 7 & 7) << 6), 8, $x->[$i >> 2 & 31]])
        if $form eq '27';
    if ($form eq '24') {
        my ($rs2, $twelve) = ($i >> 2 & 31, $i >> 12 & 1);
        return (next => [$x->[$r] & ~1], $twelve ? (rd => $pc + 2) : ())
            if !$rs2;
        return (next => $next,
            rd => $twelve ? add($x->[$r], $x->[$rs2]) : $x->[$rs2]);
    }
    return (next => $next);
}

# ---- a line ----

sub complain {
    my ($self, $what) = @_;
    push @{ $self->{wrong} }, "line $self->{lines}: $what"
        if @{ $self->{wrong} } < 10;
}

my $LINE = qr/^core[ ]{3}0:[ ]([013])[ ]0x([0-9a-f]{16})[ ]
    \(0x([0-9a-f]{8}|[0-9a-f]{4})\)(.*)\n\z/x;
my $CHANGE = qr/\G[ ](?:([xf])(\d\d?)[ ]{1,2}|c(\d+)_([a-z]\w*)[ ])
    0x([0-9a-f]{16})/x;
my $MEMORY = qr/\G[ ]mem[ ]0x([0-9a-f]{16})(?:[ ]0x([0-9a-f]{2,16}))?/x;

sub line {
    my ($self, $text) = @_;
    $self->{lines}++;
    my ($priv, $pc, $raw, $rest) = $text =~ $LINE
        or return $self->complain("malformed: $text");
    my ($bytes, $bits) = (length($raw) / 2, hex $raw);
    $pc = hex $pc;
    my $expected = $self->{next};
    if ($expected && $expected->[0] ne 'anywhere' && $pc != $expected->[0]) {
        $self->complain(sprintf 'pc 0x%x, expected 0x%x', $pc, $expected->[0])
            if $pc != ($self->{csr}{mtvec} // -1);
        $self->{traps}++;
    }
    $self->complain('bits are not those in memory')
        if $self->read_memory($pc, $bytes) != $bits;
    $self->complain('length and bits disagree')
        if $bytes != (($bits & 3) == 3 ? 4 : 2);
    my %does = $bytes == 4 ? $self->full($bits, $pc) : $self->short($bits, $pc);
    $self->{next} = $does{next};
    $self->changes($text, $rest, \%does);
}

sub changes {
    my ($self, $text, $rest, $does) = @_;
    my ($rd, @memory, $key);
    pos($rest) = 0;
    while ($rest =~ /$CHANGE/gc) {
        my ($file, $n, $csr, $name, $value) = ($1, $2, $3, $4, hex $5);
        my $now = $file ? $n << 4 | ($file eq 'f') : $csr << 4 | 4;
        $self->complain("order: $text") if defined $key && $key >= $now;
        $key = $now;
        if (!$file) { $self->{csr}{$name} = $value }
        else {
            $self->{$file}[$n] = $value;
            $rd = $value if $file eq 'x';
        }
    }
    push @memory, [hex $1, $2] while $rest =~ /$MEMORY/gc;
    $self->complain("leftover: $text") if pos($rest) != length $rest;
    if (my $load = $does->{load}) {
        my ($va, $n, $signed) = @$load;
        $self->complain("load of another address: $text")
            if @memory != 1 || $memory[0][0] != $va || defined $memory[0][1];
        my $v = $self->read_memory($va, $n);
        # devices are not in memory
        $does->{rd} = $signed ? extend($v, 8 * $n) : $v if $va >= 0x80000000;
    }
    if (my $store = $does->{store}) {
        my ($va, $n, $v) = @$store;
        $self->complain("another store: $text")
            if @memory != 1 || $memory[0][0] != $va
            || $memory[0][1] ne substr sprintf('%016x', $v), -2 * $n;
    }
    if (defined $rd && defined $does->{rd}) {
        $self->{computed}++;
        $self->complain(sprintf 'expected 0x%x: %s', $does->{rd}, $text)
            if $does->{rd} != $rd;
    }
    for (grep { defined $_->[1] } @memory) {
        $self->write_memory($_->[0], length($_->[1]) / 2, hex $_->[1]);
    }
}

sub file {
    my ($self, $path) = @_;
    open my $f, '<', $path or die "$path: $!";
    while (my $text = <$f>) {
        $self->line($text);
    }
    return $self;
}

1;
