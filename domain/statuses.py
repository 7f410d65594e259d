"""The statuses, tracks, conclusions and ratings a case can have."""

from domain.labelled import Labelled


class Status(Labelled):
    """The status of a case."""

    REGISTERED = "registered", "已登记"
    TO_ASSIGN = "to_assign", "待交办"
    TO_SIGN = "to_sign", "待签收"
    RETURNING = "returning", "退回中"
    HANDLING = "handling", "办理中"
    TO_APPROVE = "to_approve", "待审核"
    CONCLUDED = "concluded", "办结"
    STAGED = "staged", "阶段性办结"
    TO_DELIVER = "to_deliver", "待送达"
    DELIVERED = "delivered", "已送达"
    REVIEWING = "reviewing", "复查中"
    RE_REVIEWING = "re_reviewing", "复核中"
    ARCHIVED = "archived", "已归档"
    DECLINED = "declined", "不予受理"
    TRANSFERRED = "transferred", "移送"


# The four words the public reads (domain: lifecycle).
_CLOSED = frozenset(
    {
        Status.CONCLUDED, Status.STAGED, Status.TO_DELIVER, Status.DELIVERED, Status.REVIEWING,
        Status.RE_REVIEWING, Status.ARCHIVED,
    }
)  # fmt: skip
PUBLIC = {
    "未办理": frozenset({Status.REGISTERED, Status.TO_ASSIGN}),
    "办理中": frozenset({Status.TO_SIGN, Status.RETURNING, Status.HANDLING, Status.TO_APPROVE}),
    "已办结": _CLOSED,
    "不受理": frozenset({Status.DECLINED, Status.TRANSFERRED}),
}
# Statuses in which a case is out of hand: it no longer counts as 在办.
ENDED = _CLOSED | PUBLIC["不受理"]


class Track(Labelled):
    """The statutory track of a case (依法分类, 条例 第31条)."""

    REPORT = "report", "举报投诉"
    PETITION = "petition", "信访"
    SUGGESTION = "suggestion", "建议"
    LITIGATION = "litigation", "诉讼仲裁"
    ACCUSATION = "accusation", "检举控告"
    ELSEWHERE = "elsewhere", "非本部门职责"


CONCLUSIONS = {
    "substantiated": "属实",
    "mostly": "基本属实",
    "partly": "部分属实",
    "unsubstantiated": "不属实",
}
OPINIONS = ("支持", "解释说明", "不予支持")  # on each demand of a petition, 条例 第32条
RATINGS = {1: "满意", 2: "基本满意", 3: "不满意"}
