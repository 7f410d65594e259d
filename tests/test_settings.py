"""The environment becomes one frozen value, and every wrong variable is refused by name."""

import dataclasses
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit import config

import settings as module
from settings import ROOT, VARIABLES, BadSettings, load, settings

WRONG = [
    # variable, value, a word of the refusal that tells what is wanted
    ("DATABASE_URL", "mysql://host/db", "postgresql://"),
    ("DATABASE_URL", "var/demo.sqlite3", "sqlite:///"),
    ("DATABASE_URL", "sqlite://", "sqlite:///"),
    ("PORT", "0", "1 到 65535"),
    ("PORT", "65536", "1 到 65535"),
    ("PORT", "eighty", "1 到 65535"),
    ("PORT", "８５０１", "1 到 65535"),
    ("PORT", "-1", "1 到 65535"),
    ("XF_ADDRESS", "all", "IP 地址"),
    ("XF_PUBLIC_URL", "xf.example.gov.cn", "https://"),
    ("XF_PUBLIC_URL", "https://xf.example.gov.cn/path", "不带路径"),
    ("XF_DEMO", "perhaps", "1 或 0"),
    ("XF_PUBLIC_QUERY", "everybody", "1 或 0"),
    ("XF_SESSION_IDLE_MINUTES", "0", "1 到 480"),
    ("XF_SESSION_HOURS", "25", "1 到 24"),
    ("XF_PASSWORD_LENGTH", "6", "8 到 24"),
    ("XF_PASSWORD_CLASSES", "5", "1 到 4"),
    ("XF_PASSWORD_HISTORY", "x", "0 到 24"),
    ("XF_PASSWORD_DAYS", "1.5", "0 到 3650"),
    ("XF_LOGIN_FAILURES", "1", "3 到 20"),
    ("XF_LOCK_MINUTES", "0", "1 到 1440"),
    ("XF_MAX_UPLOAD_MB", "999", "1 到 200"),
    ("XF_LOG_LEVEL", "loud", "WARNING"),
    ("XF_FONT_DIR", "/no/such/folder", "目录"),
    ("XF_TRUSTED_PROXIES", "10.0.0.1,proxy", "网段"),
    ("XF_ADRESS", "127.0.0.1", "拼写"),
]


@pytest.mark.parametrize(("name", "value", "wanted"), WRONG)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, wanted: str) -> None:
    with pytest.raises(BadSettings) as refusal:
        load({name: value})
    assert name in str(refusal.value)
    assert wanted in str(refusal.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadSettings) as refusal:
        load({"PORT": "x", "XF_LOG_LEVEL": "y"})
    assert len(str(refusal.value).splitlines()) == 2


def test_a_refusal_never_shows_a_database_password() -> None:
    with pytest.raises(BadSettings) as refusal:
        load({"DATABASE_URL": "oracle://me:hunter2@host/db"})
    assert "hunter2" not in str(refusal.value)
    assert "hunter2" not in repr(load({"DATABASE_URL": "postgresql://me:hunter2@host/db"}))


def test_the_bare_machine_is_a_demonstration_on_loopback(tmp_path: Path) -> None:
    bare = load({"XF_DATA_DIR": str(tmp_path)})
    assert (bare.demo, bare.prepared, bare.loopback, bare.port) == (True, False, True, 8501)
    assert bare.database_url == f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    assert (bare.session_idle, bare.session_absolute) == (timedelta(minutes=30), timedelta(hours=8))
    assert bare.max_upload_bytes == 20 * 1024 * 1024
    assert not bare.trusted_proxies


def test_a_prepared_installation_is_no_demonstration(tmp_path: Path) -> None:
    environ = {"XF_DATA_DIR": str(tmp_path)}
    load(environ, demo=False).key_file.write_bytes(b"key")
    real = load(environ)
    assert (real.demo, real.prepared) == (False, True)
    assert real.database_url.endswith("/xinfang.sqlite3")


def test_demonstration_and_installation_share_neither_key_nor_database(tmp_path: Path) -> None:
    environ = {"XF_DATA_DIR": str(tmp_path)}
    demo, real = load(environ, demo=True), load(environ, demo=False)
    assert demo.key_file != real.key_file
    assert demo.database_url != real.database_url


def test_a_key_of_the_demonstration_leaves_it_one(tmp_path: Path) -> None:
    environ = {"XF_DATA_DIR": str(tmp_path)}
    load(environ).key_file.write_bytes(b"key")
    assert load(environ).demo


def test_a_database_address_means_no_demonstration_unless_asked_for() -> None:
    url = "postgresql://me@host/db"
    assert not load({"DATABASE_URL": url}).demo
    assert load({"DATABASE_URL": url, "XF_DEMO": "1"}).demo


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::"])
def test_a_demonstration_is_refused_beyond_this_machine(address: str) -> None:
    with pytest.raises(BadSettings, match="XF_ADDRESS"):
        load({"XF_ADDRESS": address, "XF_DEMO": "1"})
    assert load({"XF_ADDRESS": address, "XF_DEMO": "0"}).address == address


@pytest.mark.parametrize("spelling", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_one_driver(spelling: str) -> None:
    found = load({"DATABASE_URL": f"{spelling}://me@host/db"}).database_url
    assert found == "postgresql+psycopg://me@host/db"


def test_a_relative_file_lies_in_the_project_whatever_the_working_folder() -> None:
    assert load({"DATABASE_URL": "sqlite:///var/a.db"}).database_url == f"sqlite:///{ROOT}/var/a.db"
    assert load({"DATABASE_URL": "sqlite:////srv/a.db"}).database_url == "sqlite:////srv/a.db"


def test_cookies_are_secure_behind_tls_only() -> None:
    assert load({"XF_PUBLIC_URL": "https://xf.example.gov.cn/"}).secure
    assert not load({"XF_PUBLIC_URL": "http://xf.example.gov.cn"}).secure
    assert not load({}).secure


def test_trusted_proxies_are_networks() -> None:
    found = load({"XF_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16"}).trusted_proxies
    assert found == ("10.0.0.1/32", "10.1.0.0/16")


def test_the_settings_of_the_process_are_read_once_and_frozen() -> None:
    assert settings() is settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings().port = 1  # type: ignore[misc]


def test_every_variable_read_is_listed_and_every_listed_one_is_read() -> None:
    text = Path(module.__file__).read_text(encoding="utf-8")
    listing, reading = text.split("class BadSettings", 1)
    shell = (ROOT / ".ci" / "environment").read_text(encoding="utf-8")
    for name in VARIABLES:
        assert f'"{name}"' in reading or name in shell, f"{name} 列出了却无处读取"
    assert listing.count('": "') == len(VARIABLES)


def test_the_start_script_gets_four_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.main() == 0
    assert capsys.readouterr().out == "1 0 127.0.0.1 8501\n"
    monkeypatch.setenv("PORT", "x")
    assert module.main() == 2
    assert "PORT" in capsys.readouterr().err


def test_streamlit_knows_every_option_we_set() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        given = tomllib.load(file)
    flat = {f"{section}.{key}" for section, keys in given.items() for key in keys}
    known = set(config._config_options_template)
    sections = {name.rpartition(".")[0] for name in known}
    assert {name for name in flat if name not in known and name not in sections} == set()


def test_the_upload_limit_of_streamlit_is_ours() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        server = tomllib.load(file)["server"]
    assert server["maxUploadSize"] == load({}).max_upload_mb
    assert server["enableAgentApi"] is False
    assert server["address"] == load({}).address
