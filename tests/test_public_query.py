"""The public page's service: what a query code shows, what may be rated, and how often."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Invalid, NotFound, Stale
from domain.history import Event
from domain.scope import SYSTEM
from domain.statuses import PUBLIC, Status
from domain.workflow import fold
from services import keys, public_query, sign_in, steps, trace
from services.history import events_of
from services.merging import merge
from services.public_query import MISS, NotRated, TooMany, clean, look, rate
from services.rows import state_columns
from services.store import read, write
from settings import settings
from tests.office import NOW, Walk, enter, prepare, viewer
from ui.query_form import BEAT, rest
from ui.query_view import MARKS, MEANING

HERE, THERE = "203.0.113.7", "203.0.113.8"
DAY = NOW.date()


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


class Petition(Walk):
    """A case with the query code of its petitioner."""

    def __init__(self) -> None:
        made = enter()
        super().__init__(made.case_id)
        self.code = made.query_code

    def to_reply(self, demands: int = 2) -> "Petition":
        self.to_handling().to_approval(*["substantiated"] * demands)
        self.step("xw_reviewer", "approve", conclusion="substantiated")
        answers = {str(n): "已停产" for n in range(1, demands + 1)}
        self.step("xw_reviewer", "reply", answers=answers, reply_basis="法")
        return self

    def to_delivery(self, demands: int = 2) -> "Petition":
        self.to_reply(demands).step(
            "xw_handler", "deliver", way="post", delivered_on=DAY, proof="EMS1"
        )
        return self


@pytest.fixture
def petition(office: None) -> Petition:
    return Petition()


@pytest.fixture
def delivered(petition: Petition) -> Petition:
    return petition.to_delivery()


def attempts(kind: str) -> int:
    with read(SYSTEM) as session:
        return len(
            session.scalars(select(m.SignInAttempt).where(m.SignInAttempt.login == kind)).all()
        )


def ratings(case_id: int) -> list[tuple[str, int, str]]:
    with read(SYSTEM) as session:
        found = session.query(m.Rating).filter_by(case_id=case_id).order_by(m.Rating.id)
        return [(one.stage, one.score, one.by) for one in found]


def consistent(case_id: int) -> None:
    with read(SYSTEM) as session:
        case, state = session.get_one(m.Case, case_id), fold(events_of(session, case_id))
        assert {k: getattr(case, k) for k in state_columns(state)} == state_columns(state)
        assert trace.check(session) == []


SEEN: list[tuple[Callable[[Petition], object], str, str, bool, str]] = [
    # the way so far, the word, the steps with a day, may rate, why
    (lambda p: p, "未办理", "收到来件 登记", False, "registered: nobody has it yet"),
    (lambda p: p.step("nj_clerk", "classify", route="procedure"), "未办理", "收到来件 登记", False,
     "to be given to a unit"),
    (lambda p: p.to_handling(), "办理中", "收到来件 登记 受理", False, "accepted"),
    (lambda p: p.to_handling().to_approval("substantiated", "substantiated"), "办理中",
     "收到来件 登记 受理", False, "a draft conclusion is not told"),
    (lambda p: p.to_reply(), "已办结", "收到来件 登记 受理 办结", False, "not answered yet"),
    (lambda p: p.to_delivery(), "已办结", "收到来件 登记 受理 办结 答复送达", True, "answered"),
    (lambda p: p.to_delivery().step("nj_clerk", "send_back", reason="未查清",
                                    redo_by=DAY + timedelta(days=9)),
     "办理中", "收到来件 登记 受理", False, "sent back: in hand again, the answer is none"),
    (lambda p: p.step("nj_clerk", "classify", route="procedure").step(
        "nj_reviewer", "decline", decline_reason="other", basis_note="无"),
     "不受理", "收到来件 登记 决定不予受理或移送", False, "declined: nothing was handled"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "word", "days", "may", "why"), SEEN, ids=[s[4] for s in SEEN])
def test_a_code_shows_a_word_and_days(
    petition: Petition, way: Callable[[Petition], object], word: str, days: str, may: bool, why: str
) -> None:
    way(petition)
    found = look(petition.code, HERE, petition.now)
    assert found is not None, why
    assert (found.status, " ".join(label for label, _ in found.days)) == (word, days), why
    assert found.open_stages == (("intake", "handling") if may else ()), why
    assert (found.rate_until is not None) == may, why


def test_every_status_has_one_public_word_and_every_word_a_meaning() -> None:
    words = [[w for w, found in PUBLIC.items() if status in found] for status in Status]
    assert all(len(found) == 1 for found in words)
    assert set(MEANING) == set(MARKS) == set(PUBLIC)


def test_nothing_is_there_that_is_not_the_petitioners(petition: Petition) -> None:
    kept = set(public_query.PublicCase.__dataclass_fields__)
    assert kept == {"status", "days", "rate_until", "ratings", "open_stages", "ended"}
    assert look(petition.code, HERE, NOW) == look(petition.code, THERE, NOW)


TYPED = [
    ("abcd efgh", "ABCDEFGH", "as printed in two groups, small letters"),
    ("ABCD-EFGH", "ABCDEFGH", "a hyphen between"),
    ("ＡＢＣＤ２３４５", "ABCD2345", "full width of a Chinese keyboard"),
    (" ABCD2345\n", "ABCD2345", "copied with what is around it"),
    ("ABCD234", "", "seven signs"),
    ("ABCD23456", "", "nine"),
    ("ABCD2340", "", "no code holds a zero"),
    ("ABCD234O", "", "nor the letter O"),
    ("", "", "nothing"),
    ("查询码", "", "words"),
]


@pytest.mark.parametrize(("typed", "code", "why"), TYPED, ids=[t[2] for t in TYPED])
def test_what_is_typed_becomes_a_code_or_is_told(typed: str, code: str, why: str) -> None:
    if code:
        assert clean(typed) == code, why
        return
    with pytest.raises(Invalid, match="8 位"):
        clean(typed)


def test_a_sealed_case_answers_as_one_that_never_was(petition: Petition) -> None:
    assert look("ZZZZZZZZ", HERE, NOW) is None
    before = attempts(MISS)
    petition.step("nj_clerk", "classify", route="accusation")
    assert look(petition.code, HERE, NOW) is None
    assert attempts(MISS) == before + 1
    with pytest.raises(NotFound):
        rate(petition.code, "handling", 1, HERE, NOW)


def test_a_contact_of_a_merged_case_asks_after_what_it_was_merged_into(petition: Petition) -> None:
    other = Petition()
    merge(viewer("nj_clerk"), petition.case_id, other.case_id, "同一事项", NOW,
          main_version=petition.version, other_version=other.version, token="m")  # fmt: skip
    petition.to_delivery(demands=4)
    found = look(other.code, HERE, petition.now)
    assert found is not None and found.status == "已办结"
    assert found.open_stages == (), "this contact's own answer is not delivered yet"
    petition.step("xw_handler", "deliver", way="post", delivered_on=DAY, proof="EMS2")
    rate(other.code, "handling", 2, HERE, petition.now)
    rate(petition.code, "handling", 3, HERE, petition.now)
    assert [score for _, score, _ in ratings(petition.case_id)] == [2, 3]


# --- rating


def test_the_handling_is_rated_as_the_offices_step_does(delivered: Petition) -> None:
    before, now = delivered.version, delivered.now + timedelta(days=3)
    seen = rate(delivered.code, "handling", 2, HERE, now)
    assert seen.ratings == {"handling": 2} and seen.open_stages == ("intake",)
    assert delivered.case.rating == 2 and delivered.version == before + 1
    assert ratings(delivered.case_id) == [("handling", 2, "query_code")]
    with read(SYSTEM) as session:
        event = events_of(session, delivered.case_id)[-1]
    assert (event.step, event.person, event.unit) == ("rate", None, 320102)
    assert event.data == {"rating": "2", "stage": "handling", "rated_by": "query_code"}
    done = delivered.stored(m.Clock, lambda c: (c.key, c.done_on))
    assert ("rating", now.date()) in done
    consistent(delivered.case_id)
    with pytest.raises(Stale, match="已由 信访人 于"):
        steps.take_step(viewer("nj_clerk"), delivered.case_id, "pass_check", {}, now,
                        version=before, token="seen before")  # fmt: skip


def test_the_registering_unit_is_rated_beside_the_case(delivered: Petition) -> None:
    before = delivered.version
    seen = rate(delivered.code, "intake", 3, HERE, delivered.now)
    assert seen.ratings == {"intake": 3} and seen.open_stages == ("handling",)
    assert delivered.case.rating is None and delivered.version == before
    assert ratings(delivered.case_id) == [("intake", 3, "query_code")]
    with read(SYSTEM) as session:
        event = session.scalars(select(m.Event).where(m.Event.kind == "rate_intake")).one()
    assert (event.chain, event.person_id, event.ip) == (320100, None, "")
    consistent(delivered.case_id)


def after(days: int) -> datetime:
    return NOW.replace(hour=23) + timedelta(days=days)


def rated_by_callback(p: Petition) -> None:
    p.step("xw_clerk", "callback", reached=True, rating="1")


REFUSED: list[tuple[Callable[[Petition], object], str, int, int, str, str]] = [
    # first, stage, score, days after delivery, the words (empty: taken), why
    (lambda p: None, "handling", 1, 30, "", "the thirtieth day belongs to it"),
    (lambda p: None, "handling", 1, 31, "结束", "the thirty-first does not"),
    (lambda p: None, "intake", 1, 31, "结束", "nor for the other stage"),
    (lambda p: None, "handling", 0, 1, "请选择", "nothing chosen"),
    (lambda p: None, "handling", 4, 1, "请选择", "no such score"),
    (lambda p: None, "review", 1, 1, "请选择", "no such stage"),
    (lambda p: rate(p.code, "handling", 3, HERE, p.now), "handling", 1, 1, "只能评价一次", "twice"),
    (lambda p: rate(p.code, "intake", 3, HERE, p.now), "intake", 1, 1, "只能评价一次", "twice too"),
    (rated_by_callback, "handling", 3, 1, "只能评价一次", "told on the phone already"),
    (rated_by_callback, "intake", 3, 1, "", "on the phone only the handling was rated"),
]


@pytest.mark.parametrize(
    ("first", "stage", "score", "days", "words", "why"), REFUSED, ids=[r[5] for r in REFUSED]
)
def test_a_stage_is_rated_once_and_in_time(
    delivered: Petition, first: Callable[[Petition], object], stage: str, score: int, days: int,
    words: str, why: str,
) -> None:  # fmt: skip
    first(delivered)
    before = ratings(delivered.case_id)
    if not words:
        assert rate(delivered.code, stage, score, HERE, after(days)).ratings[stage] == score, why
        return
    with pytest.raises(NotRated, match=words) as told:
        rate(delivered.code, stage, score, HERE, after(days))
    assert told.value.seen.status == "已办结"
    assert ratings(delivered.case_id) == before, why
    consistent(delivered.case_id)


def test_before_the_answer_nothing_is_rated(petition: Petition) -> None:
    petition.to_reply()
    with pytest.raises(NotRated, match="送达后"):
        rate(petition.code, "handling", 1, HERE, petition.now)


def test_the_archive_does_not_end_the_days_for_rating(delivered: Petition) -> None:
    """The petitioner's thirty days run from the answer, whatever the office files."""
    with write(SYSTEM) as session:
        case, events = steps.opened(session, delivered.case_id)
        filed = Event("archive", delivered.now, DAY, 320102, None, 7, {"retention": "10"})
        steps.record_event(session, case, events, filed, None, delivered.now)
    assert delivered.case.status == "archived"
    assert rate(delivered.code, "handling", 1, HERE, delivered.now).status == "已办结"
    assert delivered.case.status == "archived"
    consistent(delivered.case_id)


# --- how often


def miss(ip: str, times: int, now: datetime = NOW) -> None:
    for _ in range(times):
        assert look("ZZZZZZZZ", ip, now) is None


def test_misses_slow_the_address_they_come_from(petition: Petition) -> None:
    miss(HERE, public_query.FROM_ONE_ADDRESS)
    with pytest.raises(TooMany, match="60 分钟"):
        look(petition.code, HERE, NOW)
    assert attempts(MISS) == public_query.FROM_ONE_ADDRESS, "a refused look counts no more"
    assert look(petition.code, THERE, NOW) is not None
    assert look(petition.code, HERE, NOW + public_query.WINDOW) is not None


def test_very_many_misses_slow_everybody(
    petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_query, "FROM_ALL", 6)
    for number in range(6):
        miss(f"198.51.100.{number}", 1, NOW + timedelta(minutes=number))
    with pytest.raises(TooMany, match="54 分钟"):
        look(petition.code, HERE, NOW + timedelta(minutes=6))
    assert look(petition.code, HERE, NOW + timedelta(minutes=60)) is not None


def test_what_is_found_is_no_miss_and_no_address_is_kept_for_long(petition: Petition) -> None:
    for _ in range(public_query.FROM_ONE_ADDRESS + 5):
        assert look(petition.code, HERE, NOW) is not None
    look(petition.code, THERE, NOW + public_query.WINDOW)
    with read(SYSTEM) as session:
        kept = session.scalars(select(m.SignInAttempt.ip)).all()
    assert kept == [public_query.address(THERE)]


def test_a_petitioners_misses_do_not_slow_the_office_behind_the_same_address(office: None) -> None:
    miss(HERE, public_query.FROM_ONE_ADDRESS)
    with read(SYSTEM) as session:
        assert sign_in._wait_of(session, HERE, NOW) == timedelta(0)
        assert sign_in._wait(session, MISS, HERE, NOW) == timedelta(0)


ADDRESSES = [
    ("203.0.113.7", "查询 203.0.113.7", "one address of the old kind"),
    ("2001:db8:1:2:3:4:5:6", "查询 2001:db8:1:2::/64", "a person has the whole network"),
    ("2001:db8:1:2::9", "查询 2001:db8:1:2::/64", "and walks about in it"),
    ("::ffff:203.0.113.7", "查询 203.0.113.7", "or half the country would be one network"),
    ("", "查询 ", "unknown"),
    ("x" * 99, "查询 " + "x" * 37, "no address at all, cut to the column"),
]


@pytest.mark.parametrize(("ip", "kept", "why"), ADDRESSES, ids=[a[2] for a in ADDRESSES])
def test_what_counts_as_one_address(ip: str, kept: str, why: str) -> None:
    assert public_query.address(ip) == kept, why


# --- the token of a form, and the beat of an answer


@pytest.fixture
def key() -> None:
    keys.create(settings().key_file)


TOKENS = [
    ("ABCD2345", "ABCD2345", timedelta(0), True, "just made"),
    ("ABCD2345", "ABCD2345", public_query.FORM_LIFE, True, "at the end of its life"),
    ("ABCD2345", "ABCD2345", public_query.FORM_LIFE + timedelta(seconds=1), False, "too old"),
    ("ABCD2345", "ABCD2346", timedelta(0), False, "of another code"),
    ("", "ABCD2345", timedelta(0), False, "the asking form rates nothing"),
    ("ABCD2345", "ABCD2345", timedelta(seconds=-5), False, "from the future"),
]


@pytest.mark.parametrize(("made", "used", "later", "good", "why"), TOKENS)
def test_a_token_is_of_a_code_and_a_time(
    key: None, made: str, used: str, later: timedelta, good: bool, why: str
) -> None:
    assert public_query.fits(public_query.token(made, NOW), used, NOW + later) is good, why


@pytest.mark.parametrize("forged", ["", ".", "1.2", "279849600.", "x.y", "9" * 30 + ".a", "1.é"])
def test_a_token_made_elsewhere_fits_nothing(key: None, forged: str) -> None:
    assert not public_query.fits(forged, "ABCD2345", NOW)


@pytest.mark.parametrize("took", [0.0, 0.001, BEAT - 0.01, BEAT, 3.1 * BEAT])
def test_an_answer_leaves_on_the_beat(took: float) -> None:
    whole = (took + rest(took)) / BEAT
    assert whole == pytest.approx(round(whole)) and 0 < rest(took) <= BEAT


def test_the_window_is_that_of_the_clock(delivered: Petition) -> None:
    found = look(delivered.code, HERE, NOW)
    assert found is not None and found.rate_until == date(2026, 12, 23)
