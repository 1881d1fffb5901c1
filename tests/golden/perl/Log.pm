package Acme::Log;

use strict;
use warnings;

our $VERSION = '1.04';
use constant MAX_LINES => 10_000;

my %LEVELS = (debug => 0, info => 1, error => 2);

=head1 NAME

Acme::Log - writes lines to a file

=head2 new

A log at a path.

=cut

sub new {
    my ($class, %args) = @_;
    my $self = bless { path => $args{path}, level => $args{level} // 'info' }, $class;
    open $self->{handle}, '>>', $self->{path} or die "cannot open $self->{path}: $!";
    return $self;
}

# Writes a line, if it matters enough.
sub write_line {
    my ($self, $level, $text) = @_;
    return if $LEVELS{$level} < $LEVELS{ $self->{level} };
    my $stamp = sub { scalar localtime };
    print { $self->{handle} } join(' ', $stamp->(), uc $level, $text), "\n";
    return 1;
}

sub error { my $self = shift; return $self->write_line('error', @_) }

sub parse($line) {
    my ($level, $text) = $line =~ m/^\S+ (\w+) (.*)$/;
    return { level => lc $level, text => $text };
}

package Acme::Log::Null;

use parent -norequire, 'Acme::Log';

sub write_line { 1 }

1;
