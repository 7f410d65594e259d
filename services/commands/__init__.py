"""The operators' commands: one module a command, found by its name."""

import pkgutil
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gives back: lines for people, `data` for machines, the exit code."""

    lines: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    code: int = 0


class Command(Protocol):
    """What a module of this package offers."""

    HELP: str

    def arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, args: Namespace) -> Answer:
        """Do it; raises `Refused` with a sentence."""


# Modules of this package that are no commands.
APART = frozenset({"chinese"})


def names() -> list[str]:
    """The commands there are, in the order of the alphabet."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name not in APART)


def command(name: str) -> Command:
    """The command of that name."""
    return cast(Command, import_module(f"{__name__}.{name}"))
