"""The bench runs at a tiny size and prints every line it promises; its figures are no test."""

import sys
from pathlib import Path

import pytest

from bench import __main__ as bench

NAMES = {
    "board", "counts", "summary", "map", "score", "score listed", "score ×", "search", "cards",
    "entry", "import", "page", "sessions",
}  # fmt: skip


def test_the_bench_prints_every_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["bench", "--cases", "1500", "--quick", "--keep", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", given)
    assert bench.main() in (0, 1)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("1,500 cases, ")
    assert printed[-1].startswith("over: ")
    assert {line[:12].strip() for line in printed[2:-1]} - {""} == NAMES
    assert not [line for line in printed if " failures" in line and " 0 failures" not in line]


def test_only_what_is_asked_is_measured_and_a_build_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["bench", "--cases", "300", "--quick", "--only", "search", "--keep", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", given)
    bench.main()
    first = capsys.readouterr().out.splitlines()
    bench.main()
    second = capsys.readouterr().out.splitlines()
    assert {line[:12].strip() for line in first[2:-1]} == {"search"}
    assert first[0].partition("; measured")[0] == second[0].partition("; measured")[0]
