"""Mails to people themselves: the rows of the outbox that name a person, one mail each,
many at once as a digest.

What a person chose is asked when a transition is noted and again when its mail leaves:
who has switched it off meanwhile, or no longer sees the incident, is not written to.
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any, Final

from anymail.exceptions import AnymailError
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import incidents
from core.alerts import audience, messages, summaries
from core.alerts.messages import Message
from core.alerts.outbox import MAIL_CAUSE
from core.alerts.sending import BATCH, OUTBOX, SINGLES_A_MINUTE
from core.models import AlertDelivery, User

_TITLE: Final = gettext_lazy("Mails to people do not leave")
_ADVICE: Final = gettext_lazy(
    "Check the mail server's settings. What waits is sent as soon as it answers again."
)


def send_waiting() -> int:
    """Send what is due to people, person by person; how many rows were sent."""
    by_person: defaultdict[Any, list[Any]] = defaultdict(list)
    due = OUTBOX.due().filter(person__isnull=False).order_by("created_at", "id")
    for pk, person_id in due.values_list("pk", "person_id")[:BATCH]:
        by_person[person_id].append(pk)
    people = User.objects.in_bulk(by_person)
    return sum(_work_off(people[pk], rows) for pk, rows in by_person.items() if pk in people)


def _work_off(person: User, rows: list[Any]) -> int:
    if not person.is_active or not person.email:
        OUTBOX.give_up(rows, _("The account is closed or has no e-mail address."))
        return 0
    summaries_due = set(
        AlertDelivery.objects.filter(pk__in=rows, incident=None).values_list("pk", flat=True)
    )
    if summaries_due:
        sent = sum(_send_one_mail(person, [row]) for row in rows if row in summaries_due)
        return sent + _work_off(person, [row for row in rows if row not in summaries_due])
    room = SINGLES_A_MINUTE - _mails_of_the_last_minute(person)
    if len(rows) <= room:
        return sum(_send_one_mail(person, [row]) for row in rows)
    if room == SINGLES_A_MINUTE:
        return _send_one_mail(person, rows)
    return 0


def _mails_of_the_last_minute(person: User) -> int:
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    sent = AlertDelivery.objects.filter(person=person, sent_at__gt=a_minute_ago)
    return sent.order_by().values("sent_at").distinct().count()


def _send_one_mail(person: User, rows: list[Any]) -> int:
    claimed = [row for row in rows if OUTBOX.claim(row)]
    found = (
        AlertDelivery.objects.filter(pk__in=claimed)
        .select_related("incident")
        .order_by("created_at", "id")
    )
    wanted = [row for row in found if _is_wanted(person, row)]
    unwanted = [row.pk for row in found if row not in wanted]
    if unwanted:
        OUTBOX.give_up(
            unwanted,
            _("Not wanted any more: switched off, seen no more, or there was nothing to tell."),
        )
    if not wanted:
        return 0
    message = _message(person, wanted)
    try:
        EmailMessage(
            message.subject, f"{message.body}\n\n{message.link}\n", to=[person.email]
        ).send()
    except (
        OSError,
        AnymailError,
    ) as error:  # smtplib's errors are OSErrors; their text may name the address
        text = _("The mail server did not take the message (%(kind)s).") % {
            "kind": type(error).__name__
        }
        for row in wanted:
            OUTBOX.put_off(row, text)
        incidents.observe(MAIL_CAUSE, ok=False, title=_TITLE, what_to_do=_ADVICE, open_after=2)
        return 0
    OUTBOX.done([row.pk for row in wanted], sent_at=timezone.now())
    incidents.observe(MAIL_CAUSE, ok=True, title="")
    return len(wanted)


def _is_wanted(person: User, row: AlertDelivery) -> bool:
    if row.incident is None:
        return audience.choices_of(person).get(summaries.KIND, False)
    if not audience.sight(person).filter(pk=row.incident.pk).exists():
        return False
    # Who was told of the beginning is told of the end too.
    return row.transition == "closed" or audience.wants(person, row.incident)


def _message(person: User, rows: list[AlertDelivery]) -> Message:
    if rows[0].incident is None:
        return summaries.compose(person)
    return messages.compose_for(person, rows)
