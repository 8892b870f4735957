#!/bin/sh
# Counts as fast as it can; the bundle's CPU limit lets it run a quarter of the time.

trap 'exit 0' TERM INT

echo 'counting; the kernel throttles this group to a quarter of one core'
count=0
while :; do
    count=$((count + 1))
    [ $((count % 250000)) -ne 0 ] || echo "counted to $count"
done
