"""Letters: written from what happened, numbered and frozen in one transaction, drawn when read.

The frozen record never holds the petitioner's name (docs/decisions/0007).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import models as m
from db.queries import papers
from documents import fonts
from documents.letter import render
from documents.letter_model import PETITIONER, Letter
from domain.errors import NotFound, Refused
from domain.masking import Span
from domain.people import Viewer
from domain.scope import scope_of
from domain.wording import Values, fill, parse
from rules.papers import LetterKind
from services import (
    genuine,
    identity_view,
    letter_facts,
    letter_fields,
    letter_texts,
    masking,
    site_words,
    trace,
)
from services.letter_facts import Facts
from services.numbers import take
from services.store import read, write
from settings import settings

CONTACT = "联系方式"  # under this name an issuer gives the contact
UNMASKED = "（事项概要经脱敏确认后写入）"
QUERY_PAGE = "/query"
ISSUE = "issue_document"


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter that was issued: its document and number, and whether it was there already."""

    id: int
    number: str
    again: bool = False


def draft(
    viewer: Viewer, case_id: int, kind: str, now: datetime, submission: int | None = None,
    event: int | None = None, *, masked_text: str | None = None,
    given: Mapping[str, str] | None = None,
) -> Letter:  # fmt: skip
    """The letter as it would be issued now, without its number; raises why it would be refused.

    `masked_text` may still lack; `given` maps a field of `asks` (and `CONTACT`) to what is typed.
    """
    with read(scope_of(viewer)) as session:
        facts = letter_facts.gather(session, viewer, case_id, kind, submission, event, given or {})
        return _written(session, facts, viewer, now, masked_text or UNMASKED)[0]


def to_mask(
    viewer: Viewer, case_id: int, kind: str, event: int | None = None
) -> tuple[str, list[Span]]:
    """What a person confirms before this letter leaves: the text, and the stretches to mask.

    The stretches are what looks like somebody's, and whatever the case's own petitioners are
    called, wherever it stands.
    """
    with read(scope_of(viewer)) as session:
        facts = letter_facts.gather(session, viewer, case_id, kind, None, event, {})
        if facts.kind.masks == "result":
            lines = [f"{d['诉求']}：{d['认定']}。{d['答复']}" for d in letter_fields.demands(facts)]
        else:
            asked = [f"{d.ordinal}.{d.text}" for d in facts.file.demands]
            lines = [*(s.content.strip() for s in facts.file.submissions), "诉求：", *asked]
        text = "\n".join(lines)
        return text, masking.spans_of(session, case_id, text)


def issue(
    viewer: Viewer, case_id: int, kind: str, submission_id: int | None, now: datetime,
    masked_text: str | None = None, *, event: int | None = None,
    given: Mapping[str, str] | None = None,
) -> Issued:  # fmt: skip
    """Number a letter, freeze its record and write the trace: all of it, or nothing.

    The same letter (kind, step, contact and face) is issued once and found again after. Raises
    `Refused` and its kin: no right, step not taken, demand unanswered, text not confirmed masked,
    content missing, a character without glyph.
    """
    with write(scope_of(viewer)) as session:
        if not papers.locked_case(session, case_id):
            raise NotFound("没有这个事项，或它不在您的可见范围内")
        facts = letter_facts.gather(
            session, viewer, case_id, kind, submission_id, event, given or {}
        )
        about = facts.submission.id if facts.submission else None
        key = key_of(facts.kind, facts.event.id, about)
        if known := papers.by_key(session, key):
            return Issued(known.id, known.number or "", again=True)
        if facts.kind.masked and not (masked_text or "").strip():
            raise Refused(f"“{facts.kind.label}”不发给信访人，请先确认事项概要的脱敏文本")
        letter, template = _written(session, facts, viewer, now, masked_text or "")
        _look(session, facts, letter)
        return _kept(session, facts, letter, template, key, viewer, now)


def key_of(kind: LetterKind, event: int, submission: int | None) -> str:
    """What makes a letter the same: kind, step, contact, and whether masked."""
    return f"{kind.key}:{event}:{submission or 0}:{'masked' if kind.masked else 'plain'}"


def _written(
    session: Session, facts: Facts, viewer: Viewer, now: datetime, masked_text: str
) -> tuple[Letter, int | None]:
    """The letter without its number, and the edited text it was written from, if one is."""
    kind, made = facts.kind, letter_fields.values(facts, masked_text, now.date())
    if kind.to == "petitioner":
        made = _apart(session, facts, made)
    if missing := letter_fields.lacking(facts, made):
        raise Refused(f"缺少{'、'.join(f'“{n}”' for n in missing)}，请补填后再出具“{kind.label}”")
    text = letter_texts.in_force(session, kind, facts.file.case.track)
    personal = kind.to == "petitioner"
    code = papers.query_code(session, facts.contact.id) if personal else ""
    letter = Letter(
        kind=kind.key, label=kind.label, organ=facts.organ.name, number="", title=kind.title,
        salutation=_salutation(facts), body=fill(parse(text.body), made),
        issued_on=now.date(), case_no=facts.file.case.no, template=text.version,
        contact="" if kind.to == "file" else _contact(session, facts, viewer),
        query_code=code, query=_address(code),
        copies=str(facts.data.get("copies", "")) if kind.to == "organ" else "",
        masked=kind.masked, sealed_by_hand=kind.seal,
    )  # fmt: skip
    return letter, text.id


def _apart(session: Session, facts: Facts, made: Values) -> Values:
    """The fields of one petitioner's letter, the others of the case masked wherever they stand."""
    others = site_words.own_words(session, facts.file.case, but=facts.contact.id)
    return {
        name: site_words.hidden(value, others)
        if isinstance(value, str)
        else [{key: site_words.hidden(said, others) for key, said in e.items()} for e in value]
        for name, value in made.items()
    }


def _address(code: str) -> str:
    """What the picture says: the page for asking, where petitioners can reach it."""
    open_ = code and settings().public_url and settings().public_query
    return f"{settings().public_url}{QUERY_PAGE}?code={code}" if open_ else code


def _salutation(facts: Facts) -> str:
    unit = facts.names.get(int(facts.data.get("to") or 0), "")
    return {
        "petitioner": PETITIONER,
        "unit": unit,
        "organ": unit or str(facts.data.get("transfer_to", "")),
        "subject": facts.file.case.subject_name,
        "file": "",
    }[facts.kind.to]


def _contact(session: Session, facts: Facts, viewer: Viewer) -> str:
    """As given; else as in the unit's letter before; else who issues it."""
    if typed := facts.given.get(CONTACT, "").strip():
        return typed
    last = papers.last_record(session, facts.organ.code)
    return (Letter.from_json(last).contact if last else "") or f"{facts.organ.name}{viewer.name}"


def _look(session: Session, facts: Facts, letter: Letter) -> None:
    """The looks that need identities: a name can be drawn, and nothing masked names anybody."""
    who = identity_view.opened(session, [s.id for s in facts.file.submissions])
    if letter.personal and facts.contact.id in who:
        fonts.require([who[facts.contact.id].name])
    text = "".join(letter.texts())
    if letter.masked and (named := masking.still_named(session, facts.file.case.id, text)):
        raise Refused(f"文书中仍有信访人的{'、'.join(named)}，请在脱敏确认中遮盖后再出具")


def _kept(
    session: Session, facts: Facts, letter: Letter, template: int | None, key: str,
    viewer: Viewer, now: datetime,
) -> Issued:  # fmt: skip
    fonts.require(letter.texts())  # before a number is asked for, behind which others wait
    kind, organ = facts.kind, facts.organ
    following = take(session, f"letter:{organ.code}:{kind.key}:{now.year}")
    number = f"{organ.short}环信{kind.mark}〔{now.year}〕{following}号"
    letter = replace(letter, number=number)
    record, digest = letter.to_json(), genuine.digest(render(letter))
    made = m.Document(
        kind=kind.key, number=number, case_id=facts.file.case.id, unit_code=organ.code,
        record=record, sha256=digest, made_by=viewer.person_id, at=now,
        submission_id=facts.submission.id if facts.submission else None, template_id=template,
        key=key,
    )  # fmt: skip
    session.add(made)
    session.flush()
    about = {"document": kind.label, "no": number, "sha256": digest,
             "template": letter.template, genuine.RECORD: genuine.digest(record)}  # fmt: skip
    trace.record(session, ISSUE, now, viewer=viewer, case_id=made.case_id,
                 submission_id=made.submission_id, data=about)  # fmt: skip
    return Issued(made.id, number)


def opened(viewer: Viewer, document_id: int, now: datetime) -> tuple[str, bytes]:
    """File name and PDF of an issued letter, for the viewer's scope.

    Who works with petitioners gets it with the petitioner's name, on the record; others with
    信访人 in its place and without the query code. Raises `Refused` where the record no longer
    gives what was issued.
    """
    scope = scope_of(viewer)
    with read(scope) as session:
        found = papers.paper(session, document_id)
        if found is None:
            raise NotFound("没有这份文书，或它不在您的可见范围内")
        letter = Letter.from_json(found.record)
        name = _name(session, viewer, found, letter)
    genuine.require(ISSUE, found.record, found.sha256, render(letter))
    if name:
        with write(scope) as session:
            trace.record(session, "print_document", now, viewer=viewer, case_id=found.case_id,
                         submission_id=found.submission_id,
                         data={"document": letter.label, "no": letter.number})  # fmt: skip
    if not identity_view.may_see(viewer):  # the code speaks for the petitioner: it rates
        letter = replace(letter, query_code="", query="")
    return f"{letter.label}_{letter.number}.pdf", render(letter, name)


def _name(session: Session, viewer: Viewer, found: m.Document, letter: Letter) -> str:
    if not letter.personal or found.submission_id is None or not identity_view.may_see(viewer):
        return ""
    who = identity_view.opened(session, [found.submission_id])
    return who[found.submission_id].name if who else ""
