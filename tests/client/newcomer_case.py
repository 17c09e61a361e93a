"""An organisation that is on no record applies for membership, and is admitted later: its evidence at both times."""

import json
from pathlib import Path
from typing import Any

from sogdia.app import FIELDS, Node
from sogdia.client import evidence
from sogdia.client.connection import signed
from sogdia.core.query import Asker
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Review, Vote, Withdraw
from tests.interfaces.console.governed_town import ADMISSION, MEMBERS, application, founding
from tests.interfaces.http.town import CUSTOMS, NETWORK, STRANGER, Caller

SUBJECT = {"table": "governance.case", "key": ADMISSION}
RECORDS = [("governance.case", ADMISSION), ("governance.application", ADMISSION)]


class NewcomerCase:
    """A node that members founded. `raw` is the evidence of the application as it stands."""

    def __init__(self, folder: Path) -> None:
        self.node = Node.create(folder, NETWORK, founding())
        self.node.start()
        self.key = self.node.verifier_key
        self._sent = 0
        self.send(application(), STRANGER)
        self.raw = self.evidence()

    def admitted(self) -> bytes:
        """The same evidence once the members have let it in, and its key is on record from then on."""
        self.send(Review(member=CUSTOMS.did, case_no=ADMISSION, finding="in_order", digest="99" * 32), CUSTOMS)
        for one in MEMBERS:
            if self.node.record("identity.party", STRANGER.did) is None:
                self.send(Vote(member=one.did, case_no=ADMISSION, choice="yes"), one)
        assert self.node.record("identity.party", STRANGER.did) is not None
        return self.evidence()

    def withdrawn(self) -> bytes:
        """The same evidence when the applicant has taken it back."""
        self.send(Withdraw(party=STRANGER.did, case_no=ADMISSION), STRANGER)
        return self.evidence()

    def evidence(self) -> bytes:
        """Evidence of the case, its application, and all that wrote them."""
        return self.node.evidence(SUBJECT, RECORDS, Asker(CUSTOMS.did, ("customs",)))

    def send(self, message: Message, by: Caller) -> None:
        """Put a message on record."""
        self._sent += 1
        raw = signed(NETWORK.network, self.node.machine.seal.time_ms, f"newcomer {self._sent}", [message], [by])
        (future,) = self.node.submit_all([raw])
        assert future.result(60).code == 0, future.result()

    def fails(self, raw: bytes) -> list[str]:
        """The checks that do not hold."""
        return [one.detail for one in evidence.verify(evidence.read(raw), self.key, FIELDS) if not one.holds]


def in_file(raw: bytes, kid: str) -> list[dict[str, Any]]:
    """The records of this key that a file shows."""
    return [one for one in json.loads(raw)["records"] if one["shown"].get("id") == kid]
