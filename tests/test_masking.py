"""The masker: hard cases by table, and what it finds of a thousand planted complaints."""

import csv
import time
from itertools import pairwise
from pathlib import Path

import pytest

from bench.masking import LEAST, measured, table
from bench.plants import Planted, corpus
from domain.mask_patterns import Kind
from domain.masking import Span, find, mask, occurrences, settled

TABLE = Path(__file__).parent / "tables" / "masking.csv"
CASES = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
TEXTS = 1000
# A name marked where none is costs a person a look; more of them and nobody looks.
MOST_FALSE = 0.05  # of a text


def said(text: str, spans: list[Span]) -> str:
    return ";".join(f"{span.kind.value}:{text[span.start : span.end]}" for span in spans)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["why"])
def test_a_hard_case(row: dict[str, str]) -> None:
    spans = find(row["text"])
    assert said(row["text"], spans) == row["marks"], row["why"]
    assert mask(row["text"], spans) == row["masked"], row["why"]


def test_the_planted_are_found_and_the_false_ones_few() -> None:
    tallies = measured(corpus(TEXTS, seed=2))
    shown = table(tallies, TEXTS)
    for kind, least in LEAST.items():
        tally = tallies[kind]
        assert tally.planted >= TEXTS, shown
        assert tally.recall >= least, f"{shown}\n{tally.missed}"
        assert tally.false <= MOST_FALSE * TEXTS, f"{shown}\n{tally.examples}"


def test_the_measure_sees_what_is_missed_and_what_is_false() -> None:
    one, *_ = corpus(1, seed=3)
    tallies = measured([one, Planted("我叫张伟。")])
    assert tallies[Kind.NAME].false == 1
    bare = Planted("甲" * len(one.text), one.plants)
    assert measured([bare])[Kind.PHONE].recall == 0.0


@pytest.mark.parametrize(
    ("text", "known", "masked", "why"),
    [
        ("高峰用电。高峰说", ("高峰",), "高*用电。高*说", "a known name even where it is a word"),
        ("高 峰来过", ("高峰",), "高*来过", "a known name with a gap"),
        ("拨１３８-1234 5678", ("13812345678",), "拨138****5678", "a known phone in any dress"),
        ("号8340 1234", ("83401234",), "号****", "a known short number, no cue"),
        ("在梅园新村街道1号3幢", ("梅园新村街道1号",), "在******幢", "a known address"),
        ("张扬跋扈的张", ("张",), "张扬跋扈的张", "one sign would blot out the text"),
        ("证E1234567", ("e1234567",), "证E1****", "a known passport whatever its case"),
    ],
)  # fmt: skip
def test_the_known_are_always_masked(
    text: str, known: tuple[str, ...], masked: str, why: str
) -> None:
    assert mask(text, find(text, known)) == masked, why


def test_spans_are_in_order_and_never_overlap() -> None:
    for one in corpus(200, seed=4):
        spans = find(one.text, ("邻居", "3幢", "12369反映"))
        assert all(a.end <= b.start for a, b in pairwise(spans))
        assert all(0 <= s.start < s.end <= len(one.text) for s in spans)


def test_an_earlier_stretch_wins_and_the_rest_of_a_later_one_stays_hidden() -> None:
    text = "梅园1号3幢501室"
    spans = settled(text, [(0, 4, Kind.ADDRESS), (2, 10, Kind.HOUSE)])
    assert [(s.start, s.end, s.kind) for s in spans] == [(0, 4, Kind.ADDRESS), (4, 10, Kind.HOUSE)]


def test_words_of_a_person_are_found_wherever_they_stand() -> None:
    text = "小店ABC，小 店ａｂｃ"
    assert [text[a:b] for a, b, _ in occurrences(text, ["小店abc"], Kind.OTHER)] == [
        "小店ABC", "小 店ａｂｃ",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", " ", "\n", "🙂👨‍👩‍👧", "张", "1", "ß㎏ﬁ½", "\x00" * 5, "①②③"])
def test_odd_texts_come_back_as_they_are(text: str) -> None:
    assert mask(text, find(text)) == text


@pytest.mark.parametrize("piece", ["1", "1 ", "a", "a.b@", "张", "12-", "苏A ", "高度的厂"])
def test_a_long_text_of_one_kind_takes_time_in_proportion(piece: str) -> None:
    began = time.process_time()
    find(piece * (30_000 // len(piece)))
    assert time.process_time() - began < 10
