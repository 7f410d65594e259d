"""Refusals a reader can act on. Messages are Chinese sentences that say what to mend."""


class Refused(Exception):
    """The request cannot be carried out; `str(error)` is shown to the reader as it stands."""


class NotAllowed(Refused):
    """The person has no right to this."""


class NotFound(Refused):
    """Nothing of that name is visible to this person."""


class Stale(Refused):
    """Somebody else changed the thing since it was shown."""


class Crowded(Refused):
    """Others who write at the same time left no room; the very same may be asked again."""


class Invalid(Refused):
    """Fields are wrong; `problems` maps a field key to a Chinese sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("；".join(problems.values()))
        self.problems = problems


class BadRules(Exception):
    """A rule document is wrong; names file, key and fault. Refuses to start."""
