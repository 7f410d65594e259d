"""The few pages of our own HTML; every value is escaped before it is put in."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from domain.people import Level, city_of, level_of
from services.people import DemoPerson
from settings import PasswordPolicy

HERE = Path(__file__).resolve().parent
SHOWN_CITIES = (320000, 320100, 320500)


@cache
def _template(name: str) -> Template:
    return Template((HERE / f"{name}.html").read_text(encoding="utf-8"))


def filled(name: str, **parts: str) -> str:
    """A template with its parts put in; the caller has escaped what people typed."""
    return _template(name).substitute(**parts)


def _page(title: str, body: str, script: str = "") -> str:
    return _template("base").substitute(title=escape(title), body=body, script=script)


def login(
    wanted: str, error: str, name: str, demo: Sequence[DemoPerson], demo_password: str
) -> str:
    """The sign-in page; with the demonstration's people when there are any."""
    body = _template("login").substitute(
        next=escape(wanted), name=escape(name), error=_alert(error),
        invalid=' aria-invalid="true" aria-describedby="error"' if error else "",
        demo=_demo(demo, demo_password), banner=_BANNER if demo else "",
    )  # fmt: skip
    return _page("登录", body, '<script src="/assets/sign_in.js" defer></script>')


_BANNER = '<p class="demo-banner" role="note">演示系统：人员与事项均为虚构，请勿录入真实信息</p>'


def _alert(text: str) -> str:
    return f'<p class="alert" role="alert" id="error">{escape(text)}</p>' if text else ""


def _demo(people: Sequence[DemoPerson], demo_password: str) -> str:
    if not people:
        return ""
    near = [one for one in people if _first_shown(one)]
    far = [one for one in people if not _first_shown(one)]
    more = f"<details><summary>其他单位（{len(far)} 个账号）</summary>{_groups(far)}</details>"
    return _template("demo").substitute(
        people=_groups(near), more=more if far else "", password=escape(demo_password)
    )


def _first_shown(one: DemoPerson) -> bool:
    return one.unit in SHOWN_CITIES or (
        level_of(one.unit) is Level.COUNTY and one.unit in (320102, 320508)
    )


def _groups(people: Sequence[DemoPerson]) -> str:
    units: dict[tuple[int, str], list[DemoPerson]] = {}
    for one in sorted(people, key=lambda one: (city_of(one.unit), one.unit)):
        units.setdefault((one.unit, one.unit_name), []).append(one)
    return "".join(
        f'<h3>{escape(unit)}</h3><ul class="people">{"".join(map(_person, ones))}</ul>'
        for (_, unit), ones in units.items()
    )


def _person(one: DemoPerson) -> str:
    roles = "、".join(one.roles) or "无角色"
    return (
        f'<li><button type="button" data-login="{escape(one.login)}">'
        f"<b>{escape(one.name)}</b><span>{escape(roles)}</span><code>{escape(one.login)}</code>"
        "</button></li>"
    )


def logout(name: str) -> str:
    """The question before signing out."""
    return _page("退出登录", _template("logout").substitute(name=escape(name)))


def password(policy: PasswordPolicy, forced: bool, problems: Mapping[str, str]) -> str:
    """The form to change one's password, with what is wrong beside the field."""
    why = "首次登录、密码被重置或已到期，须先修改密码才能继续使用。" if forced else ""
    rule = f"至少 {policy.length} 个字符；大写字母、小写字母、数字、符号中至少 {policy.classes} 类"
    rule += f"；不能与最近 {policy.history} 次的密码相同" if policy.history else ""
    fields = "".join(
        _field(key, label, problems.get(key, ""), mode)
        for key, label, mode in (
            ("old", "原密码", "current-password"),
            ("new", "新密码", "new-password"),
            ("again", "再输一次新密码", "new-password"),
        )
    )
    back = "" if forced else '<a class="quiet" href="/">返回</a>'
    body = _template("password").substitute(
        why=f'<p class="note" role="note">{why}</p>' if why else "", rule=escape(rule),
        fields=fields, back=back,
    )  # fmt: skip
    return _page("修改密码", body)


def _field(key: str, label: str, problem: str, mode: str) -> str:
    told = f'<p class="alert" role="alert" id="{key}-error">{escape(problem)}</p>'
    wrong = f' aria-invalid="true" aria-describedby="{key}-error"' if problem else ""
    return (
        f'<label for="{key}">{label}</label><input id="{key}" name="{key}" type="password"'
        f' autocomplete="{mode}" required maxlength="72"{wrong}>{told if problem else ""}'
    )


def message(title: str, words: str) -> str:
    """A page that says one thing and leads back."""
    body = _template("message").substitute(title=escape(title), words=escape(words))
    return _page(title, body)
