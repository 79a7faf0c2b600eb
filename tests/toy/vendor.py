"""A whole vendor on Koppel's engine: two fields, a list by page number, and a count per day."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from core import ledger, runs, sync, vendors
from core.http import CallContext, Client, HeaderKey, Quota
from core.models import VendorAccount
from core.runs.attempt import Work
from core.vendors import Field, Probe, Values, Vendor
from tests.toy.models import ToyRecord


def client_of(account: VendorAccount, values: Values, run: Work | None = None) -> Client:
    context = CallContext(
        organization_id=account.organization_id, run_id=run.run.pk if run else None
    )
    key = HeaderKey("X-Key", values.secret("api_key"))
    quotas = [Quota("all", 600, 60)]
    name = values.fingerprint[:24]
    return Client(
        "toy", name, values.text("address"), key, quotas, context, on_answer=values.note_answer
    )


def who_am_i(account: VendorAccount, values: Values) -> str:
    return f"Signed in as {client_of(account, values).get('/me').json()['name']}"


def page(client: Client, number: int) -> sync.Page:
    answer = client.get("/records", params={"page": str(number)})
    body = answer.json()
    meta = body["meta"]
    return sync.Page(
        body["data"], last=meta["last_page"], total=meta["total"], size=len(answer.body)
    )


day_of = sync.dated("made_at")


def decide(account: VendorAccount, record: Any, existing: ToyRecord | None) -> sync.Decision:
    if not isinstance(record, dict) or "id" not in record:
        return sync.Fail("no_id")
    if record.get("is_private"):
        return sync.Skip("private")
    row = ToyRecord(
        account=account, vendor_id=str(record["id"]), name=record["name"], day=day_of(record)
    )
    if existing is None:
        return sync.Import(row)
    return sync.Unchanged() if existing.name == row.name else sync.Update(row)


def work(run: Work) -> None:
    account = VendorAccount.objects.get(pk=run.subject_id)
    table = sync.Table(
        ToyRecord,
        {"account": account},
        "vendor_id",
        sync.named("id"),
        day_of,
        partial(decide, account),
        ["name", "day"],
    )
    with vendors.watched(account) as values:
        pages = partial(
            sync.by_number, partial(page, client_of(account, values, run)), vendor=TOY.key
        )
        if sync.walk(run, pages, table):
            ledger.prove(run, SOURCE, first=sync.UNDATED, last=date.max)


def stored(account_id: UUID, first: date, last: date) -> Iterable[tuple[date, str]]:
    rows = ToyRecord.objects.filter(account_id=account_id, day__range=(first, last))
    return rows.values_list("day", "vendor_id")


SOURCE = ledger.Source(
    "toy.records", "Toys", stored, reasons={"private": "Private", "no_id": "Without an id"}
)
TOY = Vendor(
    "toy",
    "Toy",
    fields=(
        Field("address", "Address", check=vendors.check_address, env="TOY_ADDRESS"),
        Field("api_key", "API key", secret=True, env="TOY_API_KEY"),
    ),
    probes=(Probe("The key is taken", who_am_i),),
    sync=runs.Kind("toy.sync", "Toy sync", work="tests.toy.vendor.work", lock="toy", vouches=True),
    source=SOURCE,
)
