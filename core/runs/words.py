"""What runs are called, and what came of the things in them: each app declares its words here, in its `ready()`.

A key that nobody declared is shown humanised ("email_accounts" → "Email accounts"), in English for every reader.
"""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise

Words = str | Promise
_kinds: dict[str, Words] = {}
_words: dict[tuple[str, str], Words] = {}
_so_far: dict[str, Sequence[str]] = {}


def declare(kind: str, name: Words, words: Mapping[str, Words] | None = None, *, so_far: Sequence[str] = ()) -> None:
    """Name one kind of run, and the keys of its counts, outcomes and evidence: `{"no_rep": _("No rep")}`.

    `so_far`: the counts that say how far such a run is.
    """
    _kinds[kind] = name
    _so_far[kind] = so_far
    _words.update({(kind, key): word for key, word in (words or {}).items()})


def kind(key: str) -> str:
    """What this kind of run is called, in the reader's language."""
    return str(_kinds.get(key) or humanised(key))


def so_far(kind: str) -> Sequence[str]:
    """The counts that say how far a run of this kind is, the first one first."""
    return _so_far.get(kind, ())


def word(kind: str, key: str) -> str:
    """What a key of this kind's counts, outcomes or evidence is called."""
    return str(_words.get((kind, key)) or humanised(key))


def humanised(key: str) -> str:
    """ "email_accounts" → "Email accounts"."""
    words = str(key).replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]
