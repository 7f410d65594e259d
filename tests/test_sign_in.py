"""Signing in: what is refused, what it costs, and how long a session lives."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Refused
from domain.scope import SYSTEM
from services import clock, passwords, sessions, sign_in, store, trace
from settings import settings
from tests.serving import HASH, PASSWORD, furnish, let_in, surroundings

HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture(autouse=True)
def place(own_environment: None, tmp_path: Path) -> Iterator[None]:
    with surroundings(tmp_path):
        furnish()
        yield


@pytest.fixture(autouse=True)
def cheap_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "dummy", lambda: HASH)


def enter(login: str, password: str, now: datetime, ip: str = HERE) -> str:
    return sign_in.sign_in(login, password, ip, "test", now)


def events(kind: str) -> list[m.Event]:
    with store.read(SYSTEM) as session:
        return list(session.scalars(select(m.Event).where(m.Event.kind == kind)).all())


def kinds() -> list[str]:
    with store.read(SYSTEM) as session:
        return list(session.scalars(select(m.Event.kind).order_by(m.Event.id)))


def miss(login: str, now: datetime, ip: str = HERE, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            enter(login, "wrong", now, ip)


def test_a_right_password_gives_a_session_of_its_own_each_time(now: datetime) -> None:
    first, second = enter("nj_clerk", PASSWORD, now), enter("nj_clerk", PASSWORD, now)
    assert first != second and len(first) >= 43
    found = sessions.resolve(first, now)
    assert found is not None and (found.name, found.unit, found.ip) == ("宁小登", 320100, HERE)
    with store.read(SYSTEM) as session:
        assert first not in set(session.scalars(select(m.SignIn.token_hash)))
    assert kinds() == ["sign_in", "sign_in"]


@pytest.mark.parametrize(
    ("login", "password"),
    [("nj_clerk", "wrong"), ("no_such_name", "wrong"), ("nj_clerk", "长" * 40), ("", "")],
)
def test_every_miss_gets_the_same_words_and_leaves_an_event(
    login: str, password: str, now: datetime
) -> None:
    with pytest.raises(Refused) as told:
        enter(login, password, now)
    assert str(told.value) == sign_in.WRONG.format(5, 30)
    assert kinds() == ["sign_in_failed"]


def test_an_unknown_name_costs_the_same_work(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def wrong(_password: str, known: str) -> bool:
        checked.append(known)
        return False

    monkeypatch.setattr(passwords, "matches", wrong)
    miss("no_such_name", now)
    miss("nj_clerk", now)
    assert len(checked) == 2


def test_the_trace_holds_no_password_and_not_the_whole_of_an_unknown_name(now: datetime) -> None:
    miss("my-secret-password", now)
    assert "secret" not in events("sign_in_failed")[0].data


def test_five_misses_lock_new_sign_ins_and_throw_nobody_out(now: datetime) -> None:
    token = let_in("nj_clerk")
    miss("nj_clerk", now, times=5)
    assert kinds()[-1] == "lock"
    with pytest.raises(sign_in.TooSoon):
        enter("nj_clerk", PASSWORD, now, THERE)
    assert sessions.resolve(token, now)
    later = now + settings().password.lock + timedelta(seconds=1)
    assert enter("nj_clerk", PASSWORD, later)


def test_five_misses_slow_the_name_and_address_and_nobody_else(now: datetime) -> None:
    miss("no_such_name", now, times=5)
    with pytest.raises(sign_in.TooSoon) as told:
        enter("no_such_name", "wrong", now)
    assert told.value.seconds == 1800 and "30 分钟" in str(told.value)
    assert enter("nj_clerk", PASSWORD, now, HERE)
    assert enter("sz_handler", PASSWORD, now, THERE)


def test_a_lock_does_not_tell_which_names_exist(now: datetime) -> None:
    for name in ("nj_clerk", "no_such_name"):
        miss(name, now, HERE, times=5)
        with pytest.raises(sign_in.TooSoon):
            enter(name, "wrong", now, THERE)


def test_a_refusal_unseen_leaves_one_event_a_minute(now: datetime) -> None:
    now = now.replace(second=10)
    miss("nj_clerk", now, times=5)
    miss("no_such_name", now, times=5)
    for seconds in (1, 2, 40, 60, 61):
        for name, ip in (("nj_clerk", HERE), ("nj_clerk", THERE), ("no_such_name", HERE)):
            with pytest.raises(sign_in.TooSoon):
                enter(name, "wrong", now + timedelta(seconds=seconds), ip)
    told = [(event.at.minute, event.ip, event.data) for event in events("sign_in_refused")]
    assert len(told) == len(set(told)) == 6
    assert not any("such" in data for _, _, data in told)


def test_very_many_misses_over_all_names_slow_their_address(now: datetime) -> None:
    for number in range(sign_in.FROM_ONE_ADDRESS):
        sign_in.count_miss(f"name{number}", HERE, now)
    with pytest.raises(sign_in.TooSoon) as told:
        enter("nj_clerk", PASSWORD, now, HERE)
    assert told.value.seconds == 30
    assert enter("nj_clerk", PASSWORD, now, THERE)
    assert enter("nj_clerk", PASSWORD, now + timedelta(seconds=30), HERE)


def test_waits_grow_again_after_the_lock() -> None:
    waits = [sign_in.pause(misses).total_seconds() for misses in range(4, 14)]
    assert waits == [0, 1800, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_a_success_forgets_the_misses(now: datetime) -> None:
    miss("nj_clerk", now, times=4)
    enter("nj_clerk", PASSWORD, now)
    miss("nj_clerk", now, times=4)
    assert enter("nj_clerk", PASSWORD, now)


def test_idle_and_absolute_limits(now: datetime) -> None:
    token = enter("nj_clerk", PASSWORD, now)
    sid = sessions.digest(token)
    assert sessions.resolve(token, now + timedelta(minutes=29))
    assert sessions.resolve(token, now + timedelta(minutes=31)) is None
    for minutes in range(20, 481, 20):
        sessions.touch(sid, now + timedelta(minutes=minutes))
    assert sessions.resolve(token, now + timedelta(minutes=479))
    assert sessions.resolve(token, now + timedelta(minutes=481)) is None


def test_only_activity_is_written_and_at_most_every_half_minute(now: datetime) -> None:
    sid = sessions.digest(enter("nj_clerk", PASSWORD, now))
    sessions.touch(sid, now + timedelta(seconds=29))
    with store.read(SYSTEM) as session:
        assert session.get_one(m.SignIn, sid).seen_at == now
    sessions.touch(sid, now + timedelta(seconds=31))
    with store.read(SYSTEM) as session:
        assert session.get_one(m.SignIn, sid).seen_at == now + timedelta(seconds=31)


def test_signing_out_ends_the_session_at_once(now: datetime) -> None:
    token = enter("nj_clerk", PASSWORD, now)
    viewer = sessions.resolve(token, now)
    assert viewer is not None
    sessions.sign_out(viewer, now)
    assert sessions.resolve(token, now) is None
    assert kinds() == ["sign_in", "sign_out"]


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "A" * 43])
def test_forged_tokens_are_nobody(token: str, now: datetime) -> None:
    assert sessions.resolve(token, now) is None


def test_a_session_works_for_its_own_person_only(now: datetime) -> None:
    sid = sessions.digest(enter("nj_clerk", PASSWORD, now))
    viewer = sessions.standing(sid, now)
    assert viewer is not None
    assert sessions.viewer_of(str(viewer.viewer.person_id), sid, now)
    assert sessions.viewer_of(str(viewer.viewer.person_id + 1), sid, now) is None
    assert sessions.viewer_of("", "", now) is None


def test_a_password_to_change_opens_no_page(now: datetime) -> None:
    token = enter("nj_clerk", PASSWORD, now)
    found = sessions.standing(sessions.digest(token), now)
    assert found is not None and not found.must_change
    with store.write(SYSTEM) as session:
        session.get_one(m.Person, found.viewer.person_id).password_set_at -= timedelta(days=91)
    sessions.forget()
    aged = sessions.standing(sessions.digest(token), now)
    assert aged is not None and aged.must_change
    uid = str(found.viewer.person_id)
    assert sessions.viewer_of(uid, sessions.digest(token), now) is None


@pytest.mark.parametrize(
    ("demo", "ip", "let", "why"),
    [
        ("1", "127.0.0.1", True, "a demonstration on this machine"),
        ("1", "::1", True, "the same by the newer address"),
        ("1", "10.0.0.1", False, "from another machine"),
        ("0", "127.0.0.1", False, "demo people in a real installation"),
    ],
)
def test_demo_accounts_work_on_this_machine_only(
    demo: str, ip: str, let: bool, why: str, now: datetime, tmp_path: Path
) -> None:
    with store.write(SYSTEM) as session:
        session.scalars(select(m.Person).where(m.Person.login == "leader")).one().demo = True
    (tmp_path / "demo.key").write_bytes((tmp_path / "installation.key").read_bytes())
    (tmp_path / "demo.key").chmod(0o600)
    with surroundings(tmp_path, XF_DEMO=demo):
        if let:
            assert sessions.resolve(enter("leader", PASSWORD, now, ip), now), why
            return
        with pytest.raises(Refused, match="演示账号"):
            enter("leader", PASSWORD, now, ip)
        assert sessions.resolve(let_in("leader", ip), now) is None, why


def test_the_chain_is_sound_after_all_this(now: datetime) -> None:
    miss("nj_clerk", now, times=5)
    enter("sz_handler", PASSWORD, now)
    with store.read(SYSTEM) as session:
        assert trace.check(session) == []


def test_a_password_too_long_for_the_hash_is_refused_kindly() -> None:
    with pytest.raises(Refused, match="24 个汉字"):
        passwords.hashed("密" * 25)
