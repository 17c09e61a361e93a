"""The rehearsal's node: `sogdia up` that ends with its parent. Arguments: folder, port."""

import sys
from pathlib import Path

from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.cli import running

if __name__ == "__main__":
    end_with_parent()
    running.up(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), "")
