"""A letter on the screen as it will be printed; everything typed is escaped."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from documents.letter import DRAFT
from documents.letter_model import Letter, with_name
from domain.wording import Block, Shape
from rules import load
from services.letter_texts import Text
from ui.tables import Cell, Column, Html, facts, safe, table

FILE = Path(__file__).resolve().parent / "static" / "letters.css"
STYLE = f"<style>{FILE.read_text(encoding='utf-8')}</style>"


def sheet(letter: Letter) -> str:
    """The letter as HTML, the petitioner called 信访人."""
    shown = with_name(letter)
    day = f"{shown.issued_on.year}年{shown.issued_on.month}月{shown.issued_on.day}日"
    sign = f"{safe(shown.organ)}<br>{day}<br>（公章）" if shown.sealed_by_hand else ""
    parts = (
        f"<h3>{safe(shown.organ)}</h3><h4>{safe(shown.title)}</h4>",
        f'<div class="xl-number">{safe(shown.number or DRAFT)}</div>',
        f'<p class="xl-left">{safe(shown.salutation)}：</p>' if shown.salutation else "",
        _body(shown.body),
        f'<div class="xl-sign">{sign}</div>' if sign else "",
        f"<p>（联系方式：{safe(shown.contact)}）</p>" if shown.contact else "",
        f'<p class="xl-left">查询码：{safe(shown.query_code)}</p>' if shown.query_code else "",
        f'<div class="xl-copies">抄送：{safe(shown.copies)}</div>' if shown.copies else "",
    )
    return f'<div class="xl-sheet">{"".join(parts)}</div>'


def _body(body: tuple[Block, ...]) -> str:
    out = []
    for is_row, blocks in groupby(body, lambda block: block.shape is Shape.ROW):
        if is_row:
            rows = "".join(f"<tr>{''.join(map(_cell, b.cells))}</tr>" for b in blocks)
            out.append(f"<table>{rows}</table>")
        else:
            out += [f'<p class="xl-{b.shape.value}">{safe(b.text)}</p>' for b in blocks]
    return "".join(out)


def _cell(text: str) -> str:
    return f"<td>{safe(text) if text else Html('&nbsp;')}</td>"


VERSIONS = (Column("版本", "xf-key"), Column("时间"), Column("修改人"), Column("理由", "xf-wide"))


def versions(history: Sequence[Text]) -> str:
    """The versions of a text, the one in force first."""
    rows: list[list[Cell]] = [
        [f"第 {t.version} 版" if t.version else "出厂文本",
         f"{t.at:%Y-%m-%d %H:%M}" if t.at else None, t.by, t.note]
        for t in history
    ]  # fmt: skip
    return table(VERSIONS, rows, css="xf-cards")


def fields_of(key: str) -> str:
    """How a text is written, and the fields of its kind."""
    kind = load().letter(key)
    lists = [(f"多项字段 {name}", f"内含 {'、'.join(own)}") for name, own in kind.lists.items()]
    said = (("必须写明的话", "、".join(kind.say)),) if kind.say else ()
    return facts(
        (
            ("字段", "写作 {{字段}}，出具时填入内容"),
            ("有才写", "{{#字段}}……{{/字段}}：有内容时才写这一段；多项字段每项写一遍"),
            ("段落", "一行一段；行首“一、”“（一）”为标题，“>”为顶格，“|”为表格行"),
            ("可用字段", "、".join(kind.fields)), *lists,
            ("必须使用", "、".join(kind.must)), *said,
        )
    )  # fmt: skip
