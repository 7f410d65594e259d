"""What the case page offers first, and what it tells of orders, leaders, reviews and returns."""

from datetime import timedelta

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.errors import Invalid, NotAllowed
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from domain.statuses import Status, Track
from domain.table import APART
from domain.workflow import CaseState, open_steps
from services import clock
from services.store import write
from settings import settings
from tests.office import NOW, Walk, enter, prepare
from tests.serving import ROOT, as_person
from ui.case_state import likely_first

PROVINCE, CITY, COUNTY = 320000, 320100, 320102
C, H, R, S, LEADER = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR, Role.LEADER
ACCEPTED = {"classified", "decided", "accepted", "reachable", "sent"}
# status, flags, steps taken, who holds it, who looks, the step offered first, why
FIRST = [
    ("registered", set(), (), CITY, (CITY, C), "classify", "nothing else can be done"),
    ("to_assign", {"classified"}, ("classify",), CITY, (CITY, C), "assign",
     "classified already; a city mostly gives it to a county"),
    ("to_assign", {"classified"}, ("classify",), COUNTY, (COUNTY, C), "accept",
     "a county has nobody to give it to"),
    ("to_sign", {"classified", "sent"}, (), COUNTY, (COUNTY, C), "sign",
     "signing comes before returning"),
    ("to_sign", {"classified", "sent"}, ("sign",), COUNTY, (COUNTY, C), "sign",
     "signed for once before: still before returning, which is seldom"),
    ("handling", {"classified", "sent"}, ("sign",), COUNTY, (COUNTY, H), "accept",
     "the decision is due"),
    ("handling", ACCEPTED, ("sign", "accept"), COUNTY, (COUNTY, H), "notify",
     "the petitioner waits to be told"),
    ("handling", ACCEPTED, ("sign", "notify", "notified"), COUNTY, (COUNTY, H), "investigate",
     "an extension is seldom"),
    ("handling", ACCEPTED, ("notified", "investigate"), COUNTY, (COUNTY, H), "conclude",
     "one who was on site mostly concludes"),
    ("handling", ACCEPTED | {"led"}, ("notified",), COUNTY, (COUNTY, H), "investigate",
     "a leader's matter is beside the way"),
    ("delivered", ACCEPTED | {"checked"}, ("notified", "pass_check", "called_back", "rated"),
     COUNTY, (CITY, C), "request_review", "the way before the leaders' matters"),
    ("delivered", ACCEPTED, ("notified",), COUNTY, (CITY, C), "pass_check",
     "sending back is seldom"),
    ("handling", ACCEPTED, ("notified",), COUNTY, (CITY, S), "supervise",
     "nothing on the way is the city's"),
    ("handling", ACCEPTED, (), COUNTY, (PROVINCE, LEADER), "instruct",
     "a leader has nothing but that"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "flags", "done", "holder", "who", "first", "why"), FIRST)
def test_the_likely_next_step_is_offered_first(
    status: str, flags: set[str], done: tuple[str, ...], holder: int, who: tuple[int, Role],
    first: str, why: str,
) -> None:  # fmt: skip
    unit, role = who
    state = CaseState(
        status=Status(status), track=Track.PETITION, holder=holder, registrar=PROVINCE,
        flags=frozenset(flags), senders={COUNTY: CITY}, owed=(1,),
        done={key: frozenset({1}) for key in done},
    )  # fmt: skip
    viewer = Viewer(1, "甲", unit, "", frozenset({role}))
    open_ = [step for step in open_steps(state, viewer) if step.key not in APART]
    assert likely_first(open_, state)[0].key == first, why
    assert set(likely_first(open_, state)) == set(open_)


@pytest.fixture
def walk(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    with write(SYSTEM) as session:
        session.execute(update(m.Person).values(must_change=False))
    return Walk(enter().case_id)


def shown(login: str, walk: Walk) -> str:
    app = AppTest.from_file(str(ROOT / "pages" / "case.py"), default_timeout=30)
    app.query_params["id"] = str(walk.case_id)
    app = as_person(app, login).run()
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def test_what_superiors_asked_and_what_came_of_it_is_read_on_the_page(walk: Walk) -> None:
    walk.to_handling()
    walk.step("province_supervisor", "supervise", order_kind="order", order_reason="群众反映强烈",
              order_demands="查清排放时段", order_limit="2026-12-10")  # fmt: skip
    walk.step("nj_clerk", "instruct", leader="王局长", instruction="抓紧办理。",
              instructed_on="2026-11-23")  # fmt: skip
    walk.step("xw_handler", "apply_extension", reason="监测未出具。", days=10)
    text = shown("xw_handler", walk)
    for words in ("第1号 督办单", "查清排放时段", "未反馈", "未办结", "第1项 批示", "王局长",
                  "未落实", "待审批"):  # fmt: skip
        assert words in text, words
    walk.step("xw_handler", "feedback", feedback="已查清。")
    walk.step("province_supervisor", "accept_feedback", opinion="反馈属实。")
    walk.step("xw_handler", "follow_up", progress="已办。", finished=True)
    walk.step("xw_reviewer", "extend", told_on="2026-11-23", told_way="sms", opinion="同意")
    text = shown("xw_handler", walk)
    for words in ("南京·玄武：已查清。", "省厅：反馈属实。", "已落实", "批准延期\n同意",
                  "2026-11-23 短信"):  # fmt: skip
        assert words in text, words
    for words in ("未反馈", "未办结", "未落实", "待审批"):
        assert words not in text, words


# date field, days from the day the case came, whether it is taken, why
DATED = [
    ("final_on", -40, True, "what was decided on finally before is why it is not accepted anew"),
    ("final_on", 1, False, "an opinion of tomorrow is not there yet"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "days", "taken", "why"), DATED)
def test_a_final_opinion_is_older_than_the_case(
    walk: Walk, field: str, days: int, taken: bool, why: str
) -> None:
    walk.step("nj_clerk", "classify", route="petition")
    given = {"final_no": "苏政复核〔2026〕3号", "basis_note": "已经终结。",
             field: NOW.date() + timedelta(days=days)}  # fmt: skip
    if taken:
        walk.step("nj_reviewer", "decline_final", **given)
    else:
        with pytest.raises(Invalid):
            walk.step("nj_reviewer", "decline_final", **given)
    assert (walk.case.status == "declined") is taken, why


def test_a_leaders_matter_is_followed_until_it_is_done(walk: Walk) -> None:
    for leader in ("王局长", "陈局长"):
        walk.step("nj_clerk", "charge", leader=leader)
    walk.step("nj_clerk", "follow_up", action=1, progress="在办。")
    walk.step("nj_clerk", "follow_up", action=1, progress="已办。", finished=True)
    with pytest.raises(Invalid):
        walk.step("nj_clerk", "follow_up", action=1, progress="再报。")
    walk.step("nj_clerk", "follow_up", progress="已办。", finished=True)  # only one is left
    with pytest.raises(NotAllowed, match="没有待落实"):
        walk.step("nj_clerk", "follow_up", progress="再报。")


def test_what_a_superior_sent_back_and_what_is_put_right_is_read_on_the_page(walk: Walk) -> None:
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "reject", reason="事实不清。")
    walk.to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "stage", conclusion="substantiated", plan_item="污水站加盖",
                  plan_unit="某公司",
              plan_due="2027-01-20", plan_check="现场验收")  # fmt: skip
    text = shown("xw_handler", walk)
    for words in ("退回承办人", "事实不清。", "污水站加盖", "未销号", "整改中"):
        assert words in text, words
    walk.step("nj_clerk", "send_back", reason="整改措施不具体。", redo_by="2026-12-20")
    text = shown("xw_handler", walk)
    for words in ("退回重办", "整改措施不具体。", "2026-12-20", "重新办理"):
        assert words in text, words
    assert "整改中" not in text


def test_a_case_without_orders_has_no_empty_tables_for_them(walk: Walk) -> None:
    text = shown("nj_clerk", walk)
    for words in ("事由和要求", "复查意见", "销号", "告知信访人"):
        assert words not in text, words


def test_who_returned_it_unsigned_is_not_shown_as_having_signed(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "return", objection="不在我区。")
    walk.step("nj_clerk", "accept_return").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "sign")
    chain = shown("nj_clerk", walk).split('class="xf-chain"')[1].split("</ol>")[0]
    stays = chain.split("<li>")[1:]
    assert ["签收" in stay for stay in stays] == [False, False, False, True]
