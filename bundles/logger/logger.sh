#!/bin/sh
# Writes one line a second, by turns to stdout and to stderr.

trap 'echo "asked to stop after $number lines"; exit 0' TERM INT

number=0
while :; do
    number=$((number + 1))
    if [ $((number % 2)) -eq 1 ]; then
        echo "line $number on stdout"
    else
        echo "line $number on stderr" >&2
    fi
    sleep 1 &
    wait $!
done
