"""How one message leaves by one channel, and what a channel's address must look like."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from core import http
from core.alerts.messages import Message
from core.errors import RateLimited, Temporary, VendorError
from core.masking import Secret
from core.models import AlertChannel

TWILIO_KINDS: Final = (AlertChannel.Kind.SMS, AlertChannel.Kind.WHATSAPP)
_TELEPHONE: Final = re.compile(r"\+[1-9]\d{6,14}")


class CannotSendError(Exception):
    """The message did not leave. `permanent` says that trying again as it is will not help."""

    def __init__(self, message: str, *, permanent: bool, retry_after: float = 0) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after


def unavailable(kind: str) -> str:
    """Tell why channels of this kind cannot be used on this installation; '' when they can."""
    wanted = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER")
    missing = []
    if kind in TWILIO_KINDS:
        missing = [name for name in wanted if not getattr(settings, name)]
    if not missing:
        return ""
    return _("Needs Twilio: set %(names)s in the environment.") % {"names": ", ".join(missing)}


def validate_target(kind: str, target: str) -> None:
    """Refuse an address that this kind of channel cannot write to;
    the message never repeats the address.
    """
    if kind == AlertChannel.Kind.EMAIL:
        validate_email(target)
    elif kind == AlertChannel.Kind.SLACK:
        URLValidator(
            schemes=["https", "http"], message=_("Enter the whole address of the webhook.")
        )(target)
    elif not _TELEPHONE.fullmatch(target):
        raise ValidationError(_("Enter the number with its country code, such as +31612345678."))


def send(channel: AlertChannel, message: Message) -> None:
    """Hand the message over, or raise CannotSendError."""
    reason = unavailable(channel.kind)
    if reason:
        raise CannotSendError(reason, permanent=True)
    try:
        _SENDERS[channel.kind](channel, message)
    except RateLimited as error:
        raise CannotSendError(
            error.message, permanent=False, retry_after=error.retry_after
        ) from error
    except VendorError as error:
        raise CannotSendError(error.message, permanent=not isinstance(error, Temporary)) from error


def _email(channel: AlertChannel, message: Message) -> None:
    mail = EmailMessage(
        message.subject, f"{message.body}\n\n{message.link}\n", to=[channel.target.reveal()]
    )
    try:
        mail.send()
    except (
        OSError,
        AnymailError,
    ) as error:  # smtplib's errors are OSErrors; their text may name the address
        text = _("The mail server did not take the message (%(kind)s). Check the e-mail settings.")
        raise CannotSendError(text % {"kind": type(error).__name__}, permanent=False) from error


def _slack(channel: AlertChannel, message: Message) -> None:
    # All of a hook's address behind its host is the secret:
    # it goes in as one, so that no log has it.
    parts = urlsplit(channel.target.reveal())
    key = http.PathKey(Secret(urlunsplit(("", "", parts.path, parts.query, ""))))
    client = http.Client(
        "slack", str(channel.pk), f"{parts.scheme}://{parts.netloc}", key, reads="bytes"
    )
    client.post("", json={"text": f"*{message.subject}*\n{message.body}\n{message.link}"})


def _twilio(channel: AlertChannel, message: Message) -> None:
    prefix = ""
    if channel.kind == AlertChannel.Kind.WHATSAPP:
        prefix = "whatsapp:"
    account = settings.TWILIO_ACCOUNT_SID
    auth = http.BasicKey(account, Secret(settings.TWILIO_AUTH_TOKEN))
    # The status alone says whether Twilio took it: a 2xx whose body cannot be read must
    # not send it again.
    client = http.Client("twilio", account, settings.TWILIO_BASE_URL, auth, reads="bytes")
    client.post(
        f"/2010-04-01/Accounts/{account}/Messages.json",
        data={
            "From": f"{prefix}{settings.TWILIO_PHONE_NUMBER}",
            "To": f"{prefix}{channel.target.reveal()}",
            "Body": message.short,
        },
    )


_SENDERS: Final[dict[str, Callable[[AlertChannel, Message], None]]] = {
    AlertChannel.Kind.EMAIL: _email,
    AlertChannel.Kind.SLACK: _slack,
    AlertChannel.Kind.SMS: _twilio,
    AlertChannel.Kind.WHATSAPP: _twilio,
}
