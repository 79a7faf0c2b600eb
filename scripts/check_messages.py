"""Every text that is marked for translation is in the catalogues, translated,
and compiled as it stands there.
"""

import ast
import re
import sys
from pathlib import Path

import django
import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("nl", "fr")
APPS = ("config", "core", "crm", "calls", "fathom_sync", "bison", "integrations", "dashboard")
MARKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
# What templatize() makes of {% translate %} and {% blocktranslate %}:
# calls whose first words are string literals.
IN_TEMPLATE = re.compile(
    r"""\b(n?pgettext|n?gettext|_)\(\s*((?:u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?\s*)+)"""
)


def main() -> int:
    settings.configure(USE_I18N=True)
    django.setup()
    wanted = marked()
    faults = [fault for language in LANGUAGES for fault in check(language, wanted)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def check(language: str, wanted: set[str]) -> list[str]:
    path = catalogue(language)
    name = path.relative_to(ROOT)
    if not path.exists():
        return [f"{name} is missing"]
    po = polib.pofile(str(path))
    known = {entry.msgid for entry in po if not entry.obsolete}
    faults = [f"{name}: not in the catalogue: {text!r}" for text in sorted(wanted - known)]
    faults += [f"{name}: no longer used: {text!r}" for text in sorted(known - wanted)]
    faults += [f"{name}: fuzzy: {entry.msgid!r}" for entry in po.fuzzy_entries()]
    faults += [f"{name}: not translated: {entry.msgid!r}" for entry in po.untranslated_entries()]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != po.to_binary():
        faults.append(
            f"{compiled.relative_to(ROOT)} is not what the catalogue compiles to: make fix"
        )
    return faults


def compile_all() -> list[str]:
    """Write the .mo files; return the names of those that changed."""
    changed = []
    for path in map(catalogue, LANGUAGES):
        if path.exists():
            binary, compiled = polib.pofile(str(path)).to_binary(), path.with_suffix(".mo")
            if not compiled.exists() or compiled.read_bytes() != binary:
                compiled.write_bytes(binary)
                changed.append(str(compiled.relative_to(ROOT)))
    return changed


def marked() -> set[str]:
    """Return every text that our code and templates mark for translation."""
    code = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    pages = [path for folder in ("templates", *APPS) for path in (ROOT / folder).rglob("*.html")]
    pages += [path for folder in ("templates", *APPS) for path in (ROOT / folder).rglob("*.txt")]
    found = {text for path in code for text in _in_code(path)}
    return found | {text for path in pages for text in _in_page(path)}


def _in_code(path: Path) -> set[str]:
    texts = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            words = [
                a.value
                for a in node.args
                if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            at = 1 if node.func.id.startswith("p") else 0
            texts |= {words[at]} if len(words) > at else set()
    return texts


def _in_page(path: Path) -> set[str]:
    texts = set()
    for name, literals in IN_TEMPLATE.findall(templatize(path.read_text())):
        words = ast.literal_eval(f"({literals.rstrip().rstrip(',')},)")
        texts.add(words[1] if "p" in name else words[0])
    return texts


if __name__ == "__main__":
    sys.exit(main())
