"""The key file: one secret, mode 600, outside the database; every key is derived from it."""

import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Refused
from settings import settings


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys for sealing identities, for equality hashes and for the trace."""

    id: str
    seal: bytes = field(repr=False)
    match: bytes = field(repr=False)
    trace: bytes = field(repr=False)


def keys() -> Keys:
    """The keys of this installation; refuses when the key file is missing or open to others."""
    return _load(settings().key_file)


def create(path: Path) -> None:
    """Write a new secret to `path` with mode 600; never overwrites one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")


@lru_cache(maxsize=4)
def _load(path: Path) -> Keys:
    try:
        secret, mode = bytes.fromhex(path.read_text().strip()), path.stat().st_mode
    except FileNotFoundError:
        raise Refused(f"找不到密钥文件 {path}，请先执行 python -m services setup") from None
    except ValueError:
        raise Refused(f"密钥文件 {path} 内容不正确，应为64位十六进制字符") from None
    if mode & 0o077:
        raise Refused(f"密钥文件 {path} 可被他人读取，请执行 chmod 600 {path}")
    seal, match, trace, name = (
        _derive(secret, use) for use in (b"seal", b"match", b"trace", b"name")
    )
    return Keys(name.hex()[:8], seal, match, trace)


def _derive(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"xf-" + use).derive(secret)
