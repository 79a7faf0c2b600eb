"""Ready-made queries."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from integrations.providers.ready import Template

_ROWS: Final = {
    "id": "id",
    "email": "email",
    "name": "name",
    "phone": "phone",
    "company": "company",
    "changedAt": "updated_at",
}
_SELECT: Final = (
    "SELECT id, email, name, phone, company, updated_at FROM contacts "
    "WHERE updated_at >= :since AND id > :after ORDER BY id"
)
_FIND: Final = (
    '{"collection": "contacts", '
    '"filter": {"updated_at": {"$gte": {"$date": ":since"}}, "_id": {"$gt": {"$oid": ":after"}}}, '
    '"sort": {"_id": 1}}'
)
TEMPLATES: Final[tuple[Template, ...]] = (
    Template(
        "postgresql",
        "PostgreSQL",
        "DATABASE",
        _("A table “contacts” with numbers as ids and the moment of each change."),
        {
            "engine": "POSTGRESQL",
            "port": "5432",
            "query": _SELECT,
            "keyStart": "0",
            "mapping": _ROWS,
        },
    ),
    Template(
        "mysql",
        "MySQL, MariaDB",
        "DATABASE",
        _("A table “contacts” with numbers as ids and the moment of each change."),
        {"engine": "MYSQL", "port": "3306", "query": _SELECT, "keyStart": "0", "mapping": _ROWS},
    ),
    Template(
        "wordpress",
        "WordPress",
        "DATABASE",
        _("The users of a WordPress site, from its MySQL."),
        {
            "engine": "MYSQL",
            "port": "3306",
            "query": "SELECT ID AS id, user_email AS email, display_name AS name FROM wp_users "
            "WHERE ID > :after ORDER BY ID",
            "keyStart": "0",
            "mapping": {"id": "id", "email": "email", "name": "name", "phone": ""},
        },
    ),
    Template(
        "mongodb",
        "MongoDB",
        "DATABASE",
        _("A collection “contacts” with MongoDB's own ids and the moment of each change."),
        {
            "engine": "MONGODB",
            "port": "27017",
            "query": _FIND,
            "keyStart": "0" * 24,
            "mapping": {**_ROWS, "id": "_id"},
        },
    ),
)
