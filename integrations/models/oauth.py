"""Sign-ins at vendors that are under way, and the grants that came of them."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField
from crm.models import Organization
from integrations.models.integrations import LONGEST_NAME, Integration


class OAuthState(models.Model):
    """A sign-in at a vendor that a person has begun: good for one return within ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A keyed hash of the 256 random bits that the person's browser carries.
    secret_hash = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    provider = models.CharField(max_length=40)
    # A keyed hash of the browser's session that it was begun in;
    # '': it was begun by a program, with a token.
    session_hash = models.CharField(max_length=64, blank=True, default="")
    # The integration that is connected again; null: a new one comes of it.
    integration = models.ForeignKey(
        Integration, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # Where the person signs in, if not at the usual host.
    place = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=LONGEST_NAME, blank=True, default="")
    # What proves at the exchange that we are who asked (PKCE).
    verifier = EncryptedTextField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "oauth_states"
        verbose_name = _("sign-in under way")
        verbose_name_plural = _("sign-ins under way")

    def __str__(self) -> str:
        return f"{self.provider} ({self.pk})"


class OAuthGrant(models.Model):
    """What a vendor granted to one integration. Tokens are written
    by `integrations.oauth` alone.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        GONE = "gone", _("Gone")

    class Reason(models.TextChoices):
        REFUSED = "refused", _("The vendor takes it no longer")
        DISCONNECTED = "disconnected", _("Disconnected in Koppel")
        UNINSTALLED = "uninstalled", _("Removed at the vendor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.OneToOneField(
        Integration, on_delete=models.CASCADE, related_name="oauth_grant"
    )
    access_token = EncryptedTextField(null=True)
    refresh_token = EncryptedTextField(null=True)
    # A keyed hash of the refresh token: two rows may hold the same, and then both live by it.
    family = models.CharField(max_length=64, blank=True, default="", db_index=True)
    expires_at = models.DateTimeField(null=True)
    scopes: Any = models.JSONField(default=list, blank=True)
    api_base = models.CharField(max_length=300, blank=True, default="")
    # The server that gave the grant and renews it; '': the vendor's usual one.
    token_host = models.CharField(max_length=300, blank=True, default="")
    place = models.CharField(max_length=200, blank=True, default="")
    external_account_id = models.CharField(max_length=200)
    external_account_name = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=4, choices=State.choices, default=State.LIVE)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="")
    gone_at = models.DateTimeField(null=True, blank=True)
    # When the vendor gave tokens last.
    last_refreshed_at = models.DateTimeField()
    # Grows with each new token: whoever waited sees that another has renewed it.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "oauth_grants"
        verbose_name = _("grant of a vendor")
        verbose_name_plural = _("grants of vendors")
        indexes: ClassVar = [
            models.Index(
                fields=["last_refreshed_at"],
                condition=models.Q(state="live"),
                name="oauth_grant_to_keep",
            ),
        ]

    def __str__(self) -> str:
        return self.external_account_name or self.external_account_id

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    def ends_within(self, leeway: timedelta) -> bool:
        """Tell whether the access token is good for no longer than this."""
        return self.expires_at is None or self.expires_at <= timezone.now() + leeway
