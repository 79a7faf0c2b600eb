"""A workspace: what the vendor says of it, and what is in it, made when it is first asked for."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.vendors.email_bison import accounts, mail
from sandbox.vendors.email_bison.cast import LARGE, Company
from sandbox.vendors.email_bison.dice import dice
from sandbox.vendors.email_bison.tables import Row, Table
from sandbox.vendors.email_bison.times import BEFORE_ALL, between, history, read, stamp


@dataclass
class World:
    """What all of a stand-in shares: the seed, its switches, its clock,
    and whether it was put back since.
    """

    seed: int
    switched: dict[str, Any]
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def now(self) -> datetime:
        text = self.switched["now"]
        return read(text) if text else datetime.now(UTC)


@dataclass
class Contents:
    """The rows of a workspace."""

    accounts: Table
    campaigns: Table
    leads: Table
    replies: Table
    tags: Table
    emails: Table
    domains: Table
    # Events beyond the days' counts: (campaign, day) to how often each kind came since.
    extra: dict[tuple[int, date], dict[str, int]] = field(default_factory=dict)


class Workspace:
    """A team of an instance."""

    def __init__(self, world: World, slug: str, company: Company, created: str = "") -> None:
        self.world, self.slug, self.company = world, slug, company
        self.id, self.name = company.id, company.name
        # A workspace that was made since the start has nothing in it.
        self.new, self.created = bool(created), created or BEFORE_ALL
        self.hooks = Table()
        self.log: list[Row] | None = None
        self._contents: Contents | None = None
        # Up to when replies have come in.
        self._until = world.now

    def forget(self) -> None:
        """Make the rows anew when they are next asked for; hooks stay."""
        self._contents, self.log = None, None

    @property
    def contents(self) -> Contents:
        if self._contents is None:
            self._contents = self._made()
        return self._contents

    def as_json(self, first: int) -> dict[str, Any]:
        return {
            "id": self.id, "name": self.name, "personal_team": self.id == first,
            "main": self.id == first, "parent_id": None if self.id == first else first,
            "total_monthly_email_verification_credits": 0,
            "remaining_monthly_email_verification_credits": 0,
            "remaining_email_verification_credits": 0, "total_email_verification_credits": 0,
            "sender_email_limit": 100_000, "warmup_limit": 100_000, "warmup_filter_phrase": None,
            "sender_email_limit_disabled": False, "has_access_to_warmup": True,
            "has_access_to_healthcheck": False, "created_at": self.created,
            "updated_at": self.created,
        }  # fmt: skip

    def campaign_day(self, campaign: Row, day: date) -> mail.Day:
        return mail.day_of(self.world.seed, self.slug, campaign, day, self.world.now)

    @property
    def is_watched(self) -> bool:
        """Tell whether anyone would notice what comes in."""
        return self._contents is not None or bool(self.hooks.all())

    def _made(self) -> Contents:
        self._until = self.world.now
        tags = accounts.tags_of(self.company)
        campaigns = [] if self.new else mail.campaigns_of(self.world.seed, self.slug, self.company)
        accounts_made = self._accounts(tags)
        leads, replies = self._answered(campaigns, accounts_made)
        leads += [row for campaign in campaigns[:1] for row in self._quiet(campaign)]
        return Contents(
            Table(accounts_made), Table(campaigns), Table(leads), Table(replies), Table(tags),
            Table(self._blacklisted(leads)), Table(self._domains()),
        )  # fmt: skip

    def _accounts(self, tags: list[Row]) -> list[Row]:
        count = self.company.accounts
        if self.slug == "maverick" and self.id == LARGE and self.world.switched["large"]:
            count = 3000
        rows = [
            accounts.account(self.world.seed, self.slug, self.company, place, tags)
            for place in range(count)
        ]
        for row in rows:
            if self.odd("account", row["id"]):
                row["email_signature"] = f"<p>{row['name']}\x01\x0b\x00</p>"
        return rows

    def odd(self, kind: str, number: int) -> bool:
        """Tell whether a row is among those with raw control characters."""
        share = float(self.world.switched["control_characters"])
        return share > 0 and dice("odd", kind, self.slug, number).random() < share

    def _answered(self, campaigns: list[Row], senders: list[Row]) -> tuple[list[Row], list[Row]]:
        """Make the replies of all days up to now, and the leads whose they are."""
        leads, replies = [], []
        for day in history(self.world.now):
            for campaign in campaigns:
                for came in self._replies_on(campaign, day):
                    if came[1] <= self.world.now:
                        lead, reply = self._came(campaign, senders, *came)
                        leads.append(lead)
                        replies.append(reply)
        return leads, replies

    def grow(self) -> list[tuple[Row, Row, Row]]:
        """Add the replies whose time has come since; return each with its lead and campaign."""
        contents, since, now = self.contents, self._until, self.world.now
        self._until = now
        added = []
        for day in between(since.date(), now.date()):
            for campaign in contents.campaigns.all():
                for came in self._replies_on(campaign, day):
                    if since < came[1] <= now:
                        lead, reply = self._came(campaign, contents.accounts.all(), *came)
                        added.append(
                            (contents.replies.add(reply), contents.leads.add(lead), campaign)
                        )
        return added

    def _came(
        self, campaign: Row, senders: list[Row], number: int, moment: datetime, interested: bool
    ) -> tuple[Row, Row]:
        """Make a reply from the seed, and its lead."""
        lead = mail.lead(self.world.seed, self.slug, number, campaign, stamp(moment))
        lead["overall_stats"] |= {"replies": 1, "unique_replies": 1}
        sender = senders[number % len(senders)] if senders else None
        return lead, self.reply(lead, campaign, sender, number, moment, interested=interested)

    def _replies_on(self, campaign: Row, day: date) -> list[tuple[int, datetime, bool]]:
        return mail.replies_on(self.world.seed, self.slug, self.company, campaign, day)

    def reply(
        self,
        lead: Row,
        campaign: Row | None,
        sender: Row | None,
        number: int,
        moment: datetime,
        *,
        interested: bool,
    ) -> Row:
        row = mail.reply(lead, campaign, sender, number, moment)
        if interested:
            row = mail.make_interested(row)
        elif campaign and number % 7 == 0:
            row |= {
                "automated_reply": True,
                "text_body": mail.AWAY,
                "html_body": f"<div>{mail.AWAY}</div>",
            }
        if self.odd("reply", number):
            row["text_body"] = f"{row['text_body']}\x01\x0b\x00 Sent from a scanner"
        return row

    def _quiet(self, campaign: Row) -> list[Row]:
        """Make leads who never replied; some of them left the list."""
        base = self.id * 10_000_000 + 9_500_000
        rows = [
            mail.lead(self.world.seed, self.slug, base + place, campaign, BEFORE_ALL, "unverified")
            for place in range(mail.QUIET_LEADS)
        ]
        for place, row in enumerate(rows[::10]):
            left = stamp(self.world.now - timedelta(days=9 * place + 1))
            row |= {"status": "unsubscribed", "updated_at": left}
        return rows

    def _blacklisted(self, leads: list[Row]) -> list[Row]:
        """List some of the unsubscribed and some others: the two are not kept in step."""
        left = [lead["email"] for lead in leads if lead["status"] == "unsubscribed"][::2]
        addresses = [*left, *(f"never{number}@{self.company.domain}" for number in range(17))]
        return self._listed("email", [] if self.new else addresses)

    def _domains(self) -> list[Row]:
        return self._listed(
            "domain", [] if self.new else [f"rival{number}.example" for number in range(4)]
        )

    def _listed(self, kind: str, values: list[str]) -> list[Row]:
        first = self.id * 1000 + 1
        return [
            {"id": first + place, kind: value, "created_at": BEFORE_ALL, "updated_at": BEFORE_ALL}
            for place, value in enumerate(values)
        ]
