"""Tables, links and marks as safe HTML: everything a person typed is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import urlencode

from db.queries.metrics import Shine

NOTHING = "—"
WEEKDAYS = "一二三四五六日"
# A light is never told by its colour alone: it carries its character too.
SIGN = {
    Shine.RED: "红", Shine.ORANGE: "橙", Shine.YELLOW: "黄", Shine.GREEN: "绿",
    Shine.PROVISIONAL: "暂",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Html:
    """HTML that is safe already; any other text is escaped."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = Html | str | int | date | None


def safe(value: Cell) -> str:
    """A cell as HTML: typed text escaped, nothing as —, numbers in groups of three."""
    if isinstance(value, Html):
        return value.text
    if value is None or value == "":
        return f'<span class="xf-none">{NOTHING}</span>'
    return escape(f"{value:,}" if isinstance(value, int) else str(value))


def address(page: str, given: Mapping[str, object] | None = None) -> str:
    """The address of a page with what it is asked for; blank values are left out."""
    asked = {k: str(v) for k, v in (given or {}).items() if v not in (None, "", False)}
    return f"/{page}?{urlencode(asked)}" if asked else f"/{page}"


def link(
    label: Cell, page: str, given: Mapping[str, object] | None = None, *, css: str = "",
    title: str = "",
) -> Html:  # fmt: skip
    """A link to a page; the frame's script follows it without a reload."""
    said = f' title="{escape(title)}" aria-label="{escape(title)}"' if title else ""
    where = escape(address(page, given))
    return Html(f'<a class="xf-go {css}" href="{where}" target="_self"{said}>{safe(label)}</a>')


def light(shine: Shine | None) -> Html:
    """The sign of a light: colour, character and, for readers aloud, its meaning."""
    if shine is None:
        return Html("")
    said = f"{shine.label}：{shine.meaning}"
    return Html(
        f'<span class="xf-light xf-{shine.value}" role="img" aria-label="{said}" '
        f'title="{said}">{SIGN[shine]}</span>'
    )


def mark(label: str, css: str = "") -> Html:
    """A small mark such as 重复 or 群体."""
    return Html(f'<span class="xf-mark {css}">{escape(label)}</span>')


def joined(parts: Iterable[Cell], between: str = " ") -> Html:
    """Parts one after the other, the empty ones left out."""
    return Html(between.join(safe(part) for part in parts if part not in (None, "", Html(""))))


def day(value: date | None) -> Html:
    """A date that does not break, with its weekday as a title."""
    if value is None:
        return Html(safe(None))
    title = f"{value:%Y-%m-%d} 周{WEEKDAYS[value.weekday()]}"
    return Html(f'<time title="{title}">{value:%Y-%m-%d}</time>')


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and how it behaves: num, wide, key (the card's head on a phone)."""

    label: str
    css: str = ""


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, css: str = "", caption: str = ""
) -> str:
    """A table that becomes a list of cards on a phone."""
    head = "".join(f'<th scope="col" class="{c.css}">{escape(c.label)}</th>' for c in columns)
    body = "".join(_row(columns, row, "xf-cards" in css) for row in rows)
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="xf-scroll"><table class="xf-table {css}">{said}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(columns: Sequence[Column], row: Sequence[Cell], cards: bool) -> str:
    shown = (f"<span>{safe(value)}</span>" if cards else safe(value) for value in row)
    cells = (
        f'<td class="{c.css}" data-label="{escape(c.label)}">{value}</td>'
        for c, value in zip(columns, shown, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def facts(pairs: Iterable[tuple[str, Cell]]) -> str:
    """Names and values in two columns, one on a phone."""
    lines = "".join(f"<div><dt>{escape(k)}</dt><dd>{safe(v)}</dd></div>" for k, v in pairs)
    return f'<dl class="xf-facts">{lines}</dl>'


def empty(words: str, hint: str = "") -> str:
    """What stands where nothing was found."""
    more = f"<span>{escape(hint)}</span>" if hint else ""
    return f'<div class="xf-empty" role="status"><b>{escape(words)}</b>{more}</div>'
