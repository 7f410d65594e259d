"""复查: an opinion given anew after a revocation can be reviewed anew, on a clock of its own."""

from datetime import timedelta

import pytest

from db import models as m
from domain.errors import NotAllowed
from tests.office import NOW, Walk, enter, prepare

OPINION = {
    "answers": {"1": "已停止排放", "2": "已公开结果"},
    "opinions": {"1": "支持", "2": "支持"},
    "reply_basis": "《大气污染防治法》",
}
ANSWER = {"review_findings": "事实不清", "review_basis": "《信访工作条例》第35条"}


def told(walk: Walk) -> Walk:
    """On from 办理中 to an opinion the petitioner has."""
    walk.to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", **OPINION)
    day = walk.now.date().isoformat()
    return walk.step("xw_clerk", "deliver", way="post", delivered_on=day, proof="EMS1")


def petition() -> Walk:
    prepare()
    walk = Walk(enter().case_id)
    walk.step("nj_clerk", "classify", route="petition").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "sign").step("xw_handler", "accept", simple=False)
    return told(walk)


def asked(walk: Walk, outcome: str) -> Walk:
    """Requested, answered and told by the city."""
    day = walk.now.date().isoformat()
    walk.step("nj_clerk", "request_review", requested_on=day, request="对处理意见不服")
    redo = {"redo_by": (walk.now.date() + timedelta(days=20)).isoformat()}
    given = redo if outcome == "revoked" else {}
    walk.step("nj_reviewer", "answer_review", outcome=outcome, **ANSWER, **given)
    return walk.step("nj_clerk", "deliver_review", way="post", delivered_on=day, proof="EMS2")


def test_a_revoked_opinion_is_given_anew_and_can_be_reviewed_anew() -> None:
    walk = asked(petition(), "revoked")
    assert walk.case.status == "handling"
    assert walk.case.ended_on is None, "in hand again"
    walk.now = NOW + timedelta(days=5)
    asked(told(walk), "maintained")
    assert walk.stored(m.Review, lambda r: r.outcome) == ["revoked", "maintained"]
    clocks = walk.stored(m.Clock, lambda c: (c.key, c.ordinal, c.done_on is not None))
    assert [c for c in clocks if c[0] == "review"] == [("review", 1, True), ("review", 2, True)]


def test_a_maintained_opinion_is_not_reviewed_twice() -> None:
    walk = asked(petition(), "maintained")
    with pytest.raises(NotAllowed, match="复查申请”已经办理过"):
        asked(walk, "maintained")
