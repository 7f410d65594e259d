"""Accounts and the trace as tables, and the words of an account's state."""

from collections.abc import Iterable

import pandas as pd

from domain.people import Role
from services.audit import Line
from services.people import Account

ROLES = {role.value: role.label for role in Role}


def chosen_roles(keys: Iterable[str]) -> frozenset[Role]:
    """The roles of a choice of keys."""
    wanted = set(keys)
    return frozenset(role for role in Role if role.value in wanted)


def state_of(account: Account) -> str:
    """What an administrator must know about an account, in a word or two."""
    if account.disabled:
        return "已停用"
    if account.locked_until:
        return f"锁定至 {account.locked_until:%H:%M}"
    return "待首次改密" if account.must_change else "正常"


def role_words(roles: Iterable[Role]) -> str:
    """Roles as labels in the order of the glossary."""
    held = set(roles)
    return "、".join(role.label for role in Role if role in held) or "无"


def matching(accounts: Iterable[Account], text: str) -> list[Account]:
    """The accounts whose name, login or unit contains the text."""
    part = text.strip().lower()
    return [
        one for one in accounts if part in f"{one.name} {one.login} {one.unit_name}".lower()
    ]  # fmt: skip


def account_table(accounts: Iterable[Account]) -> pd.DataFrame:
    """One row an account."""
    rows = [
        (one.name, one.login, one.unit_name, role_words(one.roles), state_of(one), one.sessions)
        for one in accounts
    ]
    return pd.DataFrame(rows, columns=["姓名", "账号", "单位", "角色", "状态", "在线"])


def trace_table(lines: Iterable[Line]) -> pd.DataFrame:
    """One row an event."""
    rows = [
        (
            f"{one.at:%Y-%m-%d %H:%M:%S}", one.what, one.who or "—", one.unit, one.ip or "—",
            str(one.case_id) if one.case_id else "—", one.details, one.id,
        )
        for one in lines
    ]  # fmt: skip
    columns = ["时间", "事项", "人员", "单位", "来源地址", "事项编号", "内容", "留痕号"]
    return pd.DataFrame(rows, columns=columns)
