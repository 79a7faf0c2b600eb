"""A logo is a whole PNG, JPEG or WebP picture, told by its own bytes; anything else is none."""

import pytest

from crm import pictures
from crm.pictures import NotAPicture
from tests.support.pictures import jpeg, png, webp

WHOLE = [png(), jpeg(), webp(b"VP8 "), webp(b"VP8L"), webp(b"VP8X")]


@pytest.mark.parametrize("content", WHOLE)
def test_a_head_says_how_large_the_picture_is(content: bytes):
    found = pictures.read(content)
    assert (found.width, found.height) == (120, 40)
    assert found.content_type in {"image/png", "image/jpeg", "image/webp"}


@pytest.mark.parametrize("content", WHOLE)
def test_what_has_something_behind_its_end_is_none(content: bytes):
    with pytest.raises(NotAPicture):
        pictures.read(content + b"<script>alert(1)</script>")


@pytest.mark.parametrize("content", WHOLE)
def test_what_is_cut_short_is_none_wherever_it_is_cut(content: bytes):
    for length in range(len(content)):
        with pytest.raises(NotAPicture):
            pictures.read(content[:length])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html>" + png(),
        b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIHDR",
        b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00IEND\x00\x00\x00\x00",
        b"\xff\xd8\xff\xfe\x00\x00\xff\xd9",
        b"\xff\xd8" + b"\xff" * 5000 + b"\xd9",
        b"RIFF\x04\x00\x00\x00WEBP",
        b"RIFF\x10\x00\x00\x00WEBPVP9 \x04\x00\x00\x00abcd",
    ],
)
def test_what_only_begins_like_one_is_none(content: bytes):
    try:
        found = pictures.read(content)
    except NotAPicture:
        return
    assert not (found.width and found.height)
