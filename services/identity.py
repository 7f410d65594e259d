"""A petitioner's identity: sealed, compared by keyed hash, shown masked."""

import hmac
import json
import os
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.keys import Keys, keys

_MOBILE = re.compile(r"1\d{10}")
# What comes before a road or a house; a digit of any script begins one.
_WIDE = re.compile(r"[^\d路号幢室弄巷]*")
_TOWNSHIP = re.compile(r".+?(?:街道|镇|乡)")
_DISTRICT = re.compile(r".+?(?:(?<![小社])区|县)")
_CITY = re.compile(r".+?市")
_HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class Identity:
    """Name, phone, ID number and address of a petitioner, in clear; never logged or cached."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    id_no: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    @property
    def reachable(self) -> bool:
        """Whether the petitioner can be told anything: a phone, or a name with an address."""
        return bool(self.phone or (self.name and self.address))


def seal(identity: Identity, submission_no: str, key: Keys | None = None) -> bytes:
    """Nonce and AES-256-GCM text of an identity, bound to its submission's number."""
    said = {"name": identity.name, "phone": identity.phone, "id_no": identity.id_no,
            "address": identity.address}  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return seal_bytes(text, submission_no, key)


def unseal(sealed: bytes, submission_no: str, key: Keys | None = None) -> Identity:
    """The identity in clear; raises `cryptography.exceptions.InvalidTag` for altered bytes."""
    return Identity(**json.loads(unseal_bytes(sealed, submission_no, key)))


def seal_bytes(text: bytes, bound_to: str, key: Keys | None = None) -> bytes:
    """Encrypt bytes under the seal key, bound to a name."""
    nonce = os.urandom(12)
    return nonce + AESGCM((key or keys()).seal).encrypt(nonce, text, bound_to.encode())


def unseal_bytes(sealed: bytes, bound_to: str, key: Keys | None = None) -> bytes:
    """The bytes that `seal_bytes` encrypted."""
    return AESGCM((key or keys()).seal).decrypt(sealed[:12], sealed[12:], bound_to.encode())


def matches(
    identity: Identity, place_city: int, key: Keys | None = None
) -> dict[str, bytes | None]:
    """The keyed hashes for "same person?": phone, ID number, and name within a city."""
    secret = (key or keys()).match

    def keyed(kind: str, value: str) -> bytes | None:
        return hmac.digest(secret, f"{kind}:{value}".encode(), "sha256")[:16] if value else None

    person = f"{identity.name}@{place_city}" if identity.name else ""
    return {
        "phone_hash": keyed("phone", identity.phone),
        "id_hash": keyed("id", identity.id_no.upper()),
        "person_hash": keyed("person", person),
    }


def masked(identity: Identity) -> Identity:
    """张**, 138****1234, the ID number's ends, and the address to the township."""
    one = len(identity.name) == 1
    name = "*" if one else identity.name[:1] + "*" * max(len(identity.name) - 1, 0)
    return Identity(name, _middle(identity.phone, 3, 4), _middle(identity.id_no, 3, 2),
                    _township(identity.address))  # fmt: skip


def _middle(text: str, head: int, tail: int) -> str:
    """The ends of a number; at least half of it hidden, but for a mobile's usual 138****1234."""
    if not _MOBILE.fullmatch(text):
        half = len(text) // 2 if len(text) > 4 else 0
        head = min(head, half // 2)
        tail = min(tail, half - head)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def house_of(address: str) -> str:
    """What an address says below the township: the road and the house."""
    return address[len(_township(address)) - len(_HIDDEN) :] if address else ""


def _township(address: str) -> str:
    """An address to its township, else to its district; never a road, a house or a digit."""
    whole = _WIDE.match(address)
    wide = whole.group() if whole else ""
    found = _TOWNSHIP.match(wide) or _DISTRICT.match(wide) or _CITY.match(wide)
    return (found.group() if found else "") + _HIDDEN if address else ""
