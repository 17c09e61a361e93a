"""A buyer's pseudonym of one year: keyed, so that nobody without customs' key can compute or test one.

The number is brought into the same one spelling as the commitments to it, so that a buyer who is one in the match is
one in the quota. The year is part of it: a person's years cannot be linked.
"""

import hmac
from hashlib import sha256

from sogdia.primitives.sealed.commitments import normalise


def pseudonym(person_key: bytes, year: str, id_number: str) -> str:
    """64 hexadecimal digits for this person in this year (YYYY); `UnfitValue` for what is no identity number."""
    said = f"{year}/{normalise('id_number', id_number)}"
    return hmac.new(person_key, said.encode(), sha256).hexdigest()
