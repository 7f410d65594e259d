"""Structured lines on stderr, and incident ids that tie a line to what a person saw."""

import json
import logging
import re
import secrets
import sys
import traceback
from typing import Any

from services.clock import now

_log = logging.getLogger("xinfang")
# Where the values of a statement begin, in English and as a Chinese server words it, and where
# they end: at the statement itself, which holds none, or at the reference after it.
VALUES = re.compile(r"\s*(\[parameters:|DETAIL:|CONTEXT:|QUERY:|详细|描述|背景|上下文|查询)")
SAFE = re.compile(r"\s*(\[SQL:|\(Background on)")


class _Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {
            "at": now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "what": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(level: str) -> None:
    """Send our lines to stderr, and nobody else's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    _log.handlers[:] = [handler]
    _log.setLevel(level)
    _log.propagate = False


def note(what: str, **facts: Any) -> None:
    """Log something that happened."""
    _log.info(what, extra={"facts": facts})


def incident(error: BaseException, **facts: Any) -> str:
    """Log an error with its stack; returns the id to show instead of it."""
    number = secrets.token_hex(4).upper()
    stack = "".join(_safe(part) for part in traceback.format_exception(error))
    _log.error("incident", extra={"facts": {"incident": number, "stack": stack, **facts}})
    return number


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
