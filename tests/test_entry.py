"""来件登记 and 文件导入 as a clerk meets them, and as a stranger does not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.people import Viewer
from domain.scope import SYSTEM
from services import clock, drafts
from services.identity import unseal
from services.store import read
from tests.serving import PEOPLE, furnish, open_as, surroundings
from ui.division_picker import codes, labels
from ui.entry_form import moment

NASTY = "![](http://x) <script>alert(1)</script> =1+1 <para>"
NAME = "<para> ![](http://x) =1+1"
CALL = {
    "content": f"夜间恶臭 {NASTY}", "demands": f"停止排放\n{NASTY}", "division": 320106,
    "address": NASTY, "subject": NASTY, "title": NASTY, "categories": ["A01"], "name": NAME,
    "phone": "13812345678",
}  # fmt: skip


@pytest.fixture(autouse=True)
def installed(tmp_path: Path) -> Iterator[None]:
    with surroundings(tmp_path / "home"):
        furnish()
        yield


def widget(app: AppTest, key: str) -> Any:
    kinds = ("text_input", "text_area", "selectbox", "multiselect", "checkbox", "button",
             "number_input", "button_group")  # fmt: skip
    return next(one for kind in kinds for one in app.get(kind) if one.key == key)


def typed(app: AppTest, **fields: Any) -> AppTest:
    for name, value in fields.items():
        widget(app, f"entry_{name}").set_value(value)
    return app.run()


def press(app: AppTest, key: str) -> AppTest:
    return widget(app, key).click().run()


def every(table: type[m.Base]) -> list[Any]:
    with read(SYSTEM) as session:
        return session.query(table).all()


def said(app: AppTest) -> str:
    kinds = ("error", "warning", "info", "success", "markdown", "caption", "text")
    found: list[Any] = [one for kind in kinds for one in app.get(kind)]
    return "\n".join(str(one.value) for one in found)


@pytest.mark.parametrize("page", ["entry", "file_intake"])
@pytest.mark.parametrize("login", [None, *(login for login in PEOPLE if login != "nj_clerk")])
def test_nobody_but_a_clerk_gets_in(page: str, login: str | None) -> None:
    app = open_as(page, login)
    assert not app.exception
    assert len(app.button) == len(app.text_area) == len(app.get("file_uploader")) == 0
    assert len(app.warning) == 1


def test_a_call_is_registered_as_typed_and_the_number_shown() -> None:
    app = press(typed(open_as("entry", "nj_clerk"), **CALL), "entry_go")
    assert not app.exception and not app.error
    case, submission, sealed = every(m.Case)[0], every(m.Submission)[0], every(m.Petitioner)[0]
    assert (case.title, case.address, case.subject_name) == (NASTY, NASTY, NASTY)
    assert submission.content == CALL["content"]
    assert [demand.text for demand in every(m.Demand)] == ["停止排放", NASTY]
    assert unseal(sealed.sealed, case.no).name == NAME
    shown = "".join(str(one.proto.body) for one in app.get("html"))
    assert case.no in shown and f"/case?id={case.id}" in shown
    assert f"{submission.query_code[:4]} {submission.query_code[4:]}" in shown


def test_a_second_click_is_the_same_case_and_another_text_in_a_second_tab_is_not() -> None:
    first, second = (typed(open_as("entry", "nj_clerk"), **CALL) for _ in range(2))
    assert first.session_state["entry"].key == second.session_state["entry"].key
    press(first, "entry_go")
    app = press(second, "entry_go")
    assert app.session_state["entry"].done == first.session_state["entry"].done
    assert len(every(m.Case)) == 1
    third = open_as("entry", "nj_clerk")
    third.session_state["entry"].key = first.session_state["entry"].key
    press(typed(third, **{**CALL, "content": "另一件事，白天噪声"}), "entry_go")
    assert len(every(m.Case)) == 2


def test_the_next_form_is_blank() -> None:
    app = press(typed(open_as("entry", "nj_clerk"), **CALL), "entry_go")
    app = press(app, "entry_next")
    assert widget(app, "entry_content").value == "" and not app.success


def test_a_refusal_stands_by_its_field_and_nothing_typed_is_lost() -> None:
    app = typed(open_as("entry", "nj_clerk"), **{**CALL, "phone": "1381234"})
    assert "联系电话格式不对" in said(app), "at once, for it is filled"
    assert "没有所在地" not in said(typed(app, division=None)), "blank fields wait for the button"
    app = press(app, "entry_go")
    assert "没有所在地" in said(app) and every(m.Case) == []
    assert widget(app, "entry_content").value == CALL["content"]
    assert "区划" in said(app)


def test_missing_stars_are_listed_and_do_not_stop() -> None:
    app = typed(open_as("entry", "nj_clerk"), content="夜间恶臭", division=320106)
    assert "诉求、详细地址、被反映对象、污染类型、行业" in said(app).replace("\\", "")
    press(app, "entry_go")
    assert every(m.Submission)[0].missing == "demands,address,subject,categories,industry"


def test_a_draft_comes_back_in_a_new_session_and_can_be_cleared() -> None:
    typed(open_as("entry", "nj_clerk"), **CALL)
    app = open_as("entry", "nj_clerk")
    assert widget(app, "entry_content").value == CALL["content"]
    assert widget(app, "entry_division").value == 320106
    assert "已恢复" in said(app)
    app = press(app, "entry_clear")
    assert widget(app, "entry_content").value == "" and every(m.Draft) == []


def test_the_subchannel_is_remembered_and_the_draft_gone_after_registering() -> None:
    app = typed(open_as("entry", "nj_clerk"), subchannel="mail")
    press(typed(app, **CALL), "entry_go")
    assert [draft.kind for draft in every(m.Draft)] == ["entry_usual"]
    assert widget(open_as("entry", "nj_clerk"), "entry_subchannel").value == "mail"


def test_fields_stand_where_they_apply() -> None:
    app = typed(open_as("entry", "nj_clerk"), subchannel="visit_here")
    assert widget(app, "entry_receiver") is not None
    app = typed(app, subchannel="hotline_12345")
    assert widget(app, "entry_source_no") is not None
    with pytest.raises(StopIteration):
        widget(app, "entry_receiver")


def test_a_repeat_is_suggested_chosen_and_linked() -> None:
    press(typed(open_as("entry", "nj_clerk"), **CALL), "entry_go")
    earlier = every(m.Case)[0]
    app = typed(
        open_as("entry", "nj_clerk"), phone=CALL["phone"], content="又来反映", division=320106
    )
    assert "同一联系电话" in said(app)
    app = press(app, f"repeat_{earlier.id}")
    assert widget(app, "entry_repeat").value == "repeat"
    press(app, "entry_go")
    link = every(m.CaseLink)[0]
    assert (link.earlier_id, link.kind) == (earlier.id, "repeat")


WORDS = [("gusu", 320508), ("gs", 320508), ("姑苏", 320508), ("320508", 320508), ("luhe", 320116)]


@pytest.mark.parametrize(("word", "code"), WORDS)
def test_a_division_is_found_by_name_code_pinyin_and_initials(word: str, code: int) -> None:
    assert any(part.startswith(word) for part in labels()[code].split())
    assert set(codes(320500)) == set(labels())
    assert codes(320500)[0] == 320505, "the clerk's own city stands first"


TIMES = [("9:30", 0, "09:30"), ("昨天 15:20", 1, "15:20"), ("2026-03-01 12:30", None, "12:30")]


@pytest.mark.parametrize(("text", "days", "at"), TIMES)
def test_a_time_is_read_as_clerks_write_it(text: str, days: int | None, at: str) -> None:
    now = clock.now()
    found = moment(text, now)
    assert found is not None and f"{found:%H:%M}" == at
    if days is not None:
        assert found.date() == now.date() - timedelta(days=days)


HEAD = "编号,创建日期,说明,种类,地点"
LOOKALIKE = f"{HEAD}\nA-1,04/18/2019 09:55:45 PM,{NASTY},Noise - Residential,38XX PARKWAY\n"


def uploaded(name: str, text: str, subchannel: str = "grid_worker") -> AppTest:
    app = open_as("file_intake", "nj_clerk")
    widget(app, "file_subchannel").set_value(subchannel)
    box: Any = app.get("file_uploader")[0]
    box.set_value((name, text.encode(), "text/csv"))
    return app.run()


def mapped(app: AppTest, part: str, value: Any) -> AppTest:
    widget(app, app.session_state["file_work"].key(*part.split(" ", 2))).set_value(value)
    return app.run()


@pytest.fixture
def ledger() -> Callable[[], AppTest]:
    def mapping() -> AppTest:
        app = uploaded("look.csv", LOOKALIKE)
        for part, value in (
            ("of received_at", "创建日期"), ("of content", ["说明"]), ("of categories", ["种类"]),
            ("of address", ["地点"]), ("order", "mdy"), ("fixed division", "320106"),
            ("word categories Noise - Residential", "N03"),
        ):  # fmt: skip
            app = mapped(app, part, value)
        return press(app, "file_check")

    return mapping


def test_a_foreign_ledger_is_mapped_by_hand_checked_and_written(
    ledger: Callable[[], AppTest],
) -> None:
    app = ledger()
    assert not app.exception and not app.error
    assert [metric.value for metric in app.metric] == ["1 行", "0 行", "0 行"]
    assert every(m.Case) == [], "nothing is written before the click"
    app = press(app, "file_write")
    assert "新增 1 件" in said(app)
    assert every(m.Submission)[0].content == NASTY
    assert every(m.CaseCategory)[0].sub == "N03"


def test_the_same_file_again_says_so_and_needs_no_mapping(ledger: Callable[[], AppTest]) -> None:
    press(ledger(), "file_write")
    app = press(uploaded("look.csv", LOOKALIKE), "file_check")
    assert "导入过" in said(app) and "没有新增" in said(app)
    assert "file_write" not in [button.key for button in app.button]


def test_problems_are_paged_and_the_clerk_may_stop() -> None:
    rows = [f"A-{n},不详,恶臭,A01,某路" for n in range(60)]
    app = mapped(uploaded("bad.csv", "\n".join((HEAD, *rows))), "of received_at", "创建日期")
    app = press(app, "file_check")
    assert "60 行，共 180 处" in said(app)
    assert len(app.dataframe[1].value) == 50
    assert "没有可导入的行" in said(app)
    assert every(m.Case) == []


def test_a_file_that_is_none_is_refused_in_a_sentence() -> None:
    app = uploaded("look.xlsx", "no workbook")
    assert len(app.error) == 1 and not app.exception


def test_a_draft_is_only_that_persons() -> None:
    typed(open_as("entry", "nj_clerk"), **CALL)
    stranger = Viewer(2, "x", 320500, "x", frozenset())
    assert drafts.kept(stranger, "entry") is None


def test_the_form_on_its_way_keeps_no_second_copy_of_what_was_typed() -> None:
    app = typed(open_as("entry", "nj_clerk"), content="夜间恶臭", name="张三丰")
    form = app.session_state["entry"]
    assert form.kept and "张三丰" not in form.kept
    form.told = {"name": ("mark", "姓名已登记")}
    assert "张三丰" not in repr(form) and form.kept not in repr(form) and "姓名" not in repr(form)
