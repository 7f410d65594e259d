"""The State Council's notices → a calendar, every special day with its document."""

from collections.abc import Iterator
from datetime import date

from domain.workdays import Calendar, SpecialDay
from rules.reading import Table, unique

FILE = "workdays.toml"


def calendar(doc: Table) -> Calendar:
    """The calendar of a document; refuses gaps between years and days that are not special."""
    version = doc.text("version")
    first, last = doc.whole("first_year", 2000), doc.whole("last_year", 2000)
    special: dict[date, SpecialDay] = {}
    years: list[int] = []
    documents: list[str] = []
    for notice in doc.tables("notice", "document"):
        documents.append(notice.text("document"))
        _notice(notice, documents, years, special)
        notice.done()
    doc.done()
    unique(doc, "notice", documents)
    if years != list(range(first, last + 1)):
        raise doc.fault("notice", f"各年通知须从 {first} 年到 {last} 年逐年相接，现为 {years}")
    _inside(doc, first, last, special)
    return Calendar(version, first, last, special)


def _notice(
    notice: Table, documents: list[str], years: list[int], special: dict[date, SpecialDay]
) -> None:
    """Enter one notice; only one that amends another may set or cancel days already set."""
    notice.day("issued")
    amends = "amends" in notice
    if amends:
        notice.word("amends", documents[:-1])
    else:
        years.append(notice.whole("year", 2000))
    for day in notice.days("cancels"):
        if not amends or special.pop(day, None) is None:
            raise notice.fault("cancels", f"{day} 不是此前通知安排的日子，无从取消")
    fresh: set[date] = set()
    for entry in _days(notice, documents[-1]):
        if entry.day in fresh or (entry.day in special and not amends):
            raise notice.fault("days", f"{entry.day} 重复")
        fresh.add(entry.day)
        special[entry.day] = entry


def _days(notice: Table, document: str) -> Iterator[SpecialDay]:
    for holiday in notice.tables("days", "name"):
        name = holiday.text("name")
        for key, working in (("off", False), ("work", True)):
            for day in holiday.days(key):
                if (day.weekday() < 5) == working:
                    usual = "本来就是工作日" if working else "本来就是周末"
                    raise holiday.fault(key, f"{day} {usual}，不必写")
                yield SpecialDay(day, working, name, document)
        holiday.done()


def _inside(doc: Table, first: int, last: int, special: dict[date, SpecialDay]) -> None:
    for day in special:
        if not first <= day.year <= last:
            raise doc.fault("notice", f"{day} 不在 {first}–{last} 年之内")
