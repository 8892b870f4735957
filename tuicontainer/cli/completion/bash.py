"""Completion for bash: programmable completion (bash(1)), without the bash-completion package.

Bash splits at `=` and `:` (COMP_WORDBREAKS), so `--format=json` arrives as three words. Nothing
that is offered is ever expanded: a bundle may have any name, and `compgen -W` would obey it.
"""

from __future__ import annotations

from tuicontainer.cli.completion.vocabulary import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.cli.completion.vocabulary import Offer, Program, Switch

_ENGINE = r"""
# OFFER WORD…: offer those that begin as what is being typed.
_tuicontainer_offer() {
    local word
    for word; do
        [[ $word != "$current"* ]] || COMPREPLY+=("$(printf %q "$word")")
    done
}

# ASK ARGUMENT…: what the program itself prints, a word a line; nothing if it can't.
_tuicontainer_ask() {
    command -- "$program" "${places[@]}" "$@" 2> /dev/null < /dev/null
}

# VALUE KIND [WORD…]: offer a value of this kind.
_tuicontainer_value() {
    local -a lines=()
    case $1 in
        words) _tuicontainer_offer "${@:2}" ;;
        signal) _tuicontainer_offer @SIGNALS@ ;;
        directory)
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        file)
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        bundle)
            mapfile -t lines < <(_tuicontainer_ask completion bundles)
            _tuicontainer_offer "${lines[@]}"
            if [[ $current == */* || $current == .* ]]; then
                compopt -o filenames 2> /dev/null
                mapfile -t COMPREPLY < <(compgen -d -- "$current")
            fi ;;
        container)
            mapfile -t lines < <("${name}_containers" "${2-}")
            _tuicontainer_offer "${lines[@]}" ;;
    esac
}

# COMPLETE NAME PROGRAM: sort the words before the cursor, then offer what fits there.
_tuicontainer_complete() {
    local name=$1 program=$2 current=${COMP_WORDS[COMP_CWORD]}
    local verb= option= forced= closed= word count=0 index=1
    local -a places=() reply=()
    COMPREPLY=()
    while ((index < COMP_CWORD)); do
        word=${COMP_WORDS[index++]}
        option=
        if [[ $word == [=:] ]]; then
            ((index++))
        elif [[ $closed ]]; then
            ((count++))
        elif [[ $word == -- ]]; then
            closed=1
        elif [[ $word == -?* ]]; then
            [[ $word != --force && $word != -f ]] || forced=forced
            if "${name}_takes" "$verb" "$word"; then
                [[ ${COMP_WORDS[index]} != = ]] || ((index++))
                if ((index >= COMP_CWORD)); then
                    option=$word
                else
                    [[ @PLACES@ != *" $word "* ]] || places+=("$word" "${COMP_WORDS[index]}")
                    ((index++))
                fi
            fi
        elif [[ ! $verb ]]; then
            verb=$word
        else
            ((count++))
        fi
    done
    [[ $current != [=:] ]] || current=
    if [[ $option ]]; then
        "${name}_takes" "$verb" "$option"
    elif [[ $current == -* && ! $closed ]]; then
        "${name}_options" "$verb"
    elif [[ ! $verb ]]; then
        "${name}_verbs"
    else
        "${name}_operand" "$verb" "$count" "$forced"
    fi
    [[ ${#reply[@]} -eq 0 ]] || _tuicontainer_value "${reply[@]}"
}
"""

_ASKING = {
    "tuicontainer": """
_tuicontainer_containers() {
    _tuicontainer_ask ps --all --quiet ${1:+--status "$1"}
}
""",
    "tuicontainer-runtime": """
_tuicontainer_runtime_containers() {
    local id pid status rest
    while read -r id pid status rest; do
        [[ $1 && ,$1, != *,$status,* || $id == ID ]] || printf '%s\\n' "$id"
    done < <(_tuicontainer_ask list)
}
""",
}
"""How each program tells its containers: all, or those in the states of a list with commas."""


def bash_script(programs: Iterable[Program]) -> str:
    """Return one script for all *programs*."""
    programs = tuple(programs)
    places = sorted({place for program in programs for place in program.places})
    engine = _ENGINE.replace("@SIGNALS@", " ".join(signals()))
    engine = engine.replace("@PLACES@", f'" {" ".join(places)} "')
    parts = ["# Completion for bash, made by `tuicontainer completion bash`.\n", engine]
    parts += [_tables(program) for program in programs]
    return "".join(parts)


def _tables(program: Program) -> str:
    function = f"_{program.name.replace('-', '_')}"
    options = {"": program.switches}
    options |= {verb.name: (*verb.switches, *program.everywhere) for verb in program.verbs}
    lines = [
        _ASKING[program.name],
        f"{function}_verbs() {{",
        f"    reply=(words {' '.join(verb.name for verb in program.verbs)})",
        "}",
        "",
        "# Which words begin with a dash after VERB.",
        f"{function}_options() {{",
        "    case $1 in",
    ]
    for name, switches in options.items():
        words = " ".join(word for switch in switches for word in switch.names)
        lines.append(f"        {_pattern(name)}) reply=(words {_quoted(words)}) ;;")
    lines += ["    esac", "}", "", "# What the value of VERB's OPTION is; fails for a switch."]
    lines += [f"{function}_takes() {{", "    case $1:$2 in"]
    for name, switches in options.items():
        lines += [
            f"        {_alternatives(name, switch)}) reply=({_reply(switch.offer)}) ;;"
            for switch in switches
            if switch.value
        ]
    lines += [
        "        *) return 1 ;;",
        "    esac",
        "}",
        "",
        "# What VERB's operand number N is, maybe `forced`.",
    ]
    lines += [f"{function}_operand() {{", "    case $1:$2:$3 in"]
    for verb in program.verbs:
        last = len(verb.operands) - 1
        for number, offer in enumerate(verb.operands):
            place = str(number) if verb.one_each or number < last else "*"
            if offer.kind == "container" and verb.forces:
                lines.append(f"        {verb.name}:{place}:forced) reply=(container) ;;")
            lines.append(f"        {verb.name}:{place}:*) reply=({_reply(offer)}) ;;")
    lines += [
        "    esac",
        "}",
        "",
        f'{function}() {{ _tuicontainer_complete {function} "$1"; }}',
        f"complete -F {function} {program.name}",
        "",
    ]
    return "\n".join(lines)


def _alternatives(verb: str, switch: Switch) -> str:
    return "|".join(f"{verb}:{name}" for name in switch.names)


def _reply(offer: Offer) -> str:
    if offer.kind == "words":
        return _quoted(f"words {' '.join(offer.words)}")
    return " ".join(word for word in (offer.kind, ",".join(offer.states)) if word)


def _pattern(name: str) -> str:
    return name or "''"


def _quoted(words: str) -> str:
    """Return *words* with what is a pattern to bash made literal."""
    return words.replace("-?", "'-?'")
