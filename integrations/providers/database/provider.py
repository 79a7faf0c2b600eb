"""A database of somebody's: where it is, who signs in, the query that is read by a schedule."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected, VendorError
from core.http.databases import BadTls, Engine, Tls, reach
from core.models import VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from core.words.sayings import Saying, Text
from crm.models import Organization
from integrations.contacts.speaking import Contacts
from integrations.models import Integration
from integrations.providers.base import Provider, context_of, whole_number
from integrations.providers.database import contacts
from integrations.providers.database.places import BOUNDS, check_host, place_of, reader_of
from integrations.providers.freeform import fields, mapping

LONGEST_QUERY: Final = 20_000
PREVIEW: Final = 5
ENGINES: Final[tuple[tuple[str, Text], ...]] = (
    (Engine.POSTGRESQL, "PostgreSQL"),
    (Engine.MYSQL, "MySQL, MariaDB"),
    (Engine.MONGODB, "MongoDB"),
)
MODES: Final[tuple[tuple[str, Text], ...]] = (
    (Tls.VERIFY, _("Encrypted, certificate checked")),
    (Tls.ENCRYPT, _("Encrypted, certificate not checked")),
    (Tls.OFF, _("Not encrypted")),
)
NOT_ENCRYPTED: Final = _("Not encrypted: this installation's owner has allowed it for this host")
NOT_CHECKED: Final = _("Encrypted; whose server it is was not checked")
ENCRYPTED: Final = _("Encrypted, and the certificate is right")
COULD_WRITE: Final = _(
    "Koppel only reads. The user could write, though: better give it the right to read alone"
)
CANNOT_WRITE: Final = _("Koppel only reads, and the user has no other right")
IS_WRITABLE: Final = _(
    "The database lets this connection write, although it was told not to. It is not used."
)
ROWS: Final = _("%(count)s rows shown; with an e-mail address: %(mapped)s; columns: %(columns)s")


def reaches(account: VendorAccount, values: Values) -> str:
    """Dial the server, if the guard lets it be dialled."""
    reach(account.vendor, place_of(values), BOUNDS)
    return ""


def is_encrypted(account: VendorAccount, values: Values) -> Text:
    """Sign in, for the encryption's sake: what goes wrong after it belongs to the next step."""
    place = place_of(values)
    reader = reader_of(account, values, context_of(account, "test", by=values.tried_by))
    try:
        with reader.session():
            pass
    except BadTls:
        raise
    except VendorError:
        pass
    if place.tls == Tls.OFF:
        return NOT_ENCRYPTED
    return NOT_CHECKED if place.tls == Tls.ENCRYPT else ENCRYPTED


def signs_in(account: VendorAccount, values: Values) -> Found:
    """Sign in."""
    with reader_of(
        account, values, context_of(account, "test", by=values.tried_by)
    ).session() as session:
        version = session.version
    values.answered = True
    return Found(version, {"version": version})


def only_reads(account: VendorAccount, values: Values) -> Text:
    """Have the server say that nothing can be changed through this connection."""
    with reader_of(
        account, values, context_of(account, "test", by=values.tried_by)
    ).session() as session:
        if not session.is_read_only():
            raise Rejected(account.vendor, IS_WRITABLE)
        return COULD_WRITE if session.may_write() else CANNOT_WRITE


def previews(account: VendorAccount, values: Values) -> Found:
    """Read the first rows of the query, and show what became of them."""
    reader = reader_of(account, values, context_of(account, "test", by=values.tried_by))
    with reader.session() as session:
        rows = session.read(values.text("query"), contacts.arguments(values, None), PREVIEW)
    contacts.check_columns(account.vendor, values, rows)
    if contacts.uses(reader, values.text("query"), "after"):
        contacts.check_order(reader, values, rows)
    shown = mapping.preview(rows.rows, contacts.contacts_in(values, rows))
    facts = {
        "count": shown["read"],
        "mapped": shown["mapped"]["email"],
        "columns": ", ".join(rows.columns[:30]),
    }
    info = {"columns": rows.columns[:100], "contacts": shown}
    return Found(str(Saying(ROWS, facts)), {"accountInfo": info, "features": ["contacts"]})


VENDOR: Final = Vendor(
    "database",
    "Database",
    fields=(
        fields.choice("engine", _("Engine"), ENGINES, is_destination=True),
        Field(
            "host",
            _("Host"),
            check=check_host,
            placeholder="db.example.com",
            longest=253,
            is_destination=True,
        ),
        Field(
            "port",
            _("Port"),
            kind="number",
            required=False,
            check=whole_number,
            placeholder="5432",
            is_destination=True,
        ),
        Field("database", _("Database"), longest=128),
        Field("user", _("User"), longest=128, help=_("Best one that may only read.")),
        Field("password", _("Password"), secret=True, longest=2000),
        Field(
            "authDatabase",
            _("Database that has the user"),
            required=False,
            shown_if="engine=MONGODB",
            longest=128,
        ),
        fields.choice("tls", _("Encryption"), MODES, strengths=[mode for mode, _label in MODES]),
        Field(
            "certificate",
            _("Certificate of the authority (PEM)"),
            kind="textarea",
            required=False,
            longest=20_000,
            shown_if="tls=VERIFY",
            is_destination=True,
            help=_("Where the server's certificate is not from a public authority."),
        ),
        Field(
            "query",
            _("Query"),
            kind="textarea",
            longest=LONGEST_QUERY,
            placeholder=(
                "SELECT id, email, name FROM people WHERE changed_at >= :since "
                "AND id > :after ORDER BY id"
            ),
            help=_(
                'One SELECT; for MongoDB {"collection", "filter", "projection", "sort"}. '
                "“:since” is the last sync, “:after” the last id of the page before."
            ),
        ),
        Field(
            "keyStart",
            _("First “:after”"),
            required=False,
            default="0",
            longest=100,
            help=_("Lower than every id: 0 for numbers, zeros and dashes for UUIDs."),
        ),
        *fields.mapping(),
    ),
    probes=(
        Probe(_("The address answers"), reaches),
        Probe(_("The connection is encrypted"), is_encrypted),
        Probe(_("User and password are accepted"), signs_in),
        Probe(_("Nothing can be changed"), only_reads),
        Probe(_("The query gives rows"), previews),
    ),
    has_own_page=True,
)

PROVIDER: Final = Provider(
    key="DATABASE",
    vendor=VENDOR,
    types=(Integration.Type.DATABASE,),
    description=_(
        "PostgreSQL, MySQL or MongoDB: a query is read by a schedule, and never written."
    ),
    icon="rows-3",
    docs_url="https://www.postgresql.org/docs/current/sql-select.html",
    client=reader_of,  # type: ignore[arg-type]
    features=(
        _("PostgreSQL, MySQL, MariaDB, MongoDB"),
        _("Reads only, with a limit of rows and time"),
    ),
    minimum_tier=Organization.Tier.PRO_PLUS,
    contacts=Contacts(
        fields=mapping.READ_ONLY,
        mapping=mapping.AS_IS,
        fetch=contacts.fetch,
        upsert=contacts.upsert,
    ),
)
