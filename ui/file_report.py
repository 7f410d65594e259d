"""文件导入: what writing the file would do, the problems by page, and the writing itself."""

from datetime import datetime

import pandas as pd
import streamlit as st

from domain.people import Viewer
from services import importing
from services.importing import Examined, Imported
from ui.errors import plain
from ui.file_intake import Work
from ui.page import Page, offer

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def report(page: Page, held: Work, examined: Examined) -> None:
    """Counts, then what will happen, then every problem."""
    counts = (("可导入", len(examined.fresh)), ("已登记，跳过", examined.known),
              ("有问题", examined.faulty))  # fmt: skip
    for column, (label, number) in zip(st.columns(3), counts, strict=True):
        column.metric(label, f"{number} 行")
    if examined.earlier:
        st.info(f"这份文件已于 {examined.earlier.at:%Y-%m-%d %H:%M} 导入过（新增 "
                f"{examined.earlier.added} 件）；已登记的行不会重复写入。")  # fmt: skip
    if examined.problems:
        _problems(page, held, examined)


def _problems(page: Page, held: Work, examined: Examined) -> None:
    found = examined.problems
    st.markdown(f"**问题清单**　{examined.faulty} 行，共 {len(found)} 处")
    pages = -(-len(found) // PAGE)
    number = 1
    if pages > 1:
        number = int(st.number_input(f"第几页（共 {pages} 页）", 1, pages, key=held.key("page")))
    part = found[(number - 1) * PAGE : number * PAGE]
    rows = [(problem.row, problem.column, problem.message) for problem in part]
    frame = pd.DataFrame(rows, columns=["行", "列", "问题和改法"])
    width = {"问题和改法": st.column_config.TextColumn(width="large")}
    st.dataframe(frame, hide_index=True, column_config=width, height=min(36 * len(rows) + 40, 420))
    left, right = st.columns(2)
    what = f"导入问题清单：{held.ledger.name}，{examined.faulty} 行"
    with left:
        offer(page, "下载带问题列的原表", "问题清单.xlsx", XLSX,
              lambda: importing.annotated(examined), what, key="file_all")  # fmt: skip
    with right:
        offer(page, "只下载有问题的行", "问题行.xlsx", XLSX,
              lambda: importing.annotated(examined, True), what, key="file_bad")  # fmt: skip


def confirm(examined: Examined) -> bool:
    """Whether the clerk says: write. What will happen stands above the button."""
    fresh, faulty = len(examined.fresh), examined.faulty
    if not fresh:
        if faulty:
            st.warning("没有可导入的行，不会写入任何内容。请改正后重新上传。")
        else:
            st.success("全部行均已登记，没有新增内容，不会写入。")
        return False
    if not faulty:
        st.markdown(f"确认后一次写入 **{fresh}** 件；中途如有任何失败，一件也不写入。")
        return st.button(f"导入 {fresh} 件", type="primary", key="file_write")
    st.warning(
        f"有 {faulty} 行存在问题。可以停在这里，改正后重新上传整份文件；"
        f"也可以先导入其余 {fresh} 件，有问题的 {faulty} 行不写入，改正后再上传时只补入这些行。"
    )
    left, right = st.columns(2)
    go = left.button(f"只导入其余 {fresh} 件", key="file_write")
    right.button("停止，不导入", type="primary", key="file_stop", on_click=_stop)
    return go


def _stop() -> None:
    held: Work | None = st.session_state.get("file_work")
    if held:
        held.examined = None


def write(viewer: Viewer, held: Work, examined: Examined, now: datetime) -> Imported:
    """Write with progress; leaving the page in the middle writes nothing."""
    bar = st.progress(0.0, "正在导入，请勿离开本页；中断则一件也不写入")

    def told(done: int, of: int) -> None:
        bar.progress(done / of, f"正在导入 {done}/{of}，请勿离开本页；中断则一件也不写入")

    done = importing.write(viewer, examined, now, partial=bool(examined.problems), progress=told)
    bar.empty()
    return done


def result(held: Work, done: Imported) -> None:
    """What was written."""
    name = plain(held.ledger.name)
    if done.added:
        st.success(f"{name}：新增 {done.added} 件，已登记跳过 {done.known} 行，"
                   f"有问题未导入 {done.faulty} 行。列对应方案已记住，下次自动使用。")  # fmt: skip
    else:
        st.info(f"{name}：没有新增内容，{done.known} 行均已登记。")
    st.caption("要导入下一份，请在上方移除本文件或选择新文件。")
