"""What runs are called, and what came of the things in them: each app declares its words here, in its `ready()`.

A key that nobody declared is shown humanised ("email_accounts" → "Email accounts"), in English for every reader.
"""

from collections.abc import Mapping

from django.utils.functional import Promise

Words = str | Promise
_kinds: dict[str, Words] = {}
_words: dict[tuple[str, str], Words] = {}


def declare(kind: str, name: Words, words: Mapping[str, Words] | None = None) -> None:
    """Name one kind of run, and the keys of its counts, outcomes and evidence: `{"no_rep": _("No rep")}`."""
    _kinds[kind] = name
    _words.update({(kind, key): word for key, word in (words or {}).items()})


def kind(key: str) -> str:
    """What this kind of run is called, in the reader's language."""
    return str(_kinds.get(key) or humanised(key))


def word(kind: str, key: str) -> str:
    """What a key of this kind's counts, outcomes or evidence is called."""
    return str(_words.get((kind, key)) or humanised(key))


def humanised(key: str) -> str:
    """ "email_accounts" → "Email accounts"."""
    words = str(key).replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]
