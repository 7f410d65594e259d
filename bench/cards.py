"""The thirteen scorecards of a stored run, after a warm-up."""

from collections.abc import Iterator
from datetime import datetime
from datetime import time as clock_time
from functools import partial

from bench.bed import Bed, copied
from bench.beside import plain
from bench.figures import Line, at_most, reference, timed
from bench.summaries import month
from documents.model import Scorecard
from documents.scorecard import render
from services import score_runs, scorecards, scoring
from services.reader import MACHINE

LIMIT = 1000.0


def lines(bed: Bed) -> Iterator[Line]:
    """A month is scored and stored; its cards are made, then given again from their records."""
    with copied(bed) as copy:
        now = datetime.combine(copy.today, clock_time(10))
        run = scoring.run_of(MACHINE, score_runs.run(MACHINE, month(copy), now).id)
        again = timed(
            partial(scorecards.scorecards, MACHINE, run, now), 2 * bed.effort.seconds, warm=1
        )
        with plain(copy) as own:
            kept = own.all("SELECT record FROM documents WHERE kind = 'scorecard'")
        cards = [Scorecard.from_json(record) for (record,) in kept]
        drawing = reference("drawing alone", partial(_draw, cards), bed.effort.seconds)
    pages = sum(pdf.count(b"/Type /Page\n") for pdf in _draw(cards))
    what = f"{len(cards)} scorecards of {month(bed)}, {pages} pages"
    yield at_most("cards", what, again, LIMIT, drawing)


def _draw(cards: list[Scorecard]) -> list[bytes]:
    return [render(card) for card in cards]
