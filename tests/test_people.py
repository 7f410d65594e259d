"""What an administrator may do to accounts, and a person to the own password."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import bcrypt
import pytest
from sqlalchemy import func, select

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound, Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from services import (
    audit,
    clock,
    own_password,
    passwords,
    people,
    sessions,
    sign_in,
    store,
)  # fmt: skip
from services.people import NewPerson
from tests.serving import HASH, PASSWORD, as_person, furnish, let_in, open_as, surroundings
from ui.account_views import chosen_roles


@pytest.fixture(autouse=True)
def place(own_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # What is tested is who may, not how slow the hash is.
    cheap = bcrypt.gensalt(4)
    monkeypatch.setattr(
        passwords, "hashed", lambda word: bcrypt.hashpw(word.encode(), cheap).decode()
    )
    monkeypatch.setattr(passwords, "dummy", lambda: HASH)
    with surroundings(tmp_path):
        furnish()
        yield


@pytest.fixture
def now() -> datetime:
    return clock.now()


def viewer(login: str) -> Viewer:
    found = sessions.resolve(let_in(login), clock.now())
    assert found is not None
    return found


def person_id(login: str) -> int:
    with store.read(SYSTEM) as session:
        return session.scalars(select(m.Person.id).where(m.Person.login == login)).one()


NEW = NewPerson("new_one", "新来的", 320500, frozenset({Role.CLERK}))


def test_a_new_account_signs_in_once_and_must_change_its_password(now: datetime) -> None:
    password = people.create(viewer("admin"), NEW, now)
    token = sign_in.sign_in("new_one", password, "10.0.0.1", "test", now)
    found = sessions.standing(sessions.digest(token), now)
    assert found is not None and found.must_change
    mine = "My-Own-Pass-1"
    token = own_password.change_password(found.viewer, password, mine, mine, "test", now)
    found = sessions.standing(sessions.digest(token), now)
    assert found is not None and not found.must_change


@pytest.mark.parametrize(
    ("wanted", "field", "why"),
    [
        (NewPerson("ab", "某", 320500, NEW.roles), "login", "too short"),
        (NewPerson("nj_clerk", "某", 320500, NEW.roles), "login", "taken"),
        (NewPerson("a b c", "某", 320500, NEW.roles), "login", "a space"),
        (NewPerson("good_name", " ", 320500, NEW.roles), "name", "no name"),
        (NewPerson("good_name", "某", 320999, NEW.roles), "unit", "no such unit"),
        (NewPerson("good_name", "某", 320500, frozenset()), "roles", "no role"),
        (
            NewPerson("good_name", "某", 320500, frozenset({Role.ADMIN, Role.AUDITOR})),
            "roles",
            "no one holds both",
        ),
        (
            NewPerson("good_name", "某", 320500, frozenset({Role.ADMIN, Role.CLERK})),
            "roles",
            "an administrator works on no case",
        ),
        (
            NewPerson("good_name", "某", 320500, frozenset({Role.AUDITOR, Role.HANDLER})),
            "roles",
            "an auditor opens no identity",
        ),
    ],
)
def test_wrong_fields_are_named(wanted: NewPerson, field: str, why: str, now: datetime) -> None:
    with pytest.raises(Invalid) as told:
        people.create(viewer("admin"), wanted, now)
    assert list(told.value.problems) == [field], why


@pytest.mark.parametrize("login", ["nj_clerk", "auditor", "province", "leader", "nobody"])
def test_only_an_administrator_may(login: str, now: datetime) -> None:
    who, target = viewer(login), person_id("sz_handler")
    for act in (
        lambda: people.accounts(who, now),
        lambda: people.create(who, NEW, now),
        lambda: people.set_roles(who, target, {Role.CLERK}, now),
        lambda: people.set_disabled(who, target, True, now),
        lambda: people.reset_password(who, target, now),
        lambda: people.unlock(who, target, now),
        lambda: people.end_sessions(who, target, now),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_administrator_of_a_city_reaches_no_other_city(now: datetime) -> None:
    with store.write(SYSTEM) as session:
        admin = session.scalars(select(m.Person).where(m.Person.login == "admin")).one()
        admin.unit_code = 320100
    who = viewer("admin")
    assert {account.unit for account in people.accounts(who, now)} == {320100}
    with pytest.raises(NotFound):
        people.set_disabled(who, person_id("sz_handler"), True, now)
    with pytest.raises(NotAllowed):
        people.create(who, NEW, now)
    with store.read(SYSTEM) as session:
        assert session.scalar(select(func.count()).where(m.Person.login == "new_one")) == 0


@pytest.mark.parametrize("change", ["roles", "disabled", "reset", "end"])
def test_a_change_ends_the_sessions_at_once(change: str, now: datetime) -> None:
    token, who, target = let_in("sz_handler"), viewer("admin"), person_id("sz_handler")
    assert sessions.resolve(token, now)
    {
        "roles": lambda: people.set_roles(who, target, {Role.REVIEWER}, now),
        "disabled": lambda: people.set_disabled(who, target, True, now),
        "reset": lambda: people.reset_password(who, target, now),
        "end": lambda: people.end_sessions(who, target, now),
    }[change]()
    assert sessions.resolve(token, now) is None


def test_roles_change_to_exactly_these(now: datetime) -> None:
    who, target = viewer("admin"), person_id("province")
    people.set_roles(who, target, {Role.SUPERVISOR, Role.LEADER}, now)
    found = next(one for one in people.accounts(who, now) if one.id == target)
    assert found.roles == {Role.SUPERVISOR, Role.LEADER}


def test_nobody_changes_the_own_roles_or_closes_the_own_account(now: datetime) -> None:
    who = viewer("admin")
    with pytest.raises(NotAllowed):
        people.set_roles(who, who.person_id, {Role.CLERK}, now)
    with pytest.raises(NotAllowed):
        people.set_disabled(who, who.person_id, True, now)


def test_a_closed_account_does_not_sign_in_until_reopened(now: datetime) -> None:
    who, target = viewer("admin"), person_id("sz_handler")
    people.set_disabled(who, target, True, now)
    with pytest.raises(Refused):
        sign_in.sign_in("sz_handler", PASSWORD, "10.0.0.1", "test", now)
    people.set_disabled(who, target, False, now)
    assert sign_in.sign_in("sz_handler", PASSWORD, "10.0.0.1", "test", now)


def test_unlocking_lets_the_person_in_again(now: datetime) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            sign_in.sign_in("sz_handler", "wrong", "10.0.0.1", "test", now)
    people.unlock(viewer("admin"), person_id("sz_handler"), now)
    assert sign_in.sign_in("sz_handler", PASSWORD, "10.0.0.1", "test", now)


@pytest.mark.parametrize(
    ("old", "new", "again", "field", "why"),
    [
        ("wrong", "Better-Pass-1", "Better-Pass-1", "old", "the old one is wrong"),
        (PASSWORD, "Short-1", "Short-1", "new", "too short"),
        (PASSWORD, "onlylowercase1", "onlylowercase1", "new", "two classes"),
        (PASSWORD, "Nj_clerk-2026", "Nj_clerk-2026", "new", "the name within"),
        (PASSWORD, "密" * 25 + "Aa1", "密" * 25 + "Aa1", "new", "over 72 bytes"),
        (PASSWORD, "Better-Pass-1", "Better-Pass-2", "again", "two different ones"),
        (PASSWORD, PASSWORD, PASSWORD, "new", "the same as now"),
    ],
)
def test_what_a_new_password_must_be(
    old: str, new: str, again: str, field: str, why: str, now: datetime
) -> None:
    with pytest.raises(Invalid) as told:
        own_password.change_password(viewer("nj_clerk"), old, new, again, "test", now)
    assert list(told.value.problems) == [field], why


def test_none_of_the_last_five_passwords_comes_back(now: datetime) -> None:
    used = [PASSWORD, *(f"Another-Pass-{number}" for number in range(5))]
    who = viewer("nj_clerk")
    for turn, (old, new) in enumerate(pairwise(used)):
        at = now + timedelta(seconds=turn)
        token = own_password.change_password(who, old, new, new, "test", at)
        found = sessions.resolve(token, at)
        assert found is not None
        who = found
    for former in used[1:]:
        with pytest.raises(Invalid, match="最近 5 次"):
            own_password.change_password(who, used[-1], former, former, "test", now)
    assert own_password.change_password(who, used[-1], PASSWORD, PASSWORD, "test", now)


def test_a_changed_password_ends_every_other_session(now: datetime) -> None:
    other, mine = let_in("nj_clerk"), viewer("nj_clerk")
    new = "Better-Pass-1"
    token = own_password.change_password(mine, PASSWORD, new, new, "test", now)
    assert sessions.resolve(other, now) is None
    assert sessions.viewer_of(str(mine.person_id), mine.session, now) is None
    assert sessions.resolve(token, now)


def test_a_wrong_old_password_locks_and_ends_the_session(now: datetime) -> None:
    token = let_in("nj_clerk")
    who = sessions.resolve(token, now)
    assert who is not None
    for _ in range(5):
        with pytest.raises(Invalid, match="原密码不正确"):
            own_password.change_password(who, "wrong", "x", "x", "test", now)
    assert sessions.resolve(token, now) is None


@pytest.mark.parametrize("meanwhile", ["changed", "closed", "locked", "ended"])
def test_what_happens_during_the_hashing_counts(
    meanwhile: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, new = viewer("nj_clerk"), "Better-Pass-1"

    def slow(_word: str) -> str:
        with store.write(SYSTEM) as session:
            person = session.get_one(m.Person, who.person_id)
            if meanwhile == "changed":
                person.password_hash = "reset by an administrator"
            elif meanwhile == "closed":
                person.disabled_at = now
            elif meanwhile == "locked":
                person.locked_until = now + timedelta(minutes=30)
            else:
                sessions.end_all(session, person.id, now, "test")
        return "the new hash"

    monkeypatch.setattr(passwords, "hashed", slow)
    with pytest.raises(Invalid):
        own_password.change_password(who, PASSWORD, new, new, "test", now)
    with store.read(SYSTEM) as session:
        assert session.get_one(m.Person, who.person_id).password_hash != "the new hash"
        assert session.scalar(select(func.count()).where(m.SignIn.ended_at.is_(None))) == (
            0 if meanwhile == "ended" else 1
        )


def test_every_change_is_on_the_record_without_a_password(now: datetime) -> None:
    who, target = viewer("admin"), person_id("sz_handler")
    handed = people.create(who, NEW, now)
    people.set_roles(who, target, {Role.REVIEWER}, now)
    people.set_disabled(who, target, True, now)
    again = people.reset_password(who, target, now)
    people.end_sessions(who, target, now)
    wanted = audit.Wanted(now.date(), now.date())
    lines, more = audit.lines(viewer("auditor"), wanted)
    told = [line.what for line in reversed(lines)]
    assert told == ["建立账号", "调整角色", "停用账号", "重置密码", "强制退出"] and not more
    text = audit.as_csv(lines).decode("utf-8-sig")
    assert "承办人" in text and "审核人" in text
    assert handed not in text and again not in text


def test_the_page_of_people_opens_for_an_administrator_only() -> None:
    app = open_as("people", "admin")
    assert not app.exception and not app.error
    assert list(app.dataframe[0].value["账号"])[:2] == ["province", "leader"]
    for login in ("auditor", "nj_clerk", "nobody", None):
        closed = open_as("people", login)
        assert len(closed.warning) == 1
        assert not (closed.dataframe or closed.button or closed.text_input)


def test_the_page_of_people_opens_an_account() -> None:
    app = open_as("people", "admin")
    app.text_input[0].input("page_made")
    app.text_input[1].input("页面建")
    app.selectbox[0].select(320500)
    app.multiselect[0].select("handler")
    app.button[0].click().run()
    assert "一次性密码" in app.success[0].value
    sign_in.sign_in("page_made", app.code[0].value, "10.0.0.1", "test", clock.now())


def test_the_page_of_people_says_what_is_wrong() -> None:
    app = open_as("people", "admin")
    app.button[0].click().run()
    assert "账号须为" in app.error[0].value and not app.code


def test_the_page_of_the_trace_opens_for_an_auditor_only() -> None:
    app = open_as("trace", "auditor")
    assert not app.exception
    for login in ("admin", "nj_clerk", "nobody", None):
        closed = open_as("trace", login)
        assert len(closed.warning) == 1 and not (closed.dataframe or closed.button)


def test_the_page_of_the_trace_filters_and_checks(now: datetime) -> None:
    sign_in.sign_in("nj_clerk", PASSWORD, "10.0.0.1", "test", now)
    with pytest.raises(Refused):
        sign_in.sign_in("nj_clerk", "wrong", "10.0.0.1", "test", now)
    app = open_as("trace", "auditor")
    assert sorted(app.dataframe[0].value["事项"]) == ["登录", "登录失败"]
    app.selectbox[0].select("sign_in").run()
    assert list(app.dataframe[0].value["人员"]) == ["宁小登"]
    next(one for one in app.button if "核验" in one.label).click().run()
    assert "核验通过" in app.success[0].value


def test_an_auditor_of_a_city_reads_the_trace_of_that_city(now: datetime) -> None:
    sign_in.sign_in("nj_clerk", PASSWORD, "10.0.0.1", "test", now)
    sign_in.sign_in("sz_handler", PASSWORD, "10.0.0.1", "test", now)
    with store.write(SYSTEM) as session:
        auditor = session.scalars(select(m.Person).where(m.Person.login == "auditor")).one()
        auditor.unit_code = 320100
    lines, _ = audit.lines(viewer("auditor"), audit.Wanted(now.date(), now.date()))
    assert [line.who for line in lines] == ["宁小登"]


def test_a_session_revoked_shows_a_stranger_on_the_next_run(now: datetime) -> None:
    app = open_as("people", "admin")
    people_id = person_id("admin")
    with store.write(SYSTEM) as session:
        sessions.end_all(session, people_id, now, "test")
    app.run()
    assert len(app.warning) == 1 and not app.dataframe


def test_chosen_roles_are_those_of_the_keys() -> None:
    assert chosen_roles(["clerk", "admin", "nonsense"]) == {Role.CLERK, Role.ADMIN}


def test_a_stranger_with_a_made_up_session_is_a_stranger() -> None:
    app = open_as("people", None)
    app.user = {"uid": str(person_id("admin")), "sid": "0" * 64}
    app.run()
    assert len(app.warning) == 1 and not app.dataframe
    assert not as_person(app, "admin").run().warning
