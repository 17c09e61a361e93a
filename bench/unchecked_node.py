"""An organisation's node that takes every signature for good: only to measure what checking them costs."""

import sys
from pathlib import Path

from sogdia.core import keys
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.network import node

if __name__ == "__main__":
    keys.check_rule()
    keys.verify = lambda scheme, public_key, message, signature: True
    keys.check_rule = lambda: None
    end_with_parent()
    node.run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
