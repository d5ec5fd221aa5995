"""`python -m shop [--port N]`: serve the shop on this machine until it is told to stop."""

import argparse
import logging
import signal
import sys

from .api import ShopServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shop", description="A small web shop.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes a free one (default: 8000)")
    options = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ShopServer((options.host, options.port)) as server:
        host, port = server.server_address[:2]
        print(f"shop listening on http://{host!s}:{port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(130)


if __name__ == "__main__":
    main()
