"""The environment read once into one frozen Settings; a wrong value refuses to start, by name."""

import ipaddress
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
YES, NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off")

# Every variable of ours with what it means; an XF_ name not listed here is a slip of the pen.
VARIABLES = {
    "DATABASE_URL": "数据库地址（PostgreSQL 或 SQLite）；不设则为演示或本机 SQLite",
    "PORT": "服务端口，默认 8501",
    "XF_ADDRESS": "监听地址，默认 127.0.0.1",
    "XF_PUBLIC_URL": "用户访问的网址，如 https://xf.example.gov.cn；https 时 Cookie 只走加密连接",
    "XF_DATA_DIR": "数据目录（数据库、密钥、附件），默认 var",
    "XF_KEY_FILE": "密钥文件，默认在数据目录下",
    "XF_DEMO": "是否演示（1 或 0）；不设则自行判断",
    "XF_SESSION_IDLE_MINUTES": "多少分钟无操作后须重新登录，默认 30",
    "XF_SESSION_HOURS": "一次登录最长小时数，默认 8",
    "XF_PASSWORD_LENGTH": "密码最短长度，默认 10",
    "XF_PASSWORD_CLASSES": "密码至少含几类字符，默认 3",
    "XF_PASSWORD_HISTORY": "不得与最近几次密码相同，默认 5",
    "XF_PASSWORD_DAYS": "密码有效天数，0 为不限，默认 90",
    "XF_LOGIN_FAILURES": "连续失败几次后锁定，默认 5",
    "XF_LOCK_MINUTES": "锁定分钟数，默认 30",
    "XF_MAX_UPLOAD_MB": "上传文件上限（MB），默认 20",
    "XF_LOG_LEVEL": "日志级别，默认 INFO",
    "XF_FONT_DIR": "字体目录，默认 assets/fonts",
    "XF_PUBLIC_QUERY": "是否对外开放查询评价页 /query（1 或 0），默认仅演示开放",
    "XF_TRUSTED_PROXIES": "可信代理的地址或网段，逗号分隔；不设则不信任何代理",
    "XF_WHEELS": "离线安装包目录，由 ./run 使用",
}


class BadSettings(Exception):
    """One or more variables are wrong; `str(error)` names each and says what to mend."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a password must be and what misses cost; the defaults are those of 等保."""

    length: int = 10
    classes: int = 3
    history: int = 5
    days: int = 90
    failures: int = 5
    lock: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the surroundings decide; built by `load` only."""

    database_url: str = field(repr=False)  # may hold a password
    data_dir: Path
    key_file: Path
    demo: bool
    address: str
    port: int
    public_url: str
    session_idle: timedelta
    session_absolute: timedelta
    password: PasswordPolicy
    max_upload_mb: int
    log_level: str
    font_dir: Path
    trusted_proxies: tuple[str, ...]
    public_query: bool

    @property
    def prepared(self) -> bool:
        """Whether the key this installation needs is there."""
        return self.key_file.is_file()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.address)

    @property
    def secure(self) -> bool:
        """Whether people come in through TLS, so that cookies must be Secure."""
        return self.public_url.startswith("https://")

    @property
    def attachment_dir(self) -> Path:
        """Where files of cases lie, outside anything served."""
        return self.data_dir / "attachments"

    @property
    def max_upload_bytes(self) -> int:
        """The upload limit in bytes."""
        return self.max_upload_mb * 1024 * 1024


def is_loopback(address: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class _Reader:
    """Reads single variables and collects every fault, so that one start shows them all."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems = [
            f"环境变量 {name} 不认识，请检查拼写；可用的有：{'、'.join(VARIABLES)}。"
            for name in environ
            if name.startswith("XF_") and name not in VARIABLES
        ]

    def fault(self, name: str, wanted: str) -> None:
        shown = "所给的值" if name == "DATABASE_URL" else f"“{self.text(name)}”"
        self.problems.append(f"环境变量 {name} 的值不对：{shown}，应为{wanted}。")

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self.fault(name, f" {low} 到 {high} 的整数")
        return default

    def choice(self, name: str, default: str, allowed: Iterable[str]) -> str:
        value = self.text(name, default).upper()
        if value in allowed:
            return value
        self.fault(name, "、".join(allowed) + " 之一")
        return default

    def flag(self, name: str) -> bool | None:
        value = self.text(name).lower()
        if value and value not in YES + NO:
            self.fault(name, " 1 或 0")
        return value in YES if value else None

    def path(self, name: str, default: Path) -> Path:
        value = self.text(name)
        return (ROOT / Path(value).expanduser()).resolve() if value else default

    def address(self, name: str) -> str:
        value = self.text(name, "127.0.0.1")
        try:
            return value if value == "localhost" else str(ipaddress.ip_address(value))
        except ValueError:
            self.fault(name, " IP 地址或 localhost")
            return "127.0.0.1"

    def networks(self, name: str) -> tuple[str, ...]:
        parts = [part.strip() for part in self.text(name).split(",") if part.strip()]
        try:
            return tuple(str(ipaddress.ip_network(part, strict=False)) for part in parts)
        except ValueError:
            self.fault(name, "以逗号分隔的 IP 地址或网段")
            return ()

    def public_url(self, name: str) -> str:
        value = self.text(name).rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
            self.fault(name, "以 http:// 或 https:// 开头的网址，不带路径")
            return ""
        return value

    def folder(self, name: str, default: Path) -> Path:
        found = self.path(name, default)
        if self.text(name) and not found.is_dir():
            self.fault(name, "已有的目录")
        return found

    def database_url(self, name: str, default: Path) -> str:
        value = self.text(name, f"sqlite:///{default}")
        scheme, _, rest = value.partition("://")
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
            return f"sqlite:///{ROOT / rest[1:]}"
        # One driver for every spelling of the same database.
        if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
            return f"postgresql+psycopg://{rest}"
        self.fault(name, " postgresql://用户:密码@主机/库名 或 sqlite:///文件路径")
        return value


def _password(read: _Reader) -> PasswordPolicy:
    return PasswordPolicy(
        length=read.whole("XF_PASSWORD_LENGTH", 10, 8, 24),
        classes=read.whole("XF_PASSWORD_CLASSES", 3, 1, 4),
        history=read.whole("XF_PASSWORD_HISTORY", 5, 0, 24),
        days=read.whole("XF_PASSWORD_DAYS", 90, 0, 3650),
        failures=read.whole("XF_LOGIN_FAILURES", 5, 3, 20),
        lock=timedelta(minutes=read.whole("XF_LOCK_MINUTES", 30, 1, 1440)),
    )


def load(environ: Mapping[str, str] = os.environ, *, demo: bool | None = None) -> Settings:
    """Read the settings; `demo` overrides the environment (setup passes False).

    It is a demonstration when nothing says otherwise: no XF_DEMO, no DATABASE_URL and no key of a
    prepared installation. Demonstration and installation never share a database or a key.
    Raises BadSettings naming every wrong variable.
    """
    read = _Reader(environ)
    data_dir = read.path("XF_DATA_DIR", ROOT / "var")
    real_key = read.path("XF_KEY_FILE", data_dir / "installation.key")
    chosen = demo if demo is not None else read.flag("XF_DEMO")
    public = read.flag("XF_PUBLIC_QUERY")
    if chosen is None:
        chosen = not read.text("DATABASE_URL") and not real_key.is_file()
    settings_ = Settings(
        database_url=read.database_url(
            "DATABASE_URL", data_dir / ("demo.sqlite3" if chosen else "xinfang.sqlite3")
        ),
        data_dir=data_dir,
        key_file=data_dir / "demo.key" if chosen else real_key,
        demo=chosen,
        address=read.address("XF_ADDRESS"),
        port=read.whole("PORT", 8501, 1, 65535),
        public_url=read.public_url("XF_PUBLIC_URL"),
        session_idle=timedelta(minutes=read.whole("XF_SESSION_IDLE_MINUTES", 30, 1, 480)),
        session_absolute=timedelta(hours=read.whole("XF_SESSION_HOURS", 8, 1, 24)),
        password=_password(read),
        max_upload_mb=read.whole("XF_MAX_UPLOAD_MB", 20, 1, 200),
        log_level=read.choice("XF_LOG_LEVEL", "INFO", LOG_LEVELS),
        font_dir=read.folder("XF_FONT_DIR", ROOT / "assets" / "fonts"),
        trusted_proxies=read.networks("XF_TRUSTED_PROXIES"),
        public_query=chosen if public is None else public,
    )
    if settings_.demo and not settings_.loopback:
        read.fault("XF_ADDRESS", "回环地址（如 127.0.0.1）：演示数据只能在本机使用")
    if read.problems:
        raise BadSettings("\n".join(read.problems))
    return settings_


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return load()


def main() -> int:
    """Print what the start script needs: demo (1 or 0), prepared (1 or 0), address, port."""
    try:
        now = load()
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{now.demo:d} {now.prepared:d} {now.address} {now.port}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
