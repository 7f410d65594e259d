"""Structured lines on stderr, and incident ids that tie a line to what a person saw."""

import json
import logging
import secrets
import sys
from typing import Any

from services.clock import now
from services.stacks import stack_of

_log = logging.getLogger("xinfang")


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
    stack = stack_of(error)
    _log.error("incident", extra={"facts": {"incident": number, "stack": stack, **facts}})
    return number
