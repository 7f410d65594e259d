"""Many rows in one statement: what they have alike is said once."""

from typing import Any

import pytest

from db import inserts

COLUMNS = ("id", "no", "b", "c", "d")
# Rows; what the statement says for all of them; why.
LEAN = [
    ([(1, "a", None, True, "x y"), (2, "b", None, True, "x y")],
     {"b": "NULL", "c": "TRUE", "d": "'x y'"}, "nothing, yes and a code need no binding"),
    ([(1, "a", None, 7, "x"), (2, "b", 4, 7, "y"), (3, "c", None, 7, "x")],
     {"c": "7"}, "a row in the middle may differ where the first and the last agree"),
    ([(1, "a", False, -7, "O'"), (2, "b", False, -7, "O'")],
     {"b": "FALSE", "c": "-7"}, "a text that would need quoting is bound"),
    ([(1, "a", 5, 7, "东"), (2, "b", 5, 7, "东")],
     {"b": "5", "c": "7"}, "and so is what people write"),
    ([(1, "a", 0.5, 7, "x"), (2, "b", 0.5, 8, "x")],
     {}, "one column alone is not worth a statement of its own; a fraction is bound"),
    ([(1, "a", None, None, "x"), (2, "a", None, None, "x")],
     {}, "something besides the id has to be left to bind"),
    ([(1, "a", None, None, "x")],
     {}, "few rows keep the statement that is built already"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said", "why"), LEAN, ids=[why for *_, why in LEAN])
def test_what_is_said_once(
    monkeypatch: pytest.MonkeyPatch, rows: list[Any], said: dict[str, str], why: str
) -> None:
    monkeypatch.setattr(inserts, "MANY", 2)
    columns, left, alike = inserts.lean(COLUMNS, rows)
    assert dict(alike) == said
    assert [dict(zip(columns, one, strict=True)) for one in left] == [
        {k: v for k, v in zip(COLUMNS, one, strict=True) if k not in said} for one in rows
    ]
