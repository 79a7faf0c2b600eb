"""The pieces that pages are made of: one tag per file in templates/components/,
shown together on /styleguide.

Every tag takes words that are already translated. Extra attributes go through as they are, with
`_` for `-` (`hx_get="…"` becomes `hx-get`). Block tags end with `end…` and put what stands between
into the piece.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.words import icons, times
from core.words.states import Look, look, word
from dashboard import progress, proofs, signs, undoing
from dashboard.deltas import Delta
from dashboard.proofs import Proof

register = template.Library()

Words = Any  # a str, or a lazy translation of one


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


def _attributes(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return `hx-get` for `hx_get`; True is the bare attribute; False and None are none at all."""
    return {
        key.replace("_", "-"): value for key, value in extra.items() if value not in (None, False)
    }


register.simple_tag(icons.icon)
register.simple_tag(icons.address, name="icon_address")


@register.simple_tag
def button(
    label: Words,
    *,
    variant: str = "secondary",
    icon: str = "",
    icon_only: bool = False,
    href: str = "",
    type: str = "submit",  # noqa: A002 - the attribute's own name
    small: bool = False,
    wide: bool = False,
    busy: bool = False,
    opens: str = "",
    menu: str = "",
    **extra: Any,
) -> SafeString:
    """Draw a button, or a link that looks like one when it has an `href`.

    variant: primary (one on a page), secondary, danger, ghost. `opens` names a dialog,
    `menu` a menu's panel.
    """
    if opens:
        extra |= {"command": "show-modal", "commandfor": opens}
    return _render(
        "button",
        label=label,
        variant=variant,
        icon=icon,
        icon_only=icon_only,
        href=href,
        type="button" if opens or menu else type,
        small=small,
        wide=wide,
        busy=busy,
        menu=menu,
        extra=_attributes(extra),
    )


register.simple_tag(signs.status)
register.simple_tag(word, name="word")
register.simple_tag(signs.mark)
register.simple_tag(signs.outcome)
register.simple_tag(signs.person)
register.simple_tag(signs.source)
register.simple_tag(signs.strip)
register.simple_tag(signs.avatar)
register.simple_tag(signs.ago)


@register.simple_tag
def badge(text: Words, tone: str = "calm", icon: str = "") -> SafeString:
    """Draw a small label that is not a state: a role, a tier, a count."""
    return signs.pill(text, tone, icon)


@register.simple_tag
def stat(
    label: Words,
    value: Any,
    *,
    hint: Words = "",
    href: str = "",
    state: str = "",
    delta: Delta | None = None,
) -> SafeString:
    """Write one figure with its name over it; `href` makes all of it a link.
    Stands in `<div class="stats">`.

    delta: how it changed against the period before (dashboard.deltas).
    """
    shown = None
    if state:
        shown = look(state)
    return _render("stat", label=label, value=value, hint=hint, href=href, look=shown, delta=delta)


@register.simple_tag
def proof_bar(
    found: Proof | None = None,
    *,
    at_vendor: int = 0,
    present: int = 0,
    left_out: int = 0,
    missing: int = 0,
    checked_at: datetime | None = None,
    vendor: Words = "Fathom",
    failing_since: datetime | None = None,
    is_whole: bool = True,
    small: bool = False,
    present_href: str = "",
    left_out_href: str = "",
    missing_href: str = "",
) -> SafeString:
    """Draw what a source lists against what is in Koppel: solid is in it,
    hatched left out with a reason, red missing.

    The addresses lead from a part to what is in it. What nobody checked is dashed and never looks
    fine; an old proof says how old it is.
    """
    proof = found or Proof(
        at_vendor, present, left_out, missing, checked_at, failing_since, is_whole
    )
    parts = proof.parts(present=present_href, left_out=left_out_href, missing=missing_href)
    drawn = proofs.drawing(proof, parts)
    return _render("proof_bar", proof=proof, parts=parts, drawing=drawn, vendor=vendor, small=small)


@register.simple_tag
def field(
    bound: BoundField, *, secret: bool | None = None, paste: bool = False, optional: bool = True
) -> SafeString:
    """Draw one field of a form with its label, help and errors, whatever its widget.

    A password widget gets show/hide (`secret=False` to leave it out) and,
    for keys from elsewhere, a paste button.
    """
    kind = getattr(bound.field.widget, "input_type", "")
    return _render(
        "field",
        field=bound,
        kind=kind,
        choices=bound.use_fieldset and kind in ("radio", "checkbox"),
        secret=kind == "password" if secret is None else secret,
        paste=paste,
        optional=optional and not bound.field.required,
    )


register.simple_tag(progress.bar, name="progress")
register.simple_tag(progress.of_run, name="run_progress")


@register.simple_tag
def moment(when: datetime) -> SafeString:
    """Draw "20:48", with its day where that is not today: for what must not move while
    the page is open.
    """
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(),
        times.exactly(when),
        times.at_the_clock(when),
    )


@register.simple_tag
def duration(started: datetime | None, finished: datetime | None) -> str:
    """Write how long something took; a dash while that is not known."""
    if started and finished:
        return times.lasted(started, finished)
    return "–"


@register.simple_tag
def toast(text: Words, level: str = "info", undo: str = "", csrf: str = "") -> SafeString:
    """Draw one message in the corner, already on the page when it comes from Django's messages.

    undo: the address that takes back what it tells of, with the page's token for forms.
    """
    return _render("toast", text=text, look=_message_look(level), level=level, undo=undo, csrf=csrf)


register.filter("undo_address", undoing.address_in)


@register.filter
def toast_level(tags: str) -> str:
    """Return Django's message levels in our four."""
    names = {"success": "good", "warning": "warn", "error": "bad"}
    return next((names[tag] for tag in tags.split() if tag in names), "info")


@register.simple_block_tag
def callout(
    content: str,
    title: Words = "",
    tone: str = "info",
    remedy: Words = "",
    href: str = "",
    heading: str = "p",
    variant: str = "secondary",
) -> SafeString:
    """Draw something to know before going on, in place.

    `remedy` is the button that leads to what helps, `variant` its look.

    tone: info, good, warn or bad; or how bad an incident is.
    """
    shown = _message_look(tone)
    return _render(
        "callout",
        content=content,
        title=title,
        look=shown,
        remedy=remedy,
        href=href,
        heading=heading,
        variant=variant,
    )


@register.simple_block_tag
def card(
    content: str, title: Words = "", lead: Words = "", footer: Words = "", heading: str = "h2"
) -> SafeString:
    """Draw one closed thing among others of its kind.

    Not for every section: a hairline is often enough.
    """
    return _render("card", content=content, title=title, lead=lead, footer=footer, heading=heading)


@register.simple_block_tag
def empty_state(
    content: str, title: Words, text: Words = "", icon: str = "inbox", heading: str = "h3"
) -> SafeString:
    """Draw what this is, why it is empty, and (in the block) the one thing to do."""
    return _render(
        "empty_state", content=content, title=title, text=text, icon=icon, heading=heading
    )


@register.simple_block_tag
def error_state(
    content: str, title: Words, happened: Words, kept: Words = "", todo: Words = ""
) -> SafeString:
    """Draw what happened, what was kept, what to do; the way to do it in the block."""
    return _render(
        "error_state", content=content, title=title, happened=happened, kept=kept, todo=todo
    )


@register.simple_tag
def skeleton(lines: int = 3, *, figure: bool = False, label: Words = "") -> SafeString:
    """Draw the grey shape of what is on its way."""
    return _render("skeleton", lines=range(lines), figure=figure, label=label)


@register.simple_block_tag
def modal(content: str, id: str, title: Words, open: bool = False) -> SafeString:  # noqa: A002 - the attributes' names
    """Draw a native dialog, opened by `{% button … opens=id %}`.

    Its actions stand last, in `.dialog-actions`.
    """
    return _render("modal", content=content, id=id, title=title, open=open)


@register.simple_block_tag
def drawer(content: str, id: str, title: Words) -> SafeString:  # noqa: A002 - the attribute's own name
    """Draw a dialog at the side.

    A link with `data-drawer=id` shows its page in it; without scripts it opens the page.
    """
    return _render("drawer", content=content, id=id, title=title)


@register.simple_block_tag
def menu(
    content: str,
    id: str,  # noqa: A002
    label: Words,
    icon: str = "ellipsis",
    icon_only: bool = True,
) -> SafeString:
    """Draw a button and what it unfolds: `{% menu_item %}`s, separators, small forms."""
    return _render("menu", content=content, id=id, label=label, icon=icon, icon_only=icon_only)


@register.simple_tag
def menu_item(
    label: Words, *, href: str = "", icon: str = "", danger: bool = False, **extra: Any
) -> SafeString:
    """Draw a link, or the submit button of the form around it."""
    return _render(
        "menu_item", label=label, href=href, icon=icon, danger=danger, extra=_attributes(extra)
    )


@register.simple_tag
def tabs(items: Iterable[Mapping[str, Any]], label: Words) -> SafeString:
    """Draw links between pages of one thing: each with `label`, `url` and,
    for the page that is open, `current`.
    """
    return _render("tabs", items=items, label=label)


@register.simple_block_tag
def tab_panels(content: str, label: Words) -> SafeString:
    """Draw sections of one page as tabs; without scripts they stand under each other."""
    return _render("tab_panels", content=content, label=label)


@register.simple_block_tag
def tab_panel(content: str, id: str, title: Words) -> SafeString:  # noqa: A002 - the attribute's own name
    """Draw one section inside `tab_panels`."""
    return _render("tab_panel", content=content, id=id, title=title)


@register.simple_tag
def breadcrumb(*steps: Words) -> SafeString:
    """Draw the way back: pairs of word and address, then the word of this page."""
    pairs = list(zip(steps[:-1:2], steps[1::2], strict=True))
    return _render("breadcrumb", steps=pairs, here=steps[-1])


@register.simple_tag
def facts(items: Iterable[tuple[Words, Any]]) -> SafeString:
    """Draw what is known of one thing: pairs of name and value."""
    return _render("facts", items=items)


@register.simple_tag
def copyable(text: str, *, id: str, label: Words) -> SafeString:  # noqa: A002 - the attribute's own name
    """Draw text to take along: an address, a key that is shown once, a script.

    `label` says what it is.
    """
    return _render("copyable", text=text, id=id, label=label)


def _message_look(level: str) -> Look:
    states = {
        "good": "succeeded",
        "warn": "warning",
        "bad": "failed",
        "warning": "warning",
        "critical": "critical",
    }
    if level in states:
        return look(states[level])
    return Look("info", "info", "")
