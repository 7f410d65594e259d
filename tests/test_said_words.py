"""No text of a step says who complained: every field of every step, and what says nobody."""

import json
import secrets
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Invalid
from domain.history import Event
from domain.scope import SYSTEM
from domain.table import BESIDE, TABLE
from services import attachments, batches, identity_view, visits
from services.fields import RECORDS, Kind
from services.identity import Identity
from services.merging import merge, separate
from services.own_words import tells, words_of
from services.relating import link
from services.reopening import reopen
from services.site_words import LABELS, NAMING, own_words, typed
from services.steps import opened, record_event
from services.store import read, write
from tests.merging_office import OTHER, contact, do, enter_other
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.seed import Seeded
from tests.test_case_page import PDF

# What is no text: every other kind of field, whatever comes to be one, is looked at.
CLOSED = {Kind.CHOICE, Kind.CHOICES, Kind.DATE, Kind.FLAG, Kind.UNIT, Kind.UNITS, Kind.COUNT,
          Kind.AMOUNT, Kind.FINDINGS}  # fmt: skip
EACH = {Kind.ANSWERS, Kind.NOTES}
ID = "320102199003070017"
WHO = {"name": "张三丰", "phone": "13812345678", "id_number": ID,
       "home_address": "南京市玄武区梅园新村街道1号"}  # fmt: skip
SAID = (
    ("联系张三丰", "the name"),
    ("联系张 三　丰", "the name, spaced"),
    ("回拨13812345678", "the phone"),
    ("回拨１３８ １２３４ ５６７８", "the phone, wide and spaced"),
    ("回拨+86-138.1234.5678", "the phone with its country and dots"),
    (f"证件{ID}", "the ID number"),
    ("证件３２０１０２ 19900307 ００１7", "the ID number, wide and spaced"),
    ("家住南京市玄武区梅园新村街道1号", "the home"),
    ("家住梅园新村街道 １ 号", "the home without its city, wide and spaced"),
)
FIELDS = [
    (step.key, name.rstrip("?"))
    for step in TABLE
    for name in step.records
    if (field := RECORDS.get(name.rstrip("?"))) and field.kind not in CLOSED
]
UNTOLD = "南京市玄武区某化工有限公司东侧100米处臭气浓度12.5，信访人到场，表示满意。"


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def walk(office: None) -> Walk:
    return Walk(enter(petitioner=type(PETITIONER)(**WHO)).case_id)


def record(walk: Walk, step: str, key: str, text: str) -> None:
    """Write the event of a step that says this, as every step is written."""
    value = {"1": "已整改", "2": text} if RECORDS[key].kind in EACH else text
    who = viewer("nj_clerk")
    with write(SYSTEM) as session:
        case, events = opened(session, walk.case_id)
        data = {key: value, "token": secrets.token_hex(8)}
        event = Event(step, NOW, NOW.date(), who.unit, None, who.person_id, data)
        record_event(session, case, events, event, who, NOW)


def told(walk: Walk) -> list[str]:
    """What the trace holds of a case."""
    with read(SYSTEM) as session:
        query = select(m.Event.data).where(m.Event.case_id == walk.case_id)
        return list(session.scalars(query))


def test_every_text_of_every_step_is_refused_that_names_who_complained(walk: Walk) -> None:
    before, looked = told(walk), 0
    for step, key in FIELDS:
        if key in NAMING:
            continue
        for text, why in SAID:
            with pytest.raises(Invalid) as refused:
                record(walk, step, key, f"现场核实，{text}，已处理")
            assert list(refused.value.problems) == [key], (step, why)
            assert RECORDS[key].label in refused.value.problems[key], "it says which to mend"
            assert not any(word in str(refused.value) for word in WHO.values()), "nor says it"
            looked += 1
    assert looked > 50 * len(SAID) and told(walk) == before


@pytest.mark.parametrize("step", sorted(BESIDE - {"register"}))
def test_what_happens_beside_the_steps_is_looked_at_too(walk: Walk, step: str) -> None:
    with pytest.raises(Invalid, match="理由"):
        record(walk, step, "reason", "与张三丰的件重复")


def test_only_a_few_fields_name_somebody_and_each_says_why() -> None:
    assert set(NAMING) == {"officers", "leader"} and all(NAMING.values())
    assert {key for _, key in FIELDS} > set(NAMING)
    assert all(RECORDS[key].kind not in CLOSED for key in NAMING)


def test_what_names_nobody_is_written(walk: Walk) -> None:
    walk.to_handling().step("nj_clerk", "charge", leader="张三丰副市长", charge_note=UNTOLD)
    assert any(UNTOLD in data for data in told(walk))


# --- wherever it is typed


def batched(walk: Walk, text: str) -> None:
    walk.step("nj_clerk", "classify", route="procedure")
    given = {"to": 320102, "note": text}
    why = batches.take_many(viewer("nj_clerk"), {walk.case_id: walk.version}, "assign", given,
                            NOW, token="batch")  # fmt: skip
    raise Invalid({"note": why[walk.case_id]})


def called(walk: Walk, text: str) -> None:
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated", opinion="属实")
    answers = {"1": "停产", "2": "公开"}
    with pytest.raises(Invalid, match="“逐项答复”"):
        walk.step("xw_reviewer", "reply", answers={**answers, "2": text}, reply_basis="法")
    walk.step("xw_reviewer", "reply", answers=answers, reply_basis="法")
    walk.step("xw_handler", "deliver", way="post", delivered_on=NOW.date(), proof="EMS1")
    walk.step("xw_clerk", "callback", reached=True, way="phone", solved="yes", note=text)


def merged(walk: Walk, text: str) -> None:
    do(merge, walk, enter_other(), reason=text)


def reopened(walk: Walk, text: str) -> None:
    walk.step("nj_clerk", "classify", route="elsewhere")
    walk.step("nj_clerk", "transfer", transfer_to="南京市城市管理局", telephone="025-83400000")
    reopen(viewer("nj_clerk"), walk.case_id, text, NOW, version=walk.version, token="again")


def linked(walk: Walk, text: str) -> None:
    link(viewer("nj_clerk"), enter_other().case_id, walk.case_id, "related", text, NOW)


def planned(walk: Walk, text: str) -> None:
    visits.plan(viewer("xw_handler"), walk.to_handling().case_id, NOW.date(), text, NOW)


def viewed(walk: Walk, text: str) -> None:
    identity_view.view(viewer("nj_clerk"), contact(walk), text, NOW)


PLACES: list[tuple[Callable[[Walk, str], None], str]] = [
    (batched, "“说明”"), (called, "“说明”"), (merged, "“理由”"), (reopened, "“理由”"),
    (linked, "“理由”"), (planned, "“备注”"), (viewed, "“查看理由”"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "label"), PLACES, ids=[one[0].__name__ for one in PLACES])
def test_wherever_it_is_typed_it_is_refused_and_said_which(
    walk: Walk, place: Callable[[Walk, str], None], label: str
) -> None:
    with pytest.raises(Invalid, match=label):
        place(walk, "已与张三丰联系")
    assert not any("张三丰" in data for data in told(walk))


def test_who_joined_is_looked_for_in_both_cases_and_after_parting(walk: Walk) -> None:
    other = enter_other()
    with pytest.raises(Invalid):
        do(merge, walk, other, reason=f"与{OTHER.name}同一小区")
    do(merge, walk, other)
    with pytest.raises(Invalid):
        walk.step("nj_clerk", "charge", leader="李市长", charge_note=f"{OTHER.phone}已联系")
    with pytest.raises(Invalid):
        do(separate, walk, other, reason=f"{OTHER.name}所说另有其事")
    assert not any(OTHER.name in data for data in told(walk) + told(other))


def test_a_file_is_kept_under_a_name_that_names_nobody(walk: Walk) -> None:
    made = attachments.attach(
        viewer("nj_clerk"), walk.case_id, "张三丰13812345678证据.pdf", PDF, NOW
    )
    assert attachments.fetch(viewer("nj_clerk"), made).name == "张＊＊138＊＊＊＊5678证据.pdf"
    assert not any("张三丰" in data or "13812345678" in data for data in told(walk))


def test_the_demonstration_names_nobody_and_seldom_seems_to(seeded: Seeded) -> None:
    """Its texts pass with the own petitioners of a case, and with those of others."""
    texts: dict[int, set[str]] = {}
    with read(SYSTEM) as session:
        matters = {case.id: case for case in session.scalars(select(m.Case))}
        own = {number: own_words(session, case) for number, case in matters.items()}
        events = session.execute(select(m.Event.case_id, m.Event.kind, m.Event.data))
        for number, kind, data in events:
            if number in matters:
                typed_in = typed(kind, json.loads(data))
                texts.setdefault(number, set()).update(
                    str(said) for key in LABELS if (said := typed_in.get(key))
                )
    who = [words for words in own.values() if words]
    assert len(who) > 500 and sum(map(len, texts.values())) > 5000
    rng, false, pairs = Random(1), 0, 0
    for number, said in texts.items():
        text = "\n".join(sorted(said))
        assert not tells(text, own[number], [matters[number].subject_name]), matters[number].no
        for words in rng.sample(who, 5):
            pairs += 1
            false += tells(text, words, [matters[number].subject_name])
    assert false <= pairs / 1000, f"{false} of {pairs} strangers"


# --- what a word is, and what is none

CALLED: tuple[tuple[dict[str, str], str, bool, str], ...] = (
    ({"name": "高明"}, "高明反映仍有异味", True, "a name of two signs"),
    ({"name": "高明"}, "浓度较高\n明显超标", False, "two lines are no name"),
    ({"name": "江宁"}, "江宁区生态环境局", False, "a part of a division's name"),
    ({"name": "江宁"}, "江宁区的江宁反映", True, "and the name beside it"),
    ({"name": "江苏"}, "依据《江苏省大气污染防治条例》第3条", False, "a law is cited by its name"),
    ({"name": "高明"}, "《关于高明信访事项的答复》", True, "the title of a letter is no law"),
    ({"name": "王法"}, "王法化工有限公司已停产", False, "a part of the subject's name"),
    ({"name": "王法化工有限公司"}, "王法化工有限公司已停产", True, "who is the subject's namesake"),
    ({"name": "张三丰、李四光"}, "李四光来电", True, "one of two names in one field"),
    ({"name": "张三丰等12人"}, "张三丰来电", True, "the first of many"),
    ({"name": "李等来"}, "李等来来电", True, "等 within a name"),
    ({"name": "居民"}, "走访周边居民", False, "nobody's name"),
    ({"name": "张"}, "张贴公告", False, "one sign says nobody"),
    ({"name": "欧阳·娜娜"}, "欧阳娜娜来电", True, "a dot or none"),
    ({"phone": "025-86266111"}, "回拨86266111", True, "without its area"),
    ({"phone": "86266111"}, "回拨(025)8626 6111", True, "with its area"),
    ({"phone": "+8613812345678"}, "回拨138 1234 5678", True, "without its country"),
    ({"phone": "13812345678"}, "检测值138、12345、678", True, "digits in a row, whatever between"),
    ({"phone": "13812345678"}, "监测值13.8，1234", False, "a part of the digits"),
    ({"id_no": "32010219900307001X"}, "证件32010219900307001x", True, "a small x"),
    ({"address": "南京市玄武区"}, "南京市玄武区多处异味", False, "where many live is no home"),
    ({"address": "玄武区珠江路88号3幢201室"}, "珠江路88号3幢201室", True, "without its district"),
    ({"address": "玄武区珠江路8号"}, "玄武区珠江路8号开门营业", False, "the matter's own address"),
    ({"address": "沛县汉源街道幸福路12号"}, "到幸福路12号采样", True, "road and house alone"),
    ({"address": "沛县汉源街道5号"}, "排口5号", False, "a number alone is no home"),
)  # fmt: skip


@pytest.mark.parametrize(("who", "text", "found", "why"), CALLED, ids=[c[3] for c in CALLED])
def test_what_says_who_complained(who: dict[str, Any], text: str, found: bool, why: str) -> None:
    words = list(words_of(Identity(**who), "珠江路8号"))
    assert tells(text, words, ["王法化工有限公司"]) is found, why
