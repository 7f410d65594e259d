"""The house rules a linter cannot know: sizes, pages, the two halves of every list, words."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import audit
from settings import ROOT

ROOMS = (
    "pages", "ui", "services", "documents", "intake", "scoring", "db", "rules", "domain", "bench",
)  # fmt: skip
OUTSIDE = {".git", ".venv", "var", "wheels", "__pycache__", "node_modules"}
TEXT = {
    "", ".py", ".toml", ".md", ".txt", ".csv", ".json", ".geojson", ".html", ".js", ".css", ".mako",
    ".yml", ".yaml", ".cfg", ".ini", ".sh", ".svg",
}  # fmt: skip
LONGEST_FILE, LONGEST_PAGE = 300, 120
NO_ROOMS = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
SHADOWS = {"calendar", "types", "platform"}
# A page may define what a widget calls back and what Streamlit reruns by itself, nothing else.
RERUN_ALONE = {"fragment", "dialog"}
# services hold a session and no more; queries stand in db.
# Statements on the models within the session held (docs/decisions/0003); never engines, raw SQL,
# schema or dialects.
SERVICES_MAY = {"sqlalchemy.orm.Session"} | {
    f"sqlalchemy.{name}"
    for name in ("Select", "delete", "func", "insert", "or_", "select", "update",
                 "exc.IntegrityError", "exc.SQLAlchemyError")
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code() -> list[Path]:
    """Every Python file of the product, migrations and tests apart."""
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    top = sorted(ROOT.glob("*.py"))
    return top + [path for path in found if "migrations" not in path.parts]


def texts() -> Iterator[Path]:
    """Every text file that belongs to the project."""
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [d for d in inner if d not in OUTSIDE and not d.endswith("_cache")]
        inner[:] = [d for d in inner if d != ".hypothesis"]
        yield from (Path(folder, f) for f in files if Path(f).suffix in TEXT)


def pages() -> list[Path]:
    return sorted(p for p in (ROOT / "pages").glob("*.py") if not p.name.startswith("_"))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and callee(node.func) == name:
            yield node


def callee(node: ast.expr) -> str:
    """The last word of what is called or decorates: `st.fragment(...)` is `fragment`."""
    if isinstance(node, ast.Call):
        return callee(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def imported(tree: ast.AST) -> Iterator[str]:
    """Everything imported, as dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# Sizes and names


def too_long(paths: list[Path], most: int) -> list[str]:
    return [f"{named(p)}：{lines(p)} 行，最多 {most} 行" for p in paths if lines(p) > most]


def test_no_file_is_too_long() -> None:
    assert too_long(code(), LONGEST_FILE) == []


def test_no_page_is_too_long() -> None:
    assert too_long(pages(), LONGEST_PAGE) == []


def test_no_drawer_for_everything_and_no_shadow_of_the_standard_library() -> None:
    assert [named(p) for p in code() if p.stem in NO_ROOMS or p.parent.name in NO_ROOMS] == []
    assert [p.name for p in ROOT.iterdir() if p.stem in SHADOWS] == []


# Pages


def opens(tree: ast.Module) -> bool:
    """Whether the first statement after docstring and imports is `page = open_page(__file__)`."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    rest = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return bool(rest) and ast.unparse(rest[0]) == "page = open_page(__file__)"


def callbacks(tree: ast.Module) -> set[str]:
    """Names handed to a widget's on_click, on_change and the like."""
    handed = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if (keyword.arg or "").startswith("on_")
    ]
    return {n.id for value in handed for n in ast.walk(value) if isinstance(n, ast.Name)}


def strangers(tree: ast.Module) -> list[str]:
    """Classes and functions of a page that are no callbacks."""
    kept = callbacks(tree)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | Function)]
    return [
        node.name
        for node in found
        if isinstance(node, ast.ClassDef)
        or not (node.name in kept or {callee(d) for d in node.decorator_list} & RERUN_ALONE)
    ]


def test_every_page_opens_its_own_gate_first() -> None:
    assert [named(p) for p in pages() if not opens(parsed(p))] == []


def test_a_page_defines_callbacks_only() -> None:
    found = {named(p): strangers(parsed(p)) for p in pages()}
    assert {page: names for page, names in found.items() if names} == {}


def specs() -> set[str]:
    """The keys of the pages in ui/navigation.py."""
    keys: set[object] = set()
    for call in calls(parsed(ROOT / "ui" / "navigation.py"), "PageSpec"):
        given = [k.value for k in call.keywords if k.arg == "key"] or call.args[:1]
        keys.update(n.value for n in given if isinstance(n, ast.Constant))
    return {str(key) for key in keys}


def test_the_list_of_pages_and_the_files_are_two_halves() -> None:
    files, listed = {p.stem for p in pages()}, specs()
    assert [f"pages/{key}.py 缺少，ui/navigation.py 里已列出" for key in listed - files] == []
    assert [f"pages/{key}.py 未列入 ui/navigation.py" for key in files - listed] == []


def test_nothing_puts_raw_html_on_a_page() -> None:
    guilty = [
        named(path)
        for path in code()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"
    ]
    assert guilty == []


def hidden_keys(tree: ast.Module) -> list[str]:
    """Cached functions whose answer could depend on what is not in the key."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, Function):
            continue
        if not {callee(d) for d in node.decorator_list} & {"cache_data", "cache_resource"}:
            continue
        names = [a.arg for a in node.args.args + node.args.kwonlyargs]
        inside = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
        if any(n.startswith("_") for n in names) or inside & {"session_state", "user"}:
            found.append(node.name)
    return found


def test_a_cached_read_is_keyed_by_its_arguments_alone() -> None:
    found = {named(p): hidden_keys(parsed(p)) for p in code()}
    assert {path: names for path, names in found.items() if names} == {}


def test_only_ui_caches_for_pages() -> None:
    guilty = [
        named(p)
        for p in code()
        if p.parent.name != "ui" and "cache_data" in p.read_text(encoding="utf-8")
    ]
    assert guilty == []


# The two halves of an indicator


def test_indicators_and_measures_are_two_halves() -> None:
    with (ROOT / "rules" / "indicators.toml").open("rb") as file:
        blocks = tomllib.load(file)["indicator"]
    files = {p.stem for p in (ROOT / "scoring" / "measures").glob("[!_]*.py")}
    ready = {b["measure"]: b["code"] for b in blocks if b.get("ready", True)}
    waiting = {b["measure"]: b["code"] for b in blocks if not b.get("ready", True)}
    halves = [
        f"指标 {key} 缺少计算模块 scoring/measures/{measure}.py（或应标 ready = false）"
        for measure, key in ready.items()
        if measure not in files
    ] + [
        f"scoring/measures/{name}.py 已有，指标 {waiting[name]} 仍标 ready = false"
        if name in waiting
        else f"scoring/measures/{name}.py 没有对应的指标，rules/indicators.toml 里缺少一项"
        for name in files - ready.keys()
    ]
    assert halves == []


# The two halves of an event: where it is recorded, and what an auditor reads


def kinds_recorded(tree: ast.AST) -> set[str]:
    """The kinds of event a file records, also by a name that holds one."""
    held: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                held.setdefault(ast.unparse(target), set()).update(constants(node.value))
    found: set[str] = set()
    for name, place in (("record", 1), ("_event", 1), ("_note", 1), ("Event", 0)):
        for call in calls(tree, name):
            if len(call.args) > place:
                kind = call.args[place]
                found |= constants(kind) or held.get(ast.unparse(kind), set())
    return found


def constants(node: ast.expr) -> set[str]:
    """The texts an expression may be: itself, or either way of a condition."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return {str(node.value)} if is_text else set()  # type: ignore[attr-defined]


def test_every_kind_of_event_has_a_label() -> None:
    recorded = {kind: named(p) for p in code() if p.parts[len(ROOT.parts)] == "services"
                for kind in kinds_recorded(parsed(p))}  # fmt: skip
    assert {"sign_in", "person_enabled", "register", "scorecard"} <= recorded.keys()
    lacking = {kind: path for kind, path in recorded.items() if kind not in audit.kinds()}
    assert lacking == {}
    never = set(audit.KINDS) - recorded.keys()
    assert never == set(), "a label for what is never recorded"


# Rooms


def test_services_speak_statements_and_no_more() -> None:
    guilty = {
        named(p): found
        for p in sorted((ROOT / "services").rglob("*.py"))
        if (found := [n for n in imported(parsed(p)) if foreign(n)])
    }
    assert guilty == {}


def foreign(name: str) -> bool:
    return name.partition(".")[0] == "sqlalchemy" and name not in SERVICES_MAY


def test_the_front_door_knows_ui_only() -> None:
    rooms = {n.partition(".")[0] for n in imported(parsed(ROOT / "app.py"))} & set(ROOMS)
    assert rooms <= {"ui"}


def test_settings_stand_on_the_standard_library() -> None:
    rooms = {n.partition(".")[0] for n in imported(parsed(ROOT / "settings.py"))}
    assert rooms & set(ROOMS) == set()


def test_law_and_method_do_not_read_the_environment() -> None:
    guilty = [
        named(path)
        for room in ("domain", "rules", "scoring", "intake")
        for path in sorted((ROOT / room).rglob("*.py"))
        if {"settings.settings", "settings", "os.environ", "os.getenv"}
        & set(imported(parsed(path)))
    ]
    assert guilty == []


# Words

# Put together here, so that this file does not hold them itself.
FORBIDDEN = {
    "路径": re.compile("|".join([r"/wo" + r"rk/(?:main|sha" + r"red)", r"\.\./sha" + r"red"])),
    "软件源": re.compile(r"--(?:extra-)?index" + r"-url|trusted" + r"-host|/simple/?\b(?=[\s\"'])"),
    "镜像": re.compile(
        r"(?:py" + r"pi|mir" + r"rors?|regis" + r"try|arti" + r"factory)\.[a-z0-9-]+"
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_word_of_the_workplace(what: str) -> None:
    guilty = [
        f"{named(path)}：{found.group()}"
        for path in texts()
        if (found := FORBIDDEN[what].search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert guilty == []


def test_no_test_is_switched_off() -> None:
    marks = re.compile(r"mark\.(?:sk" + r"ip\b|xf" + r"ail)|pytest\.(?:sk" + r"ip|xf" + r"ail)\(")
    guilty = [
        named(p)
        for p in sorted((ROOT / "tests").rglob("*.py"))
        if marks.search(p.read_text(encoding="utf-8"))
    ]
    assert guilty == []


# The rules above can fail: each is shown one sinner.

SINNERS = [
    # rule, source, why it must be found
    (lambda t: not opens(t), "x.show()\npage = open_page(__file__)", "drawn before the gate"),
    (lambda t: not opens(t), "'''Doc.'''", "no gate at all"),
    (strangers, "def total(x):\n    return x", "a helper in a page"),
    (strangers, "class Row:\n    pass", "a class in a page"),
    (hidden_keys, "@st.cache_data(ttl=5)\ndef f(_scope): ...", "the scope is not in the key"),
    (hidden_keys, "@st.cache_data\ndef f(a):\n    return st.session_state.x", "hidden input"),
    (lambda t: any(map(foreign, imported(t))), "from sqlalchemy import text", "raw SQL"),
]  # fmt: skip
SAINTS = [
    (lambda t: not opens(t), "'''Doc.'''\nimport x\npage = open_page(__file__)"),
    (strangers, "def go(): ...\nst.button('办', on_click=go)"),
    (strangers, "def go(x): ...\nst.button('办', on_click=partial(go, 1))"),
    (strangers, "@st.fragment(run_every=5)\ndef board(): ..."),
    (hidden_keys, "@st.cache_data(ttl=5)\ndef f(scope): ..."),
    (lambda t: any(map(foreign, imported(t))), "from sqlalchemy.orm import Session"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "source", "why"), SINNERS, ids=[s[2] for s in SINNERS])
def test_a_sinner_is_found(rule, source: str, why: str) -> None:
    assert rule(ast.parse(source)), why


@pytest.mark.parametrize(("rule", "source"), SAINTS)
def test_a_saint_is_left_alone(rule, source: str) -> None:
    assert not rule(ast.parse(source))
