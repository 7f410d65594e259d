"""The operators' door: setup, demo, explain, check."""

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from db.guards import SQLITE
from db.session import engine
from services import passwords
from services.__main__ import main
from services.commands import names
from services.setup import main as setup_main
from settings import settings
from tests.seed import Seeded


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for an installation; what setup sets in the environment ends with the test."""
    monkeypatch.setenv("XF_DATA_DIR", str(tmp_path / "office"))
    monkeypatch.setenv("XF_DEMO", "0")
    settings.cache_clear()
    return tmp_path / "office"


def _run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    try:
        code = main(list(argv))
    except SystemExit as done:
        code = int(done.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


# --- the door


def test_help_lists_every_command_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "--help")
    assert code == 0
    assert all(name in out for name in names())
    assert not any(word in out for word in ("usage", "options:", "positional", "show this"))


@pytest.mark.parametrize("name", names())
def test_help_of_a_command_is_chinese(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, name, "--help")
    assert code == 0
    assert out.startswith("用法：") and "--json" in out
    assert not any(word in out for word in ("usage", "options:", "positional", "show this"))


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "缺少参数"),
        (["nothing"], "没有 nothing"),
        (["explain", "--received", "2026-02-12"], "缺少参数：--term"),
        (["explain", "--received", "12.2.2026", "--term", "2"], "不是日期"),
        (["explain", "--received", "2026-02-12", "--term", "0"], "正整数"),
        (["explain", "--received", "2026-02-12", "--term", "2", "--unit", "week"], "没有 week"),
        (["explain", "--received", "2026-02-12", "--term", "2", "--more"], "不认识的参数"),
        (["demo", "--if-empty", "--fresh"], "同用"),
    ],
)
def test_wrong_use_is_one_sentence(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = _run(capsys, *argv)
    assert code == 2
    assert said in err
    assert out == "" and err.count("\n") == 1 and "Traceback" not in err


def test_the_unexpected_is_logged_under_a_number(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("services.commands.explain.load", broken)
    code, out, err = _run(capsys, "explain", "--received", "2026-02-12", "--term", "2")
    assert code == 1 and out == ""
    assert "编号" in err and "secret detail" not in err and err.count("\n") == 1
    assert "secret detail" in (home / "commands.log").read_text()


# --- explain


@pytest.mark.parametrize(
    ("argv", "due", "why"),
    [
        (["2026-02-12", "2", "workday"], "2026-02-14", "a make-up Saturday counts"),
        (
            ["2026-08-02", "60", "day", "--rolls"],
            "2026-10-08",
            "the national holiday is rolled over",
        ),
        (["2026-08-02", "60", "day"], "2026-10-01", "without rolling it stays"),
    ],
)
def test_explain_gives_the_due_date_alone_on_the_first_line(
    argv: list[str], due: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    received, term, unit, *more = argv
    given = ["explain", "--received", received, "--term", term, "--unit", unit, *more]
    code, out, _ = _run(capsys, *given)
    lines = out.splitlines()
    assert (code, lines[0]) == (0, due), why
    assert lines[2].startswith(received) and lines[-1].startswith(due)
    assert "provisional" not in out
    code, out, _ = _run(capsys, *given, "--json")
    data = json.loads(out)
    assert (data["due"], data["provisional"]) == (due, False)
    assert data["days"][-1]["day"] == due


def test_explain_says_what_is_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "explain", "--received", "2026-12-30", "--term", "5")
    assert code == 0
    assert "provisional" in out.splitlines()[1] and "暂定" in out


@pytest.mark.parametrize(
    "argv", [["2010-01-01", "2", "workday"], ["2026-01-01", "2", "workday", "--rolls"],
             ["2026-01-01", "99999999", "day"]]
)  # fmt: skip
def test_explain_refuses_in_a_sentence(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    received, term, unit, *more = argv
    code, out, err = _run(
        capsys, "explain", "--received", received, "--term", term, "--unit", unit, *more
    )
    assert code == 1 and out == "" and err.count("\n") == 1 and "意外" not in err


# --- setup


def test_setup_prepares_once_and_repeats_safely(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = _run(capsys, "setup", "--login", "chief", "--json")
    first = json.loads(out)
    key = home / "installation.key"
    assert code == 0 and first["key_made"] and first["units_added"] == 109
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with closing(sqlite3.connect(home / "xinfang.sqlite3")) as door:
        row = door.execute("SELECT login, password_hash, must_change, demo FROM people").fetchall()
        assert [r[0] for r in row] == ["chief"] and row[0][2:] == (1, 0)
        assert passwords.matches(first["password"], row[0][1])
        assert door.execute("SELECT count(*) FROM cases").fetchone() == (0,)
        assert door.execute("SELECT count(*) FROM units").fetchone() == (109,)
    secret = key.read_text()
    code, out, _ = _run(capsys, "setup", "--json")
    second = json.loads(out)
    assert (code, second["key_made"], second["units_added"]) == (0, False, 0)
    assert second["password"] is None and key.read_text() == secret
    assert _run(capsys, "check")[0] == 0


def test_setup_is_a_module_of_its_own_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["services.setup"])
    assert setup_main() == 0
    out = capsys.readouterr().out
    assert "一次性密码" in out and (home / "installation.key").is_file()


def test_setup_never_makes_a_second_key_for_standing_data(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(capsys, "setup")[0] == 0
    (home / "installation.key").unlink()
    code, _, err = _run(capsys, "setup")
    assert code == 1 and "从备份恢复" in err
    assert not (home / "installation.key").exists()


def test_setup_refuses_an_open_key_a_bad_login_and_a_demonstration(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = _run(capsys, "setup", "--login", "张三")
    assert code == 1 and "不合要求" in err
    assert _run(capsys, "setup")[0] == 0
    (home / "installation.key").chmod(0o644)
    code, _, err = _run(capsys, "setup")
    assert code == 1 and "chmod 600" in err
    monkeypatch.setenv("XF_DEMO", "1")
    code, _, err = _run(capsys, "setup")
    assert code == 1 and "XF_DEMO" in err


# --- demo


def test_demo_builds_keeps_and_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XF_DATA_DIR", str(tmp_path / "show"))
    settings.cache_clear()
    code, out, _ = _run(capsys, "demo", "--cases", "30", "--seed", "3", "--json")
    assert code == 0 and json.loads(out)["cases"] == 30
    code, out, _ = _run(capsys, "demo", "--cases", "40", "--if-empty", "--json")
    assert (code, json.loads(out)) == (0, {"cases": 30, "built": False})
    code, out, err = _run(capsys, "demo", "--cases", "40")
    assert code == 1 and "--fresh" in err and out == ""
    code, out, _ = _run(capsys, "demo", "--cases", "40", "--fresh")
    assert code == 0 and "40 件" in out.splitlines()[0]
    assert _run(capsys, "check")[0] == 0
    assert sorted(path.name for path in (tmp_path / "show").iterdir() if "-" not in path.name) == [
        "demo.key",
        "demo.sqlite3",
    ]


def test_demo_is_refused_in_an_installation(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, "setup")[0] == 0
    code, _, err = _run(capsys, "demo", "--cases", "10")
    assert code == 1 and "不是演示环境" in err


# --- check


def test_check_without_a_database_is_a_refusal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = _run(capsys, "check")
    assert code == 1 and "setup" in err
    assert not home.exists()


def test_check_is_good_on_the_demonstration(
    seeded: Seeded, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = _run(capsys, "check")
    lines = out.splitlines()
    assert code == 0, out
    assert len(lines) == 8 and all(line.startswith("通过") for line in lines)
    assert "1500 件" in out and "暂定" in out


@contextmanager
def _tampered(seeded: Seeded) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(seeded.home / "demo.sqlite3")) as door:
        door.execute("DROP TRIGGER events_no_update")
        door.execute("DROP TRIGGER events_no_delete")
        yield door
        for name in ("events_no_update", "events_no_delete"):  # put back to hide the traces
            door.execute(SQLITE[name])
        door.commit()
    engine(seeded.url).dispose()


ONE = "(SELECT id FROM cases WHERE status = 'delivered' AND NOT sealed LIMIT 1)"
TAMPERINGS = {
    "an altered event": (
        "UPDATE events SET data = replace(data, ':', ': ')"
        f" WHERE kind = 'accept' AND case_id = {ONE}",
        {"trace"},
    ),
    "a removed event": (
        f"DELETE FROM events WHERE kind = 'deliver' AND case_id = {ONE}",
        {"trace", "states", "clocks"},
    ),
    "a cut tail": (
        "DELETE FROM events WHERE id IN (SELECT e.id FROM events e JOIN chain_heads h"
        " ON h.chain = e.chain AND h.seq = e.seq WHERE e.kind = 'callback' LIMIT 1)",
        {"trace"},
    ),
    "a case state": (
        f"UPDATE cases SET rating = 1, status = 'handling' WHERE id = {ONE}",
        {"states"},
    ),
    "a clock": (
        "UPDATE clocks SET due_on = date(due_on, '+9 days')"
        f" WHERE key = 'notice' AND case_id = {ONE}",
        {"clocks"},
    ),
    "a removed clock": (f"DELETE FROM clocks WHERE key = 'reply' AND case_id = {ONE}", {"clocks"}),
    "a rank of a score": (
        "UPDATE score_sheets SET rank = 14 WHERE run_id = 1 AND unit_code = 320100",
        {"scores"},
    ),
    "an item of a score": ("DELETE FROM score_items WHERE id = 1", {"scores"}),
    "a score and its digest": ("UPDATE score_runs SET digest = 'x' WHERE id = 1", {"scores"}),
    "a missing guard": ("DROP TRIGGER events_no_replace", {"schema"}),
    "a missing index": ("DROP INDEX ix_clocks_case", {"schema"}),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_check_finds_tampering(
    what: str, seeded_copy: Seeded, capsys: pytest.CaptureFixture[str]
) -> None:
    sql, wanted = TAMPERINGS[what]
    with _tampered(seeded_copy) as door:
        assert door.execute(sql).rowcount in (1, -1)
    code, out, _ = _run(capsys, "check", "--json")
    data = json.loads(out)
    bad = {finding["key"] for finding in data["findings"] if not finding["good"]}
    assert code == 1 and not data["good"]
    assert wanted <= bad
    assert bad - wanted <= {"states", "clocks"} if "tail" in what else bad == wanted
