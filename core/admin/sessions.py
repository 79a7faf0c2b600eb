"""The devices that people are signed in on, and how their sessions end."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import audit
from core.admin.base import AppendOnlyAdmin
from core.models import ApiSession, User
from core.signin import tokens
from core.signin.sessions import SessionStore
from core.words.pills import pill


def end_sessions(user: User) -> int:
    """End every sign-in of this person, on pages and over the API; how many there were."""
    now = timezone.now()
    # A session's owner is inside it, sealed: each living one is opened to see.
    living = Session.objects.filter(expire_date__gt=now).iterator(chunk_size=500)
    theirs = [row.pk for row in living if _owner(row) == str(user.pk)]
    ended, _each = Session.objects.filter(pk__in=theirs).delete()
    return ended + tokens.end_all(user)


def _owner(row: Session) -> str | None:
    user_id: str | None = SessionStore(row.pk).decode(row.session_data).get(SESSION_KEY)
    return user_id


@admin.register(ApiSession)
class ApiSessionAdmin(AppendOnlyAdmin):
    """Sign-ins over the API."""

    list_display = ("user", "status", "created_at", "rotated_at", "expires_at", "ip")
    list_select_related = ("user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("=user__username", "=ip")
    fields = ("user", "created_at", "rotated_at", "expires_at", "revoked_at", "ip", "user_agent")
    actions = ("revoke",)
    object_acts = ("revoke",)

    @admin.display(description=_("status"))
    def status(self, session: ApiSession) -> SafeString:
        if session.revoked_at:
            return pill("revoked")
        if session.expires_at > timezone.now():
            return pill("signed_in")
        return pill("expired")

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiSession]) -> None:
        revoked = 0
        for session in chosen.filter(revoked_at=None).select_related("user"):
            with transaction.atomic():
                ApiSession.objects.filter(pk=session.pk).update(revoked_at=timezone.now())
                audit.record(
                    "session.ended",
                    actor=request.user,
                    target=session.user,
                    request=request,
                    sessions=1,
                )
            revoked += 1
        messages.success(
            request,
            ngettext("%(n)d session ended.", "%(n)d sessions ended.", revoked) % {"n": revoked},
        )

    def acts_on(self, row: ApiSession) -> Iterable[str]:
        if row.revoked_at:
            return ()
        return self.object_acts

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_apisession")
