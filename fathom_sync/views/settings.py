"""`/api/settings/fathom`: a key and a webhook secret, whether they work, and our webhook at Fathom.

Without a parameter it speaks of the installation's account to operations staff,
of their organization's to others; `?organization=` names an organization's, `?rep=` a rep's own.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.api.errors import Conflict
from core.api.fields import Id
from core.api.filters import refuse_unknown
from core.api.refusing import Refusing
from core.api.throttles import Limit, limit
from core.api.views import Endpoint, person
from core.errors import BadCredentials
from fathom_sync import access, accounts
from fathom_sync.accounts import connection, registration
from fathom_sync.client import NoKey
from fathom_sync.models import FathomAccount
from fathom_sync.serializers.settings import (
    EnteredSerializer,
    FathomSettingsSerializer,
    SavedSerializer,
    TestedKeySerializer,
    TestFailedSerializer,
    TestSucceededSerializer,
    WebhookAnswerSerializer,
)

UUID_SCHEMA = {"type": "string", "format": "uuid"}
WHICH = [
    OpenApiParameter("organization", UUID_SCHEMA, description="An organization's own account."),
    OpenApiParameter("rep", UUID_SCHEMA, description="A rep's own account."),
]
REVEAL = OpenApiParameter(
    "reveal", {"type": "string", "enum": ["true", "false"]}, description="In full, audited."
)
YES_OR_NO = serializers.ChoiceField(["true", "false"])
TAGS = ["Fathom"]
TESTED = PolymorphicProxySerializer(
    component_name="FathomTest",
    serializers=[TestSucceededSerializer, TestFailedSerializer],
    resource_type_field_name=None,
)


class TestLimit(Limit):
    """Ten a minute and person, or as many as is set."""

    __test__ = False
    scope = connection.TEST_SCOPE
    seconds = 60

    def allow_request(self, request: Request, view: Any) -> bool:
        self.allowed = connection.tests_per_minute()
        return super().allow_request(request, view)


def _meant(request: Request, *, changes: bool) -> FathomAccount:
    """Return the account that this is about; a misspelt `?organization=` must not
    mean the installation's.
    """
    refuse_unknown(request, ["organization", "rep", "reveal"])
    return access.account_meant(
        request,
        organization=_asked(request, "organization", Id()),
        rep=_asked(request, "rep", Id()),
        changes=changes,
    )


def _asked(request: Request, name: str, field: serializers.Field[Any, Any, Any, Any]) -> Any:
    """Return what the address asks for; None where it says nothing of it."""
    text = request.query_params.get(name)
    try:
        if text is None:
            return None
        return field.run_validation(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error


class FathomSettingsView(Refusing, Endpoint):
    """A Fathom account's key and secret."""

    names_others = True
    # A new key is tried when it is saved: not a way to try keys by the thousand.
    throttle_classes = [limit("fathom-save", 30)]  # noqa: RUF012

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    @extend_schema(
        operation_id="readFathomSettings",
        tags=TAGS,
        parameters=[*WHICH, REVEAL],
        responses=FathomSettingsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Masked; in full with `?reveal=true`, for those who may, and kept in the audit log."""
        account = _meant(request, changes=False)
        reveal = _asked(request, "reveal", YES_OR_NO) == "true" and access.may_reveal(
            person(request)
        )
        with transaction.atomic():
            shown = FathomSettingsSerializer(account, context={"reveal": reveal}).data
            if reveal:
                _note_reveal(request, account, shown)
        return Response(shown)

    @extend_schema(
        operation_id="saveFathomSettings",
        tags=TAGS,
        parameters=WHICH,
        request=EnteredSerializer,
        responses=SavedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Store a key and, where sent, a webhook secret. A key that was not tried yet is tried;
        beside one that works it waits until it has worked itself, but for `insist`. Of a rep's own
        account one that Fathom refuses is not stored."""
        account = _meant(request, changes=True)
        form = EnteredSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered, by = form.validated_data, {"actor": person(request), "request": request}
        message = connection.save(
            account,
            api_key=entered["apiKey"],
            webhook_secret=entered.get("webhookSecret"),
            insist=entered.get("insist", False),
            **by,
        )
        return Response(
            SavedSerializer({"success": True, "message": message, "config": account}).data
        )

    @extend_schema(
        operation_id="removeFathomSettings",
        tags=TAGS,
        parameters=WHICH,
        request=None,
        responses={200: SavedSerializer},
    )
    def delete(self, request: Request) -> Response:
        """Remove key and secret. What was imported stays."""
        account = _meant(request, changes=True)
        accounts.save(
            account, api_key="", webhook_secret="", actor=person(request), request=request
        )
        message = connection.after_removing(account)
        answer = {"success": True, "message": message, "config": account}
        return Response(SavedSerializer(answer).data)


def _note_reveal(request: Request, account: FathomAccount, shown: dict[str, Any]) -> None:
    audit.record(
        "secret.revealed",
        target=account,
        request=request,
        organization_id=account.organization_id,
        keys=[name for name in ("apiKeyFull", "webhookSecretFull") if shown[name] is not None],
    )


class FathomTestView(Refusing, Endpoint):
    """Whether Fathom takes a key."""

    names_others = True
    throttle_classes = [TestLimit]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="testFathom",
        tags=TAGS,
        parameters=WHICH,
        request=TestedKeySerializer,
        responses=TESTED,
    )
    def post(self, request: Request) -> Response:
        """Try a key, or the stored one. 200 either way: `success` says which.
        Ten a minute and person.
        """
        account = _meant(request, changes=True)
        form = TestedKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered = form.validated_data.get("apiKey")
        result = connection.check(account, entered=entered, actor=person(request), request=request)
        if result.success:
            return Response(TestSucceededSerializer(result).data)
        return Response(TestFailedSerializer(result).data)


class FathomWebhookView(Refusing, Endpoint):
    """Koppel's own webhook at Fathom, for this account."""

    names_others = True
    calls_vendor = True
    may_be_unavailable = True

    @extend_schema(
        operation_id="registerFathomWebhook",
        tags=TAGS,
        parameters=WHICH,
        request=None,
        responses=WebhookAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        """Register it; where it is registered already, nothing is done.
        409 without a key that can be used, or while another does so."""
        return self._act(
            request, registration.register, _("Fathom now tells Koppel of each new call.")
        )

    @extend_schema(
        operation_id="removeFathomWebhook",
        tags=TAGS,
        parameters=WHICH,
        request=None,
        responses={200: WebhookAnswerSerializer},
    )
    def delete(self, request: Request) -> Response:
        """Remove it; where there is none, nothing is done. `unfinishedSince`:
        Fathom may still have it.
        """
        return self._act(
            request,
            registration.unregister,
            _("The webhook is removed."),
            left=registration.LEFT_THERE,
        )

    def _act(
        self, request: Request, act: Callable[..., bool], message: str, left: Any = ""
    ) -> Response:
        account = _meant(request, changes=True)
        try:
            done = act(account, actor=person(request), request=request)
        except registration.UnderWay as error:
            raise Conflict("under_way", str(error)) from error
        except NoKey as error:
            raise Conflict("not_configured", error.message) from error
        except BadCredentials as error:
            if error.status is not None:
                raise
            # Fathom was not asked: the stored key cannot be opened, or is none.
            raise Conflict("unusable_key", error.message) from error
        text = message
        if left and not done:
            text = str(left)
        return Response(
            WebhookAnswerSerializer({"success": True, "message": text, "webhook": account}).data
        )
