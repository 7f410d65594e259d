"""Files in: examined whole, written once, in one transaction, and known again."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from db import models as m
from domain.errors import NotAllowed, Refused
from domain.scope import SYSTEM
from intake.model import Mapping
from services import importing, registration, trace
from services.__main__ import main
from services.store import read
from tests.office import NOW, enter, prepare, viewer

HEAD = "工单编号,来电时间,诉求内容,区划代码,污染类型,是否重复,紧急程度,来电人,联系电话"
NASTY = "![](http://x) <script>alert(1)</script> =1+1 <para>"
FOREIGN = (
    "unique_key,created_date,complaint_type,descriptor,incident_address\n"
    "1,04/18/2019 09:55:45 PM,Noise - Residential,Banging/Pounding,38XX SHORE PARKWAY\n"
    "2,05/21/2020 06:15:38 PM,Air Quality,Odor,2XX TAAFFE PLACE\n"
)
BY_HAND = Mapping(
    {"unique_key": "source_no", "created_date": "received_at", "complaint_type": "categories",
     "descriptor": "content", "incident_address": "address"},
    {"categories": {"Noise - Residential": "N03", "Air Quality": "A01"}},
    {"division": "320106"}, "mdy",
)  # fmt: skip


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


def row(number: int, **changes: str) -> str:
    cells = {
        "no": f"DH{number}", "at": "2026-11-20 09:30", "text": f"第{number}家工厂恶臭",
        "place": "320102", "kind": "恶臭异味", "again": "否", "urgent": "一般", "name": "张三",
        "phone": "13812345678", **changes,
    }  # fmt: skip
    return ",".join(cells.values())


def ledger(*rows: str, head: str = HEAD) -> importing.Ledger:
    data = "\n".join((head, *rows)).encode("gb18030")
    return importing.open_file(viewer("nj_clerk"), data, "台账.csv")


def examined(
    found: importing.Ledger, subchannel: str = "hotline_12345", mapping: Mapping | None = None
) -> importing.Examined:
    who = viewer("nj_clerk")
    mapping = mapping or importing.propose_for(who, found, subchannel)
    return importing.examine(who, found, mapping, subchannel, NOW)


def written(found: importing.Examined, partial: bool = False) -> importing.Imported:
    return importing.write(viewer("nj_clerk"), found, NOW, partial=partial)


def count(table: type[m.Base]) -> int:
    with read(SYSTEM) as session:
        return session.query(table).count()


def test_a_file_is_written_once_with_its_batch_and_one_event() -> None:
    done = written(examined(ledger(row(1), row(2), row(3))))
    assert (done.added, done.known, done.faulty) == (3, 0, 0)
    with read(SYSTEM) as session:
        batch = session.query(m.ImportBatch).one()
        kinds = [event.kind for event in session.query(m.Event).order_by(m.Event.id)]
        counts = json.loads(session.query(m.Event).filter_by(kind="import").one().data)
        submissions = session.query(m.Submission).all()
        assert trace.check(session) == []
    assert kinds == ["register", "register", "register", "import"]
    assert (batch.rows, batch.added, counts["added"], counts["faulty"]) == (3, 3, 3, 0)
    assert {s.batch_id for s in submissions} == {batch.id}
    assert "张三" not in json.dumps(counts, ensure_ascii=False)


def test_many_rows_are_stored_as_one_by_one() -> None:
    many = [row(n) for n in range(1, 61)]
    written(examined(ledger(*many)))
    with read(SYSTEM) as session:
        last = session.query(m.Submission).filter_by(source_no="DH60").one()
        case = session.get_one(m.Case, last.case_id)
        assert (last.received_at.isoformat(), last.anonymous, last.missing.split(",")[0]) == (
            "2026-11-20T09:30:00", False, "demands")  # fmt: skip
        assert (case.no, case.status, case.version) == (last.no, "registered", 1)
        assert session.query(m.Clock).filter_by(submission_id=last.id).count() == 1
        assert session.query(m.Petitioner).count() == 60
        assert trace.check(session) == []


def test_the_same_file_again_adds_nothing_and_says_when_it_came() -> None:
    written(examined(ledger(row(1), row(2))))
    again = examined(ledger(row(1), row(2)))
    assert (len(again.fresh), again.known) == (0, 2)
    assert again.earlier == importing.Earlier(NOW, 2)
    assert written(again) == importing.Imported(None, 0, 2, 0)
    assert (count(m.Case), count(m.ImportBatch)) == (2, 1)


def test_rows_registered_before_are_skipped() -> None:
    enter("xw_clerk", subchannel="hotline_12345", source_no="DH1")
    found = examined(ledger(row(1), row(2)))
    assert (len(found.fresh), found.known, found.problems) == (1, 1, ())
    assert written(found).added == 1


def test_a_number_another_unit_has_out_of_sight_is_a_problem_and_not_silently_known() -> None:
    enter("sz_clerk", subchannel="hotline_12345", source_no="DH1", division=320508)
    found = examined(ledger(row(1), row(2)))
    assert (len(found.fresh), found.known) == (1, 0)
    told = [(one.row, one.column, one.message) for one in found.problems]
    assert told == [(2, "工单编号", "来源编号 DH1 已由其他单位登记，请与上级核对")]
    with pytest.raises(Refused, match="没有写入"):
        written(found)
    assert written(found, partial=True) == importing.Imported(1, 1, 0, 1)


def test_a_number_taken_out_of_sight_between_look_and_click_stops_the_writing() -> None:
    found = examined(ledger(row(1), row(2)))
    enter("sz_clerk", subchannel="hotline_12345", source_no="DH2", division=320508)
    with pytest.raises(Refused, match="DH2 已由其他单位登记"):
        written(found)
    assert count(m.Case) == 1
    assert written(found, partial=True) == importing.Imported(1, 1, 0, 1)


def test_another_units_writing_of_the_same_bytes_is_not_told() -> None:
    found = ledger(row(1))
    written(examined(found))
    who = viewer("sz_clerk")
    mapping = importing.propose_for(who, found, "hotline_12345")
    assert importing.examine(who, found, mapping, "hotline_12345", NOW).earlier is None


def test_a_row_registered_between_look_and_click_is_left_out() -> None:
    found = examined(ledger(row(1), row(2)))
    enter(subchannel="hotline_12345", source_no="DH2")
    assert written(found) == importing.Imported(1, 1, 1, 0)


def test_rows_without_a_number_are_known_by_all_they_say() -> None:
    head = HEAD.partition(",")[2]
    first, second = (row(n).partition(",")[2] for n in (1, 2))
    done = written(examined(ledger(first, first, head=head), "bureau_phone"))
    assert (done.added, done.known) == (1, 1)
    more = examined(ledger(first, second, head=head), "bureau_phone")
    assert (len(more.fresh), more.known, more.earlier) == (1, 1, None)


def test_problems_stop_the_writing_unless_the_rest_is_asked_for() -> None:
    found = examined(ledger(row(1), row(2, place="999999"), row(3, at="不详")))
    assert [(p.row, p.column) for p in found.problems] == [(3, "区划代码"), (4, "来电时间")]
    with pytest.raises(Refused, match="没有写入"):
        written(found)
    assert count(m.Case) == 0
    assert written(found, partial=True) == importing.Imported(1, 1, 0, 2)


def test_every_one_of_five_thousand_broken_cells_is_listed_and_nothing_written() -> None:
    found = examined(ledger(*(row(n, at="昨日", place="区") for n in range(2500))))
    assert (len(found.problems), found.faulty, len(found.fresh)) == (5000, 2500, 0)
    assert written(found, partial=True).added == 0
    assert (count(m.Case), count(m.ImportBatch), count(m.Event)) == (0, 0, 0)


def test_a_failure_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "AT_ONCE", 1)
    found = examined(ledger(row(1), row(2)))

    def interrupted(done: int, of: int) -> None:
        if done == of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.write(viewer("nj_clerk"), found, NOW, progress=interrupted)
    assert [count(t) for t in (m.Case, m.ImportBatch, m.ImportMapping, m.Event)] == [0, 0, 0, 0]


def test_a_foreign_ledger_comes_in_by_mapping_and_is_remembered() -> None:
    found = importing.open_file(viewer("nj_clerk"), FOREIGN.encode(), "311.csv")
    bare = importing.propose_for(viewer("nj_clerk"), found, "other_department")
    assert bare.columns == {}
    words = importing.unknown(found, replace(BY_HAND, values={}))
    assert sorted(words["categories"]) == [("Air Quality", 1), ("Noise - Residential", 1)]
    assert written(examined(found, "other_department", BY_HAND)).added == 2
    assert importing.saved(viewer("nj_clerk"), "other_department") == BY_HAND
    assert importing.saved(viewer("xw_clerk"), "other_department") == BY_HAND, "from above"
    assert importing.saved(viewer("sz_clerk"), "other_department") is None
    with read(SYSTEM) as session:
        made = session.query(m.Submission).order_by(m.Submission.id).first()
    assert made is not None and made.received_at.isoformat() == "2019-04-18T21:55:45"


def test_one_fixed_value_stands_for_the_whole_file() -> None:
    columns = {h: k for h, k in BY_HAND.columns.items() if k != "categories"}
    both = {"division": "320106", "categories": "A01,N03"}
    fixed = replace(BY_HAND, columns=columns, fixed=both)
    found = importing.open_file(viewer("nj_clerk"), FOREIGN.encode(), "311.csv")
    written(examined(found, "other_department", fixed))
    with read(SYSTEM) as session:
        assert sorted(c.sub for c in session.query(m.CaseCategory)) == ["A01", "A01", "N03", "N03"]


def test_text_comes_back_as_typed() -> None:
    written(examined(ledger(row(1, text=NASTY))))
    with read(SYSTEM) as session:
        assert session.query(m.Submission).one().content == NASTY


def test_the_file_comes_back_with_its_problems() -> None:
    from openpyxl import load_workbook

    found = examined(ledger(row(1, text=NASTY), row(2, place="999999")))
    sheet = load_workbook(io.BytesIO(importing.annotated(found))).worksheets[0]
    assert sheet["C2"].value == NASTY and sheet["C2"].data_type == "s"
    assert "区划代码" in str(sheet["J3"].value)


def test_only_a_clerk_imports() -> None:
    with pytest.raises(NotAllowed):
        importing.open_file(viewer("xw_handler"), FOREIGN.encode(), "311.csv")


def test_the_command_checks_writes_and_knows_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, plan = tmp_path / "311.csv", tmp_path / "m.json"
    file.write_text(FOREIGN)
    plan.write_text(BY_HAND.to_json())
    asked = ["intake", str(file), "--channel", "other_department", "--mapping", str(plan), "--json"]
    told = []
    for more in (["--dry-run"], [], ["--as", "nj_clerk"]):
        assert main([*asked, *more]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert [(t["written"], t["added"], t["known"]) for t in told] == [
        (False, 0, 0), (True, 2, 0), (True, 0, 2)]  # fmt: skip
    assert [t["clerk"] for t in told] == ["province_clerk", "province_clerk", "nj_clerk"]


def test_the_command_writes_nothing_of_a_faulty_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "台账.csv"
    file.write_text("\n".join((HEAD, row(1), row(2, place="999999"))))
    asked = ["intake", str(file), "--channel", "12345热线（工单）"]
    assert main(asked) == 1
    assert "第 3 行 区划代码" in capsys.readouterr().out and count(m.Case) == 0
    assert main([*asked, "--partial"]) == 0 and count(m.Case) == 1
    assert main([*asked[:3], "电报"]) == 1 and "没有子渠道" in capsys.readouterr().err
    assert main([*asked, "--as", "xw_handler"]) == 1
