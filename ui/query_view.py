"""The public page as HTML: the form for a query code, and all a petitioner sees of a case."""

from datetime import date
from html import escape

from domain.statuses import PUBLIC, RATINGS
from services.public_query import STAGES, PublicCase
from settings import settings
from ui.templates import filled

MEANING = {
    "未办理": "来件已经登记，正在确定由哪个单位办理。",
    "办理中": "承办单位正在调查处理。",
    "已办结": "事项已经办结，结果以送达的答复为准。",
    "不受理": "事项不予受理或已移送有权处理的机关，理由以告知书为准。",
}
MARKS = dict(zip(PUBLIC, ("new", "open", "done", "out"), strict=True))
ASKED = {"intake": "登记、受理和告知是否及时、态度如何", "handling": "调查处理和答复是否满意"}
DEMO = '<p class="demo" role="note">演示系统：事项均为虚构</p>'


def form_page(code: str, error: str, token: str) -> str:
    """The form that asks for a code; what was typed stands in it again."""
    wrong = ' aria-invalid="true" aria-describedby="error"' if error else ""
    told = f'<p class="alert" role="alert" id="error">{escape(error)}</p>' if error else ""
    body = filled("query", code=escape(code), token=escape(token), wrong=wrong, told=told)
    return _page("查询办理进度", body)


def case_page(found: PublicCase, code: str, token: str, told: str = "", good: bool = True) -> str:
    """The state of a case, the days of its steps, and what may be rated."""
    css, role = ("note", "status") if good else ("alert", "alert")
    body = filled(
        "query_case", told=f'<p class="{css}" role="{role}">{escape(told)}</p>' if told else "",
        word=escape(found.status), mark=MARKS[found.status], meaning=MEANING[found.status],
        days="".join(f"<div><dt>{escape(k)}</dt><dd>{_day(v)}</dd></div>" for k, v in found.days),
        rating=_rating(found, code, token),
    )  # fmt: skip
    return _page("办理情况", body)


def _page(title: str, body: str) -> str:
    return filled("query_base", title=title, body=body, demo=DEMO if settings().demo else "")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _rating(found: PublicCase, code: str, token: str) -> str:
    """The part about rating: given ones, open ones as forms, or when it will be possible."""
    if found.status == "不受理":
        return ""
    given = "".join(
        f"<div><dt>{STAGES[stage]}</dt><dd>{RATINGS[score]}</dd></div>"
        for stage, score in found.ratings.items()
    )
    shown = f'<dl aria-label="已作评价">{given}</dl>' if given else ""
    forms = "".join(_form(stage, code, token) for stage in found.open_stages)
    return f'<section class="card"><h2>评价</h2><p>{_when(found)}</p>{shown}{forms}</section>'


def _when(found: PublicCase) -> str:
    if found.rate_until is None:
        return "答复送达后30日内，可以在这里对登记受理和办理各评价一次。"
    if found.ended:
        return f"评价期已于{_day(found.rate_until)}结束。"
    if not found.open_stages:
        return "您已经评价过，谢谢。"
    return f"每个环节可以评价一次，提交后不能修改。请在{_day(found.rate_until)}前（含当日）评价。"


def _form(stage: str, code: str, token: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="score" value="{score}" required> {label}</label>'
        for score, label in RATINGS.items()
    )
    return filled(
        "query_rate", stage=stage, unit=STAGES[stage], asked=ASKED[stage], choices=choices,
        code=escape(code), token=escape(token),
    )  # fmt: skip
