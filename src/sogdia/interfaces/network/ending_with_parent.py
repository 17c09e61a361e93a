"""Become another program, one that is told to end when its parent dies: FILE PARENT PROGRAM ARGUMENTS...

Run as a file by the bare interpreter, so that it costs little. CometBFT does not watch its standard input as our own
children do, so on Linux the kernel tells it (prctl(2), PR_SET_PDEATHSIG). Elsewhere it ends because its node does:
CometBFT does not live without the socket of its application.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arrange the end, then become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):  # it died before the kernel knew
        sys.exit(0)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
