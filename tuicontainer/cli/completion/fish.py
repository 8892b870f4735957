"""Completion for fish: one complete(1) for each verb, option and operand."""

from __future__ import annotations

from tuicontainer.cli.completion.vocabulary import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.cli.completion.vocabulary import Offer, Program, Switch

_ENGINE = r"""
# PROGRAM: the words from the verb on; the options before it that take a value are skipped.
function __tuicontainer_words
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case '--*=*'
                set -e words[1]
            case '-*'
                if contains -- $words[1] (__{$argv[1]}_valued)
                    set -e words[1]
                end
                set -q words[1]; and set -e words[1]
            case '*'
                string join \n -- $words
                return
        end
    end
end

# PROGRAM VERB: whether this verb is being completed; no VERB: none is there yet.
function __tuicontainer_at
    set -l words (__tuicontainer_words $argv[1])
    test "$words[1]" = "$argv[2]"
end

# PROGRAM VERB N OPTION…: whether operand N of the verb is being completed; OPTIONs take a value.
function __tuicontainer_operand
    set -l words (__tuicontainer_words $argv[1])
    test "$words[1]" = "$argv[2]"; or return 1
    set -e words[1]
    set -l count 0
    set -l skip
    for word in $words
        if test -n "$skip"
            set skip
        else if contains -- $word $argv[4..]
            set skip 1
        else if not string match -q -- '-*' $word
            set count (math $count + 1)
        end
    end
    test $count -eq $argv[3]
end

# PLACE… -- ARGUMENT…: what the program itself prints, with the options PLACE as they are typed.
function __tuicontainer_ask
    set -l words (commandline -opc)
    set -l end (contains -i -- -- $argv)
    set -l asked $words[1]
    for place in $argv[1..(math $end - 1)]
        set -l at (contains -i -- $place $words)
        if test -n "$at"
            set -a asked $place $words[(math $at + 1)]
        end
        for word in $words
            if string match -q -- "$place=*" $word
                set -a asked $word
            end
        end
    end
    command $asked $argv[(math $end + 1)..] 2>/dev/null </dev/null
end

# STATES [forcing]: the states that matter; none if the verb is being forced.
function __tuicontainer_states
    set -l words (commandline -opc)
    if test -n "$argv[2]"
        contains -- --force $words; or contains -- -f $words; and return
    end
    string split -n , -- $argv[1]
end

function __tuicontainer_containers
    set -l states (__tuicontainer_states $argv)
    if set -q states[1]
        set states (string join , -- $states)
        __tuicontainer_ask --root --data-root -- ps --all --quiet --status $states
    else
        __tuicontainer_ask --root --data-root -- ps --all --quiet
    end
end

function __tuicontainer_runtime_containers
    set -l states (__tuicontainer_states $argv)
    for line in (__tuicontainer_ask --root -- list)
        set -l columns (string split -n ' ' -- $line)
        if test "$columns[1]" != ID
            if not set -q states[1]; or contains -- $columns[3] $states
                echo $columns[1]
            end
        end
    end
end

function __tuicontainer_bundles
    __tuicontainer_ask --data-root --bundles -- completion bundles
    __fish_complete_directories
end
"""

_VALUES = {
    "bundle": " -f -a '(__tuicontainer_bundles)'",
    "signal": f" -f -a '{' '.join(signals())}'",
    "directory": " -f -a '(__fish_complete_directories)'",
    "file": " -F",
    "": " -f",
}


def fish_script(programs: Iterable[Program]) -> str:
    """Return one script for all *programs*."""
    parts = ["# Completion for fish, made by `tuicontainer completion fish`.", _ENGINE]
    for program in programs:
        parts += _lines(program)
    return "\n".join(parts) + "\n"


def _lines(program: Program) -> list[str]:
    function = program.name.replace("-", "_")
    valued = [name for switch in program.switches if switch.value for name in switch.names]
    lines = [
        f"function __{function}_valued",
        f"    string join \\n -- {' '.join(valued)}",
        "end",
        "",
        f"complete -c {program.name} -f",
    ]
    start = f"complete -c {program.name} -n '__tuicontainer_at {function}"
    lines += [f'{start} ""\' {_switch(program, switch)}' for switch in program.switches]
    lines += [f'{start} ""\' -a {verb.name} -d {_word(verb.summary)}' for verb in program.verbs]
    for verb in program.verbs:
        switches = (*verb.switches, *program.everywhere)
        lines += [f"{start} {verb.name}' {_switch(program, switch)}" for switch in switches]
        taking = " ".join(name for switch in switches if switch.value for name in switch.names)
        last = len(verb.operands) - 1
        for number, offer in enumerate(verb.operands):
            one = verb.one_each or number < last
            place = f"operand {function} {verb.name} {number} {taking}".rstrip()
            where = place if one else f"at {function} {verb.name}"
            lines.append(
                f"complete -c {program.name} -n '__tuicontainer_{where}'"
                f"{_values(program, offer, forcing=verb.forces)}"
            )
    return [*lines, ""]


def _switch(program: Program, switch: Switch) -> str:
    names = [
        f"-l {name[2:]}" if name.startswith("--") else f"-s {_word(name[1:])}"
        for name in switch.names
    ]
    value = f" -r{_values(program, switch.offer)}" if switch.value else ""
    return f"{' '.join(names)}{value} -d {_word(switch.help)}"


def _values(program: Program, offer: Offer, *, forcing: bool = False) -> str:
    if offer.kind == "words":
        return f" -f -a {_word(' '.join(offer.words))}"
    if offer.kind == "container":
        asked = [f"__{program.name.replace('-', '_')}_containers", ",".join(offer.states)]
        asked += ["forcing"] if forcing else []
        words = " ".join(asked).strip()
        return f" -f -a {_word(f'({words})')}"
    return _VALUES[offer.kind]


def _word(text: str) -> str:
    """Return *text* in single quotes, as fish reads them."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
