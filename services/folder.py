"""The data folder: its owner's alone."""

import os
import stat
from pathlib import Path
from threading import get_ident

from domain.errors import Refused


def own(path: Path) -> None:
    """Make the folder, or close an open one to everybody but its owner (mode 700).

    Raises `Refused` for a folder shared by all, like /tmp, and for one that is not ours to close.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode
    if not mode & 0o077:
        return
    if mode & stat.S_ISVTX:
        raise Refused(f"数据目录 {path} 是公用目录，请用 XF_DATA_DIR 另指定一个专用目录")
    try:
        path.chmod(0o700)
    except PermissionError:
        raise Refused(f"数据目录 {path} 可被他人读取，请由其所有者执行 chmod 700 {path}") from None


def keep(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, its owner's alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.{get_ident()}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
