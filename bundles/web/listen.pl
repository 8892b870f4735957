# Listens on a port and runs a program for each connection, as its stdin and stdout.
# Only modules that Debian's perl-base has.

use strict;
use warnings;
use IO::Socket::INET;

my ($port, @program) = @ARGV;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1)
    or die "listening on port $port: $@\n";

$SIG{CHLD} = 'IGNORE';
while (1) {
    my $connection = $listener->accept or next;
    my $child = fork;
    if (defined $child && $child == 0) {
        open STDIN, '<&', $connection or die "stdin: $!\n";
        open STDOUT, '>&', $connection or die "stdout: $!\n";
        exec @program or die "$program[0]: $!\n";
    }
    close $connection;
}
