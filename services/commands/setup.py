"""`setup`: prepare a real installation."""

from argparse import ArgumentParser, Namespace

from services.clock import now
from services.commands import Answer
from services.setup import for_installation, prepare
from settings import settings

MADE = "已生成（权限 600），请另行备份，丢失后信访人信息无法恢复"
HELP = "安装准备：建库、密钥、单位、首位系统管理员；可重复执行"


def arguments(parser: ArgumentParser) -> None:
    """Who the first administrator is."""
    parser.add_argument(
        "--login", default="admin", metavar="账号", help="首位系统管理员的账号，默认 admin"
    )
    parser.add_argument("--name", default="系统管理员", metavar="姓名", help="首位系统管理员的姓名")


def run(args: Namespace) -> Answer:
    """Prepare, and print the one-time password once."""
    for_installation()
    done = prepare(args.login, args.name, now())
    key = settings().key_file
    lines = [
        "数据库结构已是最新",
        f"密钥文件 {key} {MADE if done.key_made else '已在，未改动'}",
        f"单位：新增 {done.units_added} 个",
    ]
    if done.password:
        lines.append(
            f"系统管理员账号 {done.login}，一次性密码 {done.password}"
            "（只显示这一次，首次登录须修改）"
        )
    else:
        lines.append("已有系统管理员，未另建")
    data = {"key_made": done.key_made, "units_added": done.units_added, "login": done.login,
            "password": done.password or None}  # fmt: skip
    return Answer(tuple(lines), data)
