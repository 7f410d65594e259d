"""Who asks for scores: a person, or the machine itself at an operator's command."""

from dataclasses import dataclass

from domain.people import Viewer


@dataclass(frozen=True, slots=True)
class Machine:
    """A command of the operator, who stands at the server: it sees everything, as nobody."""


MACHINE = Machine()
Reader = Viewer | Machine


def person(reader: Reader) -> Viewer | None:
    """The person who asks; none for the machine."""
    return None if isinstance(reader, Machine) else reader
