"""A child process that ends with its parent, however the parent ends."""

import os
import signal
import time
from contextlib import suppress
from threading import Thread

LAST_RESORT_SECONDS = 30.0
"""How long a child may take to end in good order before it ends hard."""


def end_with_parent() -> None:
    """In a child: end this process when the parent's end of standard input closes, in the last resort at once."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LAST_RESORT_SECONDS)
        os._exit(1)

    Thread(target=watch, name="parent watch", daemon=True).start()
