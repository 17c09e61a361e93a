"""A node with its courier that stops dead at one step and waits to be killed: FOLDER STEP.

STEP is `<class>.<method>` of the courier or its shelf; "there" is printed when the step is reached. On stdin comes a
list of transactions.
"""

import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from sogdia.app import Node
from sogdia.interfaces.courier.courier import Courier
from sogdia.interfaces.courier.desk import Desk
from sogdia.interfaces.courier.errands import Errands
from sogdia.interfaces.http.sealed_shelf import SealedShelf
from tests.interfaces.courier.league import BETA, quick

CLASSES = {one.__name__: one for one in (Desk, Errands, SealedShelf)}


def stop_dead(*_: Any) -> None:
    print("there", flush=True)
    time.sleep(3600)


def main(folder: Path, step: str) -> None:
    given = msgspec.json.decode(sys.stdin.buffer.readline())
    node = Node(folder)
    node.start()
    courier = Courier(node, SealedShelf(folder), quick(BETA))
    courier.start()
    while courier.status().height < node.machine.seal.height:
        time.sleep(0.01)
    name, _, method = step.partition(".")
    setattr(CLASSES[name], method, stop_dead)
    for raw in given:
        assert node.submit_all([raw.encode()])[0].result(10).code == 0
    time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
