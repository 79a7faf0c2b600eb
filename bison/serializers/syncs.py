"""The JSON of syncs and of what they brought, named as the vendor names it."""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.models import Campaign, EmailAccount, Reply
from bison.syncs import kinds, reading
from core.api.fields import Id, Moment, OneOf, Text

MOST_WORKSPACES: Final = 1000
_DAY: Final = len("2026-03-01")


@extend_schema_field(OpenApiTypes.DATE)
class SyncDay(serializers.Field[date, Any, str, Any]):
    """A day: 2026-03-01."""

    default_error_messages = {"invalid": _("A day has the form 2026-03-01.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> date:
        try:
            day = date.fromisoformat(data)
        except (TypeError, ValueError):
            self.fail("invalid")
        if len(data) != _DAY or not 1970 <= day.year <= 9000:
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()


class Status(serializers.Field[str, Any, str, Any]):
    """A status of an account, in any of the vendor's spellings:
    connected, Not connected, not_connected.
    """

    def to_internal_value(self, data: Any) -> str:
        return str(data).strip().casefold().replace("_", " ")


class SyncSerializer(serializers.Serializer[Any]):
    """`workspaces` by their names; without, all of `instance`; without that, of every instance.
    `from` and `to`: days, both included."""

    kind = OneOf(choices=[(key, key) for key in kinds.SYNCS])
    instance = Text(required=False, allow_null=True, max_length=60)
    workspaces = serializers.ListField(
        child=Text(max_length=200),
        required=False,
        allow_null=True,
        allow_empty=False,
        max_length=MOST_WORKSPACES,
    )
    to = SyncDay(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be an attribute's name."""
        return {**super().get_fields(), "from": SyncDay(required=False, allow_null=True)}


class Counter(serializers.IntegerField):
    """A count that the vendor writes as a number or as text; null where it says none."""

    def get_attribute(self, instance: Any) -> int | None:
        return reading.whole(reading.mapping(instance.raw).get(str(self.field_name)))


class Words(serializers.CharField):
    """A text of what the vendor says; null where it says none."""

    def get_attribute(self, instance: Any) -> str | None:
        value = reading.mapping(instance.raw).get(str(self.field_name))
        if isinstance(value, str):
            return value
        return None


def _counters(*names: str) -> dict[str, Counter]:
    return {name: Counter(read_only=True, allow_null=True) for name in names}


class OfWorkspace(serializers.Serializer[Any]):
    """What every row says beside what the vendor says of it."""

    workspace_name = serializers.CharField(source="workspace.workspace_name", read_only=True)
    bison_instance = serializers.CharField(source="workspace.instance.slug", read_only=True)
    first_seen_at = Moment(read_only=True)
    seen_at = Moment(read_only=True)


class EmailAccountSerializer(OfWorkspace):
    """An e-mail account. `id` is the vendor's number; `status` is in lower case."""

    id = serializers.IntegerField(source="vendor_id", read_only=True)
    email = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    type = serializers.CharField(read_only=True)
    daily_limit = serializers.IntegerField(read_only=True, allow_null=True)
    warmup_enabled = serializers.BooleanField(read_only=True, allow_null=True)
    created_at = Words(read_only=True, allow_null=True)
    updated_at = Words(read_only=True, allow_null=True)
    tags = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **_counters(*ACCOUNT_COUNTERS)}

    def get_tags(self, row: EmailAccount) -> list[str]:
        tags = reading.mapping(row.raw).get("tags")
        found = tags if isinstance(tags, list) else []
        return [reading.text(reading.mapping(tag).get("name")) for tag in found]


class CampaignSerializer(OfWorkspace):
    """A campaign. `id` is the vendor's number; `status` is in lower case."""

    id = serializers.SerializerMethodField()
    name = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    type = Words(read_only=True, allow_null=True)
    created_at = Words(read_only=True, allow_null=True)
    updated_at = Words(read_only=True, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **_counters(*CAMPAIGN_COUNTERS)}

    def get_id(self, row: Campaign) -> int:
        return int(row.vendor_id)


class ReplySerializer(OfWorkspace):
    """A reply. `source`: what brought it first. `crm_lead_id`: the lead that it is in the CRM;
    else why it is none.
    """

    id = serializers.SerializerMethodField()
    campaign_id = serializers.SerializerMethodField()
    lead_id = serializers.SerializerMethodField()
    subject = serializers.CharField(read_only=True)
    from_name = serializers.CharField(read_only=True)
    from_email_address = serializers.CharField(source="from_email", read_only=True)
    text_body = serializers.CharField(source="text", read_only=True)
    interested = serializers.BooleanField(source="is_interested", read_only=True)
    automated_reply = serializers.BooleanField(source="is_automated", read_only=True)
    date_received = Moment(source="received_at", read_only=True)
    crm_lead_id = Id(source="lead_id", read_only=True, allow_null=True)
    no_lead_reason = serializers.CharField(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `source`, which is a word of every field."""
        return {
            **super().get_fields(),
            "source": serializers.ChoiceField(choices=SOURCES, read_only=True),
        }

    def get_id(self, row: Reply) -> int:
        return int(row.vendor_id)

    def get_campaign_id(self, row: Reply) -> int | None:
        return reading.whole(row.vendor_campaign_id, reading.LARGEST_ID)

    def get_lead_id(self, row: Reply) -> int | None:
        return reading.whole(row.vendor_lead_id, reading.LARGEST_ID)


SOURCES: Final = [(value, value) for value in Reply.Source.values]
ACCOUNT_COUNTERS: Final = (
    "emails_sent_count",
    "total_replied_count",
    "total_opened_count",
    "unsubscribed_count",
    "bounced_count",
    "unique_replied_count",
    "unique_opened_count",
    "total_leads_contacted_count",
    "interested_leads_count",
)
CAMPAIGN_COUNTERS: Final = (
    "emails_sent",
    "opened",
    "unique_opens",
    "replied",
    "unique_replies",
    "bounced",
    "unsubscribed",
    "interested",
    "total_leads_contacted",
    "total_leads",
    "max_emails_per_day",
    "max_new_leads_per_day",
)
