#!/bin/sh
# Takes 4 MiB a second and never gives it back, until the kernel kills it at the bundle's limit.
# The memory is in this shell's own variables, so that it is the first process that dies.

trap 'exit 0' TERM INT

block=0123456789abcdef
while [ ${#block} -lt 4194304 ]; do
    block=$block$block
done

echo 'taking 4 MiB a second; the limit is 64 MiB'
taken=4
while :; do
    eval "block_$taken=\$block"
    taken=$((taken + 4))
    echo "holding $taken MiB"
    # A shell runs its traps during `wait`, not while a program runs in the foreground.
    sleep 1 &
    wait $!
done
