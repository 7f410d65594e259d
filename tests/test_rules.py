"""The rule documents: what they hold, and that every fault is refused by file and key."""

import csv
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import BadRules
from domain.history import MOMENTS
from rules import FILES, FOLDER, Kind, check, load

RULES = load()
TABLES = Path(__file__).parent / "tables"


def _table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((TABLES / name).read_text("utf-8").splitlines()))


FAULTS = _table("bad_rules.csv")
HISTORIES = _table("special_days.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["why"])
def test_a_fault_names_file_and_key(row: dict[str, str], folder: Path) -> None:
    path = folder / row["file"]
    text, old = path.read_text("utf-8"), row["replace"].replace("\\n", "\n")
    assert text.count(old) >= 1, "the table speaks of a line that is no longer there"
    path.write_text(text.replace(old, row["by"].replace("\\n", "\n"), 1), "utf-8")
    with pytest.raises(BadRules) as refused:
        load(folder)
    message = str(refused.value)
    assert message.startswith(f"{row['file']}：{row['key']}：")
    assert row["says"] in message


def test_a_missing_or_broken_document_is_named(folder: Path) -> None:
    (folder / "routes.toml").write_text("version = ", "utf-8")
    with pytest.raises(BadRules, match=r"routes\.toml：无法读取"):
        load(folder)
    (folder / "routes.toml").unlink()
    with pytest.raises(BadRules, match=r"routes\.toml：文件不存在"):
        load(folder)


def test_every_shipped_document_is_read() -> None:
    assert sorted(p.name for p in FOLDER.glob("*.toml")) == sorted(FILES)


def test_the_special_days_are_those_of_the_notices() -> None:
    listed = {date.fromisoformat(r["date"]): r["working"] == "1" for r in HISTORIES}
    assert {day: s.working for day, s in RULES.calendar.special.items()} == listed
    assert all(s.document.startswith("国办发明电〔") for s in RULES.calendar.special.values())


def test_the_digest_knows_content_and_not_layout(folder: Path) -> None:
    assert load(folder).digest == RULES.digest
    path = folder / "lists.toml"
    path.write_text("# a remark\n" + path.read_text("utf-8"), "utf-8")
    assert load(folder).digest == RULES.digest
    path.write_text(path.read_text("utf-8").replace("调解", "人民调解"), "utf-8")
    assert load(folder).digest != RULES.digest


def test_the_shipped_documents_are_read_once() -> None:
    assert load() is load()


def test_versions_are_named() -> None:
    assert (RULES.version, RULES.calendar.version) == ("2026.1", "2026.1")


CLOCKS = _table("clock_rules.csv")


@pytest.mark.parametrize("row", CLOCKS, ids=lambda row: f"{row['key']}-{row['channels']}")
def test_the_clocks_are_those_of_the_regulations(row: dict[str, str]) -> None:
    channels = frozenset(row["channels"].split())
    rule = next(r for r in RULES.clocks if r.key == row["key"] and r.channels == channels)
    length = f"{rule.term.length} {rule.term.unit}" if rule.term else ""
    assert (rule.starts, " ".join(rule.stops), length) == (row["starts"], row["stops"], row["term"])
    assert ("yes" if rule.rolls else "") == row["rolls"]
    assert ("†" if rule.baseline else "") == row["baseline"]
    assert ("" if rule.duty else "window") == row["duty"]
    assert (" ".join(rule.tracks), str(rule.owner)) == (row["tracks"], row["owner"])


def test_no_clock_is_left_out() -> None:
    assert [(r.key, r.channels) for r in RULES.clocks] == [
        (row["key"], frozenset(row["channels"].split())) for row in CLOCKS
    ]
    assert len({r.key for r in RULES.clocks}) == 20


def test_every_moment_a_rule_uses_is_one_that_history_makes() -> None:
    used = {r.starts for r in RULES.clocks} | {s for r in RULES.clocks for s in r.stops}
    assert used <= MOMENTS


def test_only_the_conclusion_can_be_extended_and_only_the_re_review_suspended() -> None:
    extendable = {r.key for r in RULES.clocks if r.extendable}
    assert extendable == {"conclude_petition", "conclude_report"}
    assert {r.key for r in RULES.clocks if r.suspendable} == {"re_review"}


@pytest.mark.parametrize(
    ("channel", "letter", "workdays"),
    [("letter", "L", 3), ("visit", "V", 3), ("web", "W", 2), ("phone", "P", 2), ("other", "O", 2)],
)
def test_each_channel_has_its_letter_and_time_to_dispatch(
    channel: str, letter: str, workdays: int
) -> None:
    term = RULES.clock("dispatch", channel=channel).term
    assert term is not None
    assert (RULES.channel(channel).letter, term.length) == (letter, workdays)


def test_sub_channels_and_categories_are_complete() -> None:
    assert [len(c.subchannels) for c in RULES.channels] == [7, 6, 10, 5, 6]
    assert [(c.key, len(c.subcategories)) for c in RULES.categories] == [
        ("A", 10), ("N", 6), ("W", 8), ("S", 7), ("T", 3), ("E", 5), ("R", 3), ("P", 5), ("O", 5),
    ]  # fmt: skip
    assert (len(RULES.industries), len(RULES.declines), len(RULES.measures)) == (12, 8, 13)
    assert [d.key for d in RULES.declines if d.needs_contact_attempt] == ["unclear"]


def test_the_petition_track_alone_promises_a_review() -> None:
    for route in RULES.routes:
        assert ("复查" in route.remedy) == (route.track == "petition")


def test_the_starred_fields_are_those_of_a3() -> None:
    stars = [f.key for f in RULES.fields if f.star]
    assert stars == [
        "received_at", "channel", "subchannel", "source_no", "title", "content", "demands",
        "division", "address", "subject", "categories", "industry", "repeat", "urgency",
    ]  # fmt: skip
    assert {f.key for f in RULES.fields if f.sealed} == {
        "name", "phone", "id_number", "home_address",
    }  # fmt: skip


SHEET = _table("indicators.csv")


@pytest.mark.parametrize("row", SHEET, ids=lambda row: row["code"])
def test_the_indicators_are_those_of_the_scoresheet(row: dict[str, str]) -> None:
    line = RULES.scoresheet.indicator(row["code"])
    assert (line.label, str(line.kind), str(line.weight)) == (row["label"], row["kind"], row["W"])
    said = [_said(v) for v in (line.target, line.step, line.floor, line.minimum)]
    assert said == [row["T"], row["d"], row["L"], row["n"]]
    assert " ".join(f"{f.key}:{_said(f.points)}" for f in line.faults) == row["faults"]


def _said(value: Decimal | int | None) -> str:
    return "" if value is None else f"{Decimal(value).normalize():f}"


def test_the_sheet_adds_up_to_a_hundred() -> None:
    sheet = RULES.scoresheet
    assert [i.code for i in sheet.indicators] == [row["code"] for row in SHEET]
    assert sum(i.weight for i in sheet.indicators) == 100
    assert {a.key: a.weight for a in sheet.areas} == {
        "A": 20, "B": 25, "C": 20, "D": 20, "E": 10, "F": 5,
    }  # fmt: skip
    assert sheet.ties == ("E2", "B3", "C2")
    assert [i.code for i in sheet.indicators if i.complement] == ["D3"]


@pytest.mark.parametrize(
    ("total", "grade"),
    [("100", "优秀"), ("90", "优秀"), ("89.99", "良好"), ("80", "良好"), ("79.99", "合格"),
     ("71.61", "合格"), ("60", "合格"), ("59.99", "不合格"), ("0", "不合格")],
)  # fmt: skip
def test_a_total_earns_its_grade(total: str, grade: str) -> None:
    assert RULES.scoresheet.grade(Decimal(total)).label == grade


def test_numbers_are_exact() -> None:
    for line in RULES.indicators:
        assert isinstance(line.weight, Decimal)
        assert line.kind is Kind.DEDUCTION or isinstance(line.target, Decimal)


def test_labels_fall_back_to_the_key() -> None:
    assert RULES.label("channel", "phone") == "电"
    assert RULES.label("clock", "dispatch") == "交办"
    assert RULES.label("subcategory", "A01") == "恶臭异味"
    assert (RULES.label("way", "pigeon"), RULES.label("way", None)) == ("pigeon", "—")
    assert list(RULES.options("urgency").values()) == ["一般", "紧急", "特急"]


def test_the_shipped_rules_leave_nothing_to_look_at() -> None:
    assert check(RULES) == []


def test_a_reply_without_remedy_is_pointed_out() -> None:
    routes = tuple(replace(r, remedy="") if r.key == "petition" else r for r in RULES.routes)
    assert check(replace(RULES, routes=routes)) == [
        "routes.toml：route[petition].remedy：答复须写明救济途径"
    ]
