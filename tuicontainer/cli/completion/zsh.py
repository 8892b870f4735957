"""Completion for zsh: `_arguments` (zshcompsys(1)), from a file `_tuicontainer` on `fpath`.

The same text can be sourced. After its `*::` the inner `_arguments` sees only the words from the
verb on, so where containers are is read from all the words beforehand.
"""

from __future__ import annotations

from tuicontainer.cli.completion.vocabulary import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.cli.completion.vocabulary import Offer, Program, Switch, Verb

_ENGINE = r"""
# What the program itself prints, a word a line; nothing if it can't.
_tuicontainer_ask() {
    command -- $tuicontainer_places "$@" 2> /dev/null < /dev/null
}

# Remember the program and its options PLACE… as they are typed.
_tuicontainer_where() {
    local -i index
    local place
    tuicontainer_places=(${(Q)words[1]})
    for place; do
        for ((index = 2; index < CURRENT; index++)); do
            case $words[index] in
                $place) tuicontainer_places+=($place ${(Q)words[index + 1]}) ;;
                $place=*) tuicontainer_places+=($place ${(Q)words[index]#*=}) ;;
            esac
        done
    done
}

# STATES [forcing]: ids; of all states if the verb is being forced.
_tuicontainer_containers() {
    local states=$1
    local -a names
    [[ -z $2 ]] || (( ! $words[(I)--force] && ! $words[(I)-f] )) || states=
    names=(${(f)"$(${tuicontainer_name}_list $states)"})
    (( ! $#names )) || _wanted containers expl container compadd -a names
}

_tuicontainer_bundles() {
    local -a names
    names=(${(f)"$(_tuicontainer_ask completion bundles)"})
    _alternative 'bundles:bundle:compadd -a names' 'directories:folder:_files -/'
}

_tuicontainer_signals() {
    _wanted signals expl signal compadd @SIGNALS@
}

_tuicontainer_list() {
    _tuicontainer_ask ps --all --quiet ${1:+--status} $1
}

_tuicontainer_runtime_list() {
    local line
    local -a columns
    for line in ${(f)"$(_tuicontainer_ask list)"}; do
        columns=(${=line})
        [[ $columns[1] == ID || -n $1 && ,$1, != *,$columns[3],* ]] || print -r -- $columns[1]
    done
}
"""

_ACTIONS = {
    "bundle": "_tuicontainer_bundles",
    "signal": "_tuicontainer_signals",
    "directory": "_files -/",
    "file": "_files",
    "": " ",
}


def zsh_script(programs: Iterable[Program]) -> str:
    """Return one script for all *programs*."""
    programs = tuple(programs)
    names = " ".join(program.name for program in programs)
    lines = [f"#compdef {names}", "# Made by `tuicontainer completion zsh`."]
    lines.append(_ENGINE.replace("@SIGNALS@", " ".join(signals())))
    for program in programs:
        lines += _function(program)
    lines += ["_tuicontainer_service() {", "    case $service in"]
    lines += [f"        {program.name}) {_name(program)} ;;" for program in programs]
    lines += [
        "    esac",
        "}",
        "",
        "# Loaded as a function from `fpath`, or sourced.",
        "if [[ $funcstack[1] == _tuicontainer ]]; then",
        '    _tuicontainer_service "$@"',
        "else",
        f"    compdef _tuicontainer_service {names}",
        "fi",
    ]
    return "\n".join(lines) + "\n"


def _function(program: Program) -> list[str]:
    verbs = [f"        {_word(f'{verb.name}:{verb.summary}')}" for verb in program.verbs]
    lines = [
        f"{_name(program)}_verbs() {{",
        "    local -a verbs=(",
        *verbs,
        "    )",
        "    _describe -t commands verb verbs",
        "}",
        "",
        f"{_name(program)}() {{",
        "    local curcontext=$curcontext state line expl ret=1",
        "    local -A opt_args",
        f"    local tuicontainer_name=_{program.name.replace('-', '_')}",
        "    local -a tuicontainer_places",
        f"    _tuicontainer_where {' '.join(program.places)}",
        "    _arguments -C -s \\",
        *(f"        {spec} \\" for switch in program.switches for spec in _specs(switch)),
        f"        '1: :{_name(program)}_verbs' '*:: :->operands' && ret=0",
        "    [[ $state == operands ]] || return ret",
        "    case $words[1] in",
    ]
    for verb in program.verbs:
        specs = [
            spec for switch in (*verb.switches, *program.everywhere) for spec in _specs(switch)
        ]
        specs += _operands(verb)
        body = " \\\n                ".join(["_arguments -s", *specs, "&& ret=0"])
        lines += [f"        {verb.name})", f"            {body} ;;"]
    lines += ["    esac", "    return ret", "}", ""]
    return lines


def _name(program: Program) -> str:
    return f"_{program.name.replace('-', '_')}_words"


def _specs(switch: Switch) -> list[str]:
    """Return what `_arguments` is told of an option: one specification a name."""
    specs = []
    excluded = "" if switch.repeat else f"({' '.join(switch.names)})"
    for name in switch.names:
        star = "*" if switch.repeat else ""
        if not switch.value:
            specs.append(_word(f"{excluded}{star}{name}[{_text(switch.help)}]"))
            continue
        joint = "=" if name.startswith("--") else "+"
        value = f":{_text(switch.value)}:{_action(switch.offer)}"
        specs.append(_word(f"{excluded}{star}{name}{joint}[{_text(switch.help)}]{value}"))
    return specs


def _operands(verb: Verb) -> list[str]:
    specs = []
    last = len(verb.operands) - 1
    for number, offer in enumerate(verb.operands):
        place = str(number + 1) if verb.one_each or number < last else "*"
        forcing = " forcing" if offer.kind == "container" and verb.forces else ""
        specs.append(_word(f"{place}: :{_action(offer)}{forcing}"))
    return specs


def _action(offer: Offer) -> str:
    if offer.kind == "words":
        return f"({' '.join(offer.words)})"
    if offer.kind == "container":
        states = ",".join(offer.states) or "''"
        return f"_tuicontainer_containers {states}"
    return _ACTIONS[offer.kind]


def _text(text: str) -> str:
    """Return *text* as it may stand between brackets or colons of a specification."""
    for letter in "\\[]:":
        text = text.replace(letter, f"\\{letter}")
    return text


def _word(text: str) -> str:
    """Return *text* in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"
