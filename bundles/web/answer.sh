#!/bin/sh
# Answers one HTTP request: stdin and stdout are the connection. RFC 9112, without keep-alive.

return_character=$(printf '\r')

IFS= read -r request || exit 0
request=${request%"$return_character"}
while IFS= read -r header && [ -n "${header%"$return_character"}" ]; do :; done

method=${request%% *}
path=${request#* }
path=${path%% *}
read -r hostname </proc/sys/kernel/hostname
read -r started </run/started

type='text/html'
case $method:$path in
GET:/ | HEAD:/)
    status='200 OK'
    body="<!doctype html>
<html lang=en>
<title>$hostname</title>
<h1>It works</h1>
<p>This page comes from the container <b>$hostname</b>.
<p>It is $(date), and the server has been up for $(($(date +%s) - started)) seconds.
</html>
"
    ;;
GET:/health | HEAD:/health)
    status='200 OK' type='text/plain' body='ok
'
    ;;
GET:* | HEAD:*)
    status='404 Not Found' type='text/plain' body='not found
'
    ;;
*)
    status='405 Method Not Allowed' type='text/plain' body='only GET and HEAD
'
    ;;
esac

printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' \
    "$status" "$type" "${#body}"
[ "$method" = HEAD ] || printf %s "$body"

# Whoever sends the request must not write control characters to somebody's terminal.
case $request in
*[![:print:]]*) request='(unprintable)' ;;
esac
printf '%s "%.200s" %s\n' "$(date +%H:%M:%S)" "$request" "${status%% *}" >>/run/requests
