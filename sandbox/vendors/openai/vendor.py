"""The stand-in itself."""

import re
from typing import Any, ClassVar

from sandbox.vendors.demo_keys import OPENAI_API_KEY
from sandbox.vendors.frame import Limit, Reply, Request, Stop, Vendor, route

MOST_BYTES = 25 * 1024 * 1024
# start, end, text: what is heard in every recording.
TALK: tuple[tuple[float, float, str], ...] = (
    (0.0, 4.2, "Thank you for your time today. Shall we go through the offer together?"),
    (4.2, 9.8, "Gladly. The price is fine for us, but we need it before the first of the month."),
    (9.8, 15.5, "That works. I will send the contract this afternoon and plan the kick-off."),
    (15.5, 21.0, "Then we have a deal. Please put my colleague from the warehouse in copy."),
)


class OpenAI(Vendor):
    name = "openai"
    limits: ClassVar = {"requests": Limit(500, 60)}
    switches: ClassVar = {"rate_limits": True, "speech": True, "hears": None, "says": None}

    def account(self, request: Request) -> str:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key != OPENAI_API_KEY:
            raise Stop(_refusal(401, "Incorrect API key provided.", "invalid_api_key"))
        return key

    @route("POST", "/v1/audio/transcriptions", ("requests",))
    def transcribe(self, request: Request) -> Reply:
        fields = _fields(request)
        if len(request.body) > MOST_BYTES:
            size = (
                f"Maximum content size limit ({MOST_BYTES}) exceeded "
                f"({len(request.body)} bytes read)"
            )
            return _refusal(413, size)
        if not fields.get("file"):
            return _refusal(400, "Invalid file format.", param="file")
        if not fields.get("model"):
            return _refusal(400, "you must provide a model parameter", param="model")
        if self.switched["hears"] is not None:
            return Reply(200, self.switched["hears"])
        talk = TALK if self.switched["speech"] else ()
        text = " ".join(part for _start, _end, part in talk)
        if fields.get("response_format") != b"verbose_json":
            return Reply(200, {"text": text})
        segments = [
            {
                "id": number, "seek": 0, "start": start, "end": end, "text": f" {part}",
                "tokens": [50364, 1044], "temperature": 0.0, "avg_logprob": -0.28,
                "compression_ratio": 1.2, "no_speech_prob": 0.01,
            }
            for number, (start, end, part) in enumerate(talk)
        ]  # fmt: skip
        duration = talk[-1][1] if talk else 0.0
        whole = {
            "task": "transcribe",
            "language": "english",
            "duration": duration,
            "text": text,
            "segments": segments,
        }
        return Reply(200, whole)

    @route("POST", "/v1/chat/completions", ("requests",))
    def complete(self, request: Request) -> Reply:
        wanted = request.json()
        messages = wanted.get("messages") or []
        if not wanted.get("model") or not messages:
            return _refusal(400, "you must provide a model and messages")
        if self.switched["says"] is not None:
            return Reply(200, self.switched["says"])
        transcript = str(messages[-1].get("content", ""))
        content = (
            f"**What it was about**\n\n{transcript[:200].strip()}\n\n"
            "**Agreed:** the contract is sent today."
        )
        message = {"role": "assistant", "content": content, "refusal": None}
        return Reply(
            200,
            {
                "id": "chatcmpl-demo", "object": "chat.completion", "created": 1767225600,
                "model": wanted["model"], "choices": [{"index": 0, "message": message,
                    "logprobs": None, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": len(transcript) // 4,
                          "completion_tokens": len(content) // 4,
                          "total_tokens": (len(transcript) + len(content)) // 4},
            },
        )  # fmt: skip

    def unknown(self, request: Request) -> Reply:
        return _refusal(404, f"Invalid URL ({request.method} {request.path})")

    def limited(self, limit: Limit, wait: float) -> Reply:
        reply = _refusal(429, "Rate limit reached for requests", "rate_limit_exceeded")
        reply.headers = {"Retry-After": str(max(1, round(wait + 0.5)))}
        return reply


def _refusal(status: int, message: str, code: str | None = None, param: str | None = None) -> Reply:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return Reply(
        status, {"error": {"message": message, "type": kind, "param": param, "code": code}}
    )


def _fields(request: Request) -> dict[str, Any]:
    """Return the parts of a multipart body by name; those of any other body are none."""
    found = re.search(r"boundary=(\S+)", request.headers.get("content-type", ""))
    if not found:
        return {}
    fields: dict[str, Any] = {}
    for part in request.body.split(b"--" + found[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        if name := re.search(rb'name="([^"]+)"', head):
            fields[name[1].decode()] = content.removesuffix(b"\r\n")
    return fields
