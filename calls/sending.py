"""The worker's part of mails to leads: claimed by one, written from what is true then,
tried again when it fails.
"""

import smtplib
from datetime import timedelta
from email.utils import parseaddr
from typing import Any, Final

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls import calendar_file
from calls.models import MeetingMail
from calls.services import guests
from calls.services.entering import NotOpen
from calls.services.mailing import LAST_WORDS
from core import incidents
from core.outbox import Outbox, Pauses
from crm import addresses
from crm.models import Appointment, Lead
from crm.services import settings_of

Kind = MeetingMail.Kind
OUTBOX: Final = Outbox(
    MeetingMail, Pauses.growing(timedelta(minutes=1), times=7), lease=timedelta(minutes=5)
)
BATCH: Final = 100
LOST: Final = gettext_lazy("The last attempt was cut off.")
OVERTAKEN: Final = gettext_lazy("The meeting was cancelled or over before this was sent.")


def send_waiting() -> int:
    """Send what is due, each mail by one worker; return how many went out."""
    OUTBOX.give_up_on_the_lost(str(LOST))
    due = list(OUTBOX.due().order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH])
    return sum(_send(pk) for pk in due if OUTBOX.claim(pk))


def _send(pk: Any) -> bool:
    related = MeetingMail.objects.select_related(
        "appointment__organization__settings", "appointment__lead", "link__appointment"
    )
    mail = related.get(pk=pk)
    if _is_overtaken(mail):
        OUTBOX.put_off(mail, str(OVERTAKEN), final=True)
        return False
    try:
        message = _message(mail, _link(mail))
        message.send()
    except NotOpen:
        OUTBOX.put_off(mail, str(OVERTAKEN), final=True)
        return False
    except (OSError, AnymailError) as error:
        _failed(mail, error)
        return False
    OUTBOX.done([mail.pk], sent_at=timezone.now())
    _observe(ok=True)
    return True


def _is_overtaken(mail: MeetingMail) -> bool:
    if mail.kind == Kind.UNINVITED:
        return False
    is_off = mail.appointment.status == Appointment.Status.CANCELLED
    return is_off != (mail.kind == Kind.CANCELLED)


def _link(mail: MeetingMail) -> str:
    """Return the guest's link of this mail: the same in each attempt, as the mail is."""
    if mail.kind in LAST_WORDS:
        return ""
    with transaction.atomic():
        invitation, token = guests.mailed_token(
            mail.appointment, mail.link, actor=mail.created_by or "Koppel"
        )
        MeetingMail.objects.filter(pk=mail.pk).update(link=invitation)
    return guests.guest_link(token)


def _message(mail: MeetingMail, link: str) -> EmailMessage:
    """Write the mail in the organization's language, and in the time that was agreed."""
    meeting = mail.appointment
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    starts, ends = meeting.starts_wall, meeting.ends_wall
    with translation.override(settings_of(meeting.organization).language):
        facts = {
            "organization": meeting.organization.name,
            "lead": _name_of_reader(mail),
            "title": meeting.title,
            "day": starts,
            "starts": f"{starts:%H:%M}",
            "ends": f"{ends:%H:%M}",
            "place": meeting.time_zone.rpartition("/")[2].replace("_", " "),
            "link": link,
        }
        subject = " ".join(render_to_string(f"calls/email/{mail.kind}_subject.txt", facts).split())
        text = render_to_string(f"calls/email/{mail.kind}_message.txt", facts)
        title = meeting.title
        if not title or mail.kind == Kind.UNINVITED:
            # By now the title may name the lead who came in their place.
            title = _("Meeting with %(organization)s") % facts
    method = calendar_file.REQUEST
    if mail.kind in LAST_WORDS:
        method = calendar_file.CANCEL
    calendar = calendar_file.written(
        meeting,
        method=method,
        title=title,
        text=link,
        link=link,
        organizer=(meeting.organization.name, sender),
        to=mail.email,
    )
    # The same however often it is sent: who gets it twice sees it once.
    headers = {"Message-ID": f"<{mail.pk}@{calendar_file.uid(meeting).rpartition('@')[2]}>"}
    message = EmailMessage(subject, text, None, [mail.email], headers=headers)
    message.attach("meeting.ics", calendar, f"text/calendar; method={method}")
    return message


def _name_of_reader(mail: MeetingMail) -> str:
    """Return the name of whom it goes to: not that of the lead by now,
    where it goes to the lead before.
    """
    if mail.kind != Kind.UNINVITED:
        return mail.appointment.lead.name
    leads = Lead.objects.filter(organization=mail.appointment.organization_id)
    before = (
        leads.filter(email_normalized=addresses.normalize(mail.email))
        .order_by("created_at", "pk")
        .first()
    )
    if before is None:
        return ""
    return before.name


def _failed(mail: MeetingMail, error: Exception) -> None:
    """Put it off; an address that refuses the mail is no fault of the mail server."""
    is_refused = isinstance(error, smtplib.SMTPRecipientsRefused)
    OUTBOX.put_off(mail, f"{type(error).__name__}: {error}"[:500], final=is_refused)
    if not is_refused:
        _observe(ok=False, says=type(error).__name__)


def _observe(*, ok: bool, says: str = "") -> None:
    facts = {}
    if says:
        facts = {"says": says}
    incidents.observe(
        "calls.meeting_mail",
        ok=ok,
        title=gettext_lazy("Leads cannot be mailed about their meetings"),
        what_to_do=gettext_lazy(
            "Check the mail server's settings. The mails that wait are tried again for two hours."
        ),
        facts=facts,
    )
