"""Long papers drawn before, kept beside the database: given again without being drawn again.

A file is used only where it is, to the byte, what was issued of a record that has not changed
since; anything else is drawn and compared anew. The folder may be emptied at any time.
"""

from collections.abc import Callable
from pathlib import Path

from services import folder, genuine
from settings import settings


def again(kind: str, record: str, sha256: str, draw: Callable[[], bytes]) -> bytes:
    """The bytes of a paper that was issued with this digest; raises `Refused` as `genuine` does."""
    path = _path(record, sha256)
    known = path.read_bytes() if path.is_file() else b""
    if genuine.digest(known) == sha256:
        return known
    data = draw()
    genuine.require(kind, record, sha256, data)
    if genuine.digest(data) == sha256:  # with other fonts it is drawn each time
        folder.keep(path, data)
    return data


def _path(record: str, sha256: str) -> Path:
    return settings().data_dir / "drawn" / f"{genuine.digest(record + sha256)}.pdf"
