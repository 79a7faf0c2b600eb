"""Brings the catalogues in locale/ up to date with the words in the code, and compiles them:
python -m scripts.messages

Needs GNU gettext (xgettext, msgmerge); for maintainers only. What runs needs none of it: the
compiled .mo files are committed, and scripts/check_messages.py says without gettext whether
anything is missing.
"""

import subprocess
import sys

import polib

from scripts import check_messages

NOT_OURS = (".koppel*", "staticfiles", "tests", "sandbox", "benchmarks", "scripts", "node_modules")


def main() -> int:
    """Run Django's own extraction, without line numbers and dates: they would change with every
    line above them.
    """
    ignored = [f"--ignore={name}" for name in NOT_OURS]
    languages = [f"--locale={language}" for language in check_messages.LANGUAGES]
    command = [
        sys.executable,
        "manage.py",
        "makemessages",
        "--no-location",
        "--no-obsolete",
        *languages,
        *ignored,
    ]
    subprocess.run(command, cwd=check_messages.ROOT, check=True)
    for language in check_messages.LANGUAGES:
        catalogue = polib.pofile(str(check_messages.catalogue(language)))
        for name in ("POT-Creation-Date", "PO-Revision-Date"):
            catalogue.metadata.pop(name, None)
        catalogue.save()
    check_messages.compile_all()
    return check_messages.main()


if __name__ == "__main__":
    sys.exit(main())
