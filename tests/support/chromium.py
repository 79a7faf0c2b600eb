"""Find a Chromium that runs, or get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The first is the same Chromium without the windows that nobody sees: a fifth less work.
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome",
)  # fmt: skip
# Each window would load two pages for the popup of an address bar that nobody sees, and keep a
# process ready for the next site: half of what a window costs. Ours take the place of Playwright's
# own list; the others of these are what that has against surprises in a test.
NOT_NEEDED = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    "HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip


def find() -> str:
    """Return the path of a Chromium that starts; "" when there is none.

    `CHROMIUM` names the path, and then no other is tried.
    """
    if named := os.environ.get("CHROMIUM"):
        return named if runs(named) else ""
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in found if runs(path)), "") or _playwrights_own()


def runs(path: str) -> bool:
    """Tell whether it starts at all: a wrapper without its package, or a program without its
    libraries, does not.
    """
    try:
        return (
            subprocess.run(
                [path, "--version"], capture_output=True, timeout=60, check=False
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and runs(path) else ""


def get() -> tuple[str, str]:
    """Return a Chromium that was found or installed; and the complaints on the way when there is
    none.
    """
    if path := find():
        return path, ""
    if os.environ.get("CHROMIUM"):
        return "", f"CHROMIUM={os.environ['CHROMIUM']} does not start"
    complaints = []
    for command in _ways():
        sys.stderr.write(f"No Chromium found; trying: {' '.join(command)}\n")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        result = subprocess.run(
            command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        complaints.append(
            f"{' '.join(command)}: {(result.stderr or result.stdout).strip()[-400:] or 'done'}"
        )
        if path := find():
            return path, ""
    return "", "\n".join(complaints)


def _ways() -> list[list[str]]:
    ways = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-qq"]
        ways = [
            ["apt-get", "update", "-qq"],
            [*install, "chromium-headless-shell"],
            [*install, "chromium"],
        ]
    return [*ways, [sys.executable, "-m", "playwright", "install", "chromium"]]


def launch_options(path: str) -> dict[str, object]:
    """Return what Playwright needs to start it. Chromium refuses a sandbox of its own to root."""
    words = [f"--disable-features={','.join(NOT_NEEDED)}"]
    if os.geteuid() == 0 or os.environ.get("CI"):
        words += ["--no-sandbox", "--disable-dev-shm-usage"]
    return {"executable_path": path, "args": words}
