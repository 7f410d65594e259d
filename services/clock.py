"""The one clock: taken at the edge (page, route, command) and handed down."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The wall time in Asia/Shanghai, naive, whatever the machine's zone is."""
    return datetime.now(ZONE).replace(tzinfo=None)
