"""The columns a bulk build writes, table by table; what is not named has its default."""

TABLES: dict[str, tuple[str, ...]] = {
    "cases": (
        "id", "no", "title", "place_code", "place_city", "address", "lon", "lat", "subject_name",
        "subject_code", "industry", "channel", "subchannel", "received_on", "received_month",
        "registered_on", "registered_unit", "status", "track", "route", "holder_unit",
        "handler_id", "decided_on", "ended_on", "ended_month", "concluded_on", "delivered_on",
        "conclusion", "rating", "simple", "sealed", "is_group", "is_repeat", "confidential",
        "urgency", "kinds", "submissions", "changed_at", "changed_by", "version", "sender_unit",
        "checked_on", "archived_on", "supervised", "instructed", "charged",
    ),
    "submissions": (
        "id", "case_id", "no", "query_code", "channel", "subchannel", "source_no", "received_at",
        "registered_at", "registered_on", "registered_unit", "registered_city", "registered_by",
        "content", "time_pattern", "urgency", "first_or_repeat", "persons", "anonymous",
        "confidential", "e_delivery", "reachable", "answered_on", "receiver", "outcome",
        "recording_no", "missing", "batch_id", "idempotency_key",
    ),
    "petitioners": ("submission_id", "sealed", "key_id", "phone_hash", "id_hash", "person_hash"),
    "demands": ("case_id", "ordinal", "text", "finding", "answer"),
    "case_categories": ("case_id", "sub", "main"),
    "case_units": ("case_id", "unit_code"),
    "case_measures": ("case_id", "kind", "amount", "note"),
    "case_links": ("case_id", "earlier_id", "kind", "reason", "on", "confirmed_by"),
    "clocks": (
        "case_id", "submission_id", "key", "ordinal", "unit_code", "city_code", "started_on",
        "known_on", "first_due_on", "due_on", "provisional", "done_on", "shown_on", "duty",
        "exempt", "sealed", "named", "rule_since",
    ),
    "ratings": ("case_id", "submission_id", "stage", "score", "by", "on", "at"),
    "supervisions": (
        "case_id", "kind", "source", "unit_code", "reason", "delivered_on", "due_on", "closed_on",
        "ordinal", "ordered_by", "answered_on",
    ),
    "leader_actions": (
        "case_id", "kind", "ordinal", "leader", "unit_code", "text", "on", "due_on", "done_on",
    ),
    "reviews": (
        "case_id", "kind", "organ_code", "requested_on", "outcome", "answered_on", "delivered_on",
    ),
    "notices": ("person_id", "case_id", "kind", "text", "at"),
}  # fmt: skip
EVENT = ("kind", "at", "on", "case_id", "submission_id", "person_id", "ip", "data")
