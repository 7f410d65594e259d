"""The parts of the board: where it stands, tiles, units by clocks, days ahead, longest missed."""

from datetime import date, datetime, timedelta

from db.queries.board import Running
from db.queries.metrics import Shine
from domain.people import Level, city_of, level_of, province_of
from domain.workdays import Calendar
from rules import load
from ui import reads
from ui.board_place import AHEAD, LIGHTS, Place
from ui.reads import Board
from ui.tables import WEEKDAYS, Cell, Column, Html, day, empty, joined, light, link, safe, table

WORDS = {
    Shine.RED: "已超期", Shine.ORANGE: "1个工作日内到期", Shine.YELLOW: "3个工作日内到期",
    Shine.PROVISIONAL: "到期日暂定",
}  # fmt: skip
HEADS = {
    Shine.RED: "超期最久", Shine.ORANGE: "橙灯：最先到期", Shine.YELLOW: "黄灯：最先到期",
    Shine.PROVISIONAL: "暂定：最先到期",
}  # fmt: skip


def path(place: Place, home: int, now: datetime, every: int) -> str:
    """Province › city › county as far as the viewer may go up, the time, and the way to a wall."""
    chain = [province_of(place.unit), city_of(place.unit), place.unit]
    steps = [unit for unit in dict.fromkeys(chain) if unit == place.unit or _reaches(home, unit)]
    crumbs = " › ".join(
        f"<b>{safe(_named(unit))}</b>" if unit == place.unit
        else str(link(_named(unit), "overdue", place.at(unit=unit)))
        for unit in steps
    )  # fmt: skip
    wall = link("退出大屏" if place.wall else "大屏显示", "overdue",
                place.at(wall="" if place.wall else 1))  # fmt: skip
    return (
        f'<nav class="xf-path" aria-label="范围"><span>{crumbs}</span><span class="xf-soft">'
        f"{now:%Y年%m月%d日} 周{WEEKDAYS[now.weekday()]} {now:%H:%M} · 每 {every} 秒自动刷新 · "
        f"{wall}</span></nav>"
    )


def _reaches(home: int, unit: int) -> bool:
    level = level_of(home)
    return level is Level.PROVINCE or (level is Level.CITY and unit == home)


def _named(unit: int) -> str:
    found = reads.units().get(unit)
    return found.division if found else str(unit)


def tiles(found: Board, place: Place) -> str:
    """One tile a light, and what is in hand; each opens its list."""
    cards = [
        _tile(found.totals[shine], light(shine), WORDS[shine], place.cases(shine=shine.value),
              shine.value)
        for shine in LIGHTS
    ]  # fmt: skip
    root = "" if level_of(place.unit) is Level.PROVINCE else place.unit
    held: dict[str, object] = {"metric": "in_hand", "place": root}
    cards.append(_tile(found.in_hand, Html(""), "在办事项（按属地）", held, "plain"))
    return f'<div class="xf-tiles">{"".join(cards)}</div>'


def _tile(number: int, sign: Html, words: str, given: dict[str, object], css: str) -> str:
    body = Html(
        f'<span class="xf-tile-head">{sign}{safe(words)}</span>'
        f'<span class="xf-tile-number">{number:,}<small>件</small></span>'
    )
    return str(link(body, "cases", given, css=f"xf-tile xf-tile-{css}",
                    title=f"{words} {number} 件，打开清单"))  # fmt: skip


def matrix(found: Board, place: Place) -> str:
    """Units by clocks under one light; every number opens its list, every unit its own board."""
    tabs = "".join(
        str(link(Html(f"{light(shine)}{WORDS[shine]}"), "overdue", place.at(light=shine.value),
                 css="xf-tab xf-on" if shine is place.shine else "xf-tab"))
        for shine in LIGHTS
    )  # fmt: skip
    head = f'<h2>各单位各时限</h2><div class="xf-tabs" role="tablist">{tabs}</div>'
    seen = found.matrix
    if not seen.units:
        return head + empty(f"没有{WORDS[place.shine]}的事项", _comfort(place.shine))
    keys = [key for key in load().clock_labels if seen.clocks.get(key)]
    columns = [Column("责任单位", "xf-key"), Column("合计", "xf-num xf-sum")]
    columns += [Column(load().clock_labels[key], "xf-num") for key in keys]
    most = max(seen.cells.values())
    rows = [
        [_unit(unit, place), _number(seen.units[unit], place.cases(unit)),
         *(_heat(seen.cells.get((unit, key), 0), most, place, unit, key) for key in keys)]
        for unit in sorted(seen.units, key=lambda unit: (-seen.units[unit], unit))
    ]  # fmt: skip
    total = found.totals[place.shine]
    rows.append([Html("<span>合计</span>"), _number(total, place.cases()),
                 *(_number(seen.clocks[key], place.cases(clock=key)) for key in keys)])  # fmt: skip
    note = "一件事项可有几个时限，合计按事项去重，不等于各列之和。"
    made = table(columns, rows, css=f"xf-matrix xf-of-{place.shine.value}")
    return f'{head}{made}<p class="xf-soft">{note}</p>'


def _comfort(shine: Shine) -> str:
    return "所有时限都在期内，请继续保持。" if shine is Shine.RED else "换一个灯色看看。"


def _unit(unit: int, place: Place) -> Html:
    known = reads.units()
    if unit == place.unit:
        own = {Level.PROVINCE: "省厅本级", Level.CITY: "市局本级"}.get(level_of(unit), "")
        return Html(f"<span>{safe(own or _named(unit))}</span>")
    name = known[unit].division if unit in known else str(unit)
    return link(name, "overdue", place.at(unit=unit), title=f"进入{name}")


def _number(count: int, given: dict[str, object]) -> Html:
    return link(count, "cases", given) if count else Html('<span class="xf-none">·</span>')


def _heat(count: int, most: int, place: Place, unit: int, key: str) -> Html:
    """A number on a ground as strong as its share of the greatest; never by colour alone."""
    if not count:
        return Html('<span class="xf-none">·</span>')
    level = 1 + min(4, count * 5 // (most + 1))
    return link(count, "cases", place.cases(unit, key), css=f"xf-heat xf-heat-{level}")


def falling(found: Board, place: Place, today: date) -> str:
    """How many cases have a clock that ends on each of the days ahead, as bars with numbers."""
    ways = "".join(
        str(link(f"{n}个工作日", "overdue", place.at(days=n),
                 css="xf-tab xf-on" if n == place.days else "xf-tab"))
        for n in AHEAD
    )  # fmt: skip
    head = f'<h2>即将到期</h2><div class="xf-tabs">{ways}</div>'
    calendar = load().calendar
    last = calendar.advance(today, place.days)
    days = [today + timedelta(days=n) for n in range((last - today).days + 1)]
    days = [d for d in days if found.falling.get(d) or calendar.is_workday(d)]
    most = max([found.falling.get(d, 0) for d in days] + [1])
    bars = "".join(_bar(d, found.falling.get(d, 0), most, place, today, calendar) for d in days)
    return f'{head}<ul class="xf-bars">{bars}</ul>'


def _bar(
    when: date, count: int, most: int, place: Place, today: date, calendar: Calendar
) -> str:  # fmt: skip
    given = {"due_first": when, "due_last": when} | place.duty()
    kind = "今天" if when == today else "" if calendar.is_workday(when) else calendar.why(when)
    number = link(Html(f"{count:,} 件"), "cases", given) if count else Html("0 件")
    return (
        f'<li><span class="xf-day">{when:%m-%d} 周{WEEKDAYS[when.weekday()]}<em>{kind}</em></span>'
        f'<span class="xf-bar"><i style="width:{count * 100 / most:.1f}%"></i></span>'
        f'<span class="xf-count">{number}</span></li>'
    )


def longest(found: Board, place: Place, today: date) -> str:
    """The clocks under the light, longest missed or soonest due first, one click from the case."""
    if not found.longest:
        return ""
    late = place.shine is Shine.RED
    columns = (
        Column("序", "xf-num xf-rank"), Column("编号", "xf-key"), Column("标题", "xf-wide"),
        Column("责任单位"), Column("时限"), Column("到期日"),
        Column("已超期" if late else "还剩", "xf-num"),
    )  # fmt: skip
    rows = [_line(n, row, place.shine, today) for n, row in enumerate(found.longest, 1)]
    note = f"<small>按到期先后，列 {len(rows)} 项时限</small>"
    return f"<h2>{HEADS[place.shine]}{note}</h2>{table(columns, rows, css='xf-long xf-cards')}"


def _line(number: int, row: Running, shine: Shine, today: date) -> list[Cell]:
    label = load().clock_labels.get(row.key, row.key)
    return [
        number, link(row.no, "case", {"id": row.case_id}, css="xf-no"), row.title,
        reads.unit(row.unit_code), joined((light(shine), label)), day(row.due_on),
        distance(row.due_on, today),
    ]  # fmt: skip


def distance(due_on: date, today: date) -> Html:
    """How far a due date lies behind or ahead, in workdays and in days."""
    works = load().calendar.measure(min(due_on, today), max(due_on, today))
    days = abs((today - due_on).days)
    return Html(f"<b>{works:,}</b> 个工作日<small>{days:,} 天</small>")
