"""Summaries in Markdown: what their writers use comes out as HTML,
and nothing that could do harm does.
"""

import re
import sys
import time

import pytest

from calls.incoming import MOST_SUMMARY
from dashboard.calls.markdown import render


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain & simple", "<p>Plain &amp; simple</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("# A\n### B ##", "<h3>A</h3><h4>B</h4>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("- a\n  more", "<ul><li>a<br>more</li></ul>"),
        ("    indented", "<p>indented</p>"),
        ("> said\n\n---", "<blockquote><p>said</p></blockquote><hr>"),
        (
            "**b** *i* _i_ `c<`",
            "<p><strong>b</strong> <em>i</em> <em>i</em> <code>c&lt;</code></p>",
        ),
        ("a_b_c 2*3*4 **", "<p>a_b_c 2<em>3</em>4 **</p>"),
        ("```\n<b>\n```", "<pre><code>&lt;b&gt;</code></pre>"),
        ("", ""),
        ("\r\na\rb", "<p>a<br>b</p>"),
    ],
)
def test_what_summaries_are_written_in(text: str, shown: str):
    assert render(text).replace("\n", "") == shown


def test_a_link_is_shown_under_its_words_and_never_as_an_address():
    shown = render(
        "[**Price**](https://fathom.video/a?t=1&u=2) and https://www.example.com/long/path"
    )
    assert (
        '<a href="https://fathom.video/a?t=1&amp;u=2" rel="noopener noreferrer '
        'nofollow" target="_blank">'
        "<strong>Price</strong></a>"
    ) in shown
    assert ">www.example.com</a>" in shown
    assert ">fathom.video</a>" in render("[](https://fathom.video/a)")
    assert render("See https://a.example/b, or `https://a.example/c`.").count("<a ") == 1


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
@pytest.mark.parametrize(
    "around", ["{}", "- {}", "# {}", "**{}**", "> {}", "[{}](https://a.example)"]
)
def test_nothing_that_is_written_becomes_more_than_our_few_tags(text: str, around: str):
    shown = render(around.format(text))
    tags = re.findall(r"<[^>]*>", shown)
    ours = re.compile(
        r"</?(?:p|h3|h4|ul|ol|li|strong|em|pre|code|blockquote)>|<(?:br|hr)>|</a>"
        r'|<a href="https?://[^"<> ]+" rel="noopener noreferrer nofollow" target="_blank">'
    )
    assert [tag for tag in tags if not ours.fullmatch(tag)] == []
    assert "<" not in re.sub(r"<[^>]*>", "", shown)
    opened = [
        tag.strip("<>").split()[0]
        for tag in tags
        if tag not in ("<br>", "<hr>") and not tag.startswith("</")
    ]
    closed = [tag.strip("</>") for tag in tags if tag.startswith("</")]
    assert sorted(opened) == sorted(closed)
    assert not re.search(r"<a [^>]*>[^/]*<a ", shown)


def test_a_long_summary_costs_a_moment_to_show():
    began = time.thread_time()
    shown = render(" **a" * 475_000)
    assert time.thread_time() - began < 10
    assert len(shown) < 2 * MOST_SUMMARY


@pytest.mark.parametrize(
    "piece",
    [
        "**a ",
        "*a",
        "_a ",
        "*_",
        "[",
        "![",
        "[a](",
        "`",
        "a`b``",
        "- ",
        "> ",
        "1. ",
        "http://",
        "<",
        "- a\n  ",
        "\n  > ",
    ],
)
def test_twice_the_text_is_twice_the_work(piece: str):
    work(piece)  # what is made once per process
    assert work(piece * 600) < 2.5 * work(piece * 300) + 1000


@pytest.mark.parametrize("piece", ["[", "![", "[[a]", "[a](b"])
def test_brackets_that_begin_no_link_cost_little_more_than_other_words(piece: str):
    text = piece * (10_000 // len(piece))
    assert work(text) < 100 * len(text)


def test_a_summary_may_be_full_of_links_and_of_brackets():
    text = "[12:03] said [what](https://a.example/1) and [**why**](https://a.example/2)\n\n" * 800
    shown = render(text)
    assert shown.count("<a ") == 1600
    assert shown.count("[12:03] said <a") == 800


def work(text: str) -> int:
    """How many functions are called to show it: a measure that does not depend on the machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        render(text)
    finally:
        sys.setprofile(before)
    return calls


def test_lists_within_lists_without_end_are_shown_as_they_were_written():
    text = "\n".join(" " * depth * 2 + f"- {depth}<" for depth in range(200))
    shown = render(text)
    assert all(f"- {depth}&lt;" in shown for depth in range(200))
    assert "<li>" not in shown


def test_lists_as_people_nest_them_are_lists():
    assert render("\n".join(" " * depth * 2 + "- x" for depth in range(15))).count("<li>") == 15
