"""A file into a table: guarded here, parsed in a child process, its header row found."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from domain.errors import Refused
from intake.fields import FIELDS
from intake.guard import sort
from intake.model import Cell, Table, Vocabulary
from intake.words import bare_heading, heading
from intake.worker import DATE_MARK

SECONDS = 90
AT_ONCE = 1000  # rows decoded together
HEADER_WITHIN = 30  # a header further down than this is not looked for
_AT_ONCE = threading.BoundedSemaphore(2)  # children of this process, whoever uploads
_HOUSE = Path(__file__).resolve().parent.parent
_LOG = logging.getLogger("intake")
_DAMAGED = "文件过大、过于复杂或已损坏，无法读取；请用 Excel 或 WPS 另存后再上传，或拆成几个文件。"


def read(data: bytes, name: str, vocabulary: Vocabulary | None = None, sheet: str = "") -> Table:
    """The table in a file; `Refused` says what is wrong with one that cannot be read.

    The vocabulary's column names help to find the header under title rows. Without `sheet` the
    first visible sheet that holds anything is read. No formula is evaluated.
    """
    kind = sort(data, name)
    lines = _parsed(data, kind, sheet)
    head: dict[str, Any] = json.loads(next(lines))
    if "refused" in head:
        raise Refused(head["refused"])
    rows = _rows(lines)
    at = _header(rows[:HEADER_WITHIN], _known(vocabulary))
    return _table(rows, at, head)


def _parsed(data: bytes, kind: str, sheet: str) -> Iterator[bytes]:
    """The lines the child writes; however it dies, the parent gets a refusal."""
    command = [sys.executable, "-E", "-s", "-m", "intake.worker", kind, sheet]
    try:
        with _AT_ONCE:
            done = subprocess.run(
                command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                cwd=_HOUSE, timeout=SECONDS, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused(_DAMAGED) from error
    if done.returncode != 0 or not done.stdout.endswith(b"\n"):
        _LOG.warning("the parser ended with code %s on %d bytes", done.returncode, len(data))
        raise Refused(_DAMAGED)
    return iter(done.stdout.splitlines())


class _Same(dict[Cell, Cell]):
    """Equal cells are one object, which keeps a large ledger small; marked dates become dates.

    No truth values come from the child, so equal keys are cells of one type.
    """

    def __missing__(self, cell: Cell) -> Cell:
        dated = isinstance(cell, str) and cell.startswith(DATE_MARK)
        self[cell] = datetime.fromisoformat(str(cell)[1:]) if dated else cell
        return self[cell]


def _rows(lines: Iterator[bytes]) -> list[tuple[Cell, ...]]:
    same = _Same().__getitem__
    rows: list[tuple[Cell, ...]] = []
    while part := b",".join(islice(lines, AT_ONCE)):
        rows.extend(tuple(map(same, row)) for row in json.loads(b"[%b]" % part))
    return rows


def _known(vocabulary: Vocabulary | None) -> frozenset[str]:
    """Every column name we know, as compared."""
    names = [field.label for field in FIELDS.values()]
    for aliases in vocabulary.aliases.values() if vocabulary else ():
        names.extend(aliases)
    return frozenset(map(heading, names))


def _header(rows: Sequence[tuple[Cell, ...]], known: Collection[str]) -> int:
    """The index of the header: the row with most known names, else the first well-filled one."""
    scores = [sum(_is_known(cell, known) for cell in row) for row in rows]
    if max(scores) >= 2:
        return scores.index(max(scores))
    texts = [sum(isinstance(c, str) for c in r) for r in rows]
    enough = 0.6 * max(map(len, rows))
    return next((at for at, count in enumerate(texts) if count >= enough), texts.index(max(texts)))


def _is_known(cell: Cell, known: Collection[str]) -> bool:
    return isinstance(cell, str) and (heading(cell) in known or bare_heading(cell) in known)


def _table(rows: list[tuple[Cell, ...]], at: int, head: dict[str, Any]) -> Table:
    body = rows[at + 1 :]
    if not any(body):
        raise Refused("表头下面没有数据行；请检查文件内容。")
    width = max(map(len, rows[at:]))
    return Table(
        headers=_headers(rows[at], width),
        rows=tuple(row + (None,) * (width - len(row)) if row else () for row in body),
        first_data_row=head["start"] + at + 1,
        sheet=head["sheet"],
        sheets=tuple(head["sheets"]),
    )


def _headers(row: Sequence[Cell], width: int) -> tuple[str, ...]:
    """Unique, never blank: a nameless column is 第N列, a second 电话 is 电话(2)."""
    used: dict[str, int] = {}
    headers = []
    for number, (cell, _) in enumerate(zip_longest(row, range(width)), 1):
        name = " ".join(str(cell).split()) if cell is not None else f"第{number}列"
        used[name] = used.get(name, 0) + 1
        headers.append(name if used[name] == 1 else f"{name}({used[name]})")
    return tuple(headers)
