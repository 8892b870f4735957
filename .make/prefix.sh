# shellcheck shell=bash disable=SC2034
# Where `make install` puts things and `make uninstall` finds them; sourced after base.sh.
# /usr/local/bin is on sudo's own PATH, a folder of the user's isn't.
prefix=${PREFIX:-/opt/tuicontainer}
bindir=${BINDIR:-/usr/local/bin}
# Where man, bash, zsh and fish look unasked.
sharedir=${SHAREDIR:-/usr/local/share}
# What was written there, one path a line: taken away by `uninstall`.
shared=$prefix/share-files
commands=(tuicontainer tuicontainer-runtime)

# True for a launcher of ours: nobody else's command of that name is replaced or removed.
is_ours() { head -n 1 "$1" 2> /dev/null | grep -qF "#!$prefix/bin/python"; }

# Take away what an install has put into the share folder, and folders that are empty then.
remove_shared() {
    [ -e "$shared" ] || return 0
    local path
    while IFS= read -r path; do
        rm -f "$path"
        rmdir -p --ignore-fail-on-non-empty "$(dirname "$path")" 2> /dev/null || true
    done < "$shared"
}

become_root() {
    [ "$EUID" -ne 0 ] || return 0
    command -v sudo > /dev/null || die "this needs root, and there is no sudo here"
    say "this needs root: going on with sudo"
    exec sudo PREFIX="$prefix" BINDIR="$bindir" SHAREDIR="$sharedir" STATE="${STATE:-}" "$0"
}
