#!/bin/sh
# A hook: adds a line to the container's trace. The first argument is the hook's kind, the state
# comes on stdin (config.md#posix-platform-hooks). On the host the trace lies in the bundle's
# folder, which the container sees as /trace.

kind=$1
state=$(cat)

# Prints a field of the state, whose values hold no quotes.
field() {
    value=${state#*\"$1\":}
    value=${value# }
    value=${value#\"}
    printf %s "${value%%[\",\}]*}"
}

id=$(field id)
case $0 in
/bundle/*)
    folder=/trace
    echo "$id $(field bundle)" >/run/trace
    ;;
*)
    folder=${0%/versions/*}/trace
    ;;
esac

# prestart is the first: a new container's trace begins.
[ "$kind" != prestart ] || : >"$folder/$id.log"

echo "$(date +%H:%M:%S) $kind: status $(field status), pid $(field pid)," \
    "mounts of $(readlink /proc/self/ns/mnt)" >>"$folder/$id.log"
