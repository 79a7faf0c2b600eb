"""The tables that every part of the house stands on, one file per idea."""

from core.models.alerts import AlertChannel, AlertDelivery, NotificationChoice
from core.models.audit import AuditEvent, AuditHead
from core.models.idempotency import IdempotencyKey
from core.models.inbox import InboundEvent, InboundReceipt
from core.models.incidents import Incident, IncidentNote, MaintenanceWindow, Watch
from core.models.keys import StableKey
from core.models.ledger import SeenNames, SourceDay
from core.models.outgoing import ApiCall, ApiCallHour, ApiKeyHour
from core.models.runs import Run
from core.models.settings import SystemSetting
from core.models.user import ApiSession, User
from core.models.vendors import VendorAccount, VendorSecret

__all__ = [
    "AlertChannel",
    "AlertDelivery",
    "ApiCall",
    "ApiCallHour",
    "ApiKeyHour",
    "ApiSession",
    "AuditEvent",
    "AuditHead",
    "IdempotencyKey",
    "InboundEvent",
    "InboundReceipt",
    "Incident",
    "IncidentNote",
    "MaintenanceWindow",
    "NotificationChoice",
    "Run",
    "SeenNames",
    "SourceDay",
    "StableKey",
    "SystemSetting",
    "User",
    "VendorAccount",
    "VendorSecret",
    "Watch",
]
