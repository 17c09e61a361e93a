"""The people of the parties: who they are, how they may sign in, and the invitations by which they come.

A name belongs to one user of the node, whatever its case. A link of an invitation is good once; what stands here is the
hash of its token. Times are milliseconds of UTC.
"""

import re
import secrets
import unicodedata
from hashlib import sha256
from typing import Final

import msgspec
from pyotp import random_base32

from sogdia.interfaces.console.notebook import Notebook

INVITATION_MS: Final = 3 * 86_400_000
RECOVERY_CODES: Final = 8
_RECOVERY_BYTES: Final = 10
_NAME: Final = re.compile(r"\w(?:[\w .@+-]{0,62}\w)?")
_COLUMNS: Final = "id, party, name, password, totp, totp_step, language, created_ms, signed_in_ms"
_NEW_PASSKEY: Final = "INSERT INTO passkey VALUES (?, ?, ?, ?, ?, ?, ?)"


class NameTaken(Exception):
    """Another user of this node has the name."""


class User(msgspec.Struct, frozen=True):
    """A person of one party. Without a password they sign in by passkey alone."""

    id: str
    party: str
    name: str
    password: str
    """Argon2id, in the text form that libsodium writes."""
    totp: str
    """Secret of the one-time codes, base32."""
    totp_step: int
    """The last interval of 30 seconds whose code was used: a code is good once."""
    language: str
    """What the user chose, or nothing."""
    created_ms: int
    signed_in_ms: int

    def __repr__(self) -> str:
        return f"User({self.id}, {self.party}, secrets hidden)"


class Passkey(msgspec.Struct, frozen=True):
    """A WebAuthn credential of a user: its public key and how often its authenticator says it was used."""

    id: bytes
    user: str
    label: str
    public: bytes
    uses: int
    created_ms: int
    used_ms: int


class Invitation(msgspec.Struct, frozen=True):
    """What a link stands for: a place in a party, and the secret of one-time codes that its page shows."""

    party: str
    name: str
    totp: str
    until_ms: int

    def __repr__(self) -> str:
        return f"Invitation({self.party}, secrets hidden)"


def folded(name: str) -> str:
    """A name as it is compared: one form of Unicode, no case, single blanks."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def is_name(name: str) -> bool:
    """Whether a user may be called so: 1 to 64 letters, digits, blanks and . @ + - _ within."""
    return _NAME.fullmatch(unicodedata.normalize("NFKC", name)) is not None


# --- invitations ----------------------------------------------------------------------------------------------------


def invite(notebook: Notebook, party: str, name: str, now_ms: int) -> str:
    """The token of a new invitation, 256 random bits. Those that have ended are forgotten."""
    token = secrets.token_urlsafe(32)
    with notebook.writing() as connection:
        connection.execute("DELETE FROM invitation WHERE until_ms <= ?", (now_ms,))
        row = (_digest(token), party, name, random_base32(), now_ms + INVITATION_MS)
        connection.execute("INSERT INTO invitation VALUES (?, ?, ?, ?, ?)", row)
    return token


def invitation_of(notebook: Notebook, token: str, now_ms: int) -> Invitation | None:
    """The invitation of this token, unless it has ended or was used."""
    found = notebook.rows(
        "SELECT party, name, totp, until_ms FROM invitation WHERE digest = ? AND until_ms > ?", _digest(token), now_ms
    )
    return Invitation(*found[0]) if found else None


def accept(notebook: Notebook, token: str, user: User, passkey: Passkey | None, codes: list[str]) -> bool:
    """Use up the invitation and make its user; False when somebody was faster. NameTaken leaves it as it was."""
    with notebook.writing() as connection:
        if not connection.execute("DELETE FROM invitation WHERE digest = ?", (_digest(token),)).rowcount:
            return False
        if connection.execute("SELECT 1 FROM user WHERE folded = ?", (folded(user.name),)).fetchone():
            raise NameTaken
        row = (user.id, user.party, user.name, folded(user.name), user.password, user.totp, user.totp_step)
        times = (user.language, user.created_ms, user.signed_in_ms)
        connection.execute("INSERT INTO user VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *times))
        connection.executemany("INSERT INTO recovery VALUES (?, ?)", [(user.id, code_digest(one)) for one in codes])
        if passkey is not None:
            connection.execute(_NEW_PASSKEY, msgspec.structs.astuple(passkey))
    return True


def new_user(
    invitation: Invitation, name: str, now_ms: int, *, id: str = "", password: str = "", step: int = 0
) -> User:
    """The user that an invitation becomes, not yet kept; without a password it has no one-time codes either."""
    own, totp, shown = id or secrets.token_urlsafe(12), invitation.totp if password else "", " ".join(name.split())
    return User(own, invitation.party, shown, password, totp, step, "", now_ms, now_ms)


def id_of_invitation(token: str) -> str:
    """The id of the user that this invitation becomes, where it must be known before: it tells nothing of the token."""
    return sha256(b"user of " + _digest(token)).hexdigest()[:24]


# --- users ----------------------------------------------------------------------------------------------------------


def by_name(notebook: Notebook, name: str) -> User | None:
    """The user of this name, in any case."""
    found = notebook.rows(f"SELECT {_COLUMNS} FROM user WHERE folded = ?", folded(name))
    return User(*found[0]) if found else None


def by_id(notebook: Notebook, user: str) -> User | None:
    """The user of this id."""
    found = notebook.rows(f"SELECT {_COLUMNS} FROM user WHERE id = ?", user)
    return User(*found[0]) if found else None


def everyone(notebook: Notebook) -> list[User]:
    """All users by party and name."""
    return [User(*row) for row in notebook.rows(f"SELECT {_COLUMNS} FROM user ORDER BY party, folded")]


def remove(notebook: Notebook, user: str) -> bool:
    """Forget a user with all ways of signing in; False when there is none."""
    with notebook.writing() as connection:
        return bool(connection.execute("DELETE FROM user WHERE id = ?", (user,)).rowcount)


def note_sign_in(notebook: Notebook, user: str, now_ms: int) -> None:
    """Remember when a user came last."""
    with notebook.writing() as connection:
        connection.execute("UPDATE user SET signed_in_ms = ? WHERE id = ?", (now_ms, user))


def set_language(notebook: Notebook, user: str, language: str) -> None:
    """The language in which a user wants pages."""
    with notebook.writing() as connection:
        connection.execute("UPDATE user SET language = ? WHERE id = ?", (language, user))


def set_password(notebook: Notebook, user: str, password: str, totp: str, step: int) -> None:
    """Another password, as its hash, and the secret of the one-time codes that go with it."""
    with notebook.writing() as connection:
        connection.execute(
            "UPDATE user SET password = ?, totp = ?, totp_step = ? WHERE id = ?", (password, totp, step, user)
        )


# --- second factors and passkeys ------------------------------------------------------------------------------------


def use_step(notebook: Notebook, user: str, step: int) -> bool:
    """Use up the one-time code of an interval; False when this one or a later one was used already."""
    with notebook.writing() as connection:
        statement = "UPDATE user SET totp_step = ? WHERE id = ? AND totp_step < ?"
        return bool(connection.execute(statement, (step, user, step)).rowcount)


def new_codes() -> list[str]:
    """Recovery codes, 80 random bits each, in groups that a person can copy."""
    plain = [secrets.token_hex(_RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    return ["-".join(one[at : at + 5] for at in range(0, len(one), 5)) for one in plain]


def code_digest(code: str) -> bytes:
    """The hash of a recovery code; blanks, dashes and case do not count."""
    return sha256("".join(one for one in code.lower() if one.isalnum()).encode()).digest()


def use_code(notebook: Notebook, user: str, code: str) -> bool:
    """Use up a recovery code; False when it is none."""
    with notebook.writing() as connection:
        statement = "DELETE FROM recovery WHERE user = ? AND digest = ?"
        return bool(connection.execute(statement, (user, code_digest(code))).rowcount)


def replace_codes(notebook: Notebook, user: str, codes: list[str]) -> None:
    """Other recovery codes; the ones before count no longer."""
    with notebook.writing() as connection:
        connection.execute("DELETE FROM recovery WHERE user = ?", (user,))
        connection.executemany("INSERT INTO recovery VALUES (?, ?)", [(user, code_digest(one)) for one in codes])


def codes_left(notebook: Notebook, user: str) -> int:
    """How many recovery codes a user has left."""
    return int(notebook.rows("SELECT count(*) FROM recovery WHERE user = ?", user)[0][0])


def add_passkey(notebook: Notebook, passkey: Passkey) -> None:
    """Keep a passkey of a user."""
    with notebook.writing() as connection:
        connection.execute(_NEW_PASSKEY, msgspec.structs.astuple(passkey))


def passkeys_of(notebook: Notebook, user: str) -> list[Passkey]:
    """A user's passkeys, the oldest first."""
    return [Passkey(*row) for row in notebook.rows("SELECT * FROM passkey WHERE user = ? ORDER BY created_ms", user)]


def passkey_of(notebook: Notebook, id: bytes) -> Passkey | None:
    """The passkey of this credential id."""
    found = notebook.rows("SELECT * FROM passkey WHERE id = ?", id)
    return Passkey(*found[0]) if found else None


def note_use(notebook: Notebook, passkey: bytes, uses: int, now_ms: int) -> None:
    """Remember that a passkey was used, and its authenticator's count."""
    with notebook.writing() as connection:
        connection.execute("UPDATE passkey SET uses = ?, used_ms = ? WHERE id = ?", (uses, now_ms, passkey))


def drop_passkey(notebook: Notebook, user: str, passkey: bytes) -> bool:
    """Forget a passkey, unless it is the only way by which its user can sign in: then False."""
    with notebook.writing() as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM passkey WHERE user = ?) + (SELECT password <> '' FROM user WHERE id = ?)",
            (user, user),
        ).fetchone()[0]
        statement = "DELETE FROM passkey WHERE user = ? AND id = ?"
        return left > 1 and bool(connection.execute(statement, (user, passkey)).rowcount)


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
