# shellcheck shell=bash disable=SC2034
# What every step shares; sourced first. Leaves the shell in the checkout, strict about errors.
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$checkout"
venv=$checkout/.venv

say() {
    if [ -t 2 ]; then printf '\033[2m── %s\033[0m\n' "$*" >&2; else printf '── %s\n' "$*" >&2; fi
}

die() {
    printf 'error: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

# Run a command as whoever owns the checkout: `sudo make …` must not leave root's files in it.
as_owner() {
    local user
    user=$(stat -c %U .)
    if [ "$EUID" -eq 0 ] && [ "$user" != root ] && [ "$user" != UNKNOWN ]; then
        setpriv --reuid="$user" --regid="$(stat -c %g .)" --init-groups -- \
            env HOME="$(getent passwd "$user" | cut -d: -f6)" "$@"
    else
        "$@"
    fi
}

owned_by_another() { [ "$EUID" -eq 0 ] && [ "$(stat -c %u .)" -ne 0 ]; }

# Run a command as root, by sudo if we aren't.
as_root() {
    if [ "$EUID" -eq 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        say "as root, through sudo: $*"
        sudo "$@"
    else
        return 1
    fi
}

# Install packages through apt; fails, saying what to install, where that can't be done.
install_packages() {
    if ! command -v apt-get > /dev/null; then
        say "this system has no apt; install by hand what Debian calls: $*"
        return 1
    fi
    say "installing through apt: $*"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install)
    as_root "${install[@]}" "$@" > /dev/null 2>&1 ||
        { as_root apt-get -qq update && as_root "${install[@]}" "$@" > /dev/null; }
}

# want PROGRAM PACKAGE [PROGRAM PACKAGE]…: install the packages whose program isn't on PATH.
# A refusal is no error: the tests that need the program skip and name it.
want() {
    local lacking=()
    while [ $# -gt 0 ]; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$1" > /dev/null || lacking+=("$2")
        shift 2
    done
    [ ${#lacking[@]} -eq 0 ] || install_packages "${lacking[@]}" ||
        say "going on without: ${lacking[*]}"
}
