"""Photos taken on a site: kept once, with time and place as told, without a camera's own notes."""

import hashlib
import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from domain.errors import Invalid, Refused
from domain.people import Viewer
from services import attachments
from services.attachments import Shot

KEY = re.compile(r"[0-9a-f]{32}")
BROKEN = "照片内容不完整，请重新拍摄"
EARLIEST = datetime(2000, 1, 1)
EXIF = b"Exif\x00\x00"
TURN = 0x0112  # the EXIF tag that says how a picture is held


def keep(
    viewer: Viewer, case_id: int, data: bytes, key: str, now: datetime, *,
    taken_at: datetime | None, lon: Decimal | None, lat: Decimal | None,
) -> int:  # fmt: skip
    """Keep a JPEG with a visible case; the same `key` (32 hex digits) sent again is the same photo.

    `lon`, `lat` are WGS-84. A device's clock that is plainly wrong is not believed. Returns the
    attachment's id. Raises `Invalid`, `Refused`, `NotAllowed`, `NotFound`.
    """
    if not KEY.fullmatch(key):
        raise Invalid({"key": "照片编号不对，请刷新页面后重试"})
    if (lon is None) != (lat is None) or not _on_earth(lon, lat):
        raise Invalid({"place": "拍摄位置的经纬度不对，请关闭定位后重试"})
    if taken_at and not EARLIEST <= taken_at <= now + timedelta(days=1):
        taken_at = None
    name = f"现场照片_{taken_at or now:%Y%m%d_%H%M%S}.jpg"
    attachments.kind_of(name, data)
    # Bound to person and case: a key tells nobody whether it was used elsewhere.
    bound = hashlib.sha256(f"{viewer.person_id}:{case_id}:{key}".encode()).hexdigest()
    shot = Shot(bound, taken_at, lon, lat)
    return attachments.attach(viewer, case_id, name, stripped(data), now, shot)


def _on_earth(lon: Decimal | None, lat: Decimal | None) -> bool:
    return lon is None or lat is None or (abs(lon) <= 180 and abs(lat) <= 90)


def stripped(data: bytes) -> bytes:
    """A JPEG without what a camera wrote beside it: EXIF, XMP, notes, and what is hung on its end.

    How it is held and its colours are kept. Raises `Refused` for what is cut off.
    """
    out, turn = [b"\xff\xd8"], 1
    for marker, part in _parts(data):
        if marker == 0xE1 and part[4:10] == EXIF:
            turn = _turn(part[10:])
        if _wanted(marker, part[4:]):
            out.append(part)
    if 1 < turn <= 8:
        out.insert(1, _turned(turn))
    return b"".join(out)


# In the picture's own data a marker's byte is followed by 0 or by a restart's number.
_NEXT = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a JPEG after its first mark: marker, and bytes from it up to the next."""
    at = 2
    while found := _NEXT.search(data, at):
        marker, start = data[found.start() + 1], found.start()
        if marker == 0xD9:
            yield marker, b"\xff\xd9"
            return
        size = int.from_bytes(data[start + 2 : start + 4], "big")
        at = start + 2 + size
        if size < 2 or at > len(data):
            raise Refused(BROKEN)
        if marker == 0xDA:  # the picture itself lies behind its head
            end = _NEXT.search(data, at)
            at = end.start() if end else len(data)
        yield marker, data[start:at]
    raise Refused(BROKEN)


def _wanted(marker: int, body: bytes) -> bool:
    """Whether a part is needed to draw the picture."""
    if marker == 0xFE:
        return False
    if 0xE0 <= marker <= 0xEF:
        kept = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
        return marker in kept and body.startswith(kept[marker])
    return True


def _turn(tiff: bytes) -> int:
    """How the picture is held, 1 to 8, as its EXIF says; 1 where that cannot be read."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if tag == TURN:
                return int(value)
    except struct.error:
        return 1
    return 1


def _turned(turn: int) -> bytes:
    """An EXIF part that says how the picture is held and nothing else."""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, TURN, 3, 1, turn, 0, 0)
    body = EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
