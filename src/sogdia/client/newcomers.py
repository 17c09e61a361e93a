"""Keys of parties that were on no record yet when they signed: who applies for membership, and who takes that back.

Such a party says in its application which keys it has, and its identifier is made of the first one. So the key needs
nobody's word: whoever can show a key of which the identifier is made has the key that is meant. It is asked for where
a transaction was accepted alone, for the rules accept it only while the party stands on no record; afterwards the keys
on record count, and one that was retired opens nothing by an old application.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from sogdia.core import keys
from sogdia.core.codec import from_base64url
from sogdia.core.module import KeyOnRecord
from sogdia.core.transaction import Envelope

_APPLICATION: Final = "governance.apply"


class _Key(msgspec.Struct):
    id: str
    public: str


class _Organisation(msgspec.Struct):
    keys: tuple[_Key, ...]


class _Message(msgspec.Struct):
    type: str
    organisation: _Organisation | None = None


class _Payload(msgspec.Struct):
    messages: tuple[_Message, ...]


_envelope = msgspec.json.Decoder(Envelope).decode
_payload = msgspec.json.Decoder(_Payload).decode


def newcomers_keys(envelopes: Iterable[str]) -> dict[str, KeyOnRecord]:
    """The keys, by their ids, after which the applicants of these transactions are named; what is odd brings none."""
    found = {}
    for envelope in envelopes:
        try:
            payload = _payload(from_base64url(_envelope(envelope).payload))
            found.update({key.id: key for key in _brought(payload)})
        except (ValueError, RecursionError):
            continue
    return found


def _brought(payload: _Payload) -> Iterator[KeyOnRecord]:
    for message in payload.messages:
        organisation = message.organisation
        if message.type == _APPLICATION and organisation is not None and organisation.keys:
            first, party = organisation.keys[0], organisation.keys[0].id.partition("#")[0]
            if _is_named_after(party, bytes.fromhex(first.public)):
                yield KeyOnRecord(first.id, party, keys.EDDSA, first.public, "sign", 0)


def _is_named_after(party: str, public: bytes) -> bool:
    return keys.identifier(keys.parse_identifier(party).network_code, public) == party
