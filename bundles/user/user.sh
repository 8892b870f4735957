#!/bin/sh
# Shows who it is on both sides of its user namespace, and stays until it is stopped.

trap 'exit 0' TERM INT

read -r inside outside count </proc/self/uid_map
echo "inside: $(id)"
echo "users $inside to $((inside + count - 1)) in here are $outside to $((outside + count - 1)) on the host"
echo "so on the host this is a process of user $((outside + $(id -u))), and no root at all"
echo "the host's own files belong to nobody in here:"
ls -ld /usr

while :; do
    sleep 60 &
    wait $!
done
