"""`intake`: import a ledger file through the same service as the page, in a named clerk's name."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from db.queries import clerks
from domain.errors import Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from intake.model import Mapping
from rules import load
from services import importing, store
from services.clock import now
from services.commands import Answer
from settings import settings

HELP = "导入台账文件（xlsx、csv）；先整份检查，有问题则一行也不写入"
SHOWN = 20  # problems printed for a reader; --json lists all


def arguments(parser: ArgumentParser) -> None:
    """The file, its sub-channel, and in whose name."""
    parser.add_argument("file", metavar="文件", type=Path, help="xlsx 或 csv 文件")
    parser.add_argument(
        "--channel", required=True, metavar="子渠道", help="子渠道的代号或名称，如 hotline_12345"
    )
    parser.add_argument("--mapping", type=Path, metavar="M.json", help="列对应方案，不给则自动对应")
    whose = "以哪位登记员的名义登记；不给则为省级单位最早的在用登记员"
    parser.add_argument("--as", dest="login", metavar="账号", help=whose)
    parser.add_argument("--partial", action="store_true", help="有问题的行不导入，只导入其余各行")
    parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")


def run(args: Namespace) -> Answer:
    """Examine the file, then write it unless asked not to or refused."""
    clerk, at = _clerk(args.login), now()
    subchannel = _subchannel(args.channel)
    ledger = importing.open_file(clerk, _bytes(args.file), args.file.name)
    if args.mapping:
        mapping = Mapping.from_json(_bytes(args.mapping).decode("utf-8-sig"))
    else:
        mapping = importing.propose_for(clerk, ledger, subchannel)
    examined = importing.examine(clerk, ledger, mapping, subchannel, at)
    stopped = bool(examined.problems) and not args.partial
    if args.dry_run or stopped:
        return _answer(clerk, examined, None, failed=bool(examined.problems))
    return _answer(clerk, examined, importing.write(clerk, examined, at, partial=args.partial))


def _answer(
    clerk: Viewer,
    examined: importing.Examined,
    done: importing.Imported | None,
    failed: bool = False,
) -> Answer:
    added = done.added if done else 0
    known = done.known if done else examined.known
    lines = [
        f"文件 {examined.ledger.name}：{examined.ledger.table.filled} 行",
        f"可导入 {len(examined.fresh)} 行，已登记 {known} 行，有问题 {examined.faulty} 行",
    ]
    listed = [f"第 {p.row} 行 {p.column}：{p.message}" for p in examined.problems]
    lines += listed[:SHOWN]
    if len(listed) > SHOWN:
        lines.append(f"另有 {len(listed) - SHOWN} 处问题，加 --json 查看全部")
    lines.append(f"已写入 {added} 件，登记人 {clerk.name}" if done else "没有写入")
    data = {
        "file": examined.ledger.name, "sha256": examined.ledger.sha256,
        "subchannel": examined.subchannel, "rows": examined.ledger.table.filled,
        "importable": len(examined.fresh), "known": known, "faulty": examined.faulty,
        "added": added, "written": done is not None, "clerk": clerk.name,
        "problems": [[p.row, p.column, p.message] for p in examined.problems],
    }  # fmt: skip
    return Answer(tuple(lines), data, int(failed))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > settings().max_upload_bytes:
            raise Refused(f"文件 {path} 超过 {settings().max_upload_mb} MB，请拆成几个文件")
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"无法读取文件 {path}，请检查路径和权限") from error


def _subchannel(word: str) -> str:
    for sub in load().subchannels:
        if word in (sub.key, sub.label):
            return sub.key
    known = "、".join(f"{sub.key}（{sub.label}）" for sub in load().subchannels)
    raise Refused(f"没有子渠道“{word}”；可用的有：{known}")


def _clerk(login: str | None) -> Viewer:
    """The clerk who answers for what is written: named, or the first of the province."""
    with store.read(SYSTEM) as session:
        found = clerks.clerk(session, str(Role.CLERK), login)
    if found is None:
        raise Refused(
            f"没有在用的登记员账号“{login}”"
            if login
            else "省级单位没有在用的登记员，请用 --as 指定"
        )
    person, unit = found
    return Viewer(
        person.id, person.name, unit.code, unit.name, frozenset({Role.CLERK}), ip="命令行"
    )
