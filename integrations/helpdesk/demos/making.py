"""Making a demo at Chatwoot: inbox, bot, and the bot in the inbox.

Nothing is unique at the vendor, and an answer may be lost after the work was done. So an inbox is
made under a name that has the demo's mark in it, which is taken out once its number is kept, and
the mark stays in the bot's description: what was made is found again, and never made twice. What
fails is taken away.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import runs
from core.errors import RateLimited, Temporary, VendorError
from core.inbox import token_fingerprint
from core.runs.attempt import Work
from core.words.sayings import Saying
from integrations.helpdesk import inboxes
from integrations.helpdesk.demos import removing
from integrations.helpdesk.demos.bots import PATH
from integrations.helpdesk.desks import NoDesk, Open, again
from integrations.models import Demo
from integrations.providers.chatwoot.client import fields_of, number_of, path_of, rows_of, text_of

State = Demo.State
COLOUR: Final = "#1f93ff"
TOKEN_BYTES: Final = 32
LONGEST_BOT: Final = 190
KIND: Final = runs.Kind(
    removing.KEY,
    _("Demo in Chatwoot"),
    work="integrations.helpdesk.demos.making.work",
    words={"inbox": _("Inbox"), "bot": _("Bot")},
    lock="helpdesk.demo",
)
GONE: Final = _("The demo was deleted meanwhile.")
LEFT_BEHIND: Final = _("%(why)s What was made until then could not all be removed: %(left)s.")
Row = Mapping[str, Any]


def work(run: Work) -> None:
    """Make the demo that the run is about; what another attempt made already is found."""
    demo = (
        Demo.objects.select_related("organization", "integration__account")
        .filter(pk=run.subject_id)
        .first()
    )
    if demo is None:
        run.fail(GONE)
        return
    if demo.state == State.READY:
        return
    try:
        desk = again(demo.organization, demo.integration)
    except NoDesk as error:
        _fail(demo, Saying(error.message))
        run.fail(error.message)
        return
    with desk.open("demo", run_id=run.run.pk) as at:
        try:
            _make(demo, at)
        except RateLimited:
            # The run waits, and goes on from what is there.
            raise
        except VendorError as error:
            _undo(demo, at, error.saying)
            raise
    Demo.objects.filter(pk=demo.pk).update(state=State.READY, error="", error_said={})
    run.evidence(inbox=demo.inbox_id, bot=demo.bot_id)


def _make(demo: Demo, at: Open) -> None:
    if demo.place != at.place:
        # The integration is of another account now: what was made in the one before is not
        # looked for in this.
        demo.inbox_id = demo.bot_id = None
    _inbox(demo, at)
    if at.values.text("features.autoCreateBots") != "false":
        _bot(demo, at)
        _together(demo, at)


def _inbox(demo: Demo, at: Open) -> None:
    """Find the inbox that is kept or bears the mark, else make it; then give it its own name."""
    marked = f"{demo.name[:100]} {mark_of(demo)}"
    found = _kept_or_marked(demo, at, lambda row: text_of(row, "name") == marked)
    if found is None:
        channel = {"type": "web_widget", "website_url": demo.website_url, "widget_color": COLOUR}
        channel["welcome_title"] = demo.name
        found = _made(
            at,
            "/inboxes",
            {"name": marked, "channel": channel},
            lambda: _kept_or_marked(demo, at, lambda row: text_of(row, "name") == marked),
        )
    demo.inbox_id = number_of(found)
    demo.website_token = text_of(found, "website_token", 200)
    demo.base_url, demo.vendor_account = at.place
    demo.save(
        update_fields=[
            "inbox_id",
            "bot_id",
            "website_token",
            "base_url",
            "vendor_account",
            "updated_at",
        ]
    )
    if text_of(found, "name") != demo.name:
        at.client.patch(
            path_of(at.values, f"/inboxes/{demo.inbox_id}"),
            json={"name": demo.name},
            idempotent=True,
        )


def _kept_or_marked(demo: Demo, at: Open, is_marked: Callable[[Row], bool]) -> Row | None:
    rows = inboxes.fetched(at)
    return next((row for row in rows if row["id"] == demo.inbox_id or is_marked(row)), None)


def _bot(demo: Demo, at: Open) -> None:
    """Find the bot that bears the mark in its description, else make it."""
    found = _marked_bot(demo, at)
    if found is None:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        demo.bot_token_hash = token_fingerprint(token)
        demo.save(update_fields=["bot_token_hash", "updated_at"])
        body = {
            "name": f"{demo.name[:LONGEST_BOT]} bot",
            "description": mark_of(demo),
            "bot_type": "webhook",
            "bot_config": {},
            "outgoing_url": f"{settings.PUBLIC_URL}{PATH}/{token}",
        }
        found = _made(at, "/agent_bots", body, lambda: _marked_bot(demo, at))
    demo.bot_id = number_of(found)
    demo.bot_secret = text_of(found, "secret") or None
    demo.save(update_fields=["bot_id", "bot_secret", "updated_at"])


def _marked_bot(demo: Demo, at: Open) -> Row | None:
    rows = rows_of(at.client.get(path_of(at.values, "/agent_bots")))
    mark = mark_of(demo)
    return next(
        (row for row in rows if row["id"] == demo.bot_id or text_of(row, "description") == mark),
        None,
    )


def _together(demo: Demo, at: Open) -> None:
    """Put the bot into the inbox, if it is not there already."""
    path = path_of(at.values, f"/inboxes/{demo.inbox_id}")
    bot = fields_of(at.client.get(f"{path}/agent_bot")).get("agent_bot")
    if isinstance(bot, Mapping) and bot.get("id") == demo.bot_id:
        return
    at.client.post(f"{path}/set_agent_bot", json={"agent_bot": demo.bot_id}, idempotent=True)


def _made(at: Open, path: str, body: Mapping[str, Any], look: Callable[[], Row | None]) -> Row:
    """Make a record; where it is not known whether it was made, look, and make it once more
    only if it was not.
    """
    try:
        return fields_of(at.client.post(path_of(at.values, path), json=body))
    except RateLimited:
        raise
    except Temporary:
        found = look()
        if found is not None:
            return found
    return fields_of(at.client.post(path_of(at.values, path), json=body))


def mark_of(demo: Demo) -> str:
    """Return what tells the demo's records at the vendor from all others."""
    return f"koppel-{demo.pk.hex}"


def _undo(demo: Demo, at: Open, why: Saying) -> None:
    """Take away what was made, and keep what could not be."""
    _find_unkept(demo, at)
    left = removing.take_away(demo, at)
    saying = why
    if left:
        saying = Saying(LEFT_BEHIND, {"why": str(why), "left": ", ".join(left)})
    _fail(demo, saying)


def _find_unkept(demo: Demo, at: Open) -> None:
    """Look for what was made by a call whose answer was lost."""
    marked = f"{demo.name[:100]} {mark_of(demo)}"
    try:
        if demo.inbox_id is None:
            row = _kept_or_marked(demo, at, lambda found: text_of(found, "name") == marked)
            demo.inbox_id = number_of(row) if row else None
        if demo.bot_id is None:
            row = _marked_bot(demo, at)
            demo.bot_id = number_of(row) if row else None
    except VendorError:
        return


def _fail(demo: Demo, why: Saying) -> None:
    demo.state, demo.error, demo.error_said = State.FAILED, why.plain, why.kept()
    demo.save(update_fields=["state", "error", "error_said", "inbox_id", "bot_id", "updated_at"])
