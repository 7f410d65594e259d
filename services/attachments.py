"""Files of a case: checked by their first bytes, kept under their hash, given out under scope."""

import hashlib
import zipfile
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, NotFound, Refused
from domain.people import Role, Viewer
from domain.scope import scope_of
from services import folder, site_words, store, trace
from settings import settings

MAY_ATTACH = frozenset({Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR})
MOST_PER_CASE = 100
CLOSED = "附件可能含信访人信息，只对办理事项的登记员、承办人、审核人和督办员开放"
OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type and the bytes it may begin with, at an offset."""

    mime: str
    starts: tuple[bytes, ...]
    at: int = 0


ZIP, OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
KINDS = {
    "pdf": Kind("application/pdf", (b"%PDF-",)),
    "ofd": Kind("application/ofd", ZIP),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "docx": Kind(f"{OFFICE}wordprocessingml.document", ZIP),
    "xlsx": Kind(f"{OFFICE}spreadsheetml.sheet", ZIP),
    "doc": Kind("application/msword", OLE),
    "xls": Kind("application/vnd.ms-excel", OLE),
    "wps": Kind("application/wps-office.wps", OLE + ZIP),
    "mp3": Kind("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "wav": Kind("audio/wav", (b"RIFF",)),
    "mp4": Kind("video/mp4", (b"ftyp",), 4),
}
ENTRY = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it is handed out."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo's key, the same however often it is sent, and when and where it was taken."""

    key: str
    taken_at: datetime | None
    lon: Decimal | None
    lat: Decimal | None


def kind_of(name: str, data: bytes) -> Kind:
    """The kind a file claims by its name and proves by its bytes; refuses what does not fit."""
    if not data:
        raise Refused(f"“{name}”是空文件，请重新选择")
    if len(data) > settings().max_upload_bytes:
        raise Refused(f"“{name}”超过 {settings().max_upload_mb} MB，请压缩或拆分后再上传")
    ending = Path(name).suffix.lower().lstrip(".")
    kind = KINDS.get(ending)
    if kind is None:
        raise Refused(f"“{name}”的类型不在允许范围内，可上传：{'、'.join(KINDS)}")
    if not data[kind.at : kind.at + 16].startswith(kind.starts) or not _inside(ending, data):
        raise Refused(f"“{name}”的内容与扩展名 .{ending} 不符，请用原文件重新上传")
    return kind


def _inside(ending: str, data: bytes) -> bool:
    """Whether a packed document holds the part that makes it one, and no macro."""
    if ending not in ENTRY:
        return True
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return ENTRY[ending] in names and not any(n.endswith("vbaProject.bin") for n in names)


def attach(
    viewer: Viewer, case_id: int, name: str, data: bytes, now: datetime, shot: Shot | None = None
) -> int:
    """Keep a file with a visible case; the same bytes, or photo, on the same case are kept once.

    Returns the attachment's id. Raises `Refused`, `NotAllowed`, `NotFound`.
    """
    if not may_attach(viewer):
        raise NotAllowed("您的角色不能上传附件")
    plain = Path(name.replace("\\", "/")).name[:200]
    kind, digest = kind_of(plain, data), hashlib.sha256(data).hexdigest()
    with store.write(scope_of(viewer)) as session:
        # One after the other, so that what is sent twice at once is found by the second.
        case_id = _held(session, case_id)
        own = select(m.Attachment).where(m.Attachment.case_id == case_id)
        rows = session.scalars(own).all()
        there = {one.sha256: one.id for one in rows}
        sent = {one.client_key: one.id for one in rows if one.client_key}
        if found := there.get(digest) or sent.get(shot.key if shot else ""):
            return found
        if len(there) >= MOST_PER_CASE:
            raise Refused(f"一个事项最多 {MOST_PER_CASE} 个附件")
        _keep(digest, data)
        plain = _unnamed(session, case_id, plain)
        made = m.Attachment(case_id=case_id, name=plain, mime=kind.mime, size=len(data),
                            sha256=digest, added_by=viewer.person_id, at=now)  # fmt: skip
        if shot:
            made.client_key, made.taken_at = shot.key, shot.taken_at
            made.lon, made.lat = shot.lon, shot.lat
        session.add(made)
        session.flush()
        about = {"name": plain, "size": len(data), "sha256": digest}
        trace.record(session, "attach", now, viewer=viewer, case_id=case_id, data=about)
        return made.id


def _held(session: Session, case_id: int) -> int:
    """The case a file goes to, held: what is sent for a merged one belongs where that went."""
    query = select(m.Case.merged_into).with_for_update(key_share=True)
    found = session.execute(query.where(m.Case.id == case_id)).one_or_none()
    if found is None:
        raise NotFound("没有这个事项，或它不在您的可见范围内")
    return _held(session, found.merged_into) if found.merged_into else case_id


def _unnamed(session: Session, case_id: int, name: str) -> str:
    """A file's name as lists and the trace hold it: petitioners are masked in it."""
    words = site_words.own_words(session, session.get_one(m.Case, case_id))
    return site_words.hidden(name, words).replace("*", "＊")  # Windows takes no half-width *


def may_attach(viewer: Viewer) -> bool:
    """Whether the viewer works on cases: may add files, see their names and take them out."""
    return viewer.has(*MAY_ATTACH) and not viewer.has(Role.AUDITOR)


def fetch(viewer: Viewer, attachment_id: int) -> Stored:
    """The file of a visible case; its bytes are checked against their hash."""
    if not may_attach(viewer):
        raise NotAllowed(CLOSED)
    with store.read(scope_of(viewer)) as session:
        found = session.scalars(
            select(m.Attachment).where(m.Attachment.id == attachment_id)
        ).one_or_none()
    if found is None:
        raise NotFound("没有这个附件，或它不在您的可见范围内")
    path = _path(found.sha256)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise Refused("附件文件缺失或已损坏，请联系系统管理员核对备份")
    return Stored(found.name, found.mime, data)


def _path(digest: str) -> Path:
    return settings().attachment_dir / digest[:2] / digest


def _keep(digest: str, data: bytes) -> None:
    """Write the bytes once, whole or not at all."""
    path = _path(digest)
    if path.is_file():
        return
    folder.keep(path, data)
