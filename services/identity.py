"""A petitioner's identity: sealed, compared by keyed hash, shown masked."""

import hmac
import json
import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.keys import Keys, keys


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
    name = identity.name[:1] + "*" * max(len(identity.name) - 1, 0)
    return Identity(name, _middle(identity.phone, 3, 4), _middle(identity.id_no, 3, 2),
                    _township(identity.address))  # fmt: skip


def _middle(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def _township(address: str) -> str:
    for word in ("街道", "镇", "乡"):
        at = address.find(word)
        if at > 0:
            return address[: at + len(word)] + "****"
    return address[:6] + "****" if address else ""
