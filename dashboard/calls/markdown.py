"""Summaries are written in Markdown, by others: shown as the few tags of a page's prose,
never as HTML of theirs.

CommonMark by markdown-it-py, which escapes raw HTML; its work grows with the length of the text and
no faster. Links lead to http(s) pages alone and are shown under their words or the name of the
site; pictures are shown as links, for a picture tells its host who reads.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import link as link_rule
from markdown_it.token import Token

from calls.incoming import MOST_SUMMARY

# Levels of lists and quotes within each other; a list takes two.
DEEPEST: Final = 40
LOOKS_LEFT: Final = "looks_left"
OPTIONS: Final = {"html": False, "xhtmlOut": False, "breaks": True, "maxNesting": DEEPEST}
# Indented text is how people write, not code; definitions of links are not part of a summary.
OFF: Final = ("code", "html_block", "html_inline", "image", "reference", "lheading")
# At each bracket the parser looks ahead for the end of a link, and at each bracket on that way
# again. It may look at every character so often; then brackets are text. What people write needs
# less than one.
LOOKS: Final = 2
# The library's own finder of addresses takes a time that grows with the square of the text.
ADDRESS: Final = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,2000}(?<![.,;:!?])")
AWAY: Final = {"rel": "noopener noreferrer nofollow", "target": "_blank"}


def render(text: str) -> SafeString:
    """Draw the text as HTML, whoever wrote it; cut where it is longer than a summary may be.

    Headings begin at <h3>.
    """
    text = text[:MOST_SUMMARY]
    tokens = _parser.parse(text, {LOOKS_LEFT: LOOKS * len(text)})
    # The parser leaves out what stands deeper than it goes:
    # then the text is shown as it was written.
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return SafeString(linebreaks(text, autoescape=True))
    return SafeString(_parser.renderer.render(tokens, _parser.options, {}))


class Renderer(RendererHTML):
    """The tags of a page's prose."""

    def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"<{_heading(tokens[index])}>"

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"</{_heading(tokens[index])}>\n"

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Write a link to a page of the web; its site stands in for words that are missing."""
        link = tokens[index]
        link.attrs = {"href": link.attrs["href"], **AWAY}
        shown = self.renderToken(tokens, index, options, env)
        has_words = tokens[index + 1].type != "link_close"
        if has_words:
            return shown
        return f"{shown}{escape(_site(str(link.attrs['href'])))}"


def _heading(token: Token) -> str:
    if token.tag in ("h1", "h2"):
        return "h3"
    return "h4"


def _site(address: str) -> str:
    """Return the host of a page of the web; empty for any other address."""
    try:
        parts = urlsplit(address)
        if parts.scheme.lower() not in ("http", "https"):
            return ""
        return parts.hostname or ""
    except ValueError:
        return ""


class Inline(ParserInline):
    """What stands within a line; counts how often it looks ahead."""

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 - the library's name
        state.env[LOOKS_LEFT] -= 1
        super().skipToken(state)


def _link(state: StateInline, silent: bool) -> bool:
    """Return a step of the parser: `[words](address)`, while looking ahead is not used up."""
    return state.env[LOOKS_LEFT] > 0 and link_rule(state, silent)


def _link_addresses(state: StateCore) -> None:
    """Make links of addresses that stand in the text as they are: a step of the parser."""
    for block in state.tokens:
        if block.children:
            block.children = list(_linked(block.children))


def _linked(children: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in children:
        if token.type in ("link_open", "link_close"):
            depth += token.nesting
        if token.type == "text" and not depth:
            yield from _pieces(token.content)
        else:
            yield token


def _pieces(text: str) -> Iterator[Token]:
    """Return the text as tokens: its addresses as links, what stands between them as text."""
    end = 0
    for address in ADDRESS.finditer(text):
        yield Token("text", "", 0, content=text[end : address.start()])
        end = address.end()
        if _site(address[0]):
            yield Token("link_open", "a", 1, attrs={"href": address[0]})
            yield Token("link_close", "a", -1)
        else:
            yield Token("text", "", 0, content=address[0])
    yield Token("text", "", 0, content=text[end:])


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt(renderer_cls=Renderer)
    parser.inline = Inline()
    parser.configure("commonmark", OPTIONS)
    parser.disable(OFF)
    parser.inline.ruler.at("link", _link)
    parser.core.ruler.push("addresses", _link_addresses)
    # Its own rule lets mail addresses and addresses of this site through.
    parser.validateLink = lambda url: bool(_site(url))  # type: ignore[method-assign]
    return parser


_parser: Final = _make_parser()
