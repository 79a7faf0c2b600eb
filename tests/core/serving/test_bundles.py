"""What every page loads is one style sheet and one script, and a call's room one more,
whatever they are made of.
"""

import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.forms import Media
from django.test import Client

from core.serving.bundles import (
    BUNDLES,
    GIVEN,
    PREFIX,
    SCRIPT,
    TAKEN,
    BundleFinder,
    names,
    parts,
)
from core.templatetags.koppel_admin import bundled

STATIC = Path(settings.BASE_DIR, "static")
# A process that makes its folder and is killed.
KILLED = """
import os, signal
from django.conf import settings
settings.configure(STATICFILES_DIRS=[{0!r}])
from core.serving import bundles
bundles.made("css/koppel.css")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.django_db
def test_a_page_names_one_style_sheet_and_one_script_of_ours():
    page = Client().get("/sign-in").content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == ["/static/css/koppel.css"]
    assert re.findall(r'<script type="module" src="([^"]+)"', page) == ["/static/js/koppel.js"]


OF_EVERY_PAGE = ["css/koppel.css", "js/koppel.js"]


@pytest.mark.parametrize("path", OF_EVERY_PAGE)
def test_each_part_is_in_it_in_the_order_of_the_index(path: str):
    source, pattern, _join = BUNDLES[path]
    found = finders.find(path)
    assert found is not None
    text = Path(found).read_text()
    places = [text.index(part.read_text()) for part in parts(STATIC / source, pattern)]
    assert len(places) > 10
    assert places == sorted(places)


@pytest.mark.parametrize("path", BUNDLES)
def test_an_index_has_nothing_but_imports_of_files_that_are_there(path: str):
    source, pattern, _join = BUNDLES[path]
    lines = (STATIC / source).read_text().splitlines()
    assert all(pattern.fullmatch(line) for line in lines[1:])
    assert all(part.is_file() for part in parts(STATIC / source, pattern))
    if path not in OF_EVERY_PAGE:
        return
    scripts = [part for part in parts(STATIC / source, pattern) if part.suffix == ".js"]
    assert not any(
        re.search(r"^(import|export) ", script.read_text(), re.MULTILINE) for script in scripts
    )


def test_a_module_stands_after_those_that_it_takes_from_and_takes_what_they_give():
    given: dict[str, set[str]] = {}
    for part in parts(STATIC / "js/call/index.js", SCRIPT):
        text = part.read_text()
        for _whole, some, name in TAKEN.findall(text):
            assert name in given, f"{part.name} stands before {name}"
            assert set(re.findall(r"\w+", some)) <= given[name], (
                f"{part.name} takes what {name} does not give"
            )
        assert len(TAKEN.findall(text)) == len(re.findall(r"^import ", text, re.MULTILINE)), (
            part.name
        )
        assert len(GIVEN.findall(text)) == len(re.findall(r"^export ", text, re.MULTILINE)), (
            part.name
        )
        given[part.name] = set(GIVEN.findall(text))
    not_of_the_room = {"index.js", "waiting.js"}
    assert set(given) == {path.name for path in STATIC.glob("js/call/*.js")} - not_of_the_room


def test_modules_become_one_script_without_imports():
    found = finders.find("js/room.js")
    assert found is not None
    text = Path(found).read_text()
    assert 'const { configuration, words } = modules["dom.js"];' in text
    assert 'const tiles = modules["tiles.js"];' in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)


def test_every_style_sheet_is_loaded_somewhere():
    source, pattern, _join = BUNDLES["css/koppel.css"]
    by_index = {part.name for part in parts(STATIC / source, pattern)}
    templates = "".join(
        page.read_text() for page in Path(settings.BASE_DIR, "templates").rglob("*.html")
    )
    on_pages = set(re.findall(r"static 'css/([\w.-]+)'", templates))
    assert {path.name for path in STATIC.glob("css/*.css")} - {
        "index.css"
    } == by_index | on_pages - {"koppel.css"}


ADMIN = ["admin_koppel/pages.js", "admin_koppel/forms.js", "admin_koppel/fields.js"]


@pytest.mark.parametrize("path", ADMIN)
def test_the_admin_s_scripts_are_whole_and_each_stands_apart(path: str):
    source, pattern, _join = BUNDLES[path]
    found = finders.find(path)
    assert found is not None
    text = Path(found).read_text()
    each = [part.read_text() for part in parts(STATIC / source, pattern)]
    assert text == "".join(f";\n{script}\n" for script in each)
    # A map beside it would be looked for when static files are collected.
    assert "sourceMappingURL" not in text


def test_a_bundle_names_its_parts_as_static_files_are_named():
    assert "admin/js/core.js" in names("admin_koppel/forms.js")
    assert "admin/js/calendar.js" not in names("admin_koppel/forms.js")
    assert names("admin_koppel/forms.js") < names("admin_koppel/fields.js")
    assert {"unfold/js/app.js", "admin_koppel/names.js"} < names("admin_koppel/pages.js")


@pytest.mark.parametrize(
    ("scripts", "served"),
    [
        (["admin/js/core.js", "admin/js/actions.js"], ["admin_koppel/forms.js"]),
        (
            ["admin/js/vendor/jquery/jquery.js", "own.js", "admin/js/calendar.js"],
            ["admin_koppel/fields.js", "own.js"],
        ),
        (["own.js"], ["own.js"]),
        ([], []),
    ],
)
def test_a_page_loads_the_smallest_bundle_that_has_all_its_scripts(
    scripts: list[str], served: list[str]
):
    media = bundled(Media(js=scripts, css={"screen": ["a.css"]}))
    assert media._js == served
    assert media._css == {"screen": ["a.css"]}


def test_a_part_that_changed_is_in_the_next_answer(tmp_path: Path, settings):
    (tmp_path / "css").mkdir()
    (tmp_path / "css/index.css").write_text('/* These. */\n@import "one.css";\n')
    part = tmp_path / "css/one.css"
    part.write_text("a { color: red }")
    settings.STATICFILES_DIRS = [tmp_path]
    finder = BundleFinder()
    made = Path(finder.find("css/koppel.css"))
    assert made.read_text() == "a { color: red }"
    part.write_text("a { color: blue }")
    assert Path(finder.find("css/koppel.css")).read_text() == "a { color: blue }"
    assert finder.find("css/other.css") == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_of_those_that_live(
    tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch
):
    temporary, static = tmp_path / "temporary", tmp_path / "static"
    temporary.mkdir()
    (static / "css").mkdir(parents=True)
    (static / "css/index.css").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    settings.STATICFILES_DIRS = [static]
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED.format(str(static))],
        cwd=settings.BASE_DIR,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert killed.wait(60) == -signal.SIGKILL
    [left] = temporary.iterdir()
    living = temporary / f"{PREFIX}{os.getppid()}-x"
    living.mkdir()
    found = Path(BundleFinder().find("css/koppel.css"))
    assert found.is_file()
    assert not left.exists()
    assert living.is_dir()
    # Should a folder be swept away under its process, the file is made anew.
    shutil.rmtree(found.parent.parent)
    assert Path(BundleFinder().find("css/koppel.css")).is_file()


def test_a_finder_that_is_thrown_away_takes_no_file_along():
    """Two threads that ask first make a finder each, and only one of them is kept."""
    found = Path(BundleFinder().find("css/koppel.css"))
    gc.collect()
    assert found.is_file()
