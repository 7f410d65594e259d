"""The stack of an error as it may be logged: without the values a database error repeats."""

import re
import traceback

# Where the values of a statement begin, in English and as a Chinese server words it, and where
# they end: at the statement itself, which holds none, or at the reference after it.
VALUES = re.compile(r"\s*(\[parameters:|DETAIL:|CONTEXT:|QUERY:|详细|描述|背景|上下文|查询)")
SAFE = re.compile(r"\s*(\[SQL:|\(Background on)")


def stack_of(error: BaseException) -> str:
    """The stack as text, each part of it without personal values."""
    return "".join(_safe(part) for part in traceback.format_exception(error))


def _safe(part: str) -> str:
    """A part of a stack without the values a database error repeats: those may be personal.

    They stand in lines of their own after the first, and may break into further lines.
    """
    lines, kept = part.splitlines(keepends=True), []
    telling = True
    for line in lines:
        if VALUES.match(line):
            telling = False
        elif SAFE.match(line):
            telling = True
        if telling:
            kept.append(line)
    return "".join(kept)
