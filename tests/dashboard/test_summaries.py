"""Summaries in Markdown: what their writers use comes out as HTML, and nothing that could do harm does."""

import re
import time

import pytest

from dashboard.calls.markdown import render


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain & simple", "<p>Plain &amp; simple</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("# A\n### B ##", "<h3>A</h3><h4>B</h4>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("  - a\n- b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("- a\n  more", "<ul><li>a<br>more</li></ul>"),
        ("- a\nafter", "<ul><li>a</li></ul><p>after</p>"),
        ("> said\n---", "<blockquote>said</blockquote><hr>"),
        ("**b** *i* _i_ `c<`", "<p><strong>b</strong> <em>i</em> <em>i</em> <code>c&lt;</code></p>"),
        ("a_b_c 2*3*4 **", "<p>a_b_c 2<em>3</em>4 **</p>"),
        ("", ""),
        ("\r\na\rb", "<p>a<br>b</p>"),
    ],
)
def test_what_summaries_are_written_in(text: str, shown: str):
    assert render(text) == shown


def test_a_link_is_shown_under_its_words_and_never_as_an_address():
    shown = render("[**Price**](https://fathom.video/a?t=1&u=2) and https://www.example.com/long/path")
    assert (
        '<a href="https://fathom.video/a?t=1&amp;u=2" rel="noopener noreferrer nofollow" target="_blank">'
        "<strong>Price</strong></a>"
    ) in shown
    assert ">www.example.com</a>" in shown


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert%281%29)",
    "[x](data:text/html,<script>)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "[x](/admin/)",
    '[x](https://a.example/" onmouseover="alert(1))',
    "[x](https://a.example/'onclick='alert)",
    "![x](https://a.example/pixel.gif)",
    "**<b onclick=x>**",
    "`</code><script>`",
    "[<script>](https://a.example)",
    "# <svg/onload=alert(1)>",
    "- <iframe src=x>",
    "> <style>*{}</style>",
    "[a [b](https://b.example)](https://a.example)",
    "[https://b.example](https://a.example)",
    'https://a.example/"><script>alert(1)</script>',
    "[x](https://[::1)",
    "&lt;script&gt; &#106;avascript",
    "<!-- -->",
    "\x1b[31m \u202e",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "- {}", "# {}", "**{}**", "> {}", "[{}](https://a.example)"])
def test_nothing_that_is_written_becomes_more_than_our_few_tags(text: str, around: str):
    shown = render(around.format(text))
    tags = re.findall(r"<[^>]*>", shown)
    ours = re.compile(
        r"</?(?:p|h3|h4|ul|ol|li|strong|em|code|blockquote)>|<(?:br|hr)>|</a>"
        r'|<a href="https?://[^"<>\' ]+" rel="noopener noreferrer nofollow" target="_blank">'
    )
    assert [tag for tag in tags if not ours.fullmatch(tag)] == []
    assert "<" not in re.sub(r"<[^>]*>", "", shown)
    opened = [tag.strip("<>").split()[0] for tag in tags if tag not in ("<br>", "<hr>") and not tag.startswith("</")]
    closed = [tag.strip("</>") for tag in tags if tag.startswith("</")]
    assert sorted(opened) == sorted(closed)
    assert not re.search(r"<a [^>]*>[^/]*<a ", shown)


@pytest.mark.parametrize(
    "piece", ["**a ", "*a", "_a ", "[", "[a](", "`", "- ", "> ", "#", "1. ", "http://", "[a](http://", "\n- ", "\n  > "]
)
def test_a_long_text_of_unclosed_pieces_costs_no_more_than_a_moment(piece: str):
    began = time.perf_counter()
    render(piece * (60_000 // len(piece)))
    assert time.perf_counter() - began < 2


def test_lists_within_lists_end_somewhere():
    deep = render("\n".join(" " * depth * 2 + "- x" for depth in range(200)))
    assert deep.count("<ul>") == 6
    assert deep.count("<li>") == deep.count("</li>") == 200
