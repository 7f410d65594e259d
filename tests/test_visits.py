"""移动办理: visits by day and unit, photos kept once, and nothing of who complained on the way."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.scope import SYSTEM
from services import attachments, photos, visits
from services.store import read
from tests.office import INCOMING, NOW, PETITIONER, Walk, enter, prepare, viewer

TODAY = NOW.date()
KEY = "0123456789abcdef" * 2
HANDLER = "xw_handler"
SEEN = {
    "visited_on": TODAY, "officers": "李检查、周检查", "site_notes": "东侧车间门未关，闻到恶臭",
}  # fmt: skip


@pytest.fixture
def walk(database_url: str) -> Walk:
    """A case with 玄武 to sign, on both databases."""
    prepare()
    found = Walk(enter().case_id)
    return found.step("nj_clerk", "classify", route="procedure").step(
        "nj_clerk", "assign", to=320102
    )


@pytest.fixture
def handled() -> Walk:
    """A case in hand at 玄武."""
    prepare()
    return Walk(enter().case_id).to_handling()


def picture(**more: object) -> bytes:
    """A small JPEG, red above and blue below."""
    made = Image.new("RGB", (40, 30), "red")
    made.paste("blue", (0, 15, 40, 30))
    out = io.BytesIO()
    made.save(out, "JPEG", **more)
    return out.getvalue()


def keep(walk: Walk, key: str = KEY, login: str = HANDLER, **changes: object) -> int:
    told = {"taken_at": NOW, "lon": Decimal("118.84001"), "lat": Decimal("32.06002")} | changes
    data = told.pop("data", picture())
    return photos.keep(viewer(login), walk.case_id, data, key, NOW, **told)  # type: ignore[arg-type]


# --- planning


def test_a_visit_from_plan_to_record(walk: Walk) -> None:
    who = viewer(HANDLER)
    number = visits.plan(who, walk.case_id, TODAY, "带臭气采样瓶", NOW)
    [shown] = visits.of_unit(who, TODAY)
    assert (shown.id, shown.steps, shown.note) == (number, ("sign",), "带臭气采样瓶")
    assert [text for _, text in shown.demands] == list(INCOMING.demands)
    version = visits.act(who, walk.case_id, "sign", {}, NOW, version=shown.version, token="s" * 8)
    [signed] = visits.of_unit(who, TODAY)
    assert (signed.version, signed.steps) == (version, ("investigate",))
    visits.act(who, walk.case_id, "investigate", SEEN, NOW, version=version, token="i" * 8)
    [done] = visits.of_unit(who, TODAY)
    assert done.done_at == NOW
    assert visits.of_unit(who, TODAY + timedelta(days=1)) == [], "done is done the next day"


def test_sent_again_is_the_same_step(handled: Walk) -> None:
    first = handled.version
    for _ in range(3):
        visits.act(viewer(HANDLER), handled.case_id, "investigate", SEEN, NOW, version=first,
                   token="i" * 8)  # fmt: skip
    assert handled.version == first + 1
    with pytest.raises(Stale):
        visits.act(viewer(HANDLER), handled.case_id, "investigate", SEEN, NOW, version=first,
                   token="j" * 8)  # fmt: skip


DAYS = (
    (-3, 0, 0, True, "undone from an earlier day"),
    (0, 0, 0, True, "today's"),
    (1, 0, 0, False, "tomorrow's is not today's"),
    (1, 0, 14, True, "tomorrow's, looking ahead"),
    (0, 5, 0, True, "not made, it waits"),
)


@pytest.mark.parametrize(("on", "later", "ahead", "shown", "why"), DAYS)
def test_which_days_are_shown(
    handled: Walk, on: int, later: int, ahead: int, shown: bool, why: str
) -> None:
    who, made = viewer(HANDLER), TODAY - timedelta(days=10)
    visits.plan(who, handled.case_id, TODAY + timedelta(days=on), "",
                datetime.combine(made, NOW.time()))  # fmt: skip
    found = visits.of_unit(who, TODAY + timedelta(days=later), ahead)
    assert bool(found) is shown, why


REFUSED = (
    ("sz_handler", 0, "", NotFound, "没有这个事项", "another unit's case is not there"),
    ("nj_clerk", 0, "", Refused, "不由本单位承办", "the sender does not visit"),
    ("xw_reviewer", 0, "", NotAllowed, "登记员、承办人", "not a reviewer's"),
    (HANDLER, -1, "", Invalid, "走访日期须在今天至", "a day gone"),
    (HANDLER, 61, "", Invalid, "走访日期须在今天至", "a slip of the year"),
    (HANDLER, 0, "长" * 201, Invalid, "请缩短", "longer than kept"),
)


@pytest.mark.parametrize(("login", "on", "note", "error", "words", "why"), REFUSED)
def test_what_is_not_planned(
    handled: Walk, login: str, on: int, note: str, error: type[Refused], words: str, why: str
) -> None:
    with pytest.raises(error, match=words):
        visits.plan(viewer(login), handled.case_id, TODAY + timedelta(days=on), note, NOW)
    assert handled.stored(m.Visit, lambda row: row.on) == [], why


def test_a_case_out_of_hand_is_visited_no_more(handled: Walk) -> None:
    visits.plan(viewer(HANDLER), handled.case_id, TODAY, "", NOW)
    handled.to_approval("substantiated", "substantiated")
    assert visits.of_unit(viewer(HANDLER), TODAY) == []
    with pytest.raises(Refused, match="“待审核”，不需要走访"):
        visits.plan(viewer(HANDLER), handled.case_id, TODAY, "", NOW)


def test_planned_again_it_moves_and_twice_is_once(walk: Walk) -> None:
    who, later = viewer(HANDLER), TODAY + timedelta(days=2)
    assert walk.case_id in visits.candidates(who)
    first = visits.plan(who, walk.case_id, TODAY, "", NOW)
    assert walk.case_id not in visits.candidates(who)
    for _ in range(2):
        assert visits.plan(who, walk.case_id, later, "改期", NOW) == first
    assert walk.stored(m.Visit, lambda row: (row.on, row.note)) == [(later, "改期")]
    kinds = events(walk.case_id)
    assert kinds.count("plan_visit") == 2, "a click twice is one event"
    visits.drop(who, first, NOW)
    with pytest.raises(NotFound):
        visits.drop(who, first, NOW)
    assert walk.stored(m.Visit, lambda row: row.id) == []


def test_nobody_drops_another_units_visit(handled: Walk) -> None:
    number = visits.plan(viewer(HANDLER), handled.case_id, TODAY, "", NOW)
    for login in ("nj_clerk", "sz_handler"):
        with pytest.raises(NotFound):
            visits.drop(viewer(login), number, NOW)


def test_only_what_is_done_on_a_site(handled: Walk) -> None:
    with pytest.raises(NotAllowed, match="现场只能签收和登记调查情况"):
        visits.act(viewer(HANDLER), handled.case_id, "conclude", {}, NOW,
                   version=handled.version, token="c" * 8)  # fmt: skip


def events(case_id: int) -> list[str]:
    with read(SYSTEM) as session:
        return [row.kind for row in session.query(m.Event).filter_by(case_id=case_id)]


# --- who complained stays unsaid

TELLING = (
    ("site_notes", PETITIONER.name, "the name"),
    ("statement", "138 1234 5678", "the phone, spaced"),
    ("monitoring", "测点设在南京市玄武区梅园新村街道1号门口", "the home"),
    ("contacted", f"已电话告知{PETITIONER.phone}", "the phone"),
    ("standard", PETITIONER.phone, "even there"),
)


@pytest.mark.parametrize(("field", "text", "why"), TELLING)
def test_a_site_record_names_no_petitioner(handled: Walk, field: str, text: str, why: str) -> None:
    before = handled.version
    with pytest.raises(Invalid) as told:
        handled.step(HANDLER, "investigate", **{**SEEN, field: text})
    assert list(told.value.problems) == [field], why
    assert text not in str(told.value), "the refusal does not say it either"
    assert handled.version == before


def test_a_site_record_names_the_site_and_its_writers(handled: Walk) -> None:
    notes = {"1": "梅园新村街道一侧无异味", "2": "监测结果已在厂门公开"}
    handled.step(HANDLER, "investigate", **{**SEEN, "demand_notes": notes,
                 "officers": f"{PETITIONER.name}、李检查"})  # fmt: skip


def test_a_demand_names_no_petitioner_on_the_phone() -> None:
    prepare()
    walk = Walk(
        enter(demands=(f"请联系{PETITIONER.name} {PETITIONER.phone}", "停产")).case_id
    ).to_handling()
    visits.plan(viewer(HANDLER), walk.case_id, TODAY, "", NOW)
    [shown] = visits.of_unit(viewer(HANDLER), TODAY)
    told = repr(shown)
    assert PETITIONER.name not in told and PETITIONER.phone not in told
    assert "停产" in told and INCOMING.subject in told


# --- photos


def test_a_photo_keeps_its_time_and_place(walk: Walk) -> None:
    keep(walk)
    assert walk.stored(m.Attachment, lambda a: (a.name, a.mime, a.taken_at, a.lon, a.lat)) == [
        ("现场照片_20261123_100000.jpg", "image/jpeg", NOW, Decimal("118.84001"),
         Decimal("32.06002"))
    ]  # fmt: skip
    assert events(walk.case_id).count("attach") == 1


def test_a_photo_sent_again_is_the_same(walk: Walk) -> None:
    first = keep(walk)
    assert keep(walk, data=picture(quality=30)) == first, "the key says it, not the bytes"
    assert keep(walk, key="f" * 32) == first, "the same bytes under another key"
    assert keep(walk, key="e" * 32, data=picture(quality=10)) != first
    assert events(walk.case_id).count("attach") == 2


def test_a_photo_sent_many_times_at_once_is_one(walk: Walk) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda n: keep(walk, data=picture(quality=20 + n)), range(8)))
    assert len(found) == 1
    assert len(walk.stored(m.Attachment, lambda a: a.id)) == 1


def test_a_key_used_elsewhere_tells_nothing(handled: Walk) -> None:
    first = keep(handled)
    other = Walk(enter(title="另一件").case_id)
    assert keep(other, login="nj_clerk", data=picture(quality=5)) != first


BAD = (
    ({"key": "../../x"}, Invalid, "照片编号不对", "no path in a key"),
    ({"lon": None}, Invalid, "经纬度不对", "half a place"),
    ({"lon": Decimal(181)}, Invalid, "经纬度不对", "off the earth"),
    ({"data": b"GIF89a" + b"0" * 50}, Refused, "内容与扩展名", "not a JPEG"),
    ({"data": picture()[:-200]}, Refused, "照片内容不完整", "cut off on the way"),
    ({"data": b"\xff\xd8\xff\xe1\xff\xff"}, Refused, "照片内容不完整", "a head alone"),
    ({"data": b""}, Refused, "空文件", "nothing"),
    ({"login": "sz_handler"}, NotFound, "没有这个事项", "another unit's case"),
    ({"login": "auditor"}, NotAllowed, "不能上传附件", "reads only"),
)


@pytest.mark.parametrize(("changes", "error", "words", "why"), BAD)
def test_what_is_no_photo(
    handled: Walk, changes: dict[str, object], error: type[Refused], words: str, why: str
) -> None:
    with pytest.raises(error, match=words):
        keep(handled, **changes)  # type: ignore[arg-type]
    assert handled.stored(m.Attachment, lambda a: a.id) == [], why


CLOCKS = (
    (NOW - timedelta(days=2), NOW - timedelta(days=2), "sent two days later"),
    (datetime(1970, 1, 1), None, "a clock never set"),
    (NOW + timedelta(days=400), None, "a clock a year ahead"),
    (None, None, "not told"),
)


@pytest.mark.parametrize(("taken", "kept", "why"), CLOCKS)
def test_a_clock_plainly_wrong_is_not_believed(
    handled: Walk, taken: datetime | None, kept: datetime | None, why: str
) -> None:
    keep(handled, taken_at=taken)
    assert handled.stored(m.Attachment, lambda a: a.taken_at) == [kept], why


def exif(**more: object) -> bytes:
    """A JPEG with what a phone writes beside the picture, held on its side."""
    made = Image.Exif()
    made[0x0112] = 6
    made[0x010F], made[0x0131] = "SECRETPHONE", "SECRETSOFT"
    made.get_ifd(0x8825)[2] = (32.0, 3.0, 36.0)
    return picture(exif=made, comment=b"SECRETNOTE", **more)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_camera_tells_no_more_than_asked(handled: Walk, progressive: bool) -> None:
    sent = exif(progressive=progressive) + b"SECRETVIDEO"
    assert sent.count(b"SECRET") == 4
    number = keep(handled, data=sent)
    kept = attachments.fetch(viewer(HANDLER), number).data
    assert b"SECRET" not in kept
    seen = Image.open(io.BytesIO(kept))
    assert dict(seen.getexif()) == {0x0112: 6}, "how it is held, or it would lie on its side"
    assert seen.tobytes() == Image.open(io.BytesIO(sent)).tobytes(), "the picture itself"


def test_a_plain_picture_is_kept_as_it_is(handled: Walk) -> None:
    sent = picture()
    assert photos.stripped(sent) == sent
