"""One cell into one value: dates, numbers, codes."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.checks import id_fault, phone_fault, uscc_fault
from intake.convert import Fault, to_code, to_count, to_degree, to_list, to_text, to_time
from intake.model import Cell
from tests.intake_files import NOW

TABLES = Path(__file__).parent / "tables"
FULL = str.maketrans("0123456789-: ", "０１２３４５６７８９－：　")
moments = st.datetimes(datetime(1955, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("intake_dates.csv"), ids=lambda row: row["why"])
def test_a_date_is_read_as_meant_or_refused(row: dict[str, str]) -> None:
    if row["expected"]:
        assert str(to_time(row["cell"], row["order"])) == row["expected"]
    else:
        with pytest.raises(Fault):
            to_time(row["cell"], row["order"])


@given(moments)
def test_every_spelling_of_a_moment_reads_back(moment: datetime) -> None:
    spelled = f"{moment:%Y-%m-%d %H:%M:%S}"
    chinese = f"{moment.year}年{moment.month}月{moment.day}日{moment:%H时%M分%S秒}"
    american = f"{moment:%m/%d/%Y %I:%M:%S %p}"
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert {to_time(t) for t in (spelled, spelled.translate(FULL), chinese, serial)} == {moment}
    assert to_time(american, "mdy") == to_time(f"{moment:%d/%m/%Y %H:%M:%S}", "dmy") == moment


@given(st.text(), st.sampled_from(["ymd", "mdy", "dmy"]))
def test_no_text_breaks_the_reading_of_a_date(text: str, order: str) -> None:
    try:
        assert to_time(text, order).microsecond == 0
    except Fault as fault:
        assert "日期" in str(fault) or "月和日" in str(fault)


@given(st.one_of(st.floats(), st.integers(), st.datetimes(), st.booleans(), st.none()))
def test_no_cell_breaks_a_converter(cell: Cell) -> None:
    for convert in (to_time, to_count, to_degree, to_code, to_list, to_text):
        try:
            convert(cell)
        except Fault as fault:
            assert str(fault)


@given(st.integers(0, 999_999))
def test_full_width_figures_count_the_same(number: int) -> None:
    assert to_count(str(number).translate(FULL) + "人") == to_count(float(number)) == number


@pytest.mark.parametrize(
    ("cell", "expected", "why"),
    [
        (20260312001.0, "20260312001", "a number column holds the work order number"),
        ("ＧＤ 001\n", "GD001", "full-width letters, blanks inside"),
        ("11010519491231002x", "11010519491231002X", "the ID's x is a capital X"),
    ],
)
def test_a_code_is_one_spelling(cell: Cell, expected: str, why: str) -> None:
    assert to_code(cell) == expected, why


def test_a_code_that_excel_has_rounded_is_refused() -> None:
    with pytest.raises(Fault, match="15 位"):
        to_code(3.2010619900101e17)


@pytest.mark.parametrize("row", rows("intake_numbers.csv"), ids=lambda row: row["why"])
def test_numbers_of_persons_and_firms(row: dict[str, str]) -> None:
    judges: dict[str, Callable[[str], str]] = {
        "phone": phone_fault,
        "id": lambda text: id_fault(text, NOW),
        "uscc": uscc_fault,
    }
    fault = judges[row["kind"]](row["text"])
    assert row["fault"] in fault if row["fault"] else fault == ""


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_figure_of_an_id_is_noticed(place: int, step: int) -> None:
    good = "11010519491231002X"
    wrong = good[:place] + str((int(good[place]) + step) % 10) + good[place + 1 :]
    assert id_fault(wrong, NOW)
