"""Ready-made configurations of CRMs: what their documentation says of where things stand."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from integrations.providers.ready import Template

_BY_PAGE: Final[dict[str, Any]] = {
    "kind": "PAGE",
    "pageParam": "page",
    "sizeParam": "per_page",
    "size": "100",
}
TEMPLATES: Final[tuple[Template, ...]] = (
    Template(
        "intercom",
        "Intercom",
        "CUSTOM",
        _("Contacts of Intercom, by an access token of an app of your own."),
        {
            "name": "Intercom",
            "apiEndpoint": "https://api.intercom.io",
            "authType": "BEARER",
            "testPath": "/me",
            "contactsPath": "/contacts",
            "itemsPath": "data",
            "paging": {
                "kind": "CURSOR",
                "cursorParam": "starting_after",
                "cursorPath": "pages.next.starting_after",
                "sizeParam": "per_page",
                "size": "150",
            },
            "mapping": {
                "id": "id",
                "email": "email",
                "name": "name",
                "phone": "phone",
                "changedAt": "updated_at",
            },
        },
    ),
    Template(
        "zendesk-sell",
        "Zendesk Sell",
        "CUSTOM",
        _("Contacts of Zendesk Sell, by an access token."),
        {
            "name": "Zendesk Sell",
            "apiEndpoint": "https://api.getbase.com",
            "authType": "BEARER",
            "testPath": "/v2/users/self",
            "contactsPath": "/v2/contacts",
            "itemsPath": "items",
            "paging": _BY_PAGE,
            "mapping": {
                "id": "data.id",
                "email": "data.email",
                "name": "data.name",
                "firstName": "data.first_name",
                "lastName": "data.last_name",
                "phone": "data.phone",
                "changedAt": "data.updated_at",
            },
        },
    ),
    Template(
        "woocommerce",
        "WooCommerce",
        "CUSTOM",
        _(
            "Customers of a shop, by a consumer key (user) and its secret (password). Enter the "
            "shop's own address."
        ),
        {
            "name": "WooCommerce",
            "authType": "BASIC",
            "testPath": "/customers?per_page=1",
            "contactsPath": "/customers",
            "paging": _BY_PAGE,
            "mapping": {
                "id": "id",
                "email": "email",
                "name": "",
                "firstName": "first_name",
                "lastName": "last_name",
                "phone": "billing.phone",
                "company": "billing.company",
                "changedAt": "date_modified_gmt",
            },
        },
    ),
    Template(
        "airtable",
        "Airtable",
        "CUSTOM",
        _(
            "Rows of a table, by a personal access token. Put base and table into the path, and "
            "name the columns."
        ),
        {
            "name": "Airtable",
            "apiEndpoint": "https://api.airtable.com/v0",
            "authType": "BEARER",
            "testPath": "/meta/whoami",
            "itemsPath": "records",
            "paging": {
                "kind": "CURSOR",
                "cursorParam": "offset",
                "cursorPath": "offset",
                "sizeParam": "pageSize",
                "size": "100",
            },
            "mapping": {
                "id": "id",
                "email": "fields.Email",
                "name": "fields.Name",
                "phone": "fields.Phone",
            },
        },
    ),
)
