"""Passwords: slow hashes, what a password must be, and one-time passwords."""

import secrets
import string
from functools import cache
from threading import Semaphore
from typing import Any

from domain.errors import Refused
from settings import PasswordPolicy

# bcrypt reads no further than this and refuses more: 24 Chinese characters of UTF-8.
LONGEST = 72
# Hashing is slow on purpose; two at a time leave the processor to those at work.
_AT_ONCE = Semaphore(2)
_EASY = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


@cache
def _hasher() -> Any:
    # Imported late: the package draws in Streamlit, which no command needs.
    from streamlit_authenticator.utilities.hasher import Hasher

    return Hasher


def hashed(password: str) -> str:
    """The slow hash of a password; refuses one bcrypt cannot take whole."""
    if len(password.encode()) > LONGEST:
        raise Refused("密码太长：最多 72 个字节，约 24 个汉字或 72 个字母，请改短一些")
    with _AT_ONCE:
        return str(_hasher().hash(password))


def matches(password: str, password_hash: str) -> bool:
    """Whether a password has this hash; one that is too long has none."""
    fits = 0 < len(password.encode()) <= LONGEST
    with _AT_ONCE:
        # The same work for a password that cannot be right.
        same = bool(_hasher().check_pw(password if fits else "x", password_hash))
    return same and fits


@cache
def dummy() -> str:
    """A hash nobody has the password of, so that an unknown name costs the same work."""
    return hashed(secrets.token_urlsafe(24))


def one_time() -> str:
    """A password to hand over once: no letters that look alike, three classes for certain."""
    body = "".join(secrets.choice(_EASY) for _ in range(10))
    return f"{body[:5]}-{body[5:]}{secrets.choice('23456789')}{secrets.choice('abcdefgh')}"


def faults(password: str, login: str, policy: PasswordPolicy) -> list[str]:
    """What a new password lacks, as Chinese clauses; an empty list is a good password."""
    found = []
    if len(password) < policy.length:
        found.append(f"至少 {policy.length} 个字符（现有 {len(password)} 个）")
    if _classes(password) < policy.classes:
        found.append(f"大写字母、小写字母、数字、符号中至少含 {policy.classes} 类")
    if len(password.encode()) > LONGEST:
        found.append("不超过 72 个字节（约 24 个汉字）")
    if login and login.lower() in password.lower():
        found.append("不含账号名")
    return found


def _classes(password: str) -> int:
    tests = (
        any(sign in string.ascii_uppercase for sign in password),
        any(sign in string.ascii_lowercase for sign in password),
        any(sign in string.digits for sign in password),
        any(sign not in string.ascii_letters + string.digits for sign in password),
    )
    return sum(tests)
