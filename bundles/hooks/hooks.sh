#!/bin/sh
# Shows what the hooks left, those that ran before it and those that come while it runs.

trap 'kill "$tail"; exit 0' TERM INT

# Written by the startContainer hook.
read -r id bundle </run/trace
echo "what the hooks of $id wrote; poststop comes when it is deleted, to be read in"
echo "$bundle/trace/$id.log"
tail -n +1 -f "/trace/$id.log" &
tail=$!
wait "$tail"
