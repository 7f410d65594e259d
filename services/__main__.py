"""The operators' door: `python -m services COMMAND`."""

import json
import logging
import os
import secrets
import sys
from collections.abc import Sequence

from domain.errors import BadRules, Refused
from services.commands import Answer, command, names
from services.commands.chinese import Parser
from services.stacks import stack_of
from settings import BadSettings, settings


def parser(wanted: Sequence[str] = ()) -> Parser:
    """The parser of the wanted commands, or of every command there is."""
    door = Parser(prog="python -m services", description="信访举报工作台：运维命令")
    below = door.add_subparsers(dest="command", metavar="命令", required=True)
    for name in wanted or names():
        module = command(name)
        one = below.add_parser(name, help=module.HELP, description=module.HELP)
        one.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
        module.arguments(one)
    return door


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 only on success, a refusal is one sentence on stderr."""
    # The hashing of passwords draws in Streamlit, which then speaks of a missing page.
    os.environ.setdefault("STREAMLIT_LOGGER_LEVEL", "error")
    os.umask(0o077)  # what is written here is the owner's alone
    given = sys.argv[1:] if argv is None else argv
    args = parser([name for name in given[:1] if name in names()]).parse_args(given)
    try:
        answer = command(args.command).run(args)
    except (Refused, BadRules, BadSettings) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("已中断\n")
        return 130
    except Exception as error:  # noqa: BLE001  the edge: nothing unexpected reaches the terminal
        sys.stderr.write(_unexpected(args.command, error))
        return 1
    _show(answer, args.json)
    return answer.code


def _show(answer: Answer, as_json: bool) -> None:
    if as_json:
        text = json.dumps(answer.data, ensure_ascii=False, indent=1, default=str)
    else:
        text = "\n".join(answer.lines)
    sys.stdout.write(text + "\n")


def _unexpected(name: str, error: Exception) -> str:
    """Log what happened under a short number, and say where."""
    number = secrets.token_hex(4)
    log = settings().data_dir / "commands.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("services.commands")
    handler = logging.FileHandler(log, encoding="utf-8")
    logger.addHandler(handler)
    logger.propagate = False
    logger.error("%s %s\n%s", number, name, stack_of(error))
    logger.removeHandler(handler)
    handler.close()
    return f"命令未能完成，出现意外错误，编号 {number}，详情见 {log}\n"


if __name__ == "__main__":
    sys.exit(main())
