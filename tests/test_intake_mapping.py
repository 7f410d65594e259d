"""Columns into fields: by name, by hand, and every fault with its row and column."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bench.fuzz_intake import bases, mutated, outcome
from domain.errors import Refused
from intake import reader
from intake.annotate import annotate
from intake.mapping import apply, propose, unknown_values
from intake.model import Incoming, Mapping, Problem, Table
from intake.reader import read
from intake.words import words_of
from intake.worker import encode, parse
from tests.intake_files import (
    HEADERS,
    HOTLINE,
    NOW,
    ROW,
    VOCABULARY,
    as_csv,
    as_xlsx,
    ledger,
    parts_of,
)  # fmt: skip

# Two ledgers of other systems, made up after their columns and oddities.
NEW_YORK = [
    ("unique_key", "created_date", "agency", "complaint_type", "descriptor", "incident_address",
     "resolution_description", "latitude", "longitude", "location"),
    ("42254749", "04/18/2019 09:55:45 PM", "NYPD", "Noise - Residential", "Banging/Pounding",
     "38XX SHORE PARKWAY", "Observed no evidence, then left.", "40.5863974", "-73.9325913",
     "(40.5863974, -73.9325913)"),
    ("16561258", "05/01/2010 12:59:44 AM", "DEP", "Air Quality", "Odor, Fumes", "WEST 55 STREET",
     "", "", "", ""),
    ("16561259", "05/01/2010 12:59:44 AM", "DEP", "Noise, Barking", "Dog", "", "", "", "", ""),
]  # fmt: skip
LOS_ANGELES = [
    ("SRNumber", "CreatedDate", "ActionTaken", "RequestType", "Anonymous", "Address"),
    ("1-870704831", "12/31/2017 11:59:58 PM", "SR Created", "Bulky Items", "N", "21XX W AVE, 9"),
    ("1-870694601", "12/31/2017 12:00:00 AM", "SR Created", "Graffiti", "Y", '"QUOTED" ST'),
]


def table_of(*rows: tuple[Any, ...], headers: tuple[str, ...] = HEADERS) -> Table:
    return Table(headers, rows)


def applied(table: Table, mapping: Mapping | None = None) -> tuple[list[Incoming], list[Problem]]:
    return apply(table, mapping or propose(table, VOCABULARY), VOCABULARY, *HOTLINE, NOW)


def changed(**cells: Any) -> tuple[Any, ...]:
    """The good row with other cells, by header."""
    return tuple(cells.get(header, cell) for header, cell in zip(HEADERS, ROW, strict=True))


def test_known_names_are_mapped_and_every_row_comes_through() -> None:
    good, problems = applied(read(as_csv(ledger(3)), "a.csv", VOCABULARY))
    assert problems == []
    assert [incoming.row for incoming in good] == [2, 3, 4]
    assert replace(good[0], content="") == Incoming(
        received_at=datetime(2026, 3, 1, 12, 30), channel="phone", subchannel="hotline_12345",
        source_no="GD00001", title="夜间噪声", division=320583, address="人民路1号",
        categories=("N01",), urgency="normal", row=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("来电时间（必填）", "received_at"), ("★ 工单编号", "source_no"),
        ("收到时间", "received_at"),
        ("标 题：", "title"), ("备注", None), ("经度", "longitude"),
    ],
)  # fmt: skip
def test_a_column_is_recognised_by_label_or_alias(header: str, key: str | None) -> None:
    assert propose(table_of((), headers=(header,)), VOCABULARY).columns.get(header) == key


def test_a_field_takes_the_first_column_that_bears_its_name() -> None:
    mapping = propose(table_of((), headers=("来电时间", "登记时间")), VOCABULARY)
    assert mapping.columns == {"来电时间": "received_at"}


def test_new_york_is_mapped_by_hand_saved_and_used_again() -> None:
    table = read(as_csv(NEW_YORK), "ny.csv", VOCABULARY)
    by_hand = Mapping(
        columns={
            "unique_key": "source_no", "created_date": "received_at", "agency": "",
            "complaint_type": "categories", "descriptor": "title", "incident_address": "address",
            "resolution_description": "content", "latitude": "latitude", "longitude": "longitude",
        },
        fixed={"division": "320104", "urgency": "一般"}, date_order="mdy",
    )  # fmt: skip
    asked = unknown_values(table, by_hand, VOCABULARY)
    words = {word for word, _ in asked["categories"]}
    assert words == {"Noise - Residential", "Air Quality", "Noise", "Barking"}
    choices = {"Noise - Residential": "N03", "Air Quality": "A01,A04", "noise, barking": "N03"}
    saved = Mapping.from_json(replace(by_hand, values={"categories": choices}).to_json())
    assert unknown_values(table, saved, VOCABULARY) == {}
    good, problems = applied(table, propose(table, VOCABULARY, saved))
    assert problems == []
    assert [i.categories for i in good] == [("N03",), ("A01", "A04"), ("N03",)]
    assert [i.received_at for i in good][:2] == [
        datetime(2019, 4, 18, 21, 55, 45), datetime(2010, 5, 1, 0, 59, 44),
    ]  # fmt: skip
    assert {i.division for i in good} == {320104}


def test_los_angeles_takes_one_category_for_the_whole_file() -> None:
    table = read(as_xlsx(LOS_ANGELES), "la.xlsx", VOCABULARY)
    mapping = Mapping(
        columns={
            "SRNumber": "source_no", "CreatedDate": "received_at", "ActionTaken": "content",
            "RequestType": "content", "Anonymous": "anonymous", "Address": "address",
        },
        fixed={"division": "南京秦淮", "categories": "恶臭异味"}, date_order="mdy",
    )  # fmt: skip
    good, problems = applied(table, mapping)
    assert problems == []
    assert [i.anonymous for i in good] == [False, True]
    assert good[0].content == "SR Created\nBulky Items"
    assert {i.categories for i in good} == {("A01",)}


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("320583", 320583, "a code"),
        ("３２０５８３", 320583, "a code in full-width figures"),
        ("320583000000", 320583, "a code of twelve figures"),
        ("昆山", 320583, "the short name"),
        ("苏州市昆山市", 320583, "city and county"),
        ("江苏省 苏州市 昆山市", 320583, "all three with blanks"),
        ("苏州-昆山", 320583, "short names with a dash"),
        ("苏州市昆山市玉山镇人民路", 320583, "a street follows"),
        ("南京市鼓楼区", 320106, "the city tells two counties of one name apart"),
        ("苏州", 320500, "a city"),
        ("320103", 320104, "a retired code with a successor"),
        ("鼓楼区", None, "two counties of one name"),
        ("320199", None, "retired without successor"),
        ("上海市", None, "another province"),
        ("市", None, "one sign"),
    ],
)
def test_a_division_is_found_by_code_or_name(text: str, code: int | None, why: str) -> None:
    assert words_of(VOCABULARY).place(text) == code, why


@pytest.mark.parametrize(
    ("text", "keys", "why"),
    [
        ("恶臭异味", ("A01",), "a sub-type"),
        ("大气", ("A",), "a main type"),
        ("大气污染", ("A",), "a main type at greater length"),
        ("恶臭异味、油烟;工业噪声", ("A01", "A04", "N01"), "several"),
        ("大气/恶臭异味", ("A01",), "a path"),
        ("大气、恶臭异味、噪声", ("A01", "N"), "the main type gives way to its sub-type"),
        ("A04，N01", ("A04", "N01"), "our own keys"),
        ("油烟、油烟", ("A04",), "said twice"),
    ],
)
def test_categories_by_main_and_sub_label(text: str, keys: tuple[str, ...], why: str) -> None:
    good, problems = applied(table_of(changed(问题类型=text)))
    assert problems == [], why
    assert good[0].categories == keys, why


@pytest.mark.parametrize(
    ("header", "text", "field", "expected"),
    [
        ("初次或重复", "重复", "repeat", True), ("初次或重复", "首次", "repeat", False),
        ("是否初信初访", "是", "repeat", False), ("是否初信初访", "否", "repeat", True),
        ("是否实名", "是", "anonymous", False), ("是否实名", "匿名", "anonymous", True),
        ("匿名", "Y", "anonymous", True), ("要求保密", "√", "confidential", True),
        ("人数", "１２人", "group", True), ("人数", "4", "group", False),
        ("子渠道", "群众来信", "channel", "letter"),
        ("诉求", "停产；赔偿", "demands", ("停产", "赔偿")),
    ],
)  # fmt: skip
def test_yes_no_counts_and_words(header: str, text: str, field: str, expected: Any) -> None:
    good, problems = applied(table_of((*ROW, text), headers=(*HEADERS, header)))
    assert problems == []
    assert getattr(good[0], field) == expected


BROKEN = {
    "来电时间": "昨天下午", "属地": "鼓楼区", "问题类型": "怪味", "紧急程度": "马上",
    "标题": "长" * 201, "工单编号": "", "事发地址": "乱码\ufffd",
}  # fmt: skip


@pytest.mark.parametrize(("header", "cell"), BROKEN.items())
def test_a_broken_cell_is_listed_with_row_and_column(header: str, cell: str) -> None:
    good, problems = applied(
        table_of(ROW, (), changed(**{"工单编号": "GD9", header: cell or None}))
    )
    assert [incoming.row for incoming in good] == [2]
    assert [(p.row, p.column) for p in problems] == [(4, header)]


def test_five_thousand_broken_cells_are_five_thousand_problems() -> None:
    chance = random.Random(5)
    rows = [list(row) for row in ledger(4_000)]
    spots = {(r, c) for r in range(1, 4_001) for c in (1, 2, 4, 6, 7)}
    broken = set(chance.sample(sorted(spots), 5_000))
    for row, column in broken:
        rows[row][column] = BROKEN[HEADERS[column]]
    good, problems = applied(read(as_csv(rows), "a.csv", VOCABULARY))
    assert {(p.row, p.column) for p in problems} == {(r + 1, HEADERS[c]) for r, c in broken}
    assert len(problems) == 5_000
    assert len(good) == 4_000 - len({row for row, _ in broken})


def test_a_source_number_twice_in_a_file_names_the_first() -> None:
    good, problems = applied(table_of(ROW, changed(标题="又一次")))
    assert [incoming.row for incoming in good] == [2]
    assert (problems[0].row, problems[0].column) == (3, "工单编号")
    assert "第 2 行" in problems[0].message


def test_a_fault_without_a_column_says_so() -> None:
    table = table_of(ROW[1:], headers=HEADERS[1:])
    _, problems = applied(table)
    assert problems[0].column == "来源编号（文件中没有此列）"


def test_a_problem_never_repeats_an_identity() -> None:
    headers = (*HEADERS, "来电人", "来电号码", "身份证号")
    _, problems = applied(table_of((*ROW, "张三丰" * 20, "13888", "3201061"), headers=headers))
    assert [p.column for p in problems] == ["来电号码", "身份证号", "来电人"]
    assert not any(secret in repr(problems) for secret in ("张三丰", "13888", "3201061"))


@pytest.mark.parametrize(
    ("mapping", "words", "why"),
    [
        (Mapping({"没有": "title"}), "没有这些列：没有", "a column the file lacks"),
        (Mapping({"标题": "nonsense"}), "nonsense", "a field we do not have"),
        (Mapping({"标题": "division", "属地": "division"}), "2 列", "two columns for one place"),
        (Mapping(fixed={"division": "天堂"}), "天堂", "a fixed value that is unknown"),
        (Mapping(fixed={"nonsense": "1"}), "nonsense", "a fixed field we do not have"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: Mapping, words: str, why: str) -> None:
    with pytest.raises(Refused, match=words):
        applied(table_of(ROW), mapping)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"colums": {}}', '{"columns": []}', '{"values": {"a": 1}}', "[" * 100_000,
     '{"date_order": "ydm"}', '{"fixed": {"a": null}}'],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="列对应方案"):
        Mapping.from_json(text)


def test_the_file_comes_back_with_its_problems_and_nothing_alive() -> None:
    evil = '=HYPERLINK("http://x")'
    table = read(
        as_xlsx([*ledger(1), changed(标题="'x", 属地="鼓楼区")], "汇总"), "a.xlsx", VOCABULARY
    )
    table = replace(table, rows=(*table.rows, changed(标题=evil, 反映内容="http://x")))
    back = annotate(table, [Problem(4, "属地", "请写明设区市"), Problem(4, "标题", "=1+1")])
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(back))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )
    assert rows[1] == [*HEADERS, "问题"]
    assert [row[-1] for row in rows[2:]] == ["", "属地：请写明设区市；标题：=1+1", ""]
    assert rows[4][2] == evil
    inside = b"".join(parts_of(back).values())
    assert b"<f>" not in inside
    assert b"<hyperlink" not in inside


def test_only_the_faulty_rows_when_asked() -> None:
    table = replace(table_of(ROW, changed(属地="鼓楼区")), first_data_row=2)
    back = annotate(table, [Problem(3, "属地", "请写明设区市")], only_faulty=True)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(back)).get_sheet_by_index(0).to_python()
    assert [row[-1] for row in rows] == ["问题", "属地：请写明设区市"]


def in_process(data: bytes, kind: str, sheet: str) -> Iterator[bytes]:
    """The child's work without the child: quick, and the guard stands before it all the same."""
    return iter([line.encode() for line in encode(*parse(data, kind, sheet))])


def test_spoiled_files_are_read_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    files = bases()
    seen = {outcome(*mutated(seed, files)).split(":")[0] for seed in range(30)}
    monkeypatch.setattr(reader, "_parsed", in_process)
    seen |= {outcome(*mutated(seed, files)).split(":")[0] for seed in range(30, 200)}
    assert seen >= {"read", "refused", "read with problems"}
