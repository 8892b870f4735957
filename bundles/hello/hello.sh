#!/bin/sh
# Says hello, tells what the kernel says of this place, and ends with status 0. Builtins only.

read -r hostname </proc/sys/kernel/hostname
read -r kernel </proc/sys/kernel/osrelease
while read -r name value _; do
    case $name in
    NoNewPrivs:) no_new_privileges=$value ;;
    CapEff:) capabilities=$value ;;
    esac
done </proc/self/status

echo "Hello from a container!"
echo
echo "  host name     $hostname"
echo "  process       $$ (this program is the first of its PID namespace)"
echo "  kernel        $kernel (shared with the host)"
echo "  capabilities  $capabilities (none), no_new_privs $no_new_privileges"
echo "  programs      the host's /usr, read-only"
