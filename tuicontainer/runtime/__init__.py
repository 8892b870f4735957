"""The OCI runtime: one container, synchronous, single-threaded, by system calls.

A file a verb (`create start state kill delete exec pause …`), and three rooms below: `rootfs`
(what the container sees), `process` (how its first process comes to be) and `cgroups` (what it may
use). What a container needs is first planned as a list of small frozen operations, then applied.
May import `syscalls`, `spec`, `locations`, `errors`, `record`; knows no daemon, log or terminal UI.
"""
