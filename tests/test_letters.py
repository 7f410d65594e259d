"""Letters issued: from steps to a numbered, frozen record; refused with reasons; drawn as named."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from db import models as m
from documents.letter import render
from documents.letter_model import PETITIONER, Letter
from domain.errors import NotAllowed, NotFound, Refused
from domain.masking import mask
from domain.scope import SYSTEM, scope_of
from intake.model import NOBODY, Petitioner
from rules import load
from services import letter_list, letters, trace
from services.store import read, write
from settings import settings
from tests.letter_office import GIVEN, MASKED, XW, case_on, submission_of, tell, writer
from tests.office import NOW, Walk, enter, prepare, viewer
from tests.office import PETITIONER as WHO
from ui import reads

LATER = NOW + timedelta(hours=2)
# kind, track, steps taken, unit that issues
ALL = [
    ("accept", "report", ["accept"], 320102),
    ("accept", "petition", ["accept"], 320102),
    ("accept", "suggestion", ["accept"], 320102),
    ("decline", "report", ["decline"], 320102),
    ("decline_final", "petition", ["decline_final"], 320102),
    ("transfer_notice", "elsewhere", ["transfer"], 320102),
    ("transfer_letter", "elsewhere", ["transfer"], 320102),
    ("assign_order", "report", ["assign"], 320100),
    ("extend", "report", ["accept", "apply_extension", "extend"], 320102),
    ("extend", "petition", ["accept", "apply_extension", "extend"], 320102),
    ("opinion", "petition", ["accept", "conclude", "stage", "reply"], 320102),
    ("answer", "report", ["accept", "conclude", "stage", "reply"], 320102),
    ("response", "suggestion", ["accept", "conclude", "stage", "reply"], 320102),
    ("inform", "report", ["accept", "conclude", "stage", "reply"], 320102),
    ("supervision", "report", ["accept", "supervise"], 320100),
    ("callback", "report", ["callback"], 320102),
    ("review", "petition", ["reply", "request_review", "answer_review"], 320100),
    ("re_review", "petition",
     ["reply", "answer_review", "request_re_review", "answer_re_review"], 320000),
    ("receipt", "report", ["accept", "notify"], 320102),
    ("catalogue", "report", ["accept", "archive"], 320102),
]  # fmt: skip
IDS = [f"{kind}-{track}" for kind, track, _, _ in ALL]


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    settings.cache_clear()
    prepare()


def issue(case_id: int, kind: str, unit: int = XW, **more: Any) -> letters.Issued:
    given = {"masked_text": MASKED, "given": GIVEN, **more}
    return letters.issue(writer(unit), case_id, kind, None, LATER, **given)


def record(document_id: int) -> Letter:
    with read(SYSTEM) as session:
        return Letter.from_json(session.get_one(m.Document, document_id).record)


def text_of(data: bytes) -> str:
    pages = PdfReader(BytesIO(data)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize(("kind", "track", "steps", "unit"), ALL, ids=IDS)
def test_every_kind_is_issued_and_drawn(kind: str, track: str, steps: list[str], unit: int) -> None:
    case_id = case_on(track)
    tell(case_id, *steps)
    if kind == "catalogue":  # of an empty file there is none
        issue(case_id, "accept")
    made = issue(case_id, kind, unit)
    name, data = letters.opened(writer(unit), made.id, LATER)
    shown = text_of(data)
    about = load().letter(kind)
    assert name == f"{about.label}_{made.number}.pdf"
    assert made.number.endswith(f"环信{about.mark}〔2026〕1号")
    assert made.number in shown and about.title in shown and "{{" not in shown
    assert (WHO.name in shown) == (about.to == "petitioner" or "信访人" in about.must)
    assert WHO.phone not in shown
    assert ("（公章）" in shown) == about.seal
    assert ("联系方式：王科员，025-80000000" in shown) == (about.to != "file")
    assert ("查询码" in shown) == (about.to == "petitioner")
    if track == "report":
        assert "复查" not in shown and "复核" not in shown


def test_the_record_and_the_database_hold_no_name() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    made = issue(case_id, "accept")
    kept = record(made.id)
    assert kept.personal and kept.salutation == PETITIONER
    with read(SYSTEM) as session:
        rows = [row.record for row in session.scalars(select(m.Document))]
        rows += [event.data for event in session.scalars(select(m.Event))]
        digest = session.get_one(m.Document, made.id).sha256
    assert not [row for row in rows if WHO.name in row or WHO.phone in row]
    assert hashlib.sha256(render(kept)).hexdigest() == digest
    assert render(kept, WHO.name) == letters.opened(writer(XW), made.id, LATER)[1]


def test_the_name_is_for_who_works_with_petitioners_and_on_the_record() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    made = issue(case_id, "accept")
    others = text_of(letters.opened(viewer("auditor"), made.id, LATER)[1])
    assert WHO.name not in others
    assert "查询码" not in others, "the code speaks for the petitioner: it rates"
    assert events(case_id, "print_document") == []
    letters.opened(writer(XW), made.id, LATER)
    assert events(case_id, "print_document") == [{"document": "受理告知书", "no": made.number}]
    with pytest.raises(NotFound):
        letters.opened(viewer("sz_handler"), made.id, LATER)


def events(case_id: int, kind: str) -> list[dict[str, object]]:
    with read(SYSTEM) as session:
        query = select(m.Event.data).where(m.Event.case_id == case_id, m.Event.kind == kind)
        return [json.loads(data) for data in session.scalars(query)]


def test_a_record_that_was_altered_is_not_drawn() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    made = issue(case_id, "accept")
    with write(SYSTEM) as session:
        found = session.get_one(m.Document, made.id)
        found.record = found.record.replace("停止排放", "不再追究")
    with pytest.raises(Refused, match="不符"):
        letters.opened(writer(XW), made.id, LATER)


def test_a_letter_outlives_the_fonts_it_was_drawn_with(monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    made = issue(case_id, "accept")
    monkeypatch.setattr(letters, "render", lambda letter, name="": render(letter, name) + b"%")
    assert letters.opened(writer(XW), made.id, LATER)[1].endswith(b"%")


def test_the_same_letter_is_issued_once() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    first, second = issue(case_id, "accept"), issue(case_id, "accept")
    assert (second.id, second.number) == (first.id, first.number)
    assert second.again and not first.again
    assert len(events(case_id, "issue_document")) == 1


def test_two_hundred_at_once_have_numbers_without_gap_or_double() -> None:
    cases = [case_on("report") for _ in range(200)]
    for case_id in cases:
        tell(case_id, "accept")

    def one(case_id: int) -> str:
        return issue(case_id, "accept").number

    with ThreadPoolExecutor(16) as pool:
        # some are asked for twice, as by a double click
        numbers = list(pool.map(one, [c for c in cases for _ in range(1 + (c % 10 == 0))]))
    wanted = {f"南京玄武环信受〔2026〕{n}号" for n in range(1, 201)}
    assert set(numbers) == wanted and len(numbers) == 220
    with read(SYSTEM) as session:
        assert trace.check(session) == []
        assert session.scalar(select(func.count(m.Document.id))) == 200


def test_a_reassigned_unit_is_told_the_limit_of_the_order_it_takes_over() -> None:
    case_id = case_on("report")
    tell(case_id, "assign", "reassign")
    shown = "".join(letters.draft(writer(320100), case_id, "assign_order", LATER).texts())
    assert "2026年12月20日" in shown and "请先行控制。" in shown
    assert "依照法定期限" not in shown


def test_the_simple_procedure_has_its_own_term_and_not_that_of_article_34() -> None:
    case_id = enter().case_id
    walk = Walk(case_id).step("nj_clerk", "classify", route="petition")
    walk.step("nj_clerk", "assign", to=XW).step("xw_clerk", "sign")
    walk.step("xw_handler", "accept", simple=True)
    shown = "".join(letters.draft(writer(XW), case_id, "accept", LATER).texts())
    assert "该事项适用简易办理，应当在2026年12月7日前答复您。" in shown and "第34条" not in shown


def test_a_refusal_gives_its_number_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = case_on("report"), case_on("report")
    for case_id in (first, second):
        tell(case_id, "accept")
    with monkeypatch.context() as patch:
        patch.setattr(letters, "render", _broken)
        with pytest.raises(Refused, match="坏"):
            issue(first, "accept")
    assert issue(second, "accept").number.endswith("〕1号")


def _broken(*_: object) -> bytes:
    raise Refused("坏")


# --- refusals

# kind, track, steps, changes of what they record, what is given, the reason's words
REFUSED = [
    ("accept", "report", [], {}, {}, "还没有办理“受理”"),
    ("opinion", "report", ["reply"], {}, {}, "不适用于本件的法定途径（举报投诉）"),
    ("answer", "petition", ["reply"], {}, {}, "不适用于本件的法定途径（信访）"),
    ("answer", "report", ["reply"], {"reply": {"answers": {"1": "已停"}}}, {},
     "第 2 项诉求还没有答复"),
    ("answer", "report", ["reply"], {"reply": {"answers": {"1": "已停", "2": "  "}}}, {},
     "第 2 项诉求还没有答复"),
    ("answer", "report", ["conclude", "stage", "reply"],
     {"reply": {"reply_basis": "不服的可以申请复查"}}, {}, "不得告知复查、复核"),
    ("answer", "report", ["conclude", "stage", "reply"],
     {"conclude": {"facts": "厂名中有生僻字\U0002B820"}}, {}, "没有字形：“\U0002B820”"),
    ("opinion", "petition", ["conclude", "stage", "reply"], {}, {"第2项处理意见": ""},
     "请选择第 2 项诉求的处理意见"),
    ("transfer_notice", "elsewhere", ["transfer"], {}, {"受送单位电话": " "}, "缺少“受送单位电话”"),
    ("decline", "report", ["decline"], {"decline": {"decline_reason": "in_progress"}}, {},
     "须写明在办事项的编号"),
    ("decline", "report", ["decline"], {"decline": {"decline_reason": "not_our_duty"}}, {},
     "缺少“去处”"),
    ("decline", "report", ["decline"], {"decline": {"basis_note": "已经复核终结"}}, {},
     "不得告知复查、复核"),
    ("transfer_letter", "elsewhere", ["transfer"], {}, {"masked_text": "电138 1234-5678"}, "电话"),
    ("receipt", "report", ["notify"], {"notify": {"delivered_on": ""}}, {}, "缺少“送达日期”"),
    ("transfer_letter", "elsewhere", ["transfer"], {}, {"masked_text": "  "}, "脱敏"),
    ("transfer_letter", "elsewhere", ["transfer"], {}, {"masked_text": "张三丰反映恶臭"}, "姓名"),
    ("transfer_letter", "elsewhere", ["transfer"], {}, {"masked_text": "电13812345678"}, "电话"),
    ("transfer_letter", "elsewhere", ["transfer"], {"transfer": {"note": "找张三丰"}}, {}, "姓名"),
    ("nothing", "report", ["accept"], {}, {}, "没有“nothing”这种文书"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "track", "steps", "changes", "given", "why"), REFUSED,
    ids=[f"{r[0]}-{r[5]}" for r in REFUSED],
)  # fmt: skip
def test_refused_with_a_reason_and_nothing_written(
    kind: str, track: str, steps: list[str], changes: Any, given: dict[str, str], why: str
) -> None:
    case_id = case_on(track)
    tell(case_id, *steps, **changes)
    more: Any = {"given": {**GIVEN, **given}}
    if "masked_text" in given:
        more["masked_text"] = given["masked_text"]
    with pytest.raises(Refused, match=why):
        issue(case_id, kind, **more)
    with read(SYSTEM) as session:
        assert session.scalar(select(func.count(m.Document.id))) == 0
        assert session.scalar(select(func.count()).select_from(m.Number.__table__).where(
            m.Number.series.startswith("letter:"))) == 0  # fmt: skip
    assert events(case_id, "issue_document") == []


def test_a_name_without_glyph_is_refused() -> None:
    case_id = case_on("report", petitioner=Petitioner("张\U0002b820", "13812345678", "", ""))
    tell(case_id, "accept")
    with pytest.raises(Refused, match="没有字形"):
        issue(case_id, "accept")


def test_who_has_no_part_in_it_issues_nothing() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    for login, kind in (
        ("auditor", NotAllowed),
        ("sz_handler", NotFound),
        ("nj_clerk", NotAllowed),
    ):
        with pytest.raises(kind):
            letters.issue(viewer(login), case_id, "accept", None, LATER, given=GIVEN)


def test_an_anonymous_petitioner_is_addressed_as_such() -> None:
    case_id = case_on("report", petitioner=NOBODY)
    tell(case_id, "accept")
    made = issue(case_id, "accept")
    assert "信访人：" in text_of(letters.opened(writer(XW), made.id, LATER)[1])


def test_another_contact_gets_a_letter_of_its_own_but_not_of_another_case() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    stranger = submission_of(enter().case_id)
    with pytest.raises(NotFound, match="不属于本事项"):
        letters.issue(writer(XW), case_id, "accept", stranger, LATER, given=GIVEN)


def test_the_contact_is_remembered_for_the_next_letter() -> None:
    first, second = case_on("report"), case_on("report")
    for case_id in (first, second):
        tell(case_id, "accept")
    before = letters.draft(writer(XW), first, "accept", LATER)
    assert before.contact == "玄武区生态环境局xw_handler"
    issue(first, "accept")
    assert letters.draft(writer(XW), second, "accept", LATER).contact == GIVEN["联系方式"]


@pytest.mark.parametrize(("open_", "said"), [("1", "扫描左侧图形"), ("0", "向出具单位查询")])
def test_the_picture_leads_to_the_page_where_it_is_open(
    open_: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XF_PUBLIC_URL", "https://xf.example.gov.cn")
    monkeypatch.setenv("XF_PUBLIC_QUERY", open_)
    settings.cache_clear()
    case_id = case_on("report")
    tell(case_id, "accept")
    shown = letters.draft(writer(XW), case_id, "accept", LATER)
    address = f"https://xf.example.gov.cn/query?code={shown.query_code}"
    assert shown.query == (address if open_ == "1" else shown.query_code)
    assert said in text_of(render(shown))


def test_a_draft_has_no_number_and_writes_nothing() -> None:
    case_id = case_on("elsewhere")
    tell(case_id, "transfer")
    shown = letters.draft(writer(XW), case_id, "transfer_letter", LATER)
    assert shown.number == "" and letters.UNMASKED in "".join(shown.texts())
    assert events(case_id, "issue_document") == []
    said, spans = letters.to_mask(writer(XW), case_id, "transfer_letter")
    assert spans == [] and said == "夜间恶臭，无法开窗\n诉求：\n1.停止排放\n2.公开监测结果"


def test_the_petitioners_own_words_are_marked_wherever_they_stand() -> None:
    case_id = case_on("elsewhere", content="张三丰说，请打13812345678，夜间恶臭")
    tell(case_id, "transfer")
    said, spans = letters.to_mask(writer(XW), case_id, "transfer_letter")
    masked = mask(said, spans)
    assert WHO.name not in masked and WHO.phone not in masked and "夜间恶臭" in masked
    made = issue(case_id, "transfer_letter", masked_text=masked)
    assert "夜间恶臭" in "".join(record(made.id).texts())


def test_letters_of_a_case_that_went_its_way() -> None:
    """What the steps themselves record is what letters read."""
    walk = Walk(enter().case_id).to_handling().to_approval("substantiated", "partly")
    walk.step("xw_reviewer", "approve", conclusion="partly")
    walk.step("xw_reviewer", "reply", answers={"1": "已停产", "2": "已公开"}, reply_basis="环评法")
    walk.step("xw_handler", "deliver", way="post", delivered_on=NOW.date(), proof="EMS1")
    made = [
        letters.issue(viewer(login), walk.case_id, kind, None, LATER, MASKED, given=GIVEN).number
        for login, kind in (
            ("nj_clerk", "assign_order"), ("xw_handler", "accept"), ("xw_reviewer", "answer"),
            ("xw_clerk", "inform"), ("xw_handler", "receipt"),
        )
    ]  # fmt: skip
    assert made == [
        "南京环信交〔2026〕1号", "南京玄武环信受〔2026〕1号", "南京玄武环信答〔2026〕1号",
        "南京玄武环信告〔2026〕1号", "南京玄武环信证〔2026〕1号",
    ]  # fmt: skip
    file = reads.case_file(scope_of(viewer("xw_handler")), walk.case_id)
    assert file
    receipt = letter_list.issued(viewer("xw_handler"), file)[-1]
    shown = text_of(letters.opened(viewer("xw_handler"), receipt.id, LATER)[1])
    assert "举报事项答复函（南京玄武环信答〔2026〕1号）" in shown and "受理告知书" not in shown
    assert letter_list.ready(viewer("xw_handler"), file) == []
