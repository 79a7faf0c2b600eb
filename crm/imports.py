"""CSV in and out for reps, leads and appointments: the same columns both ways,
and every row through its service.

A dry run does the real thing and takes it back, so that it tells exactly what would happen; a row
that a service refuses is named with its field and the words of the service, and then nothing at
all is stored.
"""

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import Error, Result, RowResult
from tablib import Dataset

from core.words import moments
from crm import addresses, services
from crm.models import (
    Appointment,
    FormerAddress,
    Lead,
    Member,
    Organization,
    RepAlias,
    SalesRep,
    Team,
)
from crm.privacy import returning
from crm.refusals import NOT_THERE

MOST_ROWS: Final = 5_000
TOO_MANY = _("At most 5,000 rows at a time. Split the file.")
NO_COLUMN = _("The file has no column %(names)s.")
NOT_A_TIME = _("Write times as 2026-12-01 14:00, as the clock there shows them.")
YES: Final = {"yes", "true", "1"}

Row = dict[str, str]


class _Options:
    """Which row a line is about is the service's and not the library's business."""

    import_id_fields: ClassVar[list[str]] = []
    instance_loader_class = BaseInstanceLoader
    use_transactions = True


class ThroughService(resources.Resource):
    """One kind of row. `required` columns have to be in the file, the others may be."""

    required: ClassVar[tuple[str, ...]]

    class Meta(_Options):
        pass

    def __init__(
        self, organization: Organization | None = None, request: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        # The request says who imports.
        self.request = request
        # It is None only where the page asks which columns there are.
        self.organization: Any = organization

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls._meta.model._meta.verbose_name_plural)

    def import_data(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Result:
        """Import row by row.

        A table that is none of these, or too long, is refused before its first row is looked at.
        """
        refusal = self._refusal(dataset)
        if refusal is None:
            return super().import_data(dataset, *args, **kwargs)
        result = Result()
        result.append_base_error(Error(refusal))
        return result

    def _refusal(self, dataset: Dataset) -> ValidationError | None:
        missing = [name for name in self.required if name not in (dataset.headers or [])]
        if missing:
            return ValidationError(NO_COLUMN % {"names": ", ".join(missing)})
        if len(dataset) > MOST_ROWS:
            return ValidationError(TOO_MANY)
        return None

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        result = self.get_row_result_class()()
        values = {name: _plain(value) for name, value in row.items() if name}
        result.diff = [values.get(name, "") for name in self.fields]
        try:
            stored, new = self.store(values)
        except ValidationError as error:
            result.import_type, result.validation_error = RowResult.IMPORT_TYPE_INVALID, error
            return result
        result.import_type = RowResult.IMPORT_TYPE_UPDATE
        if new:
            result.import_type = RowResult.IMPORT_TYPE_NEW
        result.object_id, result.object_repr = str(stored.pk), str(stored)
        return result

    def store(self, row: Row) -> tuple[Model, bool]:
        """Store a row; return it, and whether it is new."""
        known = self.known(row)
        if known is None:
            return self.make(row), True
        return self.change(known, row), False

    def known(self, row: Row) -> Any:
        """Find the row that this line is about, by its id; None for a new row."""
        identifier = row.get("id", "")
        if not identifier:
            return None
        try:
            return self.all().get(pk=UUID(identifier))
        except (ValueError, self.all().model.DoesNotExist) as error:
            raise ValidationError({"id": ValidationError(NOT_THERE, code="invalid")}) from error

    def the(self, rows: QuerySet[Any], field: str, **found_by: str) -> Any:
        """Find the row of the organization that a cell names; None for an empty cell."""
        if not any(found_by.values()):
            return None
        found = rows.filter(organization=self.organization, **found_by).first()
        if found is None:
            raise ValidationError({field: ValidationError(NOT_THERE, code="invalid")})
        return found

    def person(self, row: Row, field: str) -> Member | None:
        """Find a member, by username or e-mail."""
        name = row.get(field, "")
        if not name:
            return None
        spellings = Q(user__username__iexact=name) | Q(user__email__iexact=name)
        found = Member.objects.filter(spellings, organization=self.organization).first()
        if found is None:
            raise ValidationError({field: ValidationError(NOT_THERE, code="invalid")})
        return found

    def all(self) -> QuerySet[Any]:
        return self._meta.model.objects.filter(organization=self.organization)


def _columns(*names: str) -> dict[str, fields.Field]:
    return {name: fields.Field(column_name=name) for name in names}


def _plain(value: Any) -> str:
    """Return the cell as it was meant: without the sign that keeps a spreadsheet from taking it for
    a formula.
    """
    if value is None:
        return ""
    text = str(value).strip().replace("\x00", "")
    if text[:1] == "'" and text[1:2] in "=+-@":
        return text[1:]
    return text


def _given(row: Row, *names: str) -> dict[str, Any]:
    """Take the columns that the file has; a column that it lacks changes nothing."""
    return {name: row[name] for name in names if name in row}


class RepResource(ThroughService):
    """Reps, known by their id or else by their e-mail."""

    locals().update(_columns("id", "name", "email", "aliases", "team", "archived"))
    required = ("name", "email")

    class Meta(_Options):
        model = SalesRep

    def known(self, row: Row) -> Any:
        if row.get("id"):
            return super().known(row)
        normalized = _address(row.get("email", ""))
        address = RepAlias.objects.filter(
            organization=self.organization, normalized=normalized, is_main=True
        )
        return getattr(address.select_related("rep").first(), "rep", None)

    def make(self, row: Row) -> Model:
        return self._archive(
            services.create_rep(
                organization=self.organization, request=self.request, **self._values(row)
            ),
            row,
        )

    def change(self, known: Any, row: Row) -> Model:
        return self._archive(
            services.update_rep(rep=known, request=self.request, **self._values(row)), row
        )

    def _values(self, row: Row) -> dict[str, Any]:
        values = _given(row, "name", "email")
        if "aliases" in row:
            values["aliases"] = [part.strip() for part in row["aliases"].split(";") if part.strip()]
        if "team" in row:
            values["team"] = self.the(Team.objects.all(), "team", name__iexact=row["team"])
        return values

    def _archive(self, rep: SalesRep, row: Row) -> SalesRep:
        if "archived" not in row:
            return rep
        if row["archived"].lower() in YES:
            return services.archive_rep(rep=rep)
        return services.restore_rep(rep=rep)


class LeadResource(ThroughService):
    """Leads, known by their id or else by their e-mail, or by one from before they were
    merged with somebody.
    """

    locals().update(
        _columns(
            "id", "name", "email", "phone", "company", "status", "source", "qualified_by", "team"
        )
    )
    required = ("name",)

    class Meta(_Options):
        model = Lead

    def known(self, row: Row) -> Any:
        if row.get("id") or not row.get("email"):
            return super().known(row)
        return _lead_of(self.organization, _address(row["email"]))

    def make(self, row: Row) -> Model:
        if returning.is_erased(self.organization.pk, row.get("email", "")):
            raise ValidationError(
                {"email": ValidationError(returning.NOT_FROM_A_FILE, code=returning.ERASED)}
            )
        return services.create_lead(organization=self.organization, **self._values(row))

    def change(self, known: Any, row: Row) -> Model:
        values = self._values(row)
        if (
            not row.get("id")
            and row.get("email")
            and known.email_normalized != _address(row["email"])
        ):
            # The file knows the address from before the merge: it stays a former one.
            del values["email"]
        return services.update_lead(lead=known, **values)

    def _values(self, row: Row) -> dict[str, Any]:
        values = _given(row, "name", "email", "phone", "company", "source")
        if row.get("status"):
            values["status"] = row["status"].lower()
        if "qualified_by" in row:
            values["qualified_by"] = self.person(row, "qualified_by")
        if "team" in row:
            values["team"] = self.the(Team.objects.all(), "team", name__iexact=row["team"])
        return values


class AppointmentResource(ThroughService):
    """Appointments, known by their id. A lead is named by e-mail;
    times are what the clock in `time_zone` shows.
    """

    locals().update(
        _columns("id", "lead", "closer", "team", "title", "starts", "ends", "time_zone", "status")
    )
    required = ("lead", "starts", "ends")

    class Meta(_Options):
        model = Appointment

    def make(self, row: Row) -> Model:
        return services.book_appointment(organization=self.organization, **self._values(row))

    def change(self, known: Any, row: Row) -> Model:
        return services.update_appointment(appointment=known, **self._values(row))

    def _values(self, row: Row) -> dict[str, Any]:
        values = _given(row, "title")
        zone = row.get("time_zone") or services.settings_of(self.organization).time_zone
        values |= {
            "starts": read_time(row, "starts"),
            "ends": read_time(row, "ends"),
            "time_zone": zone,
        }
        values["lead"] = self._lead(row["lead"])
        if "closer" in row:
            values["closer"] = self.person(row, "closer")
        if row.get("team"):
            values["team"] = self.the(Team.objects.all(), "team", name__iexact=row["team"])
        if row.get("status"):
            values["status"] = row["status"].lower()
        return values

    def _lead(self, email: str) -> Lead | None:
        if not email:
            return None
        found = _lead_of(self.organization, _address(email, "lead"))
        if found is None:
            raise ValidationError({"lead": ValidationError(NOT_THERE, code="invalid")})
        return found


def _lead_of(organization: Organization, normalized: str) -> Lead | None:
    """Find the lead of an address, or the one with whom whoever had it was merged;
    nobody who was erased.
    """
    found = Lead.objects.filter(organization=organization, email_normalized=normalized).first()
    if found is not None or returning.is_erased(organization.pk, normalized):
        return found
    former = FormerAddress.objects.filter(
        organization=organization, email_normalized=normalized, lead__isnull=False
    )
    newest = former.select_related("lead").order_by("-merge__merged_at", "pk").first()
    if newest is None:
        return None
    return newest.lead


def _address(text: str, field: str = "email") -> str:
    try:
        return addresses.normalize(text)
    except ValidationError as error:
        raise ValidationError({field: error}) from error


def read_time(row: Row, field: str) -> datetime:
    try:
        found = datetime.fromisoformat(row[field])
    except ValueError as error:
        raise ValidationError({field: ValidationError(NOT_A_TIME, code="invalid")}) from error
    if found.tzinfo is not None and not moments.has_a_zone(found):
        raise ValidationError({field: ValidationError(NOT_A_TIME, code="invalid")})
    return found


def written_times(appointment: Appointment) -> list[str]:
    """Write what the clock shows; with the offset where it shows that hour twice and means the
    second.
    """
    zone = ZoneInfo(appointment.time_zone)
    walls = (
        (appointment.starts_wall, appointment.starts_fold, appointment.starts_at),
        (appointment.ends_wall, appointment.ends_fold, appointment.ends_at),
    )
    return [(at.astimezone(zone) if fold else wall).isoformat(sep=" ") for wall, fold, at in walls]
