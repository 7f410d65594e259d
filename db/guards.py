"""What the database itself refuses: events are added, and never changed, removed or replaced."""

from sqlalchemy import Connection, text

_NO = "RAISE(ABORT, 'events are append-only')"
SQLITE = {
    "events_no_update": (
        f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT {_NO}; END"
    ),
    "events_no_delete": (
        f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT {_NO}; END"
    ),
    # INSERT OR REPLACE removes the old row without a delete trigger.
    "events_no_replace": (
        "CREATE TRIGGER events_no_replace BEFORE INSERT ON events"
        " WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM events WHERE chain = NEW.chain AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    ),
}
_BODY = " BEGIN RAISE EXCEPTION 'events are append-only'; END "
_REFUSE = f"CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
POSTGRESQL = {
    "events_no_change": (
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events"
        " FOR EACH ROW EXECUTE FUNCTION events_append_only()"
    ),
    "events_no_truncate": (
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events"
        " FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
    ),
}
_IN_SQLITE = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
)
_IN_POSTGRESQL = text(
    "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, p.prosrc FROM pg_trigger t"
    " JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE t.tgrelid = to_regclass('events') AND NOT t.tgisinternal"
)


def statements(dialect: str) -> tuple[str, ...]:
    """What makes the guards of an empty database."""
    own = SQLITE if dialect == "sqlite" else {"function": _REFUSE, **POSTGRESQL}
    return tuple(own.values())


def lacking(connection: Connection) -> list[str]:
    """The guards that are not there, altered or switched off, as sentences."""
    sqlite = connection.dialect.name == "sqlite"
    standing = _standing_sqlite(connection) if sqlite else _standing_postgresql(connection)
    wanted = SQLITE if sqlite else POSTGRESQL
    return [f"留痕的保护触发器 {name} 缺失、被改动或被停用" for name in wanted
            if name not in standing]  # fmt: skip


def _standing_sqlite(connection: Connection) -> set[str]:
    return {name for name, sql in connection.execute(_IN_SQLITE) if sql == SQLITE.get(name)}


def _standing_postgresql(connection: Connection) -> set[str]:
    return {
        name
        for name, made, enabled, body in connection.execute(_IN_POSTGRESQL)
        if name in POSTGRESQL
        and enabled in ("O", "A")
        and body == _BODY
        and _same(made, POSTGRESQL[name])
    }


def _same(made: str, wanted: str) -> bool:
    """Whether a definition as the server tells it is the wanted one: what fires, and when."""
    return _words(made) == _words(wanted)


def _words(definition: str) -> list[str]:
    """The words of a definition in order, without the schema and what may be told either way."""
    plain = definition.replace("public.", "").replace("()", "").lower()
    words = plain.replace(" or ", " ").split()
    return sorted(words)
