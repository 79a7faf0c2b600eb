"""Ready-made configurations of lists as most APIs have them."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from integrations.providers.ready import Template

_BY_PAGE: Final[dict[str, Any]] = {
    "kind": "PAGE",
    "pageParam": "page",
    "sizeParam": "per_page",
    "size": "100",
}
_RELAY: Final[dict[str, Any]] = {
    "kind": "CURSOR",
    "cursorParam": "after",
    "cursorPath": "data.contacts.pageInfo.endCursor",
    "morePath": "data.contacts.pageInfo.hasNextPage",
}
_FLAT: Final = {
    "id": "id",
    "email": "email",
    "name": "name",
    "phone": "phone",
    "company": "company",
}
_QUERY: Final = (
    "query ($first: Int, $after: String) {\n"
    "  contacts(first: $first, after: $after) {\n"
    "    nodes { id email name phone company }\n"
    "    pageInfo { hasNextPage endCursor }\n"
    "  }\n"
    "}"
)
TEMPLATES: Final[tuple[Template, ...]] = (
    Template(
        "rest-pages",
        "REST",
        "API",
        _("Any list in “data” that is read by page numbers, with a bearer token."),
        {
            "kind": "REST",
            "authType": "BEARER",
            "path": "/contacts",
            "itemsPath": "data",
            "paging": _BY_PAGE,
            "mapping": _FLAT,
        },
    ),
    Template(
        "rest-links",
        "REST, Link",
        "API",
        _("Any list whose next page is in the header Link, with a bearer token."),
        {
            "kind": "REST",
            "authType": "BEARER",
            "path": "/contacts",
            "paging": {"kind": "LINK"},
            "mapping": _FLAT,
        },
    ),
    Template(
        "graphql-relay",
        "GraphQL, Relay",
        "API",
        _("A connection of GraphQL with nodes and pageInfo, with a bearer token."),
        {
            "kind": "GRAPHQL",
            "authType": "BEARER",
            "path": "/graphql",
            "query": _QUERY,
            "variables": '{"first": 100}',
            "itemsPath": "data.contacts.nodes",
            "paging": _RELAY,
            "mapping": _FLAT,
        },
    ),
)
