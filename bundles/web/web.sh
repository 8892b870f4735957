#!/bin/sh
# An HTTP server from what the host has: something that listens, with answer.sh for each request.

port=8080

# Runs answer.sh with the connection as stdin and stdout, for each connection.
listen() {
    if command -v perl >/dev/null; then
        exec perl /bundle/listen.pl "$port" /bundle/answer.sh
    elif command -v python3 >/dev/null; then
        exec python3 -I /bundle/listen.py "$port" /bundle/answer.sh
    elif command -v socat >/dev/null; then
        exec socat "TCP-LISTEN:$port,fork,reuseaddr" EXEC:/bundle/answer.sh
    elif busybox nc --help 2>&1 | grep -q -e '-lk'; then
        exec busybox nc -lk -p "$port" -e /bundle/answer.sh
    elif busybox nc --help 2>&1 | grep -q -e '-ll'; then
        exec busybox nc -ll -p "$port" -e /bundle/answer.sh
    elif command -v systemd-socket-activate >/dev/null; then
        exec systemd-socket-activate --listen="$port" --inetd --accept /bundle/answer.sh
    fi
    echo 'no way to listen: needs perl, python3, socat, busybox nc or systemd-socket-activate' >&2
    exit 1
}

# The answers are written by other processes; their log comes here through a FIFO, which stays
# open because its reader holds it for writing too.
mkfifo /run/requests
cat <>/run/requests &
log=$!
date +%s >/run/started
listen &
server=$!
trap 'kill "$server" "$log"; exit 0' TERM INT

echo "listening on http://127.0.0.1:$port/ of this container's own network"
wait "$server"
status=$?
kill "$log"
exit "$status"
