"""The trace against its checkpoints: what a database put back or rewritten cannot hide."""

import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Refused
from domain.scope import SYSTEM
from services import keys, trace
from services.__main__ import main
from services.folder import own
from services.store import read, write
from settings import settings
from tests.office import NOW, prepare, viewer

CHAIN = 320100


@pytest.fixture(autouse=True)
def office(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    note(3)
    with write(SYSTEM) as session:
        trace.checkpoint(session, NOW)
    note(2)


def note(times: int, word: str = "一") -> None:
    for _ in range(times):
        with write(SYSTEM) as session:
            trace.record(session, "test", NOW, viewer=viewer("nj_clerk"), data={"word": word})


def faults() -> list[str]:
    with read(SYSTEM) as session:
        return trace.check(session)


def rewrite(session: Session, kept: int) -> None:
    """Cut the chain and sign its head anew, as somebody who has the key could."""
    for name in ("update", "delete"):
        session.execute(text(f"DROP TRIGGER events_no_{name}"))
    session.execute(delete(m.Event).where(m.Event.chain == CHAIN, m.Event.seq > kept))
    last = session.scalars(
        select(m.Event.hash).where(m.Event.chain == CHAIN, m.Event.seq == kept)
    ).one_or_none()
    head = session.get_one(m.ChainHead, CHAIN)
    head.seq, head.hash = kept, last or trace.GENESIS
    head.mac = trace.head_mac(keys.keys().trace, CHAIN, head.seq, head.hash)


def cut(session: Session) -> None:
    rewrite(session, 2)


def cut_whole(session: Session) -> None:
    rewrite(session, 0)
    session.execute(delete(m.ChainHead).where(m.ChainHead.chain == CHAIN))


def forged(session: Session) -> None:
    point = session.scalars(select(m.Checkpoint)).one()
    heads = json.loads(point.heads)
    heads[str(CHAIN)][0] = 2
    session.execute(update(m.Checkpoint).values(heads=trace.canonical(heads)))


def signed_by_nobody(session: Session) -> None:
    session.execute(update(m.Checkpoint).values(mac=hmac.digest(b"no key", b"x", "sha256")))


def test_a_sound_trace_agrees_with_its_checkpoints() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (cut, "第 3 条留痕与 2026-11-23 10:00 的存证不符"),
        (cut_whole, "第 3 条留痕与 2026-11-23 10:00 的存证不符"),
        (forged, "签名不符"),
        (signed_by_nobody, "签名不符"),
    ],
)
def test_what_a_checkpoint_finds(act: Callable[[Session], None], words: str) -> None:
    with write(SYSTEM) as session:
        act(session)
    assert len(faults()) == 1 and words in faults()[0]


def test_a_chain_written_anew_after_a_cut_differs_at_the_checkpoint() -> None:
    with write(SYSTEM) as session:
        cut(session)
    note(4, "改写")
    assert len(faults()) == 1 and "存证不符" in faults()[0]


def test_the_command_signs_what_it_found_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--checkpoint"]) == 0
    said = capsys.readouterr().out
    with read(SYSTEM) as session:
        points = session.scalars(select(m.Checkpoint).order_by(m.Checkpoint.id)).all()
    assert len(points) == 2 and points[1].mac.hex() in said
    with write(SYSTEM) as session:
        cut(session)
    assert main(["check", "--checkpoint"]) == 1
    assert "存证：编号" not in capsys.readouterr().out


# --- the data folder


def test_an_open_data_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    own(folder)
    own(tmp_path / "new" / "data")
    for made in (folder, tmp_path / "new" / "data"):
        assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_everybody_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    with pytest.raises(Refused, match="公用目录"):
        own(folder)
    assert folder.stat().st_mode & 0o1777 == 0o1777


def test_setup_closes_the_folder_and_signs_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "installed"
    folder.mkdir()
    folder.chmod(0o755)
    monkeypatch.setenv("XF_DATA_DIR", str(folder))
    monkeypatch.setenv("XF_DEMO", "0")
    monkeypatch.delenv("DATABASE_URL")
    settings.cache_clear()
    assert main(["setup"]) == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    with read(SYSTEM) as session:
        assert len(session.scalars(select(m.Checkpoint)).all()) == 1
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
