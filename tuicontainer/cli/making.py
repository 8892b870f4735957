"""What `run` and `create` have in common: the options, and the request made of them."""

from __future__ import annotations

import os

from tuicontainer.cli.annotations import HEALTH, health_annotations, parse_annotation
from tuicontainer.cli.detach_keys import DEFAULT, parse_detach_keys
from tuicontainer.cli.limits import LIMITS, limits_given
from tuicontainer.cli.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.requests import CreateRequest

ENV = Option(
    names=("-e", "--env"),
    value="NAME=VALUE",
    help="set a variable; NAME alone takes ours; repeatable",
    repeat=True,
)
WORKDIR = Option(names=("-w", "--workdir"), value="DIR", help="working directory in the container")
USER = Option(names=("-u", "--user"), value="UID[:GID]", help="run as this user")
INTERACTIVE = Option(names=("-i", "--interactive"), help="pass our standard input on")
TTY = Option(names=("-t", "--tty"), help="give it a terminal")

DETACH_KEYS = Option(
    names=("--detach-keys",),
    value="KEYS",
    help=f"what leaves a terminal while its container goes on (default {DEFAULT}; '' for nothing)",
    convert=parse_detach_keys,
    default=parse_detach_keys(DEFAULT),
)

MAKING = (
    Option(names=("--name",), value="ID", help="the container's id (default BUNDLE-N)"),
    Option(
        names=("--annotation",),
        value="NAME=VALUE",
        help="add an annotation to the bundle's; repeatable",
        convert=parse_annotation,
        repeat=True,
    ),
    *HEALTH,
    Option(
        names=("--restart",),
        value="POLICY",
        help="start it again: no, on-failure[:N], always, unless-stopped",
    ),
    Option(names=("--rm",), help="remove the container once it has ended"),
    INTERACTIVE,
    TTY,
    ENV,
    WORKDIR,
    USER,
    *LIMITS,
)
"""The options of `run` and `create`."""


def create_request(
    invocation: Invocation, console_size: tuple[int, int] | None = None
) -> CreateRequest:
    """Return what the command line asks for; the first operand is the bundle.

    Raises:
        NotFound: no such bundle.
        InvalidArgument: what is there can't be used as a bundle.
    """
    from tuicontainer.bundles.catalogue import resolve_bundle
    from tuicontainer.supervise.requests import CreateRequest

    options = invocation.options
    bundle, *args = invocation.operands
    return CreateRequest(
        bundle=resolve_bundle(bundle, invocation.bundle_roots, invocation.locations),
        container_id=options.name,
        args=tuple(args),
        env=environment(options.env, os.environ),
        cwd=options.workdir,
        user=options.user,
        terminal=True if options.tty else None,
        console_size=console_size,
        stdin_open=options.interactive,
        annotations=(*options.annotation, *health_annotations(options)),
        restart=options.restart,
        auto_remove=options.rm,
        **limits_given(options),
    )


def environment(words: Iterable[str], ours: Mapping[str, str]) -> tuple[str, ...]:
    """Return `NAME=VALUE` for each word; one without `=` takes our value, if there is one."""
    found = []
    for word in words:
        if "=" in word:
            found.append(word)
        elif word in ours:
            found.append(f"{word}={ours[word]}")
    return tuple(found)
