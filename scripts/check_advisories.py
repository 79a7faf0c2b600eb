"""What is known to be unsafe of what is pinned, by the public database of advisories,
where it can be reached.
"""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError

from scripts.check_pins import ROOT, pins

DATABASE = "https://api.osv.dev/v1/querybatch"
SECONDS = 10
FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-embedded.txt",
    "requirements-installer.txt",
)


def main(database: str = DATABASE, root: Path = ROOT) -> int:
    pinned = sorted({pin for name in FILES for pin in pins(root / name).items()})
    try:
        found = advisories(pinned, database)
    except (URLError, TimeoutError, ValueError, KeyError, TypeError) as error:
        print(
            "Note: NOT CHECKED against advisories, for their database was not "
            f"reached ({type(error).__name__})."
        )
        return 0
    for (name, version), ids in found.items():
        print(f"{name}=={version}: {', '.join(ids)}")
    print(
        f"Note: {len(pinned)} pins held against the advisories; {len(found)} of them "
        "are named there."
    )
    return 1 if found else 0


def advisories(pinned: list[tuple[str, str]], database: str) -> dict[tuple[str, str], list[str]]:
    """Return the pins that the database knows something against, with the ids of that."""
    queries = [
        {"package": {"ecosystem": "PyPI", "name": name}, "version": version}
        for name, version in pinned
    ]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(database, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        results = json.load(answer)["results"]
    if len(results) != len(pinned):
        raise ValueError("An answer to each question is wanted")
    found = zip(pinned, results, strict=True)
    return {
        pin: [advisory["id"] for advisory in result["vulns"]]
        for pin, result in found
        if result.get("vulns")
    }


if __name__ == "__main__":
    sys.exit(main())
