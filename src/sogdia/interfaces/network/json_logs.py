"""What the engine and the supervisor say goes to logs as JSON lines, like what the HTTP interface says.

Lines name organisations, processes, heights, hashes and codes, and no value of a trade.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from sogdia.interfaces.http.server import JsonLines

ENGINE: Final = logging.getLogger("sogdia.engines")
SUPERVISOR: Final = logging.getLogger("sogdia.supervisor")
SIZE_BYTES: Final = 10 * 1024 * 1024
KEPT: Final = 3
"""How many full files are kept beside the one that is written."""


def log_engine(level: int = logging.INFO) -> None:
    """JSON lines of the engine on standard error, which is the node's log."""
    _say_to(ENGINE, logging.StreamHandler(), level)


def log_to_file(path: Path) -> None:
    """JSON lines of what becomes of the processes, in a file that is begun anew when it has grown large."""
    _say_to(SUPERVISOR, RotatingFileHandler(path, maxBytes=SIZE_BYTES, backupCount=KEPT, delay=True), logging.INFO)


def _say_to(logger: logging.Logger, handler: logging.Handler, level: int) -> None:
    handler.setFormatter(JsonLines())
    for old in logger.handlers:
        old.close()
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(level)
