"""The monthly summary: its wording, its balance, its numbers against counting every row."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import cases, metrics, regions
from db.queries.metrics import CONCLUDING
from db.queries.regions import Measure
from db.session import reading
from domain.clocks import Lights
from domain.errors import NotAllowed, Refused
from domain.people import city_of, last_below
from domain.scope import NOTHING, SYSTEM, Scope
from rules import load
from scoring.period import Period
from services import monthly_words as words
from services.__main__ import main
from services.commands.summary import SCOPE
from services.monthly import summary
from services.monthly_model import Summary
from services.monthly_sheets import book
from tests.office import NOW, Walk, enter, prepare
from tests.seed import Seeded
from ui import monthly as shown

PROVINCE, NANJING, SUZHOU, XUANWU = 320000, 320100, 320500, 320102
OCTOBER = Period.parse("2026-10")
TABLE = Path(__file__).parent / "tables" / "monthly_words.csv"
WORDS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", WORDS, ids=[f"{r['what']} {r['now']}/{r['base']}" for r in WORDS])
def test_words(row: dict[str, str]) -> None:
    said = getattr(words, row["what"])(int(row["now"]), int(row["base"]))
    assert said == row["expect"], row["why"]


def test_points_are_the_difference_of_the_shares_as_shown() -> None:
    assert words.points(1, 2, 1, 4) == "高25.0个百分点"
    assert words.points(1, 4, 1, 2) == "低25.0个百分点"
    assert words.points(1, 3, 333, 1000) == "持平"  # both are shown as 33.3%
    assert words.points(1, 3, 0, 0) == "—"


def test_per_ten_thousand_needs_residents() -> None:
    assert words.per_ten_thousand(100, Decimal("954.7")) == Decimal("0.10")
    assert words.per_ten_thousand(100, None) is None


@pytest.fixture
def every(seeded: Seeded) -> Iterator[Session]:
    with reading(seeded.url, SYSTEM) as session:
        yield session


def of(seeded: Seeded, unit: int = PROVINCE, month: Period = OCTOBER) -> Summary:
    return summary(SCOPE, month, unit, seeded.now)


def open_cases(session: Session, unit: int) -> list[m.Case]:
    """The unsealed cases of a division that are matters of their own."""
    low, high = unit, last_below(unit)
    found = session.scalars(select(m.Case).where(m.Case.place_code.between(low, high)))
    return [case for case in found if not case.sealed and not case.merged_into]


def months(seeded: Seeded) -> list[Period]:
    now = Period.parse(f"{seeded.today:%Y-%m}")
    return [now.previous(n) for n in range(18, -1, -1)]


@pytest.mark.parametrize("unit", [PROVINCE, NANJING, SUZHOU, XUANWU])
def test_the_balance_holds_in_every_month_and_is_what_counting_stock_gives(
    seeded: Seeded, every: Session, unit: int
) -> None:
    ours = open_cases(every, unit)

    def stock(day: date) -> int:
        """Cases in hand at the end of a day."""
        return sum(c.received_on <= day and (not c.ended_on or c.ended_on > day) for c in ours)

    for month in months(seeded):
        flow = of(seeded, unit, month).flow
        assert flow.opening == stock(month.previous().last), month
        assert flow.closing == stock(month.last), month
        out = flow.concluded + flow.declined + flow.transferred
        assert flow.opening + flow.received - out == flow.closing


def test_the_movements_are_what_counting_every_row_gives(seeded: Seeded, every: Session) -> None:
    first, last = OCTOBER.first, OCTOBER.last
    for unit in (PROVINCE, NANJING):
        ours, found = open_cases(every, unit), of(seeded, unit)
        gone = Counter(c.status for c in ours if c.ended_on and first <= c.ended_on <= last)
        assert found.flow.received == sum(first <= c.received_on <= last for c in ours)
        assert found.flow.declined == gone["declined"]
        assert found.flow.transferred == gone["transferred"]
        ended = [c for c in ours if c.concluded_on and first <= c.concluded_on <= last]
        assert found.flow.concluded == len(ended)
        decided = [c for c in ours if c.decided_on and first <= c.decided_on <= last]
        accepted = [c for c in decided if c.status not in ("declined", "transferred")]
        assert found.accepted == len(accepted)
        assert found.total.in_hand == sum(c.ended_on is None for c in ours)
        true = [c for c in ended if c.conclusion != "unsubstantiated"]
        assert (found.outcome.true.part, found.outcome.true.whole) == (len(true), len(ended))


def test_types_channels_and_industries_are_what_counting_every_row_gives(
    seeded: Seeded, every: Session
) -> None:
    came = [c for c in open_cases(every, PROVINCE)
            if OCTOBER.first <= c.received_on <= OCTOBER.last]  # fmt: skip
    ids = {c.id for c in came}
    pairs = {(k.case_id, k.sub) for k in every.scalars(select(m.CaseCategory)) if k.case_id in ids}
    found = of(seeded)
    subs = {line.key: line.number for kind in found.kinds for line in kind.subs}
    assert subs == dict(Counter(sub for _, sub in pairs))
    mains = {kind.main.key: kind.main.number for kind in found.kinds if kind.main.number}
    assert mains == dict(Counter(main for _, main in {(i, sub[0]) for i, sub in pairs}))
    assert sum(mains.values()) > len(came)  # a case may have several types
    channels = Counter(c.channel for c in came)
    assert {line.key: line.number for line in found.channels} == {
        key: channels[key] for key in load().options("channel")
    }
    industries = {line.key: line.number for line in found.industries if line.number}
    assert industries == dict(Counter(c.industry or "" for c in came))


def test_rates_are_what_counting_every_clock_gives(seeded: Seeded, every: Session) -> None:
    clocks = [
        c for c in every.scalars(select(m.Clock))
        if OCTOBER.first <= c.due_on <= OCTOBER.last and not c.exempt and not c.provisional
    ]  # fmt: skip
    found = of(seeded)
    wanted = {"dispatch": ("dispatch",), "conclude": CONCLUDING, "reply": ("reply",)}
    for key, keys in wanted.items():
        for row in found.rows:
            ours = [c for c in clocks if c.key in keys and c.city_code == row.code]
            good = sum(c.done_on is not None and c.done_on <= c.due_on for c in ours)
            assert (row.rates[key].part, row.rates[key].whole) == (good, len(ours)), row.label


def test_the_row_of_the_province_is_the_sum_of_its_rows(seeded: Seeded) -> None:
    found = of(seeded)
    assert found.total.received == found.flow.received == sum(r.received for r in found.rows)
    assert found.total.concluded == found.flow.concluded
    assert found.total.overdue > 0


@pytest.mark.parametrize("unit", [PROVINCE, SUZHOU])
def test_every_count_of_the_table_is_the_count_of_the_list_it_opens(
    seeded: Seeded, unit: int
) -> None:
    found, lights = of(seeded, unit), Lights.on(seeded.today, load().calendar)
    with reading(seeded.url, SCOPE) as session:

        def listed(metric: str, code: int) -> int:
            return cases.count(session, shown.asked(found, metric, code), lights)

        for row in (found.total, *(r for r in found.rows if r.code != unit)):
            for metric, number in (
                ("received", row.received), ("accepted", row.accepted), ("repeats", row.repeats),
                ("concluded", row.concluded), ("in_hand", row.in_hand),
                ("in_hand_overdue", row.overdue), ("rated", row.satisfaction.whole),
            ):  # fmt: skip
                assert listed(metric, row.code) == number, (row.label, metric)
        assert listed("declined", unit) == found.flow.declined
        assert listed("transferred", unit) == found.flow.transferred
        for line in found.outcomes:
            asked = shown.concluded_as(found, line, "partly")
            assert cases.count(session, asked, lights) == line.by["partly"], line.label
        for kind in found.kinds:
            asked = replace(shown.asked(found, "received"), category=kind.main.key)
            assert cases.count(session, asked, lights) == kind.main.number


def test_a_city_reads_its_own_month_as_the_province_does(seeded: Seeded) -> None:
    own = summary(Scope(SUZHOU, 320599), OCTOBER, SUZHOU, seeded.now)
    assert own == of(seeded, SUZHOU)
    assert {city_of(row.code) for row in own.rows} == {SUZHOU}


@pytest.mark.parametrize("scope", [NOTHING, Scope(SUZHOU, 320599)], ids=["nobody", "suzhou"])
def test_what_is_outside_the_scope_is_refused(seeded: Seeded, scope: Scope) -> None:
    with pytest.raises(NotAllowed):
        summary(scope, OCTOBER, NANJING, seeded.now)


def test_a_month_to_come_and_a_quarter_are_refused(seeded: Seeded) -> None:
    for period in ("2027-01", "2026Q3"):
        with pytest.raises(Refused):
            of(seeded, month=Period.parse(period))


def test_a_month_that_is_not_over_is_not_compared(seeded: Seeded) -> None:
    found = of(seeded, month=Period.parse("2026-11"))
    assert not found.whole
    assert "环比" not in found.titles[1]
    assert "本月未结束" in found.notes[0]


def test_titles_state_the_finding(seeded: Seeded) -> None:
    found = of(seeded)
    assert found.titles[1].startswith(f"收件{found.flow.received:,}件")
    most = max(found.channels, key=lambda line: line.number)
    assert found.titles[2].startswith("“")
    assert f"“{most.label}”" in found.titles[2]
    assert f"占{most.share}" in found.titles[2]
    assert found.kinds[0].main.label in found.titles[3]
    assert f"在办超期{found.total.overdue:,}件" in found.titles[5]
    assert found.outcome.true.text in found.titles[6]


def test_a_division_without_cases_says_so(seeded: Seeded) -> None:
    found = of(seeded, 320102, Period.parse("2018-01"))
    assert found.titles[2] == "本月没有收件"
    assert found.titles[6] == "本月没有办结"
    assert found.outcome.true.text == "—"


def test_the_workbook_has_a_sheet_a_section_and_no_formula(seeded: Seeded) -> None:
    found = of(seeded)
    sheets = openpyxl.load_workbook(BytesIO(book(found)))
    names = ["1 总体", "2 渠道", "3 污染类型", "4 行业", "5 地区", "6 属实率", "口径说明"]
    assert sheets.sheetnames == names
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert found.total.received in [cell.value for cell in sheets["5 地区"]["B"]]
    assert len(list(sheets["1 总体"].iter_rows())) == 12 + 3


def test_the_command_gives_what_the_page_shows(
    seeded: Seeded, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", "--period", "2026-10", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = of(seeded)
    assert said["flow"]["received"] == found.flow.received
    assert said["flow"]["closing"] == found.flow.closing
    assert said["titles"]["2"] == found.titles[2]
    assert [row["label"] for row in said["rows"]] == [row.label for row in found.rows]
    assert main(["summary", "--period", "2026Q3"]) == 1
    assert "月度汇总按月统计" in capsys.readouterr().err


def test_both_databases_read_the_same_month(database_url: str) -> None:
    prepare()
    first = enter(categories=("A01", "N02"))
    enter("sz_clerk", division=320583, categories=("W01",), industry=None)
    Walk(first.case_id).to_handling()
    november = Period.parse("2026-11")
    found = summary(SCOPE, november, PROVINCE, NOW)
    assert (found.flow.received, found.flow.closing, found.accepted) == (2, 2, 1)
    kinds = {kind.main.key: kind.main.number for kind in found.kinds if kind.main.number}
    assert kinds == {"A": 1, "N": 1, "W": 1}
    assert {line.key: line.number for line in found.industries if line.number} == {
        "chemicals": 1, "": 1,
    }  # fmt: skip
    assert summary(Scope(SUZHOU, 320599), november, SUZHOU, NOW).flow.received == 1
    for measure in Measure:
        with reading(database_url, SCOPE) as session:
            lights = Lights.on(NOW.date(), load().calendar)
            whole = metrics.Period(date(2026, 11, 1), date(2026, 11, 30))
            counts = regions.numbers(session, measure, PROVINCE, whole, "A", lights)
            assert sum(part.part for part in counts.values()) in (0, 1)
