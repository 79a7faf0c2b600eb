"""Summaries are written in Markdown, by others: the little of it that they use, as HTML that can do no harm.

Headings, lists, quotes, bold, italic, code and links to http(s) pages. All text is escaped; what is not understood is
shown as it was written. The work grows with the length of the text and no faster.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.safestring import SafeString

HEADING: Final = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
ITEM: Final = re.compile(r"([ \t]*)(?:[-*+•]|(\d{1,9})[.)])[ \t]+(.*)")
RULE: Final = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*")
QUOTE: Final = re.compile(r" {0,3}>[ \t]?(.*)")
# Each piece has an end within a bounded reach, so that an unclosed one is given up soon.
INLINE: Final = re.compile(
    r"`([^`\n]{1,500})`"
    r"|!?\[([^\[\]\n]{0,500})\]\([ \t]{0,9}<?([^\s<>()]{1,2000})>?[ \t]{0,9}\)"
    r"|\*\*(?=\S)([^\n]{1,1000}?)(?<=\S)\*\*"
    r"|\*(?=[^\s*])([^*\n]{1,1000})(?<=\S)\*"
    r"|(?<!\w)_(?=[^\s_])([^_\n]{1,1000})(?<=\S)_(?!\w)"
    r"|(https?://[^\s<>()\[\]\"'`]{1,2000})"
)
DEEPEST: Final = 6
Open = list[tuple[int, str]]


def render(text: str) -> SafeString:
    """The text as HTML, whoever wrote it. Its headings begin at <h3>."""
    return SafeString("".join(_blocks(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))))


def _blocks(lines: list[str]) -> Iterator[str]:
    lists: Open = []
    paragraph: list[str] = []
    for line in lines:
        item = None if RULE.fullmatch(line) else ITEM.fullmatch(line)
        plain = line.strip()
        if item is None and plain and not paragraph and lists and line[:1] in (" ", "\t") and not _begins(line):
            # A line that goes on with the item above it.
            yield f"<br>{_inline(plain)}"
            continue
        if (item or not plain or _begins(line)) and paragraph:
            yield _paragraph(paragraph)
        if item:
            yield from _item(lists, item)
        elif plain:
            yield from _close(lists)
            yield from _other(line, paragraph)
    if paragraph:
        yield _paragraph(paragraph)
    yield from _close(lists)


def _begins(line: str) -> bool:
    return bool(HEADING.fullmatch(line) or RULE.fullmatch(line) or QUOTE.fullmatch(line))


def _other(line: str, paragraph: list[str]) -> Iterator[str]:
    """A line outside lists: a block of its own, or one more of the paragraph, which is said when it ends."""
    if RULE.fullmatch(line):
        yield "<hr>"
    elif heading := HEADING.fullmatch(line):
        tag = "h3" if len(heading[1]) < 3 else "h4"
        yield f"<{tag}>{_inline(heading[2].rstrip(' #'))}</{tag}>"
    elif quote := QUOTE.fullmatch(line):
        yield f"<blockquote>{_inline(quote[1])}</blockquote>"
    else:
        paragraph.append(line.strip())


def _paragraph(lines: list[str]) -> str:
    said = "<br>".join(_inline(line) for line in lines)
    lines.clear()
    return f"<p>{said}</p>"


def _item(lists: Open, item: re.Match[str]) -> Iterator[str]:
    """Open, go on with or close lists, so that this item stands at its depth. Its <li> is closed by what follows."""
    indent, tag = len(item[1].expandtabs(4)), "ol" if item[2] else "ul"
    while lists and (lists[-1][0] > indent or (lists[-1][0] == indent and lists[-1][1] != tag)):
        yield f"</li></{lists.pop()[1]}>"
    if lists and (lists[-1][0] == indent or len(lists) >= DEEPEST):
        yield "</li>"
    else:
        lists.append((indent, tag))
        yield f"<{tag}>"
    yield f"<li>{_inline(item[3])}"


def _close(lists: Open) -> Iterator[str]:
    while lists:
        yield f"</li></{lists.pop()[1]}>"


def _inline(text: str, depth: int = 0) -> str:
    if depth >= DEEPEST:
        return str(escape(text))
    said, at = [], 0
    for piece in INLINE.finditer(text):
        said += [str(escape(text[at : piece.start()])), _piece(piece, depth + 1)]
        at = piece.end()
    return "".join([*said, str(escape(text[at:]))])


def _piece(piece: re.Match[str], depth: int) -> str:
    code, words, target, bold, starred, underlined, bare = piece.groups()
    if code is not None:
        return f"<code>{escape(code)}</code>"
    if target is not None:
        return _link(target, _inline(words, depth) if words.strip() else "")
    if bare is not None:
        return _link(bare, "")
    tag, inner = ("strong", bold) if bold is not None else ("em", starred or underlined)
    return f"<{tag}>{_inline(inner, depth)}</{tag}>"


def _link(target: str, words: str) -> str:
    """A link to a page, under its words or the name of the site; the words alone where it leads anywhere else."""
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return words or str(escape(target))
    if parts.scheme.lower() not in ("http", "https") or not host:
        return words or str(escape(target))
    # A link inside a link's words would end it too early.
    shown = words if words and "<a " not in words else str(escape(host))
    return f'<a href="{escape(target)}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>'
