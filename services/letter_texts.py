"""The texts of letters: shipped with the system, edited by an administrator, version by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import models as m
from db.queries import papers
from documents import fonts
from documents.letter_model import Letter
from domain.errors import Invalid, NotAllowed, Refused, Stale
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from domain.statuses import Track
from domain.wording import Values, fill, parse
from rules import load
from rules.papers import LetterKind, faults, shipped, slot_of, slots
from services import trace
from services.letter_facts import kind_of
from services.store import read, write

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """A version of a text; the shipped one has number 0 and no row."""

    body: str
    version: int = 0
    id: int | None = None
    note: str = "随系统提供"
    by: str = "系统"
    at: datetime | None = None


def in_force(session: Session, kind: LetterKind, track: str | None) -> Text:
    """The text by which a letter of that kind is written for a case of that track."""
    slot = slot_of(kind, track)
    if slot not in slots(kind.key):
        raise Refused(f"“{kind.label}”没有适用于本件法定途径的模板")
    row = papers.in_force(session, kind.key, slot)
    return Text(row.body, row.version, row.id) if row else Text(shipped(kind.key, slot))


def choices() -> dict[tuple[str, str], str]:
    """Every text that can be edited: (kind, track) → what it is called."""
    return {
        (kind.key, slot): f"{kind.label}（{Track(slot).label}）" if slot else kind.label
        for kind in load().letters
        for slot in slots(kind.key)
    }


def history(viewer: Viewer, kind: str, slot: str) -> list[Text]:
    """All versions of a text, the one in force first, the shipped one last."""
    _administrator(viewer)
    with read(SYSTEM) as session:
        rows = papers.versions(session, kind, slot)
    made = [Text(r.body, r.version, r.id, r.note, r.name or "系统", r.at) for r in rows]
    return [*made, Text(shipped(kind, slot))]


def save(
    viewer: Viewer, kind: str, slot: str, body: str, note: str, now: datetime, *, seen: int
) -> int:
    """Keep an edited text as the next version and return its number; it holds from then on.

    `seen` is the version the editor began from. Raises `Invalid` with every fault of the text,
    `Stale` when somebody else saved in between.
    """
    _administrator(viewer)
    text, why = body.replace("\r\n", "\n").strip() + "\n", note.strip()
    problems = {"body": "；".join(problems_of(kind, slot, text))}
    if not 2 <= len(why) <= 200:
        problems["note"] = "请写明修改理由（2 至 200 字）"
    if found := {key: words for key, words in problems.items() if words}:
        raise Invalid(found)
    try:
        with write(SYSTEM) as session:
            newest = papers.in_force(session, kind, slot)
            if (newest.version if newest else 0) != seen:
                raise Stale("模板刚才已由他人修改，请对照新的版本后再保存；您填写的内容仍在页面上")
            session.add(m.Template(kind=kind, track=slot, version=seen + 1, body=text, note=why,
                                   made_by=viewer.person_id, at=now))  # fmt: skip
            session.flush()
            about = {"document": kind_of(kind).label, "track": slot, "version": seen + 1,
                     "note": why}  # fmt: skip
            trace.record(session, "edit_template", now, viewer=viewer, data=about)
    except IntegrityError as error:
        raise Stale("模板刚才已由他人修改，请刷新后再保存") from error
    return seen + 1


def problems_of(kind: str, slot: str, body: str) -> list[str]:
    """Why a text cannot be saved; empty when it can."""
    found = faults(kind_of(kind), slot, body)
    if len(body) > LONGEST:
        found.append(f"模板有 {len(body)} 字，超过 {LONGEST} 字，请缩短")
    if strange := fonts.missing(body):
        found.append(f"字库中没有“{strange[:10]}”的字形，请改用通行写法")
    return found


def preview(kind: str, slot: str, body: str, on: date) -> Letter:
    """A letter from a text with its fields named in their places; raises what is wrong with it."""
    if found := problems_of(kind, slot, body):
        raise Invalid({"body": "；".join(found)})
    about = kind_of(kind)
    return Letter(
        kind=kind, label=about.label, organ="〔单位〕", number="", title=about.title,
        salutation="" if about.to == "file" else "〔称谓〕", body=fill(parse(body), _sample(about)),
        issued_on=on, case_no="〔事项编号〕", template=0, contact="〔联系人、电话〕",
        masked=about.masked, sealed_by_hand=about.seal,
    )  # fmt: skip


def _sample(kind: LetterKind) -> Values:
    lists: Mapping[str, list[dict[str, str]]] = {
        name: [{**{f: f"〔{f}〕" for f in inner}, "序号": "一"}]
        for name, inner in kind.lists.items()
    }
    return {**{name: f"〔{name}〕" for name in kind.fields}, **lists}


def _administrator(viewer: Viewer) -> None:
    if not viewer.has(Role.ADMIN):
        raise NotAllowed("文书模板由系统管理员修改")
