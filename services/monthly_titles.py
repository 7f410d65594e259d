"""The findings a summary's titles state, and its 口径说明."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter

from services.monthly_model import Line, Row, Summary
from services.monthly_words import change, each, foremost, points, said, share, standing, tenth

TOP = 3  # industries that are named


def told(found: Summary) -> Summary:
    """The summary with its titles and notes."""
    tellers = (_overall, _channels, _kinds, _industries, _rows, _outcomes)
    titles = {number: teller(found) for number, teller in enumerate(tellers, 1)}
    return replace(found, titles=titles, notes=notes(found))


def _overall(s: Summary) -> str:
    flow = s.flow
    on_month = said("环比", change(flow.received, s.before.received)) if s.whole else ""
    on_year = said("同比", change(flow.received, s.year_ago.received)) if s.whole else ""
    moved = flow.closing - flow.opening
    way = "增加" if moved > 0 else "减少"
    stock = f"较上月末{way}{abs(moved):,}件" if moved else "与上月末持平"
    return f"收件{flow.received:,}件{on_month}{on_year}；结存{flow.closing:,}件，{stock}"


def _channels(s: Summary) -> str:
    lines = [line for line in s.channels if line.number]
    if not lines:
        return "本月没有收件"
    return _ranked(lines, "“{}”", "渠道")


def _ranked(lines: list[Line], quoted: str, noun: str) -> str:
    """Who stands first with its share, and who second where one alone is first."""
    first = foremost(lines, attrgetter("number"))
    rest = [line for line in lines if line not in first] if len(first) == 1 else []
    second = foremost(rest, attrgetter("number"))
    return "，".join(
        standing([quoted.format(line.label) for line in held], place, what)
        + "，" + each(held, f"占{held[0].share}")
        for held, place, what in ((first, "最多", noun), (second, "次之", "")) if held
    )  # fmt: skip


def _names(lines: Iterable[Line | Row]) -> list[str]:
    return [line.label for line in lines]


def _kinds(s: Summary) -> str:
    kinds = [kind for kind in s.kinds if kind.main.number]
    if not kinds:
        return "本月没有收件"
    told = _ranked([kind.main for kind in kinds], "{}", "反映")
    most = foremost((line for kind in kinds for line in kind.subs), attrgetter("number"))
    if not most:
        return told
    return f"{told}；小类中{standing(_names(most), '居首')}，{each(most, f'{most[0].number:,}件')}"


def _industries(s: Summary) -> str:
    unnamed = ("", "other_industry")
    lines = [line for line in s.industries if line.number and line.key not in unnamed]
    if not lines:
        return "本月没有填写行业的收件"
    least = lines[:TOP][-1].number
    top = [line for line in lines if line.number >= least]  # whoever equals the last is in
    ahead = [line for line in top if line.number > least]
    tied = top[len(ahead):]  # fmt: skip
    if len(top) <= TOP and ahead:
        told = f"{'、'.join(_names(top))}居前"
    else:
        front = f"{'、'.join(_names(ahead))}居前，" if ahead else ""
        told = front + standing(_names(tied), "其后" if ahead else "居前")
    total = sum(line.number for line in s.industries)
    return f"{told}，合计占{share(sum(line.number for line in top), total)}"


def _rows(s: Summary) -> str:
    rows = [row for row in s.rows if row.received]
    if not rows:
        return "本月没有收件"
    if len(rows) == 1:
        return f"收件{rows[0].received:,}件，在办超期{s.total.overdue:,}件"
    most = foremost(rows, attrgetter("received"))
    part = each(most, f"占{share(most[0].received, s.total.received)}")
    late = foremost(s.rows, attrgetter("overdue"))
    tail = _most(late, "", "最多", f"{late[0].overdue:,}件") if late[0].overdue else ""
    return (f"{standing(_names(most), '最多', '收件')}，{part}{_dense(rows)}；"
            f"在办超期{s.total.overdue:,}件{tail}")  # fmt: skip


def _most(rows: list[Row], before: str, place: str, figure: str) -> str:
    return f"，{before}{standing(_names(rows), place)}（{each(rows, figure)}）"


def _dense(rows: list[Row]) -> str:
    known = [row for row in rows if row.per_ten_thousand is not None]
    if len(known) < 2:
        return ""
    most = foremost(known, attrgetter("per_ten_thousand"))
    return _most(most, "每万人收件", "最高", f"{most[0].per_ten_thousand}件")


def _outcomes(s: Summary) -> str:
    whole = s.outcome.true
    if not whole.whole:
        return "本月没有办结"
    known = [line for line in s.outcomes if line.concluded >= 10]
    tail = ""
    if len(known) > 1:
        # Equal as they are shown, for nobody sees more of them.
        best = foremost(known, lambda line: tenth(Fraction(100 * line.true.part, line.concluded)))
        true = best[0].true
        gap = points(true.part, true.whole, whole.part, whole.whole)
        compared = "与总体持平" if gap == "持平" else f"比总体{gap}"
        labels = [line.label for line in best]
        tail = f"，{standing(labels, '最高')}（{each(best, true.text)}，{compared}）"
    return f"属实率{whole.text}{tail}{_checked(s)}"


def _checked(s: Summary) -> str:
    check = s.verified
    if not check.decided:
        return ""
    return f"；省级核查不属实件{check.decided:,}件，推翻{check.overturned:,}件"


def notes(s: Summary) -> tuple[str, ...]:
    """口径说明: what each number counts."""
    day = f"截至{s.until.month}月{s.until.day}日"
    cut = f"{day}24时" if s.whole else f"本月未结束，{day}"
    return (
        f"统计范围：事项发生地在{s.unit_name}的信访举报事项，无权查看的封存件不计入；{cut}。",
        "收件：信访举报日期（收到日）在本月的事项，补录件按收到日计入。",
        "受理：受理决定日期在本月的事项，不含不予受理和移送。",
        "办结：本月首次审定办结的事项；阶段性办结（附整改计划）含在其中并另列。",
        "结存：月末仍在办理的事项。上月结存＋本月收件－本月结（办结＋不予受理）－移送＝本月结存。",
        "环比为与上月比，同比为与上年同月比；基数为0以“—”表示，基数不足10件只列增减件数。",
        "污染类型：一件可涉及多个类型，合计大于100%；占比的分母为本月收件。",
        "每万人收件：收件÷2023年末常住人口，仅全省和设区市；县（市、区）没有同口径人口数，不计算。",
        "交办率、办结率、告知率、答复率：本月到期的时限中按期完成的占比，按到期时的责任单位统计；"
        "今天到期的未到24时不判，暂定期限和经批准剔除的不计；办结率含信访、举报和简易办理三种期限。",
        "参评率：本月到期的评价窗口中已评价的占比。满意率：本月送达且已评价的事项中满意和基本满意的占比。",
        "重复件：本月收件中认定为重复信访举报的事项。",
        "在办、在办超期：查询当时仍在办理的事项，及其中有时限过期未完成的事项，不随所选月份回溯。",
        "属实率：本月办结事项中属实、基本属实和部分属实的占比；一件多类型时在各类型分别计入。",
        "省级核查：本月作出核查决定的不属实件，维持或推翻原结论。",
    )


__all__ = ["told"]
