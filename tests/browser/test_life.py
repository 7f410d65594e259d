"""The whole life of a case at three levels, every step on the real pages by the right person."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Browser

from domain.table import BY_KEY
from tests.browser.case_office import Office
from tests.browser.conftest import SHOTS, Site, demonstrating, signing_in
from tests.browser.test_ways import register
from tests.serving import Server

LIVES = 3  # tests of this file


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file by which days pass for the server."""
    return tmp_path_factory.mktemp("clock") / "ahead"


@pytest.fixture(scope="module")
def later_server(
    demonstration: Path, ahead: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A demonstration for which days pass."""
    ahead.write_text("0")
    with demonstrating(demonstration, tmp_path_factory.mktemp("life"), ahead,
                       XF_SESSION_IDLE_MINUTES="480") as server:  # fmt: skip
        yield server


@pytest.fixture(scope="module")
def lives() -> Iterator[dict[str, set[str]]]:
    """The steps that each test of this file took: all together, every one there is."""
    taken: dict[str, set[str]] = {}
    yield taken
    if len(taken) == LIVES:  # nobody asked for one test alone
        assert set(BY_KEY) - set().union(*taken.values()) == set()


@pytest.fixture
def office(
    browser: Browser, later_server: Server, ahead: Path, lives: dict[str, set[str]],
    request: pytest.FixtureRequest,
) -> Iterator[Office]:  # fmt: skip
    """A new case's people, on the day it is."""
    ahead.write_text("0")
    with signing_in(browser, later_server, request) as enter:
        made = Office(enter, ahead)
        lives[request.node.name] = made.taken
        yield made


FOUND = ["属实", "不属实"]
VISIT: dict[str, Any] = {
    "officers": "张建国、李卫东", "site_notes": "厂区东侧污水站加盖不严，有明显异味。",
    "monitoring": "厂界臭气浓度 32（无量纲）", "standard": "恶臭污染物排放标准",
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "answers": ["已责令停止夜间排放，污水站已加盖。", "监测结果已在厂门口公示栏公开。"],
    "reply_basis": "《中华人民共和国大气污染防治法》第八十条",
}
OPINION: dict[str, Any] = {
    "outcome": "维持", "review_findings": "原意见认定事实清楚。",
    "review_basis": "《信访工作条例》第三十五条",
}  # fmt: skip


def sent_down(office: Office, content: str, subject: str, route: str, **sent: Any) -> None:
    """Registered at the province, classified, given to 南京 and signed for there."""
    office.where = register(office.at("js_clerk"), content, subject=subject)
    office.do("js_clerk", "classify", route=route)
    office.do("js_clerk", "assign", to="南京", note="请依法查处并按期反馈。", **sent)
    office.do("nj_clerk", "sign")


def accepted(office: Office) -> None:
    """Signed for and accepted in 鼓楼; the petitioner is told the second time."""
    office.do("njgl_clerk", "sign")
    office.do("njgl_handler", "accept")
    office.do("njgl_clerk", "notify", way="电话", failure="两次拨打无人接听")
    office.do("njgl_clerk", "notify", way="短信", delivered_on=office.today, proof="短信回执 11")


def answered(office: Office, proof: str, **opinions: Any) -> None:
    """The reply goes out and comes to the petitioner."""
    office.do("njgl_reviewer", "reply", **ANSWERS, **opinions)
    office.do("njgl_handler", "deliver", way="邮寄", delivered_on=office.today, proof=proof)


def archived(office: Office, kinds: Mapping[str, int]) -> None:
    """All letters of the three levels, the archive, its catalogue: so many of each mark."""
    letters = {n: pdf for who in ("njgl_handler", "nj_clerk", "js_supervisor")
               for n, pdf in office.papers(who).items()}  # fmt: skip
    office.do("njgl_clerk", "archive", retention="30年")
    checked(office, letters | office.papers("njgl_clerk"), kinds)
    site = office.at("njgl_clerk")
    assert "已归档" in site.page.locator(".xf-line").first.inner_text()
    office.picture(site, f"archived_{office.number}")


def checked(office: Office, letters: Mapping[str, bytes], kinds: Mapping[str, int]) -> None:
    """Letters are PDFs with their own numbers; who is complained of is told no case's."""
    assert Counter(re.sub(r".*环信|〔.*", "", number) for number in letters) == Counter(kinds)
    for number, pdf in letters.items():
        (SHOTS / f"{number}.pdf").write_bytes(pdf)
        assert re.fullmatch(
            rf"(江苏|南京|南京鼓楼)环信\S+〔{office.today.year}〕[1-9]\d*号", number
        )
        pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
        text = "".join(page.extract_text() for page in pages).replace("\n", "")
        assert number in text and (office.number in text) == ("环信告" not in number)


def test_a_petition_through_every_step(office: Office) -> None:
    do = office.do
    sent_down(office, "环保部门对我反映的异味问题处理不公，请求纠正。", "某某印染厂", "信访程序")
    do("nj_clerk", "assign", to="鼓楼", limit=office.today + timedelta(days=30))
    site = do("njgl_clerk", "return", objection="该厂址在玄武区范围内，应由玄武局办理。")
    office.picture(site, "returned")
    do("nj_clerk", "refuse_return", reason="经核对厂址在鼓楼区，请继续办理。")
    do("nj_clerk", "reassign", to="玄武", reason="部分生产车间在玄武区。")
    do("nj_clerk", "reassign", to="鼓楼", reason="主要污染源在鼓楼区，仍由鼓楼办理。")
    accepted(office)
    do("njgl_handler", "investigate", visited_on=office.today, **VISIT)
    do("njgl_handler", "apply_extension", reason="监测报告尚未出具。", days=10)
    do("njgl_reviewer", "refuse_extension", reason="先行补充监测安排。")
    do("njgl_handler", "apply_extension", reason="需两轮监测，监测机构已排期。", days=20)
    do("njgl_reviewer", "extend", told_on=office.today, told_way="电话", opinion="同意")
    overseen(office)
    do(
        "njgl_handler",
        "conclude",
        findings=FOUND,
        measures=["责令改正"],
        facts="经查，该厂夜间确有异味排放，另一项诉求与事实不符。",
    )
    do("njgl_reviewer", "reject", reason="补充第二项诉求的证据。")
    do(
        "njgl_handler",
        "conclude",
        findings=FOUND,
        measures=["责令改正", "限期整改"],
        facts="经查，该厂夜间确有异味排放；监测结果此前已经公开，附截图。",
    )
    do("njgl_reviewer", "approve", conclusion="部分属实")
    answered(office, "邮件 1 号", opinions=["支持", "解释说明"])
    do("nj_clerk", "pass_check", opinion="同意办结")
    do("nj_clerk", "callback", way="电话", note="无人接听")
    office.refused("nj_clerk", "callback", "请改日再试")
    office.later(1)
    do("nj_clerk", "callback", reached=True, way="电话", solved="部分解决")
    site = do("nj_clerk", "rate", rating="不满意", proof="纸质评价表 3 号")
    office.picture(site, "rated")
    office.refused("njgl_clerk", "archive", "复查申请期", retention="30年")
    reviewed(office)
    site = do(
        "js_supervisor", "exempt", clocks=["签收"], reason="系统停机一天。", evidence="停机公告"
    )
    office.picture(site, "final")
    archived(office, {"受": 1, "延": 1, "意": 1, "告": 1, "证": 4, "档": 1, "交": 2, "访": 2,
                      "查": 1, "督": 1, "核": 1})  # fmt: skip


def overseen(office: Office) -> None:
    """An order of the province, and what leaders of two levels ask and promise."""
    do, today = office.do, office.today
    do(
        "js_supervisor",
        "supervise",
        order_kind="督办单",
        order_reason="群众反映强烈",
        order_demands="查清排放时段\n十日内反馈",
        order_limit=today + timedelta(days=10),
    )
    do("njgl_handler", "feedback", feedback="已查清夜间排放，已责令停止。")
    do("js_supervisor", "accept_feedback", opinion="反馈属实，予以办结。")
    do(
        "js_leader",
        "instruct",
        leader="王副厅长",
        instruction="请南京抓紧依法办理。",
        instructed_on=today,
        order_limit=today + timedelta(days=7),
    )
    do("nj_leader", "charge", leader="陈副局长", charge_note="包到问题解决。")
    do("nj_leader", "reception", leader="陈副局长", promise="两周内答复。", instructed_on=today)
    for number in (1, 2, 3):
        site = do("njgl_handler", "follow_up", action=number, progress="已落实。", finished=True)
    office.picture(site, "handling")


def reviewed(office: Office) -> None:
    """复查 at the city, then 复核 at the province with a hearing."""
    do, today, asked = office.do, office.today, "对原意见认定的排放时段不服。"
    do("nj_clerk", "request_review", requested_on=today, request=asked)
    do("nj_reviewer", "answer_review", **OPINION)
    do("nj_clerk", "deliver_review", way="当面", delivered_on=today, proof="签收单 5 号")
    do("js_clerk", "request_re_review", requested_on=today, request=asked)
    do("js_supervisor", "hold_hearing", days=2, note="公开听证，双方到场。")
    do("js_reviewer", "answer_re_review", **OPINION)
    do("js_clerk", "deliver_re_review", way="邮寄", delivered_on=today, proof="邮件 9 号")


def test_a_complaint_through_every_step(office: Office) -> None:
    do = office.do
    sent_down(
        office, "每天夜里有刺鼻异味，家里无法开窗。", "某某涂装厂", "信访程序", assist=["苏州"]
    )
    do("nj_clerk", "reclassify", route="行政程序", reason="反映的是污染问题。")
    do("sz_handler", "investigate", visited_on=office.today, **VISIT)
    do("nj_clerk", "assign", to="鼓楼")
    do("njgl_clerk", "return", objection="主要车间不在我区。")
    do("nj_clerk", "accept_return", opinion="同意，重新确定承办单位。")
    do("nj_clerk", "assign", to="鼓楼", note="经核实仍由鼓楼办理。")
    accepted(office)
    phone = do("njgl_handler", "investigate", width=390, visited_on=office.today, **VISIT)
    office.picture(phone, "phone")
    none = ["不属实", "不属实"]
    do(
        "njgl_handler",
        "conclude",
        width=390,
        findings=none,
        measures=["无需整改"],
        facts="现场未发现夜间排放。",
    )
    office.refused("njgl_reviewer", "approve", "须附证据", conclusion="不属实")
    office.attach("njgl_handler", "夜查记录.pdf")
    do("njgl_reviewer", "approve", conclusion="不属实")
    answered(office, "邮件 3 号")
    do("js_supervisor", "verify", upheld="推翻", note="夜查发现排放。")
    site = do(
        "nj_supervisor",
        "send_back",
        reason="核查已推翻，重新办理。",
        redo_by=office.today + timedelta(days=10),
    )
    office.picture(site, "sent_back")
    do(
        "njgl_handler",
        "conclude",
        findings=["属实", "属实"],
        measures=["限期整改"],
        facts="夜查发现污水站加盖不严，异味外逸。",
    )
    do(
        "njgl_reviewer",
        "stage",
        conclusion="属实",
        plan_item="污水站加盖并安装除臭设施",
        plan_unit="某印染厂",
        plan_due=office.today + timedelta(days=60),
        plan_check="现场验收",
    )
    answered(office, "邮件 4 号")
    do("nj_clerk", "pass_check")
    do("nj_clerk", "callback", reached=True, way="电话", solved="已解决", rating="满意")
    office.refused("njgl_clerk", "archive", "整改没有销号", retention="30年")
    office.later(20)
    do("njgl_handler", "rectify", progress="加盖已完成。", proof="照片 4 张")
    site = do(
        "njgl_reviewer", "verify_rectification", verified_on=office.today, proof="验收单 2 号"
    )
    office.picture(site, "rectified")
    archived(office, {"受": 1, "答": 1, "告": 1, "证": 3, "档": 1, "交": 2, "访": 1})


def decide(office: Office, label: str, reason: str, number: str) -> Site:
    """What another case is to this one, decided with a reason."""
    site = office.at("nj_clerk")
    site.page.get_by_role("tab", name="关联事项").click()
    button = site.page.get_by_role("button", name=label, exact=True)
    beside = site.page.get_by_test_id("stVerticalBlock").filter(has_text=number)
    card = beside.filter(has=button).last
    office.picture(site, "related")
    card.get_by_role("textbox", name="理由").fill(reason)
    card.get_by_role("button", name=label, exact=True).click()
    return site


def told(office: Office) -> None:
    """The petitioner of a case that 南京 ended is told."""
    office.do("nj_clerk", "notify", way="当面", delivered_on=office.today, proof="签收单 7 号")


def declined(office: Office, where: str) -> None:
    """Passed on, not accepted there, and the petitioner is not where they said."""
    office.turn_to(where)
    office.do("nj_clerk", "classify", route="行政程序")
    office.do("nj_clerk", "pass_on", to="鼓楼", note="请依法办理。")
    office.do("njgl_clerk", "sign")
    office.do("njgl_reviewer", "decline", decline_reason="线索不详", basis_note="未写明地点。",
              contact_attempt="11月24日电话联系一次")  # fmt: skip
    office.attach("njgl_handler", "退件.pdf")
    office.later(1)
    site = office.do(
        "njgl_reviewer", "undeliverable", tried_on=office.today - timedelta(days=1),
        tried_again_on=office.today, attempts="两次邮寄均以查无此人退回。", evidence="退件.pdf",
    )  # fmt: skip
    office.picture(site, "undeliverable")
    letters = office.papers("njgl_handler") | office.papers("nj_clerk")
    checked(office, letters, {"不受": 1, "转": 1})


def moved(office: Office) -> None:
    """Taken up again as a new case, and sent to the organ whose matter it is."""
    site = office.at("nj_clerk")
    site.page.get_by_role("tab", name="关联事项").click()
    site.page.get_by_text("重启为新事项").click()
    form = site.page.get_by_test_id("stForm").filter(has_text="重启")
    form.get_by_role("textbox", name="理由").fill("信访人补充了新的事实。")
    form.get_by_role("button", name="重启", exact=True).click()
    site.says("已重启为 ")
    office.taken.add("reopen")
    office.picture(site, "reopened")
    row = site.page.locator("tr").filter(has_text="该件由本件重启")
    office.turn_to(row.get_by_role("link").first.get_attribute("href") or "")
    office.do("nj_clerk", "classify", route="非本部门职责")
    office.do("nj_clerk", "transfer", transfer_to="南京市城市管理局", telephone="025-12345678",
              copies="鼓楼区人民政府", note="请依法处理。")  # fmt: skip
    told(office)
    checked(office, office.papers("nj_clerk"), {"转告": 1, "转": 1, "证": 1})


def test_the_other_ends_of_a_case(office: Office) -> None:
    do, words, subject = office.do, "橡胶厂夜间排放黑烟，请求查处。", "某某橡胶厂"
    first = register(office.at("nj_clerk"), words, subject=subject)
    again = register(office.at("nj_clerk"), words, subject=subject)
    office.turn_to(first)
    number = office.at("nj_clerk").page.locator(".xf-line .xf-no").first.inner_text()
    office.turn_to(again)
    site = decide(office, "合并", "同一人同一事", number)
    site.says(f"已与 {number} 合并")
    office.taken.add("merge")
    office.turn_to(first)
    site = office.at("nj_clerk")
    site.page.get_by_role("tab", name="关联事项").click()
    site.page.get_by_text("撤销合并").first.click()
    site.page.get_by_role("textbox", name="理由").first.fill("经核实为两件事。")
    site.page.get_by_role("button", name="撤销合并", exact=True).click()
    site.says("已撤销合并")
    office.taken.add("separate")
    declined(office, again)
    office.turn_to(first)
    do("nj_clerk", "classify", route="信访程序")
    do(
        "nj_reviewer",
        "decline_final",
        final_no="苏政复核〔2026〕3号",
        final_on=office.today - timedelta(days=40),
        basis_note="该事项已经复核终结。",
    )
    told(office)
    letters = office.papers("nj_clerk")
    do("nj_clerk", "archive", retention="10年")
    checked(office, letters | office.papers("nj_clerk"), {"不再受": 1, "证": 1, "档": 1})
    moved(office)
