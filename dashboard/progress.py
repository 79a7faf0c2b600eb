"""How far work is: as a bar, and in words."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.models import Run
from core.runs import details
from core.runs import progress as progress_of_runs

Words = Any  # a str, or a lazy translation of one


def _render(**context: Any) -> SafeString:
    return SafeString(render_to_string("components/progress.html", context).strip())


def bar(
    done: int, total: int | None = None, *, label: Words = "", small: bool = False, tone: str = ""
) -> SafeString:
    """Show how far work is. Without a `total` the bar moves and claims nothing;
    with one it is never more than full.
    """
    share = None
    if total:
        share = min(int(100 * done / total), 100)
    return _render(done=done, total=total, share=share, label=label, small=small, tone=tone)


def in_words(run: Run) -> str:
    """Return how far a run is, or came: no "100 %" beside what it did."""
    progress = progress_of_runs.of(run, without=details.TECHNICAL)
    words = list(progress.so_far)
    is_over = run.state not in Run.OPEN
    is_said = is_over and words and progress.share == 100
    if progress.share is not None and not is_said:
        words.append(f"{progress.share} %")
    return " · ".join(words)


def of_run(run: Run, *, label: Words = "", small: bool = False, tone: str = "") -> SafeString:
    """Draw how far a run is.

    Without a known end: what was done so far, and a bar that moves while it runs and then goes.
    What is over needs no bar in a row (`small`), and no "100 %" beside what it did.
    """
    progress = progress_of_runs.of(run, without=details.TECHNICAL)
    is_over = run.state not in Run.OPEN
    words = in_words(run)
    if not words and is_over:
        words = "–"
    needs_no_bar = small or progress.share is None
    return _render(
        share=progress.share,
        words=words,
        bare=is_over and needs_no_bar,
        label=label,
        small=small,
        tone=tone,
    )
