"""Files mutated at random through the whole of intake: each is read or refused, nothing else.

python -m bench.fuzz_intake [COUNT] [SEED]
"""

import random
import re
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from domain.errors import Refused
from intake.mapping import apply, propose, unknown_values
from intake.reader import read
from tests.intake_files import HOTLINE, NOW, VOCABULARY, as_csv, as_xlsx, ledger, parts_of, zipped

ROWS = 20
HOSTILE = (
    b"XFD1048576", b'r="ZZZ9"', b"<!DOCTYPE x>", b"&x;", b"\x00", b"\xff\xff", b"999999999999",
    b"-1", b"1e308", b"NaN", b'"', b",", b"\n", b"<c", b"</row>", b't="s"', b't="d"', b"\xf0\x9f",
)  # fmt: skip


def bases() -> list[tuple[str, bytes]]:
    """The good files that are spoiled."""
    rows = ledger(ROWS)
    return [
        ("台账.xlsx", as_xlsx(rows, merged_title="热线工单")),
        ("台账.csv", as_csv(rows)),
        ("台账.csv", as_csv(rows, "gb18030")),
        ("台账.txt", as_csv(rows, "utf-16", "\t")),
    ]


def mutated(seed: int, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One spoiled file; half of the workbooks are spoiled inside and zipped again."""
    chance = random.Random(seed)
    name, data = files[seed % len(files)]
    if name.endswith(".xlsx") and chance.random() < 0.7:
        parts = parts_of(data)
        part = chance.choice(sorted(parts))
        return name, zipped(parts | {part: spoiled(parts[part], chance)})
    return name, spoiled(data, chance)


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """One to eight bytes, stretches or hostile words changed."""
    piece = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(piece) + 1), chance.randint(1, 40)
        match chance.randrange(5):
            case 0:
                piece[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del piece[at : at + length]
            case 2:
                piece[at:at] = piece[at : at + length] * chance.randint(1, 50)
            case 3:
                piece[at : at + chance.choice((0, 4))] = chance.choice(HOSTILE)
            case _:
                del piece[max(at, len(piece) // 2) :]
    return bytes(piece)


def outcome(name: str, data: bytes) -> str:
    """What became of one file; anything but a refusal in words is let through."""
    try:
        table = read(data, name, VOCABULARY)
        mapping = propose(table, VOCABULARY)
        unknown_values(table, mapping, VOCABULARY)
        good, problems = apply(table, mapping, VOCABULARY, *HOTLINE, NOW)
    except Refused as refusal:
        return "refused: " + re.sub(r"[0-9]+", "N", str(refusal))[:40]
    return "read with problems" if problems else f"read{'' if good else ' as nothing'}"


def tried(seed: int, files: list[tuple[str, bytes]]) -> str:
    name, data = mutated(seed, files)
    try:
        return outcome(name, data)
    except Exception as error:  # noqa: BLE001 - the bench counts whatever escapes
        return f"UNCAUGHT {type(error).__name__}: {error} (seed {seed})"


def resident() -> float:
    """Megabytes in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


def main(count: int, seed: int) -> int:
    files, started, seen = bases(), time.monotonic(), Counter[str]()
    outcome(*files[0])
    before = resident()
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda n: tried(n, files), range(seed, seed + count)):
            seen[result] += 1
    for result, times in seen.most_common():
        print(f"{times:7d}  {result}")
    uncaught = sum(times for result, times in seen.items() if result.startswith("UNCAUGHT"))
    print(f"{count} files, {uncaught} uncaught, {time.monotonic() - started:.0f} s")
    print(f"parent memory {before:.0f} MB before, {resident():.0f} MB after")
    return 1 if uncaught else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(numbers + [10_000, 1][len(numbers) :])))
