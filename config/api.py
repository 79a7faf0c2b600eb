"""How the API reads, answers and describes itself: Django REST framework and drf-spectacular."""

from typing import Any, Final

REST_FRAMEWORK: Final[dict[str, Any]] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.BearerAuthentication",
        "core.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.renderers.AlwaysFirst",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    # OPTIONS is 405: what an endpoint takes is said by the schema.
    "DEFAULT_METADATA_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["core.api.renderers.FastJSONRenderer"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: Final[dict[str, Any]] = {
    "TITLE": "Koppel",
    "DESCRIPTION": (
        "The back office that keeps a sales agency's connections working and can prove it."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_NAME_OVERRIDES": {
        "HealthEnum": "bison.models.instances.Health.choices",
        "KeyTypeEnum": "bison.models.registry.Workspace.KeyType",
        "CallEndEnum": "core.outgoing.ENDS",
        "DemoStateEnum": "integrations.helpdesk.demos.showing.STATES",
        "ConnectionEnum": "core.connections.CONNECTIONS",
        "IntegrationTypeEnum": "integrations.models.Integration.Type",
        "KeptSideEnum": "integrations.contacts.mapping.SIDES",
        "StepStateEnum": "core.connections.STATES",
        "WhichKeyEnum": "bison.instances.declaring.CHOICES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.add_error",
    ],
}
