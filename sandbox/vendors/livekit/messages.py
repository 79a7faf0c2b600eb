"""LiveKit's messages in its two spellings of JSON.

The API answers in snake_case with every field; webhooks are in lowerCamelCase and leave out
whatever is zero. In both, 64-bit numbers are strings and enums are names. Requests are read in
either spelling. Here a message is a dict with snake_case names and plain values; FIELDS says what
each field is.
"""

import re
from typing import Any

from sandbox.vendors.frame import Reply, Stop

Message = dict[str, Any]

# A kind is str, int, long (64 bits), bool, map, `enum FIRST`, `message Name`,
# `one Name` (of several: left out when unset), or any of them with [] behind it.
FIELDS: dict[str, dict[str, str]] = {
    "Codec": {"mime": "str", "fmtp_line": "str"},
    "TimedVersion": {"unix_micro": "long", "ticks": "int"},
    "Room": {
        "sid": "str", "name": "str", "empty_timeout": "int", "departure_timeout": "int",
        "max_participants": "int", "creation_time": "long", "creation_time_ms": "long",
        "turn_password": "str", "enabled_codecs": "message Codec[]", "metadata": "str",
        "num_participants": "int", "num_publishers": "int", "active_recording": "bool",
        "version": "message TimedVersion",
    },
    "ParticipantPermission": {
        "can_subscribe": "bool", "can_publish": "bool", "can_publish_data": "bool",
        "can_publish_sources": "enum UNKNOWN[]", "hidden": "bool", "recorder": "bool",
        "can_update_metadata": "bool", "agent": "bool", "can_subscribe_metrics": "bool",
        "can_manage_agent_session": "bool",
    },
    "TrackInfo": {
        "sid": "str", "type": "enum AUDIO", "name": "str", "muted": "bool", "width": "int",
        "height": "int", "source": "enum UNKNOWN", "mime_type": "str", "mid": "str",
    },
    "ParticipantInfo": {
        "sid": "str", "identity": "str", "state": "enum JOINING", "tracks": "message TrackInfo[]",
        "metadata": "str", "joined_at": "long", "joined_at_ms": "long", "name": "str",
        "version": "int", "permission": "message ParticipantPermission", "region": "str",
        "is_publisher": "bool", "kind": "enum STANDARD", "attributes": "map",
        "disconnect_reason": "enum UNKNOWN_REASON", "kind_details": "enum CLOUD_AGENT[]",
        "data_tracks": "map[]", "client_protocol": "int", "capabilities": "enum CAP_UNUSED[]",
    },
    "S3Upload": {
        "access_key": "str", "secret": "str", "session_token": "str", "assume_role_arn": "str",
        "assume_role_external_id": "str", "region": "str", "endpoint": "str", "bucket": "str",
        "force_path_style": "bool", "metadata": "map", "tagging": "str",
        "content_disposition": "str",
    },
    "EncodedFileOutput": {
        "file_type": "enum DEFAULT_FILETYPE", "filepath": "str", "disable_manifest": "bool",
        "s3": "one S3Upload",
    },
    "WebhookConfig": {"url": "str", "signing_key": "str"},
    "RoomCompositeEgressRequest": {
        "room_name": "str", "layout": "str", "audio_only": "bool",
        "audio_mixing": "enum DEFAULT_MIXING", "video_only": "bool", "custom_base_url": "str",
        "file": "one EncodedFileOutput", "preset": "one enum",
        "file_outputs": "message EncodedFileOutput[]", "stream_outputs": "map[]",
        "segment_outputs": "map[]", "image_outputs": "map[]", "webhooks": "message WebhookConfig[]",
    },
    "FileInfo": {
        "filename": "str", "started_at": "long", "ended_at": "long", "duration": "long",
        "size": "long", "location": "str",
    },
    "EgressInfo": {
        "egress_id": "str", "room_id": "str", "room_name": "str",
        "source_type": "enum EGRESS_SOURCE_TYPE_WEB", "status": "enum EGRESS_STARTING",
        "started_at": "long", "ended_at": "long", "updated_at": "long",
        "room_composite": "one RoomCompositeEgressRequest", "stream_results": "map[]",
        "file_results": "message FileInfo[]", "segment_results": "map[]", "image_results": "map[]",
        "error": "str", "error_code": "int", "details": "str", "manifest_location": "str",
        "backup_storage_used": "bool", "retry_count": "int", "file": "one FileInfo",
    },
    "WebhookEvent": {
        "event": "str", "room": "message Room", "participant": "message ParticipantInfo",
        "egress_info": "message EgressInfo", "track": "message TrackInfo", "id": "str",
        "created_at": "long", "num_dropped": "int",
    },
    "ListRoomsRequest": {"names": "str[]"},
    "ListRoomsResponse": {"rooms": "message Room[]"},
    "CreateRoomRequest": {
        "name": "str", "empty_timeout": "int", "departure_timeout": "int",
        "max_participants": "int", "metadata": "str",
    },
    "DeleteRoomRequest": {"room": "str"},
    "ListParticipantsRequest": {"room": "str"},
    "ListParticipantsResponse": {"participants": "message ParticipantInfo[]"},
    "RoomParticipantIdentity": {"room": "str", "identity": "str", "revoke_token_ts": "long"},
    "StopEgressRequest": {"egress_id": "str"},
    "ListEgressRequest": {"room_name": "str", "egress_id": "str", "active": "bool",
                          "page_token": "map"},
    "ListEgressResponse": {"items": "message EgressInfo[]",
                           "next_page_token": "message TokenPagination"},
    "TokenPagination": {"token": "str"},
    "Empty": {},
}  # fmt: skip
_EMPTY = {"str": "", "int": 0, "long": 0, "bool": False}


def full(name: str, message: Message) -> Message:
    """Spell a message as the API answers."""
    spelled: Message = {}
    for field, kind in FIELDS[name].items():
        value = message.get(field)
        if value is not None or not kind.startswith("one "):
            spelled[field] = _plain(kind, value, full)
    return spelled


def brief(name: str, message: Message) -> Message:
    """Spell a message as webhooks have it."""
    spelled: Message = {}
    for field, kind in FIELDS[name].items():
        value = message.get(field)
        is_usual = kind.startswith("enum ") and value == kind.removeprefix("enum ")
        if value and not is_usual:
            spelled[camel(field)] = _plain(kind, value, brief)
    return spelled


def _plain(kind: str, value: Any, spell: Any) -> Any:
    if kind.endswith("[]"):
        return [_plain(kind[:-2], element, spell) for element in value or []]
    of, _, what = kind.partition(" ")
    if what in FIELDS:
        if value is None:
            return None
        return spell(what, value)
    if of == "map":
        return value or {}
    if of == "long":
        return str(value or 0)
    if of == "enum":
        return value or what
    if value is None:
        return _EMPTY.get(of)
    return value


def read(name: str, body: Any) -> Message:
    """Read a request, in either spelling.

    What is not known is ignored; what has the wrong type is malformed.
    """
    if not isinstance(body, dict):
        raise malformed()
    given = {snake(key): value for key, value in body.items() if value is not None}
    return {
        field: _read(kind, given[field]) for field, kind in FIELDS[name].items() if field in given
    }


def _read(kind: str, value: Any) -> Any:
    if kind.endswith("[]"):
        if not isinstance(value, list):
            raise malformed()
        return [_read(kind[:-2], element) for element in value]
    of, _, what = kind.partition(" ")
    if what in FIELDS:
        return read(what, value)
    if of in {"int", "long"}:
        return _number(value)
    wanted = {"str": str, "bool": bool, "map": dict}.get(of, (str, int))
    if not isinstance(value, wanted):
        raise malformed()
    return value


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise malformed() from error


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)


def error(status: int, code: str, message: str, **meta: str) -> Stop:
    """Return a refusal as Twirp words it."""
    return Stop(Reply(status, {"code": code, "msg": message} | ({"meta": meta} if meta else {})))


def malformed() -> Stop:
    return error(400, "malformed", "the json request could not be decoded")


def plain_text(status: int, text: str) -> Stop:
    """Return a refusal from before Twirp: no JSON."""
    return Stop(Reply(status, f"{text}\n".encode(), {"Content-Type": "text/plain; charset=utf-8"}))
