"""Columns into fields: proposed, completed by hand, applied to every row."""

from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.errors import Refused
from intake.checks import check
from intake.convert import Fault, to_code, to_count, to_degree, to_list, to_text, to_time
from intake.fields import CLOSED, FIELDS, GROUP_FROM, Kind
from intake.model import Cell, Incoming, Mapping, Petitioner, Problem, Table, Vocabulary
from intake.words import Words, bare_heading, heading, parts, plain, turned, words_of

Convert = Callable[[Cell], Any]
_CODES = ("source_no", "phone", "id_number", "credit_code", "recording_no")
_PERSON = ("name", "phone", "id_number", "home_address")
_JOINED = {Kind.TEXT, Kind.LIST, Kind.WORDS}  # kinds that may take several columns
_WHOLE_FILE = "（整个文件的固定值）"
_TITLE = 40  # characters of the content that stand in for a missing title


def _categories(keys: list[str]) -> tuple[str, ...]:
    """Each once; a main type gives way to its own sub-type."""
    once = dict.fromkeys(key.strip() for key in keys)
    return tuple(k for k in once if not any(o.startswith(k) and o != k for o in once))


_FINISH: dict[Kind, Callable[[list[str]], Any]] = {
    Kind.WORD: lambda keys: keys[0] if keys else "",
    Kind.WORDS: _categories,
    Kind.FLAG: lambda keys: keys[0] == "1" if keys else None,
    Kind.PLACE: lambda keys: int(keys[0]) if keys else None,
}


@dataclass(frozen=True, slots=True)
class _Column:
    """One mapped column: where it stands, what it becomes, and how."""

    at: int
    header: str
    key: str
    convert: Convert


def propose(table: Table, vocabulary: Vocabulary, saved: Mapping | None = None) -> Mapping:
    """The columns we recognise by name, over what was saved for this channel before."""
    base = saved or Mapping()
    columns = {h: key for h, key in base.columns.items() if h in table.headers}
    taken = set(columns.values())
    for header in table.headers:
        key = _recognised(header, vocabulary)
        if key and key not in taken and header not in base.columns:
            columns[header] = key
            taken.add(key)
    return replace(base, columns=columns)


def unknown_values(
    table: Table, mapping: Mapping, vocabulary: Vocabulary
) -> dict[str, list[tuple[str, int]]]:
    """Per closed field the words not mapped yet with their counts, most frequent first."""
    words, found = words_of(vocabulary), {}
    for key in CLOSED:
        counts: Counter[str] = Counter()
        for at in _positions(table, mapping, key):
            counts.update(to_text(row[at]) for row in table.rows if row)
        unknown = Counter[str]()
        for text, count in counts.items():
            unknown.update(dict.fromkeys(_unknown(key, text, mapping, words), count))
        if unknown:
            found[key] = unknown.most_common()
    return found


def apply(
    table: Table, mapping: Mapping, vocabulary: Vocabulary,
    channel: str, subchannel: str, now: datetime,
) -> tuple[list[Incoming], list[Problem]]:  # fmt: skip
    """Every faultless row as an `Incoming`, and every fault of all the others.

    A column for the sub-channel overrules the two given. `Refused` when the mapping itself does
    not fit the file. Nothing is written anywhere.
    """
    words = words_of(vocabulary)
    columns, fixed = _columns(table, mapping, words), _fixed(mapping, words)
    fixed = {"subchannel": subchannel} | fixed
    headers = {c.key: c.header for c in reversed(columns)}
    good: list[Incoming] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(table.rows, table.first_data_row):
        if not row:
            continue
        values, faults = _values(row, columns, fixed)
        incoming = _incoming(values, channel, words, number)
        if "source_no" not in faults and incoming.source_no:
            faults |= _twice(incoming, seen)
        for fault in check(incoming, now, vocabulary):
            faults.setdefault(fault.field, fault.message)
        if faults:
            problems.extend(_listed(number, faults, headers))
        else:
            good.append(incoming)
    return good, problems


def _recognised(header: str, vocabulary: Vocabulary) -> str | None:
    for name in (heading(header), bare_heading(header)):
        for key, field in FIELDS.items():
            if name in map(heading, (field.label, *vocabulary.aliases.get(key, ()))):
                return key
    return None


def _positions(table: Table, mapping: Mapping, key: str) -> list[int]:
    return [at for at, h in enumerate(table.headers) if mapping.columns.get(h) == key]


def _unknown(key: str, text: str, mapping: Mapping, words: Words) -> list[str]:
    """The words of one cell that lead to no key of ours."""
    if not text or _given(mapping.values.get(key, {}), text) is not None:
        return []
    several = FIELDS[key].kind is Kind.WORDS
    named = parts(text) if several and words.find(key, text) is None else [text]
    return [word for word in named if _found(key, word, mapping, words) is None]


def _found(key: str, word: str, mapping: Mapping, words: Words) -> str | None:
    given = _given(mapping.values.get(key, {}), word)
    return words.find(key, word) if given is None else given


def _given(by_hand: Map[str, str], text: str) -> str | None:
    """What was mapped by hand: as written first, then as compared."""
    if text in by_hand or not by_hand:
        return by_hand.get(text)
    word = plain(text)
    return next((key for said, key in by_hand.items() if plain(said) == word), None)


def _columns(table: Table, mapping: Mapping, words: Words) -> list[_Column]:
    """The mapped columns in the file's order; refuses a mapping that does not fit."""
    absent = [header for header in mapping.columns if header not in table.headers]
    if absent:
        raise Refused(f"文件里没有这些列：{'、'.join(absent)}；请重新对应。")
    _known_fields(mapping)
    found = [
        _Column(at, header, key, _converter(key, mapping, words, header))
        for at, header in enumerate(table.headers)
        if (key := mapping.columns.get(header))
    ]
    for key, count in Counter(column.key for column in found).items():
        if count > 1 and FIELDS[key].kind not in _JOINED:
            raise Refused(f"有 {count} 列都对应到“{FIELDS[key].label}”；请只留一列。")
    return found


def _known_fields(mapping: Mapping) -> None:
    for key in (*mapping.columns.values(), *mapping.values, *mapping.fixed):
        if key and key not in FIELDS:
            raise Refused(f"列对应方案中的字段“{key[:30]}”不存在；请重新对应。")


def _fixed(mapping: Mapping, words: Words) -> dict[str, Any]:
    """The values that hold where no column says one."""
    values = {}
    for key, text in mapping.fixed.items():
        try:
            values[key] = _converter(key, mapping, words)(text)
        except Fault as fault:
            raise Refused(f"{FIELDS[key].label}{_WHOLE_FILE}有误：{fault}。") from fault
    return {key: value for key, value in values.items() if value not in (None, "", ())}


def _converter(key: str, mapping: Mapping, words: Words, header: str = "") -> Convert:
    """How a cell becomes the value of a field; repeated cells are worked out once."""
    kind = FIELDS[key].kind
    if kind is Kind.TIME:
        return _once(lambda cell: to_time(cell, mapping.date_order))
    if kind is Kind.TEXT:
        return to_code if key in _CODES else to_text
    if kind in (Kind.LIST, Kind.COUNT, Kind.DEGREE):
        return {Kind.LIST: to_list, Kind.COUNT: to_count, Kind.DEGREE: to_degree}[kind]
    finish = _FINISH[kind]

    def convert(cell: Cell) -> Any:
        text = to_text(cell)
        value = finish(_keys(key, text, mapping, words))
        return not value if value is not None and turned(key, header, text) else value

    return _once(convert)


def _once(convert: Convert) -> Convert:
    """The same cell gives the same value or the same fault: remember both."""
    memory: dict[tuple[type, Cell], tuple[Any, Fault | None]] = {}

    def remembered(cell: Cell) -> Any:
        known = memory.get((type(cell), cell))
        if known is None:
            known = memory[type(cell), cell] = _tried(convert, cell)
        if known[1] is not None:
            raise Fault(str(known[1]))
        return known[0]

    return remembered


def _tried(convert: Convert, cell: Cell) -> tuple[Any, Fault | None]:
    try:
        return convert(cell), None
    except Fault as fault:
        return None, fault


def _keys(key: str, text: str, mapping: Mapping, words: Words) -> list[str]:
    """Our keys for the words of one cell, or a fault naming those we do not know."""
    if unknown := _unknown(key, text, mapping, words):
        if key == "division":
            raise Fault(words.place_fault(text))
        listed = "、".join(word[:30] for word in unknown)
        raise Fault(f"{FIELDS[key].label}“{listed}”不认识；请在值对应中选择我们的词，或改正")
    whole = _found(key, text, mapping, words)
    found = [whole] if whole is not None else [_found(key, w, mapping, words) for w in parts(text)]
    return [one for keys in found if keys for one in keys.replace("，", ",").split(",") if one]


def _values(
    row: tuple[Cell, ...], columns: list[_Column], fixed: Map[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a row by field key, and the faults of its cells by field key."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for column in columns:
        cell = row[column.at]
        if cell is None:
            continue
        try:
            if isinstance(cell, str) and "\ufffd" in cell:
                raise Fault("有无法识别的字符（�），可能是编码损坏；请改正后再上传")
            value = column.convert(cell)
        except Fault as fault:
            faults[column.key] = str(fault)
            continue
        if value is not None and value != "" and value != ():
            before = values.get(column.key)
            values[column.key] = value if before is None else _joined(column.key, before, value)
    return {**fixed, **values}, faults


def _joined(key: str, before: Any, value: Any) -> Any:
    if isinstance(before, tuple):
        return tuple(dict.fromkeys(before + value))
    return f"{before}\n{value}" if key == "content" else f"{before} {value}"


def _incoming(values: dict[str, Any], channel: str, words: Words, row: int) -> Incoming:
    """The fields put together: petitioner apart, title and group derived where unsaid."""
    person = {key: values.pop(key) for key in _PERSON if key in values}
    if "title" not in values and (content := values.get("content")):
        values["title"] = content.split("\n")[0].split("。")[0][:_TITLE]
    values.setdefault("group", (values.get("headcount") or 0) >= GROUP_FROM)
    values["channel"] = words.channels.get(values["subchannel"], channel)
    return Incoming(**values, petitioner=Petitioner(**person), row=row)


def _twice(incoming: Incoming, seen: dict[tuple[str, str], int]) -> dict[str, str]:
    first = seen.setdefault((incoming.subchannel, incoming.source_no), incoming.row)
    if first == incoming.row:
        return {}
    return {"source_no": f"来源编号与本文件第 {first} 行重复；请删去一行或改正编号"}


def _listed(row: int, faults: Map[str, str], headers: Map[str, str]) -> Iterator[Problem]:
    for key, message in faults.items():
        yield Problem(row, headers.get(key) or f"{FIELDS[key].label}（文件中没有此列）", message)
