"""What one start of the site runs with: its addresses, ports, keys and commands."""

import hashlib
import os
import sys
from pathlib import Path

from sandbox.home import ROOT, Home, LaunchError
from sandbox.screen import Screen
from sandbox.services import LiveKit, Postgres, find_livekit, free_port
from sandbox.services.livekit import API_KEY
from sandbox.vendors import demo_keys, oauth_server

# What points at each stand-in. One of these names in the environment replaces the stand-in
# for that vendor.
STAND_INS: tuple[dict[str, str], ...] = (
    {"FATHOM_API_BASE_URL": "http://{vendors}/fathom/external/v1"},
    {
        "LIVEKIT_API_URL": "ws://{vendors}/livekit",
        "LIVEKIT_API_KEY": demo_keys.LIVEKIT_API_KEY,
        "LIVEKIT_API_SECRET": demo_keys.LIVEKIT_API_SECRET,
    },
    {
        "RECORDINGS_S3_ENDPOINT": "http://{vendors}/s3",
        "RECORDINGS_S3_BUCKET": demo_keys.S3_BUCKET,
        "RECORDINGS_S3_REGION": demo_keys.S3_REGION,
        "RECORDINGS_S3_ACCESS_KEY": demo_keys.S3_ACCESS_KEY,
        "RECORDINGS_S3_SECRET_KEY": demo_keys.S3_SECRET_KEY,
    },
    {"OPENAI_BASE_URL": "http://{vendors}/openai/v1", "OPENAI_API_KEY": demo_keys.OPENAI_API_KEY},
    *(
        {
            f"{name}_BISON_BASE_URL": f"http://{{vendors}}/email-bison/{slug}",
            f"{name}_BISON_API_KEY": demo_keys.BISON_SUPER_ADMINS[slug],
            f"{name}_BISON_BACKUP_API_KEY": demo_keys.BISON_BACKUPS[slug],
        }
        for name, slug in (("MAVERICK", "maverick"), ("LONG_RUN", "long-run"))
    ),
    *(
        {
            f"{name}_BASE_URL": f"http://{{vendors}}/{name.lower()}",
            f"{name}_CLIENT_ID": oauth_server.CLIENT_ID,
            f"{name}_CLIENT_SECRET": oauth_server.CLIENT_SECRET,
        }
        for name in ("SALESFORCE", "HUBSPOT", "ZOHO", "PIPEDRIVE")
    ),
    {
        "CHATWOOT_BASE_URL": "http://{vendors}/chatwoot",
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_API_KEY": demo_keys.CHATWOOT_ADMIN_TOKEN,
        "CHATWOOT_PLATFORM_TOKEN": demo_keys.CHATWOOT_PLATFORM_TOKEN,
    },
)
LIVEKIT = ("LIVEKIT_API_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
# The Procfile's lines that are Celery workers.
WORKERS = ("worker", "long")
# What a trial gets once its site is ready: a process that ends by itself.
FOLLOW_UP = "demo"
APPS = (
    "config",
    "core",
    "crm",
    "calls",
    "fathom_sync",
    "bison",
    "integrations",
    "dashboard",
    "sandbox",
)
REAL = "real ones, on this machine's livekit-server; it has no recorders, so none is recorded"
WITHOUT_MEDIA = (
    "all but picture and sound; with livekit-server on the PATH (or "
    "LIVEKIT_SERVER_BIN) they are real"
)
SIGN_INS = (
    ("ops", "operations admin, superuser"),
    ("viewer", "operations viewer"),
    ("auditor", "auditor"),
    ("ceo", "CEO of Northwind Sales"),
    ("manager", "manager there"),
    ("closer", "closer there"),
    ("setter", "setter there"),
    ("outsider", "CEO of Contoso Growth"),
)


class Site:
    """The environment of every process of one start."""

    def __init__(self, home: Home, env: dict[str, str]) -> None:
        self.home = home
        self.env = env
        self.demo = env.get("KOPPEL_DEMO", "1").lower() not in {"0", "false", "no", "off"}
        self.database = "koppel_demo" if self.demo else "koppel"
        self.password = env.get("KOPPEL_DEMO_PASSWORD", "koppel-demo")
        self.port = 0
        self.vendors_port = 0
        self.has_video = False
        self.additions: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def choose_ports(self, screen: Screen) -> None:
        self.port = self._port("PORT", 8000, screen)
        if self.demo:
            self.vendors_port = self._port("SANDBOX_PORT", 8100, screen)
        self._compose()

    def _port(self, name: str, default: int, screen: Screen) -> int:
        """Return the port that was asked for, and no other.

        Without a wish it is the usual port, or any if that is taken.
        """
        wish = self.env.get(name, str(default))
        if not wish.isdigit() or not 0 < int(wish) < 65536:
            raise LaunchError(f"{name}={wish} is not a port")
        port = free_port(int(wish))
        if port != int(wish):
            if name in self.env:
                raise LaunchError(
                    f"Port {wish} ({name}) is taken by another program: choose another, or end it"
                )
            screen.note(f"Port {wish} is taken by another program; using {port}")
        return port

    def add(self, **values: str) -> None:
        """Set what a person did not set."""
        for name, value in values.items():
            if not self.env.get(name):
                self.additions[name] = value

    def _compose(self) -> None:
        self.add(**self.home.keys())
        self.add(
            KOPPEL_PUBLIC_URL=self.url,
            ALLOWED_HOSTS="localhost,127.0.0.1",
            STATIC_ROOT=str(self.home.folder("static")),
            # Each costs two seconds of every start; threads are plenty for a trial
            WEB_CONCURRENCY="1",
            WORKER_CONCURRENCY="2",
            LONG_CONCURRENCY="2",
            KOPPEL_BIND="127.0.0.1",
        )
        if not any(
            self.env.get(name) for name in ("EMAIL_URL", "RESEND_API_KEY", "SENDGRID_API_KEY")
        ):
            self.add(EMAIL_FILE_PATH=str(self.home.folder("mail")))
        if self.demo:
            vendors = f"127.0.0.1:{self.vendors_port}"
            for names in STAND_INS:
                if not any(self.env.get(name) for name in names):
                    self.add(
                        **{name: value.format(vendors=vendors) for name, value in names.items()}
                    )
            allowed = [self.env.get("KOPPEL_ALLOW_PRIVATE_HOSTS", ""), vendors]
            self.additions["KOPPEL_ALLOW_PRIVATE_HOSTS"] = ",".join(filter(None, allowed))
        self.additions |= {
            # Whatever another project of theirs may have exported.
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "KOPPEL_DEMO": "1" if self.demo else "0",
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.vendors_port),
            "PYTHONUNBUFFERED": "1",
            # Celery warns at length about running as root; in one's own trial that is meant.
            "PYTHONWARNINGS": self.env.get(
                "PYTHONWARNINGS", "ignore:You're running the worker with superuser"
            ),
        }

    def livekit(self) -> LiveKit | None:
        """Return LiveKit's own server, to be started: where there is one, and a person named no
        other.
        """
        program = None if any(self.env.get(name) for name in LIVEKIT) else find_livekit(self.env)
        if program is None:
            return None
        return LiveKit(self.home.path / "livekit", program, f"{self.url}/webhooks/livekit")

    def use(self, livekit: LiveKit) -> None:
        """Make calls on that server, in place of the stand-in."""
        allowed = [
            self.environment().get("KOPPEL_ALLOW_PRIVATE_HOSTS", ""),
            livekit.url.removeprefix("ws://"),
        ]
        self.additions["KOPPEL_ALLOW_PRIVATE_HOSTS"] = ",".join(filter(None, allowed))
        self.add(
            LIVEKIT_API_URL=livekit.url,
            LIVEKIT_API_KEY=API_KEY,
            LIVEKIT_API_SECRET=livekit.secret,
            LIVEKIT_EGRESS="0",
        )
        self.has_video = True

    def environment(self, name: str = "") -> dict[str, str]:
        """Return the environment of a process of the site: what a person set, and what we add.

        A name set to nothing is left out.
        """
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        # The sweeps of every minute would fill an idle terminal; LOG_LEVEL=INFO shows them.
        quiet = {"LOG_LEVEL": "WARNING"} if name in {*WORKERS, "beat", FOLLOW_UP} else {}
        return {**quiet, **self.env, **self.additions, "PATH": path}

    def command(self, name: str) -> str:
        """Return the command that the Procfile has, so that a trial runs what production runs."""
        if name == "vendors":
            return (
                f"{sys.executable} -m sandbox.vendors --port {self.vendors_port} --app {self.url}"
            )
        if name == FOLLOW_UP:
            return f"{sys.executable} -m sandbox.follow_up"
        lines = (line.partition(": ") for line in (ROOT / "Procfile").read_text().splitlines())
        return next(command for kind, _, command in lines if kind == name)

    def welcome(self, screen: Screen) -> None:
        """Write what a person needs to know, and the line that outside programs wait for."""
        lines = [""]
        if self.demo:
            lines.append(
                f"  Sign in at {screen.bold(self.url)} with the password "
                f"{screen.bold(self.password)} as"
            )
            lines += [f"    {screen.bold(f'{name:<9}')} {what}" for name, what in SIGN_INS]
            lines.append(f"  Stand-in vendors: http://127.0.0.1:{self.vendors_port}/")
            lines.append(f"  Video calls: {REAL if self.has_video else WITHOUT_MEDIA}")
        if mail := self.additions.get("EMAIL_FILE_PATH"):
            lines.append(f"  E-mails are written to files in {mail}")
        lines += [
            f"  Admin: {self.url}/admin/   Stop: Ctrl-C   Everything lies in {self.home.path}",
            "",
        ]
        for line in lines:
            screen.line(line)
        screen.line(f"Koppel is ready: {self.url}")


def preparation(site: Site, own: Postgres) -> str:
    """Digest all that preparing depends on: our code, the packages, the wishes, and where the
    database stands.
    """
    digest = hashlib.sha256(site.password.encode())
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    files += [
        path
        for folder in ("static", "templates")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
    ]
    files += sorted(ROOT.glob("requirements*.txt"))
    for path in files:
        digest.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    table = own.query("select to_regclass('django_migrations') is not null")
    digest.update(
        (
            own.query("select count(*), max(id) from django_migrations") if table == "t" else "none"
        ).encode()
    )
    return digest.hexdigest()
