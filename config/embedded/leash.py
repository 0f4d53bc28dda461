"""``python -m config.embedded.leash MODULE …`` runs a module that ends with its parent, killed or not.

The parent holds the other end of our standard input. When it is gone the pipe closes, whatever ended it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from threading import Thread


def _follow_the_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    sys.argv = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    Thread(target=_follow_the_parent, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
