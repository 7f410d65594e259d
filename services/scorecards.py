"""Scorecards: drawn from the frozen record of their document, so the bytes never change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from io import BytesIO
from typing import TypeVar
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from db.queries import scores as stored
from documents import model as cards
from documents.model import Scorecard, exact
from documents.scorecard import render
from domain.errors import NotFound
from scoring.period import Period, PeriodKind
from services import drawn, genuine, scoring, trace
from services.numbers import take
from services.reader import Reader, person
from services.store import read, write

KIND = "scorecard"
Word = TypeVar("Word", bound=StrEnum)
Told = Callable[[int, int, str], None]


def card_name(run: scoring.Run, sheet_name: str) -> str:
    """The file name of a unit's scorecard."""
    return f"{sheet_name}_{run.period}_评分单_第{run.ordinal}次.pdf"


def scorecard(viewer: Reader, run: scoring.Run, unit: int, now: datetime) -> bytes:
    """The PDF of one unit's scorecard; made once, the same bytes ever after.

    Raises `NotFound` where the viewer may not see the sheet, `Refused` where the stored record
    no longer gives the document that was issued.
    """
    with read(scoring.sight(viewer)) as session:
        known = stored.document(session, KIND, run.id, unit)
    if known is None:
        card = _card(viewer, run, scoring.sheet(viewer, run, unit), now.date())
        known = _keep(viewer, run, card, now)
    return drawn.again(KIND, known.record, known.sha256, partial(_drawn, known.record))


def _drawn(record: str) -> bytes:
    return render(Scorecard.from_json(record))


def scorecards(
    viewer: Reader, run: scoring.Run, now: datetime, *, tell: Told | None = None
) -> dict[str, bytes]:
    """File name → PDF of every scorecard of a run that the viewer may see."""
    made: dict[str, bytes] = {}
    sheets = sorted(scoring.league(viewer, run), key=lambda sheet: sheet.unit)
    if not sheets:
        raise NotFound("本次评分没有您可以查看的评分单")
    for number, sheet in enumerate(sheets):
        if tell:
            tell(number, len(sheets), sheet.name)
        made[card_name(run, sheet.name)] = scorecard(viewer, run, sheet.unit, now)
    return made


def packed(files: dict[str, bytes], at: datetime) -> bytes:
    """A zip of files; equal files give equal bytes."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def _keep(viewer: Reader, run: scoring.Run, card: Scorecard, now: datetime) -> stored.Issued:
    """Give the card its number and store it; who was quicker wins."""
    who = person(viewer)
    with write(scoring.sight(viewer)) as session:
        known = stored.document(session, KIND, run.id, card.unit_code)
        if known:
            return known
        number = None
        if not run.provisional:
            following = take(session, f"{KIND}:{now.year}")
            number = f"信评〔{now.year}〕{following}号"
            card = replace(card, number=number)
        data = render(card)
        issued = stored.Issued(card.to_json(), genuine.digest(data))
        stored.issue(
            session,
            KIND,
            number,
            run.id,
            card.unit_code,
            issued,
            who.person_id if who else None,
            now,
        )
        facts = {
            "run": run.id, "unit": card.unit_code, "number": number, "sha256": issued.sha256,
            genuine.RECORD: genuine.digest(issued.record),
        }  # fmt: skip
        trace.record(session, KIND, now, viewer=who, data=facts)
    return issued


# --- the record


def _card(viewer: Reader, run: scoring.Run, sheet: scoring.Sheet, on: date) -> Scorecard:
    with read(scoring.sight(viewer)) as session:
        province = scoring.organ_code(sheet.unit)
        organ = stored.unit_names(session, province, province)[province]
    return Scorecard(
        organ=organ, number="", unit_code=sheet.unit, unit_name=sheet.name,
        period=run.period.label, state=_named(cards.CardState, run.state), total=sheet.total,
        grade=sheet.grade, rank=sheet.rank, rank_of=sheet.ranked_of, mean=run.means.total,
        bonus=sheet.bonus, veto="、".join(sheet.vetoes),
        areas=tuple(_area(area) for area in sheet.areas),
        lines=tuple(_line(line) for line in sheet.lines),
        trend=tuple(
            cards.TrendPoint(_short(point.period), point.total)
            for point in scoring.trend(viewer, run, sheet.unit)
        ),
        items=tuple(_item(item) for item in scoring.items(viewer, run, sheet.unit)),
        notes=_notes(run, sheet), rules_version=run.rules_version,
        calendar_version=run.calendar_version, digest=run.digest, snapshot_at=run.snapshot_at,
        ran_at=run.ran_at, run_id=f"{run.period}-{run.ordinal}", issued_on=on,
    )  # fmt: skip


def _named(words: type[Word], value: str) -> Word:
    """The member of that value."""
    return next(word for word in words if word.value == value)


def _area(area: scoring.Area) -> cards.Area:
    return cards.Area(
        area.key, area.label, area.weight, area.effective, area.points, area.mean
    )  # fmt: skip


def _line(line: scoring.Line) -> cards.Line:
    return cards.Line(
        line.code, line.area, line.label, line.weight, line.effective, line.numerator,
        line.denominator, exact(line.rate), line.points,
        _named(cards.LineStatus, line.status), line.rule, line.reference, line.remedy[:50],
    )  # fmt: skip


def _item(item: scoring.Item) -> cards.AnnexItem:
    return cards.AnnexItem(
        item.code, item.case_no, item.reason, item.due_on, item.done_on, item.late, item.unit,
        item.unit_name,
    )  # fmt: skip


def _notes(run: scoring.Run, sheet: scoring.Sheet) -> tuple[str, ...]:
    own = [f"{line.code}：{line.note}" for line in sheet.lines if "另有" in line.note]
    early = ["本期尚未到取数时间，按计算时的情况暂定"] if run.provisional else []
    return (*early, *([sheet.note] if sheet.note else []), *own)


def _short(period: Period) -> str:
    if period.kind is PeriodKind.MONTH:
        return f"{period.number}月"
    if period.kind is PeriodKind.QUARTER:
        return f"{'一二三四'[period.number - 1]}季度"
    return f"{period.year}年"


__all__ = ["card_name", "packed", "scorecard", "scorecards"]
