"""`python -m sandbox.vendors --port 8100`: serve the stand-ins until told to stop."""

import argparse
import signal
import sys

from sandbox.vendors.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.vendors", description="Stand-ins for the vendors"
    )
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")
    parser.add_argument(
        "--app", default="", help="where Koppel runs: vendors that push do it there"
    )
    arguments = parser.parse_args()
    try:
        server = Server(arguments.port, arguments.seed, arguments.app)
    except OSError as error:
        sys.exit(f"Port {arguments.port} cannot be used: {error.strerror}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(
        f"Vendor sandbox: http://127.0.0.1:{server.port}/ with "
        f"{', '.join(sorted(server.box.vendors))}",
        flush=True,
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
