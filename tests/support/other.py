"""The other organization: one of everything, each with a word in it that must not be seen."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from calls.models import CallAction, CallComment, Recording
from calls.services import invite_guest
from core import incidents, vendors
from core.incidents import maintenance
from core.incidents.subjects import Subject
from core.models import Incident, MaintenanceWindow, Run, User, VendorAccount
from core.secrets.fields import Ciphertext
from crm import services
from crm.models import Erasure, Organization, PersonExport
from fathom_sync.models import Assignment
from tests.calls.cast import native_call
from tests.integrations.contact_cast import conflict_of
from tests.integrations.events_cast import endpoint_of
from tests.integrations.toys import demo_of, integration_of
from tests.support.world import World
from tests.toy.vendor import TOY

WORD = "wall-canary-7c1e"


class Other:
    """The other organization, with one of everything in it, each with a word in it that
    must not be seen.
    """

    def __init__(self) -> None:
        self.world = World("Contoso", WORD, "other-")
        self.organization: Organization = self.world.organization
        self.chief: User = self.world.users["CEO"]
        self.call = self.world.call
        self.filmed = Recording.objects.create(
            call=native_call(self.world), state="available", key=f"{WORD}.mp4"
        )
        self.todo = CallAction.objects.create(
            call=self.call, text=f"Send {WORD}", text_key=f"send {WORD}"
        )
        self.comment = CallComment.objects.create(
            call=self.call, text=f"Heard {WORD}", author=self.chief
        )
        self.guest, _token = invite_guest(self.world.appointment, actor=self.chief)
        twin = services.create_lead(organization=self.organization, name=f"Twin {WORD}")
        self.merge = services.merge_people(person=self.world.lead, other=twin)
        double = services.create_contact(organization=self.organization, name=f"Double {WORD}")
        self.merge_of_contacts = services.merge_people(person=self.world.contact, other=double)
        # They are said to be alike: the same address, the same phone.
        alike: dict[str, Any] = {"organization": self.organization, "phone": "+31 20 555 01 02"}
        self.twin = services.create_lead(
            name=f"Triplet {WORD}", email=self.world.lead.email, **alike
        )
        services.update_contact(contact=self.world.contact, phone=alike["phone"])
        self.double = services.create_contact(name=f"Triple {WORD}", **alike)
        self.run = Run.objects.create(
            kind=f"kind-{WORD}",
            organization_id=self.organization.pk,
            state="running",
            evidence={"a": WORD},
        )
        self.account = vendors.account_of(TOY, self.organization.pk, "")
        VendorAccount.objects.filter(pk=self.account.pk).update(
            values={"address": f"https://{WORD}.example"}
        )
        self.integration = integration_of(self.chief, self.organization, name=f"Toys {WORD}")
        self.delivery = endpoint_of(
            self.chief, self.organization, name=f"Events {WORD}", url="https://hooks.invalid"
        )
        self.conflict = conflict_of(self.chief, self.organization, WORD)
        self.demo = demo_of(self.chief, self.organization, self.integration, name=f"Demo {WORD}")
        self.assignment = Assignment.objects.create(
            organization=self.organization, rep=self.world.rep, made_by=self.chief, calls=1
        )
        self.incident = incidents.observe(
            f"cause:{WORD}", ok=False, title=f"Down {WORD}", organization_id=self.organization.pk
        )
        self.erasure = Erasure.objects.create(organization=self.organization, address_hash=WORD)
        self.export = PersonExport(
            organization=self.organization, address_hash=WORD, asked_by=self.chief, state="done"
        )
        self.export.content = "e30="
        self.export.save()
        now = timezone.now()
        self.window = maintenance.plan(
            Subject("organization", str(self.organization.pk), f"Contoso {WORD}", ()),
            organization_id=self.organization.pk,
            starts=now + timedelta(days=1),
            ends=now + timedelta(days=2),
            reason=f"Moves {WORD}",
            actor=self.chief,
        )

    def state(self) -> list[Any]:
        ours = (
            model
            for app in ("crm", "calls", "integrations")
            for model in apps.get_app_config(app).get_models()
        )
        kinds = [Run, Incident, MaintenanceWindow, VendorAccount, *ours]
        return [
            [_plain(row) for row in model._default_manager.order_by("pk").values()]
            for model in kinds
        ]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with what is sealed as it lies there, so that two looks can be compared."""
    return {
        name: value.text if isinstance(value, Ciphertext) else value for name, value in row.items()
    }
