"""The text of a paper as an office edits it: placeholders to fill, lines told by how they begin.

`{{字段}}` stands for a value. `{{#字段}}…{{/字段}}` is said once for each entry of a list, or once
where a value is not empty. A line that begins with `|` is a row of a table, with `>` stands at the
margin, with 一、 or （一） is a heading; any other is a paragraph. Values are never read as marks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import Refused
from domain.labelled import Labelled

Entries = Sequence[Mapping[str, str]]
Values = Mapping[str, str | Entries]

_TAG = re.compile(r"\{\{\s*([#/]?)\s*([^{}#/\s]+)\s*\}\}")
# How an organ's own words tell of a remedy of the petition track.
REMEDY = re.compile(r"(?:申请|提出)[^。；，\n]{0,12}(?:复查|复核)|(?:复查|复核)(?:申请|机关|终结)")
_HEADS = (
    ("head1", re.compile(r"[一二三四五六七八九十]+、")),
    ("head2", re.compile(r"（[一二三四五六七八九十]+）")),
)


class Shape(Labelled):
    """How a block of a paper is set."""

    PARA = "para", "正文"
    LEFT = "left", "顶格"
    HEAD1 = "head1", "一级标题"
    HEAD2 = "head2", "二级标题"
    ROW = "row", "表格行"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, or a row of a table with its cells."""

    shape: Shape
    text: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a template: text as it stands, a field, or a passage said for each entry."""

    kind: str  # text, field, each
    value: str
    inner: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    literal: bool  # from the template; a filled-in value is not


def parse(text: str) -> tuple[Node, ...]:
    """The parts of a template; raises `Refused` where passages do not close or braces are loose."""
    stack: list[tuple[str, list[Node]]] = [("", [])]
    at = 0
    for tag in _TAG.finditer(text):
        stack[-1][1].extend(_plain(text[at : tag.start()]))
        at = tag.end()
        sign, name = tag.group(1), tag.group(2)
        if sign == "#":
            stack.append((name, []))
        elif sign == "/":
            opened, inner = stack.pop()
            if opened != name:
                raise Refused(f"模板中的“{{{{/{name}}}}}”没有对应的“{{{{#{name}}}}}”")
            stack[-1][1].append(Node("each", name, tuple(inner)))
        else:
            stack[-1][1].append(Node("field", name))
    stack[-1][1].extend(_plain(text[at:]))
    if len(stack) > 1:
        raise Refused(f"模板中的“{{{{#{stack[-1][0]}}}}}”没有写“{{{{/{stack[-1][0]}}}}}”")
    return tuple(stack[0][1])


def _plain(text: str) -> list[Node]:
    for braces in ("{{", "}}"):
        if braces in text:
            near = text[max(text.index(braces) - 6, 0) : text.index(braces) + 12].strip()
            raise Refused(f"模板中“{near}”附近的花括号不成对，字段应写作“{{{{字段}}}}”")
    return [Node("text", text)] if text else []


def named(nodes: Sequence[Node], within: str = "") -> Iterator[tuple[str, str]]:
    """Every field a template names, each with the passage it stands in."""
    for node in nodes:
        if node.kind != "text":
            yield within, node.value
        if node.kind == "each":
            yield from named(node.inner, node.value)


def said(nodes: Sequence[Node]) -> str:
    """The template's own words, one passage after the other, without what is filled in."""
    return "".join(n.value if n.kind == "text" else said(n.inner) for n in nodes)


def fill(nodes: Sequence[Node], values: Values) -> tuple[Block, ...]:
    """The blocks of a paper with its values; raises `Refused` for a field without any."""
    blocks: list[Block] = []
    for line in _lines(_pieces(nodes, values, {})):
        blocks.extend(_blocks(line))
    return tuple(blocks)


def _pieces(nodes: Sequence[Node], values: Values, entry: Mapping[str, str]) -> Iterator[_Piece]:
    for node in nodes:
        if node.kind == "text":
            yield _Piece(node.value, True)
            continue
        value = entry.get(node.value, values.get(node.value))
        if value is None:
            raise Refused(f"模板中的字段“{node.value}”在这种文书中没有内容，请管理员修改模板")
        if node.kind == "each":
            entries = value if not isinstance(value, str) else [entry] if value.strip() else []
            for one in entries:
                yield from _pieces(node.inner, values, one)
        elif isinstance(value, str):
            yield _Piece(value.strip(), False)
        else:
            raise Refused(f"字段“{node.value}”有多项，应写作“{{{{#{node.value}}}}}…”")


def _lines(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    line: list[_Piece] = []
    for piece in pieces:
        if not piece.literal:
            line.append(piece)
            continue
        first, *rest = piece.text.split("\n")
        line.append(_Piece(first, True))
        for text in rest:
            yield line
            line = [_Piece(text, True)]
    yield line


def _blocks(line: list[_Piece]) -> list[Block]:
    head = next((p for p in line if p.text.strip()), None)
    if head is None:
        return []
    own = head.text.lstrip() if head.literal else ""
    if own.startswith("|"):
        return [Block(Shape.ROW, cells=_cells(line))]
    shape, text = Shape.PARA, "".join(p.text for p in line).strip()
    if own.startswith(">"):
        shape, text = Shape.LEFT, text[1:].strip()
    for key, begins in _HEADS:
        if head.literal and begins.match(text) and not text.endswith("。"):
            shape = Shape(key)
    first, *rest = [part.strip() for part in text.splitlines() if part.strip()] or [""]
    return [Block(shape, first), *(Block(Shape.PARA, part) for part in rest)]


def _cells(line: list[_Piece]) -> tuple[str, ...]:
    cells = [""]
    for piece in line:
        first, *rest = piece.text.split("|") if piece.literal else [piece.text]
        cells[-1] += first
        cells.extend(rest)
    return tuple(cell.strip() for cell in cells[1:-1])
