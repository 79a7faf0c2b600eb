"""Contacts of a connected system and ours, kept alike.

speaking   what a provider and the sync say     mapping    our fields and theirs, cleaned
deciding   one record: what becomes of it       outcomes   that, in a run's words and numbers
people     a person, a link                     rows       what a batch reads, looks up and writes
shelf      both, found by what is known of them
statements a statement for each table           writing    rows into the tables
taking     a batch of records put into effect   pulling    the list, walked
passes     how far the list is known            gone       what is not in it any more
planning   what of people is to be sent         pushing    batch after batch
noting     what the vendor made of a batch      work       what both directions need
proof      what was seen, against Koppel        syncing    the run
visibility whom a sync may tell of              merging    links of people who are merged
scheduling when it runs                         choosing   what is mapped, who wins
asking     which fields an account has
conflicts  what a person decides                provenance where a field came from
words      what a sync says
"""

from integrations.contacts.choosing import choose, contacts_of, described
from integrations.contacts.conflicts import open_conflicts, resolve, shown_fields
from integrations.contacts.passes import settings_of
from integrations.contacts.provenance import Origin, origins
from integrations.contacts.scheduling import nudge
from integrations.contacts.syncing import start_sync
from integrations.contacts.visibility import conflicts_for, links_for

__all__ = [
    "Origin",
    "choose",
    "conflicts_for",
    "contacts_of",
    "described",
    "links_for",
    "nudge",
    "open_conflicts",
    "origins",
    "resolve",
    "settings_of",
    "shown_fields",
    "start_sync",
]
