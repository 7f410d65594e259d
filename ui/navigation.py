"""The list of pages: key, title, section, icon and the roles that may open it.

A page is a line here and `pages/<key>.py`; a test checks both ways.
"""

from dataclasses import dataclass
from pathlib import Path

from domain.people import CASE_ROLES, Role, Viewer

ROOT = Path(__file__).resolve().parent.parent
EVERYONE = frozenset(Role)
SCORERS = frozenset(
    {Role.ASSESSOR, Role.CITY_LEAD, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}
)  # fmt: skip
SUPERVISING = frozenset({Role.SUPERVISOR, Role.LEADER, Role.CITY_LEAD, Role.AUDITOR})
CLERKS = frozenset({Role.CLERK})
CALLERS = frozenset({Role.CLERK, Role.SUPERVISOR})
FIELD = frozenset({Role.CLERK, Role.HANDLER})


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page of the navigation; a hidden one is reached by links only."""

    key: str
    title: str
    section: str
    icon: str
    roles: frozenset[Role]
    hidden: bool = False

    @property
    def path(self) -> Path:
        """The page's file."""
        return ROOT / "pages" / f"{self.key}.py"

    def open_to(self, viewer: Viewer) -> bool:
        """Whether the viewer holds a role of this page."""
        return viewer.has(*self.roles)


DAILY, LOOK, SCORE, SYSTEM = "日常办理", "统计分析", "考核评分", "系统"

PLANNED = (
    PageSpec("todo", "今日待办", DAILY, ":material/checklist:", CASE_ROLES),
    PageSpec("overdue", "超期看板", DAILY, ":material/alarm:", CASE_ROLES),
    PageSpec("entry", "来件登记", DAILY, ":material/edit_note:", CLERKS),
    PageSpec("file_intake", "文件导入", DAILY, ":material/upload_file:", CLERKS),
    PageSpec("cases", "事项查询", DAILY, ":material/search:", CASE_ROLES),
    PageSpec("field", "移动办理", DAILY, ":material/smartphone:", FIELD),
    PageSpec("callbacks", "回访", DAILY, ":material/phone_callback:", CALLERS),
    PageSpec("orders", "督办台账", DAILY, ":material/campaign:", SUPERVISING),
    PageSpec("case", "事项详情", DAILY, ":material/article:", CASE_ROLES, hidden=True),
    PageSpec("maps", "区域地图", LOOK, ":material/map:", CASE_ROLES),
    PageSpec("monthly", "月度汇总", LOOK, ":material/calendar_month:", SCORERS | CLERKS),
    PageSpec("scores", "考核评分", SCORE, ":material/leaderboard:", SCORERS),
    PageSpec("sheet", "市评分表", SCORE, ":material/fact_check:", SCORERS),
    PageSpec("clocks", "时限核算", SYSTEM, ":material/timer:", EVERYONE),
    PageSpec("people", "人员账号", SYSTEM, ":material/group:", frozenset({Role.ADMIN})),
    PageSpec("templates", "文书模板", SYSTEM, ":material/description:", frozenset({Role.ADMIN})),
    PageSpec("trace", "操作留痕", SYSTEM, ":material/history:", frozenset({Role.AUDITOR})),
)
PAGES: tuple[PageSpec, ...] = tuple(spec for spec in PLANNED if spec.path.is_file())
BY_KEY = {spec.key: spec for spec in PAGES}


def home_of(viewer: Viewer) -> PageSpec | None:
    """The page a person starts on: the first of the list that is open to them."""
    open_pages = (spec for spec in PAGES if spec.open_to(viewer) and not spec.hidden)
    # An administrator works on people, not on clocks.
    wanted = BY_KEY.get("people") if viewer.has(Role.ADMIN) else None
    first = next(open_pages, None)
    if wanted and (first is None or first.roles == EVERYONE):
        return wanted
    return first


def by_section(viewer: Viewer | None) -> dict[str, list[PageSpec]]:
    """Every page under its section, in the order of the list."""
    sections: dict[str, list[PageSpec]] = {}
    for spec in PAGES:
        sections.setdefault(spec.section, []).append(spec)
    return sections


def shown(spec: PageSpec, viewer: Viewer | None) -> bool:
    """Whether the menu shows this page to the viewer; its address answers all the same."""
    return viewer is not None and spec.open_to(viewer) and not spec.hidden
