"""How a figure changed against the period before: in a short sign, in a colour,
and in words for who listens.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Delta:
    """`tone` is good, bad or calm; `words` is the whole sentence."""

    sign: str
    icon: str
    tone: str
    words: str


def change(
    now: float | None, before: float | None, *, than: str, better: str = "more"
) -> Delta | None:
    """Compare a figure with the period before, which `than` names;
    None where there is nothing to compare with.

    better: "more", "less", or "" where neither is.
    """
    if now is None or not before:
        return None
    percent = round(100 * (now - before) / before)
    if percent == 0:
        return Delta("±0 %", "", "calm", _("as many as in %(before)s") % {"before": than})
    way = "less"
    if percent > 0:
        way = "more"
    tone = "calm"
    if better:
        tone = "bad"
        if way == better:
            tone = "good"
    facts = {"percent": abs(percent), "before": than}
    if way == "more":
        return Delta(
            f"+{percent} %", "arrow-up", tone, _("%(percent)d %% more than in %(before)s") % facts
        )
    return Delta(
        f"−{-percent} %", "arrow-down", tone, _("%(percent)d %% less than in %(before)s") % facts
    )
