"""The rules of the house that no other tool holds."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from tests.support import configuration

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "core", "crm", "calls", "fathom_sync", "bison", "integrations", "dashboard")
# Read by the launcher, the tests or the Procfile; not by the settings.
NOT_SETTINGS = {
    "CHROMIUM", "KOPPEL_ADMIN_PASSWORD", "KOPPEL_ADMIN_USER", "KOPPEL_BIND", "KOPPEL_DEMO_PASSWORD",
    "KOPPEL_HOME", "KOPPEL_PYTHON", "KOPPEL_TEST_WORKERS", "LONG_CONCURRENCY", "PORT",
    "SANDBOX_PORT", "WEB_CONCURRENCY", "WORKER_CONCURRENCY",
}  # fmt: skip
# The published list has them; the part that uses each will read it.
# Email Bison's are read by the instance's slug.
PUBLISHED = re.compile(
    r"^([A-Z_]+_BISON_(API_KEY|BASE_URL|BACKUP_API_KEY)|"
    r"CHATWOOT_\w+|LIVEKIT_\w+|RECORDINGS_S3_\w+|(SALESFORCE|HUBSPOT|ZOHO|PIPEDRIVE)_\w+)$"
)


@lru_cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, by git where there is one, else by looking."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.splitlines()]
    else:
        paths = [
            p for p in ROOT.rglob("*") if not any(part.startswith(".koppel") for part in p.parts)
        ]
    return tuple(path for path in paths if path.is_file())


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def example() -> dict[str, str]:
    """Name -> the line of words above or beside it, in .env.example."""
    names: dict[str, str] = {}
    above = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if match := re.match(r"^(?:# )?([A-Z][A-Z0-9_]*)=", line):
            names[match[1]] = above
        above = line if line.startswith("#") and not match else ("" if not match else above)
    return names


def test_every_setting_read_from_the_environment_has_a_line_in_the_example() -> None:
    missing = configuration.names() - {"KOPPEL_ENV_FILE"} - example().keys()
    assert not missing, "Add to .env.example, with a line of explanation"


def test_the_example_names_nothing_that_is_not_read() -> None:
    unknown = example().keys() - configuration.names() - NOT_SETTINGS
    assert {name for name in unknown if not PUBLISHED.match(name)} == set(), (
        "In .env.example, but read nowhere"
    )


def test_every_name_in_the_example_is_explained() -> None:
    assert [name for name, words in example().items() if len(words) < 10] == []


def test_no_file_grows_past_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in python_files()
        if (n := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


# Vague words: each says how something came, and not what it is.
# The ledger's count `here` is the contract's.
VAGUE = {"said", "told", "mine", "held", "here", "there", "one"}


def bound(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each name that is given to something, with its line;
    an attribute that a class declares is none.
    """
    columns = {id(part.target) for node in ast.walk(tree) if isinstance(node,
        ast.ClassDef) for part in node.body
               if isinstance(part, ast.AnnAssign)}  # fmt: skip
    columns |= {id(target) for node in ast.walk(tree) if isinstance(node,
        ast.ClassDef) for part in node.body
                if isinstance(part, ast.Assign) for target in part.targets}  # fmt: skip
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and id(node) not in columns
        ):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


TOOLS = ("benchmarks", "sandbox", "scripts")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in python_files():
        name = str(path.relative_to(ROOT))
        if name.split("/", maxsplit=1)[0] in folders:
            yield name, ast.parse(path.read_text())


def test_a_name_says_what_a_thing_is() -> None:
    vague = [
        f"{name}:{line} {word}"
        for name, tree in sources(*APPS, *TOOLS, "tests")
        for line, word in bound(tree)
        if word in VAGUE
    ]
    assert vague == []


def test_no_choice_stands_inside_another() -> None:
    nested = [
        f"{name}:{choice.lineno}"
        for name, tree in sources(*APPS, *TOOLS)
        for choice in ast.walk(tree)
        if isinstance(choice, ast.IfExp)
        and any(isinstance(part, ast.IfExp) for part in ast.walk(choice) if part is not choice)
    ]
    assert nested == []


def test_and_and_or_are_not_mixed_in_one_condition() -> None:
    """The inner one is a step of its own, with a name."""
    mixed = [
        f"{name}:{outer.lineno}"
        for name, tree in sources(*APPS, *TOOLS)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.BoolOp)
        for part in outer.values
        if isinstance(getattr(part, "operand", part), ast.BoolOp)
    ]
    assert mixed == []


# Doorways: what is raised in them is of the web. Two turn NotFound into its words:
# the middleware, and core.api.errors.
DOORWAYS = re.compile(
    r"/(views|admin)[/.]|^(config|dashboard)/|^core/(api|signin|serving)/"
    r"|^core/middleware\.py$"
)
OF_THE_WEB = {"Http404", "get_object_or_404", "get_list_or_404", "NotPermitted", "ApiError"}


def test_services_and_rules_raise_errors_of_the_domain() -> None:
    """`core.errors.NotFound`, not Http404: whoever calls a service need not be a page."""
    spoken = [
        f"{name}:{node.lineno} {alias.name}"
        for name, tree in sources(*APPS)
        if not DOORWAYS.search(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in OF_THE_WEB
    ]
    assert spoken == []


ROOMS = [
    path.parent
    for path in (ROOT / "core").glob("*/__init__.py")
    if path.read_text().count("\n") > 3
]
ROOMS += [
    path.parent
    for path in (ROOT / "fathom_sync").glob("*/__init__.py")
    if path.read_text().count("\n") > 3
]
# Each of these has the face that Django or pytest gives it.
WITHOUT_A_PLAN = {"admin", "models", "alerts"}


@pytest.mark.parametrize("room", sorted(ROOMS), ids=lambda room: f"{room.parent.name}.{room.name}")
def test_a_room_says_what_each_of_its_files_is_for(room: Path) -> None:
    if room.name in WITHOUT_A_PLAN:
        return
    plan = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    files = {path.stem for path in room.glob("*.py")} - {"__init__"}
    assert {name for name in files if not re.search(rf"\b{name}\b", plan)} == set()


# Put together here, so that this file does not hold what it looks for.
UNFINISHED = re.compile(
    "|".join(
        [
            "TO" + "DO",
            "FIX" + "ME",
            "XX" + "X:",
            r"pytest\.mark\.sk" + "ip",
            r"pytest\.sk" + r"ip\(",
            "xf" + "ail",
        ]
    )
)


def test_nothing_is_left_for_later_and_no_test_is_left_out() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".html", ".md", ".css", ".js", ".toml"}
        and "vendor" not in path.parts
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []


def commands() -> list[str]:
    found = [
        path.stem
        for app in APPS
        for path in (ROOT / app / "management" / "commands").glob("[a-z]*.py")
    ]
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_of_ours_is_documented(command: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"manage.py {command}" in page.read_text() for page in pages), (
        f"docs/ does not say `manage.py {command}`"
    )


def test_the_procfile_has_a_line_for_each_kind_of_process() -> None:
    kinds = [line.split(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()]
    assert kinds == ["release", "web", "worker", "long", "beat"]


def test_every_link_in_the_docs_leads_somewhere() -> None:
    pages = [path for path in tracked() if path.suffix == ".md" and "vendor" not in path.parts]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text())
    ]
    assert [
        f"{page.relative_to(ROOT)}: {link}"
        for page, link in links
        if not (page.parent / link).exists()
    ] == []


TEMPLATES = [
    path for path in tracked() if path.suffix in {".html", ".txt"} and "templates" in path.parts
]
ASSIGNED = re.compile(r"{%\s*trans(?:late)?\s[^%]*\sas\s+(\w+)\s*%}")
ASSIGNING = re.compile(r"\s*{%[^%]*\sas\s+\w+\s*%}")


def test_no_line_of_a_template_is_longer_than_160() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number} has {len(line)}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 160
    ]
    assert long == []


def test_a_word_that_one_tag_takes_stands_in_that_tag() -> None:
    """`{% button _("Save") %}` says it at once; a word that is used twice keeps a name."""
    apart = []
    for path in TEMPLATES:
        page = path.read_text()
        for found in ASSIGNED.finditer(page):
            name, after = found[1], page[found.end() :]
            while assigning := ASSIGNING.match(after):
                after = after[assigning.end() :]
            taker = re.match(r"\s*{%\s*\w+\s[^%]*%}", after)
            uses = re.findall(rf"[\s=]{name}\b(?!=)", re.split(rf"\sas\s+{name}\s*%}}", after)[0])
            if taker and re.search(rf"[\s=]{name}\b(?!=)", taker[0]) and len(uses) == 1:
                apart.append(f"{path.relative_to(ROOT)}: {found[0]}")
    assert apart == []
