"""Every table, by area; `Base.metadata` is the whole schema."""

from db.models.base import Base
from db.models.cases import (
    Attachment,
    Case,
    CaseCategory,
    CaseLink,
    CaseMeasure,
    CaseUnit,
    Demand,
    Rating,
)
from db.models.clocks import Clock
from db.models.intake import Draft, ImportBatch, ImportMapping
from db.models.oversight import LeaderAction, Review, Supervision
from db.models.papers import Document, Notice, Number, Template, Visit
from db.models.people import Download, OldPassword, Person, PersonRole, SignIn, SignInAttempt, Unit
from db.models.scores import RuleVersion, ScoreItem, ScoreLine, ScoreRun, ScoreSheet
from db.models.submissions import Petitioner, Submission
from db.models.trace import ChainHead, Checkpoint, Event

__all__ = [
    "Attachment", "Base", "Case", "CaseCategory", "CaseLink", "CaseMeasure", "CaseUnit",
    "ChainHead", "Checkpoint", "Clock", "Demand", "Document", "Download", "Draft", "Event",
    "ImportBatch", "ImportMapping", "LeaderAction", "Notice", "Number", "OldPassword", "Person",
    "PersonRole", "Petitioner", "Rating", "Review", "RuleVersion", "ScoreItem", "ScoreLine",
    "ScoreRun", "ScoreSheet", "SignIn", "SignInAttempt", "Submission", "Supervision", "Template",
    "Unit", "Visit",
]  # fmt: skip
