"""What people write beside a call, at a second of it or of all of it:
seen by whoever sees the call.

Each changes and deletes their own. Whoever calls these knows that the person sees the call
and may work on it.
"""

from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call, CallComment
from core import audit
from core.errors import Conflicting
from core.models import User

LONGEST: Final = 2000
MOST_OF_A_CALL: Final = 500
MOST_SECONDS: Final = 24 * 3600


class TooManyComments(Conflicting):
    """A call has as many comments as a call can have."""

    conflict = "too_many"


def add(call: Call, text: str, *, at: int | None, actor: User, request: Any = None) -> CallComment:
    """Write beside a call: at a second of it, or, without one, of all of it."""
    words = _words(text)
    if at is not None and not 0 <= at <= MOST_SECONDS:
        raise ValidationError(
            {"at": ValidationError(_("This is no time of a call."), code="invalid")}
        )
    with transaction.atomic():
        if CallComment.objects.filter(call=call).count() >= MOST_OF_A_CALL:
            raise TooManyComments(_("A call has 500 comments at most."), code="conflict")
        comment = CallComment.objects.create(call=call, author=actor, at=at, text=words)
        _record("comment.added", comment, actor, request)
    return comment


def change(comment: CallComment, text: str, *, actor: User, request: Any = None) -> CallComment:
    """Change one's own words."""
    _own(comment, actor)
    words = _words(text)
    now = timezone.now()
    with transaction.atomic():
        if (
            CallComment.objects.filter(pk=comment.pk)
            .exclude(text=words)
            .update(text=words, edited_at=now)
        ):
            comment.text, comment.edited_at = words, now
            _record("comment.changed", comment, actor, request)
    return comment


def delete(comment: CallComment, *, actor: User, request: Any = None) -> None:
    """Take back one's own words."""
    _own(comment, actor)
    with transaction.atomic():
        _record("comment.deleted", comment, actor, request)
        comment.delete()


def _own(comment: CallComment, actor: User) -> None:
    if comment.author_id != actor.pk:
        raise PermissionDenied


def _words(text: str) -> str:
    words = text.strip()
    if not words or "\x00" in words:
        raise ValidationError(
            {"text": ValidationError(_("Write something first."), code="required")}
        )
    if len(words) > LONGEST:
        raise ValidationError(
            {"text": ValidationError(_("At most 2,000 characters."), code="too_long")}
        )
    return words


def _record(name: str, comment: CallComment, actor: User, request: Any) -> None:
    """Keep who did it. The words are personal, and stay out of the log."""
    audit.record(
        name,
        actor=actor,
        target=comment.call,
        request=request,
        organization_id=comment.call.organization_id,
        comment=comment.pk,
    )
