"""The life of a case as one declared table: who takes which step, from where, recording what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.people import Level, Role
from domain.statuses import Status, Track

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR


class Acts(StrEnum):
    """Which unit may take a step."""

    HOLDER = "holder"
    TEAM = "team"  # the holder or a unit that assists it
    HOLDER_OR_ABOVE = "holder_or_above"
    ABOVE = "above"  # a unit above the holder
    NEXT_ABOVE = "next_above"  # the unit one level above the holder
    ORDERER = "orderer"  # a unit that ordered its supervision, or one above that
    SENDER = "sender"  # the unit that gave it to the holder
    ORGAN = "organ"  # the organ that reviews it
    ABOVE_ORGAN = "above_organ"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: from which statuses to which, by whom, what it must record.

    `to` None keeps the status, or leaves it to `domain.state`. `once` steps are taken at most once
    in a round of handling; `counts` is the key that says so, where it is not the step's own.
    `records` are field keys of `services.records`; a trailing ? marks an optional one.
    """

    key: str
    label: str
    sources: frozenset[Status]
    to: Status | None
    roles: frozenset[Role]
    acts: Acts = Acts.HOLDER
    levels: frozenset[Level] = frozenset(Level)
    tracks: frozenset[Track] = frozenset()  # empty: all, and before classification
    records: tuple[str, ...] = ()
    once: bool = False
    counts: str = ""
    per_submission: bool = False
    needs: tuple[str, ...] = ()  # flags of the state that must be set, "!" negates

    @property
    def counted(self) -> str:
        """The key under which the state remembers that it was taken."""
        return self.counts or self.key


def _of(*members: Status) -> frozenset[Status]:
    return frozenset(members)


def _by(*members: Role) -> frozenset[Role]:
    return frozenset(members)


ST = Status
OPEN = _of(ST.REGISTERED, ST.TO_ASSIGN)
UNDECIDED = _of(ST.TO_ASSIGN, ST.HANDLING)
EARLY = OPEN | _of(ST.TO_SIGN, ST.RETURNING, ST.HANDLING)
AFTER = _of(ST.CONCLUDED, ST.STAGED, ST.TO_DELIVER, ST.DELIVERED)
REVIEWED = _of(ST.REVIEWING, ST.RE_REVIEWING)
GONE = _of(ST.DECLINED, ST.TRANSFERRED)
ANY = frozenset(Status)
ALIVE = ANY - GONE - _of(ST.ARCHIVED)
UPPER = frozenset({Level.PROVINCE, Level.CITY})
PETITION, REPORT = frozenset({Track.PETITION}), frozenset({Track.REPORT})
UNDECIDED_YET = ("classified", "!accepted")
DELIVERY = ("way", "delivered_on", "proof")
PLAN = ("plan_item", "plan_unit", "plan_due", "plan_check")

TABLE: tuple[Step, ...] = (
    # 2 查重
    Step("merge", "合并", EARLY, None, _by(C, S), Acts.HOLDER_OR_ABOVE,
         records=("other", "reason"), needs=("!sealed", "!redone")),
    Step("separate", "撤销合并", ANY - _of(ST.ARCHIVED), None, _by(C, S), Acts.HOLDER_OR_ABOVE,
         records=("other", "reason"), needs=("merged", "!archived")),
    # 3 – 4 分类、受理
    Step("classify", "分类", OPEN, ST.TO_ASSIGN, _by(C, S), records=("route",)),
    Step("reclassify", "更正分类", _of(ST.HANDLING), None, _by(C, S), records=("route", "reason"),
         needs=UNDECIDED_YET),
    Step("accept", "受理", UNDECIDED, ST.HANDLING, _by(C, H, R),
         tracks=frozenset({Track.REPORT, Track.PETITION, Track.SUGGESTION}),
         records=("simple",), once=True, needs=UNDECIDED_YET),
    Step("decline", "不予受理", UNDECIDED, ST.DECLINED, _by(R, S),
         records=("decline_reason", "basis_note", "contact_attempt?"), needs=UNDECIDED_YET),
    Step("decline_final", "不再受理", UNDECIDED, ST.DECLINED, _by(R, S), tracks=PETITION,
         records=("final_no", "final_on", "basis_note"), needs=UNDECIDED_YET),
    # 5 – 7 告知、转送、交办
    Step("notify", "告知", ANY - OPEN, None, _by(C, H, S), Acts.HOLDER_OR_ABOVE,
         records=("way", "delivered_on?", "proof?", "failure?"), once=True, counts="notified",
         per_submission=True, needs=("decided", "reachable")),
    Step("undeliverable", "无法送达", ANY - OPEN - _of(ST.ARCHIVED), None, _by(R, S),
         Acts.HOLDER, records=("tried_on", "tried_again_on", "attempts", "evidence"), once=True,
         per_submission=True, needs=("decided", "reachable")),
    Step("transfer", "转送", UNDECIDED, ST.TRANSFERRED, _by(C, R, S),
         records=("transfer_to", "telephone?", "copies?", "note?"), needs=UNDECIDED_YET),
    Step("assign", "交办", UNDECIDED, ST.TO_SIGN, _by(C, S), levels=UPPER,
         records=("to", "assist?", "limit?", "note?"), needs=(*UNDECIDED_YET, "!sealed")),
    Step("pass_on", "转送下级", UNDECIDED, ST.TO_SIGN, _by(C, S), levels=UPPER,
         records=("to", "note?"), needs=(*UNDECIDED_YET, "!sealed")),
    # 8 签收、退回、改派
    Step("sign", "签收", _of(ST.TO_SIGN), ST.HANDLING, _by(C, H)),
    Step("return", "退回", _of(ST.TO_SIGN, ST.HANDLING), ST.RETURNING, _by(C, H, R),
         levels=frozenset({Level.CITY, Level.COUNTY}), records=("objection",),
         needs=("sent", "!accepted", "!returned")),
    Step("accept_return", "同意退回", _of(ST.RETURNING), ST.TO_ASSIGN, _by(C, S), Acts.SENDER,
         levels=UPPER, records=("opinion?",)),
    Step("refuse_return", "不同意退回", _of(ST.RETURNING), None, _by(C, S), Acts.SENDER,
         levels=UPPER, records=("reason",)),
    Step("reassign", "改派", _of(ST.TO_SIGN, ST.RETURNING, ST.HANDLING), ST.TO_SIGN, _by(C, S),
         Acts.SENDER, levels=UPPER, records=("to", "reason"), needs=("!accepted",)),
    # 9 – 13 调查、结论、处理、延期、办结
    Step("investigate", "调查", _of(ST.HANDLING), None, _by(H), Acts.TEAM,
         records=("visited_on", "officers", "site_notes", "demand_notes?", "monitoring?",
                  "standard?", "statement?", "contacted?")),
    Step("apply_extension", "申请延期", _of(ST.HANDLING), None, _by(H), tracks=PETITION | REPORT,
         records=("reason", "days"), needs=("accepted", "!extended", "!extension_applied")),
    Step("extend", "批准延期", _of(ST.HANDLING, ST.TO_APPROVE), None, _by(R),
         records=("told_on?", "told_way?", "opinion?"), needs=("extension_applied",)),
    Step("refuse_extension", "不批准延期", _of(ST.HANDLING, ST.TO_APPROVE), None, _by(R),
         records=("reason",), needs=("extension_applied",)),
    Step("conclude", "提交结论", _of(ST.HANDLING), ST.TO_APPROVE, _by(H),
         records=("findings", "measures", "facts", "penalty_no?", "amount?", "talked?",
                  "accountable?"), needs=("accepted",)),
    Step("approve", "办结审定", _of(ST.TO_APPROVE), ST.CONCLUDED, _by(R),
         records=("conclusion", "opinion?")),
    Step("stage", "阶段性办结", _of(ST.TO_APPROVE), ST.STAGED, _by(R),
         records=("conclusion", *PLAN, "opinion?")),
    Step("reject", "退回承办人", _of(ST.TO_APPROVE), ST.HANDLING, _by(R), records=("reason",)),
    # 14 – 19 答复、送达、审核、回访、评价、核查
    Step("reply", "答复", _of(ST.CONCLUDED, ST.STAGED), ST.TO_DELIVER, _by(R),
         records=("answers", "opinions?", "reply_basis"), needs=("reachable",)),
    Step("deliver", "送达", _of(ST.TO_DELIVER, ST.DELIVERED), ST.DELIVERED, _by(H, C),
         records=DELIVERY, once=True, per_submission=True),
    Step("pass_check", "办结审核通过", AFTER, None, _by(C, S), Acts.SENDER, levels=UPPER,
         records=("opinion?",), once=True, needs=("!passed_on",)),
    Step("send_back", "办结审核退回", AFTER, ST.HANDLING, _by(C, S), Acts.SENDER, levels=UPPER,
         records=("reason", "redo_by"), needs=("!passed_on", "!checked")),
    Step("callback", "回访", _of(ST.DELIVERED) | REVIEWED, None, _by(C, S), Acts.HOLDER_OR_ABOVE,
         records=("reached", "way?", "solved?", "rating?", "note?", "new_demands?"),
         once=True, counts="called_back", per_submission=True),
    Step("rate", "评价", _of(ST.DELIVERED) | REVIEWED, None, _by(C, S), Acts.HOLDER_OR_ABOVE,
         records=("rating", "proof"), once=True, counts="rated", per_submission=True),
    Step("verify", "核查", AFTER | REVIEWED, None, _by(S), Acts.PROVINCE,
         levels=frozenset({Level.PROVINCE}), tracks=REPORT,
         records=("upheld", "note"), once=True, needs=("unsubstantiated",)),
    # 20 – 22 督办，批示、包案、接访，整改
    Step("supervise", "督办", ALIVE, None, _by(S), Acts.ABOVE, levels=UPPER,
         records=("order_kind", "order_reason", "order_demands", "order_limit")),
    Step("feedback", "督办反馈", ANY - _of(ST.ARCHIVED), None, _by(H, R, S),
         records=("feedback", "order?"), needs=("supervised",)),
    Step("accept_feedback", "督办办结", ANY - _of(ST.ARCHIVED), None, _by(S), Acts.ORDERER,
         levels=UPPER, records=("opinion", "order?"), needs=("supervised", "fed_back")),
    Step("instruct", "批示", ALIVE, None, _by(C, S, Role.LEADER), Acts.HOLDER_OR_ABOVE,
         records=("leader", "instruction", "instructed_on", "order_limit?")),
    Step("charge", "包案", ALIVE, None, _by(C, S, Role.LEADER), Acts.HOLDER_OR_ABOVE,
         records=("leader", "charge_note?")),
    Step("reception", "接访", ALIVE, None, _by(C, S, Role.LEADER), Acts.HOLDER_OR_ABOVE,
         records=("leader", "promise", "instructed_on", "order_limit?")),
    Step("follow_up", "跟进领导事项", ANY - _of(ST.ARCHIVED), None, _by(C, H, S),
         Acts.HOLDER_OR_ABOVE, records=("progress", "finished", "action?"), needs=("led",)),
    Step("rectify", "整改进展", AFTER | REVIEWED, None, _by(H), records=("progress", "proof?"),
         needs=("staged", "!rectified")),
    Step("verify_rectification", "整改销号", AFTER | REVIEWED, None, _by(R, S),
         Acts.HOLDER_OR_ABOVE, records=("verified_on", "proof"), needs=("staged", "!rectified")),
    # 23 复查、复核
    Step("request_review", "复查申请", _of(ST.DELIVERED), ST.REVIEWING, _by(C, S),
         Acts.NEXT_ABOVE, levels=UPPER, tracks=PETITION, records=("requested_on", "request"),
         once=True),
    Step("answer_review", "复查意见", _of(ST.REVIEWING), None, _by(R), Acts.ORGAN, levels=UPPER,
         tracks=PETITION, records=("outcome", "review_findings", "review_basis", "redo_by?"),
         needs=("!answered",)),
    Step("deliver_review", "复查意见送达", _of(ST.REVIEWING), ST.DELIVERED, _by(C, H), Acts.ORGAN,
         levels=UPPER, tracks=PETITION, records=DELIVERY, needs=("answered",)),
    Step("request_re_review", "复核申请", _of(ST.DELIVERED), ST.RE_REVIEWING, _by(C, S),
         Acts.ABOVE_ORGAN, levels=frozenset({Level.PROVINCE}), tracks=PETITION,
         records=("requested_on", "request"), once=True, needs=("reviewed",)),
    Step("hold_hearing", "听证", _of(ST.RE_REVIEWING), None, _by(R, S), Acts.ORGAN,
         levels=frozenset({Level.PROVINCE}), tracks=PETITION, records=("days", "note"),
         once=True, needs=("!answered",)),
    Step("answer_re_review", "复核意见", _of(ST.RE_REVIEWING), None, _by(R), Acts.ORGAN,
         levels=frozenset({Level.PROVINCE}), tracks=PETITION,
         records=("outcome", "review_findings", "review_basis", "redo_by?"), needs=("!answered",)),
    Step("deliver_re_review", "复核意见送达", _of(ST.RE_REVIEWING), ST.DELIVERED, _by(C, H),
         Acts.ORGAN, levels=frozenset({Level.PROVINCE}), tracks=PETITION, records=DELIVERY,
         needs=("answered",)),
    # 24 归档；不计时限、重启
    Step("archive", "归档", (AFTER | GONE) - _of(ST.TO_DELIVER), ST.ARCHIVED, _by(C, S),
         records=("retention",), needs=("!archived",)),
    Step("reopen", "重启", GONE | _of(ST.DELIVERED, ST.ARCHIVED), None, _by(C, S),
         Acts.HOLDER_OR_ABOVE, records=("reason",), once=True),
    Step("exempt", "不计时限", ANY, None, _by(S), Acts.PROVINCE,
         levels=frozenset({Level.PROVINCE}), records=("clocks", "reason", "evidence")),
)  # fmt: skip
BY_KEY: Mapping[str, Step] = {step.key: step for step in TABLE}
# Steps that are about another case too, each with a function of its own.
APART = frozenset({"merge", "separate", "reopen"})
# By which a unit below gets a case.
GIVING = ("assign", "reassign", "pass_on")
# What happens to a case without being anybody's step on it.
BESIDE = frozenset({"register", "merged", "separated"})
