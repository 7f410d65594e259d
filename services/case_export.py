"""The filtered list as a workbook, without identities; what was exported goes into the trace."""

from datetime import datetime

from db.queries import cases
from db.queries.cases import CaseFilter, CaseRow
from documents.workbook import Cell, Column, Kind, Sheet, workbook
from domain.clocks import Lights
from domain.errors import Refused
from domain.people import Viewer
from domain.scope import scope_of
from domain.workflow import CONCLUSIONS, Status, Track
from rules import load
from services.store import read
from services.vocabulary import divisions

MOST = 20_000
COLUMNS = (
    Column("事项编号"), Column("标题", width=48), Column("属地"), Column("地址", width=30),
    Column("被反映对象", width=26), Column("渠道"), Column("子渠道"), Column("收件日期", Kind.DATE),
    Column("状态"), Column("法定途径"), Column("承办单位"), Column("重复"), Column("群体"),
    Column("件次", Kind.COUNT), Column("认定结论"), Column("最近时限"),
    Column("到期日", Kind.DATE), Column("灯色"), Column("离办日期", Kind.DATE),
)  # fmt: skip


def export(viewer: Viewer, asked: CaseFilter, now: datetime) -> bytes:
    """The workbook of all cases a filter finds for this person; refuses more than `MOST`."""
    lights = Lights.on(now.date(), load().calendar)
    with read(scope_of(viewer)) as session:
        count = cases.count(session, asked, lights, MOST)
        if count > MOST:
            raise Refused(f"符合条件的事项超过 {MOST:,} 件，请增加条件后再导出")
        rows = list(cases.every(session, asked, lights, MOST))
    notes = (f"导出：{viewer.unit_name} {viewer.name}，{now:%Y-%m-%d %H:%M}，共 {len(rows):,} 件。",
             "不含信访人身份信息；文字为登记原文，离开本单位前请人工核对。")  # fmt: skip
    sheet = Sheet("事项", "信访举报事项清单", COLUMNS, (_cells(row) for row in rows), notes)
    return workbook([sheet])


def said(asked: CaseFilter, count: int) -> str:
    """What the trace keeps of an export: that words were searched, not which (a name, perhaps)."""
    about = "；".join(
        "按文字检索" if key == "q" else f"{key}={value}" for key, value in asked.address().items()
    )
    return f"事项清单 {count} 件，条件：{about or '无'}"


def _cells(row: CaseRow) -> tuple[Cell, ...]:
    rules, names = load(), {int(d["code"]): d for d in divisions()}
    holder = names.get(row.holder_unit, {}).get("name", str(row.holder_unit))
    return (
        row.no, row.title, names[row.place_code]["name"], row.address, row.subject_name,
        rules.label("channel", row.channel), rules.label("subchannel", row.subchannel),
        row.received_on, Status(row.status).label, Track(row.track).label if row.track else None,
        holder, row.is_repeat, row.is_group, row.submissions,
        CONCLUSIONS.get(row.conclusion or ""), rules.clock_labels.get(row.clock or ""),
        row.due_on, row.shine.label if row.shine else None, row.ended_on,
    )  # fmt: skip
