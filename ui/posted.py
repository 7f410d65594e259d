"""Forms sent to our own routes: their fields, and a few threads of their own for the work."""

from collections.abc import Callable
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

LARGEST = 20_000  # bytes of a form
MOST_FIELDS = 20
ODD = "提交的内容不是本页的表单，请刷新页面后重新填写"


class Busy(Exception):
    """Too many wait already."""


class Doors:
    """A few threads for the work of strangers, so that those at work never wait behind them."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self.limiter, self.inside, self.most = CapacityLimiter(at_once), 0, at_once + waiting

    async def run(self, work: Callable[[], Response]) -> Response:
        """Do the work in a thread; raises `Busy` when too many wait already."""
        if self.inside >= self.most:
            raise Busy
        self.inside += 1
        try:
            return await to_thread.run_sync(work, limiter=self.limiter)
        finally:
            self.inside -= 1


async def form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None for what no form of ours sends."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    text = body.decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}
