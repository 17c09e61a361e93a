"""The command line: `sogdia COMMAND`, and one command per message, derived from the message types.

`root` says which commands there are; each module beside it does one of them and is imported only then. Everything a
person reads comes from `interfaces.words`.
"""

import sys


def main() -> None:
    """Run the command line with this process's arguments."""
    from sogdia.interfaces.cli.root import build

    build(sys.argv[1:])(prog_name="sogdia")
