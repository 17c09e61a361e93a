"""`sogdia network join`: a new organisation asks its way in."""

import sys
from pathlib import Path
from typing import Any

from sogdia.app.organisation import Home
from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.terminal import NO, Failure, note, reply_text, stop, tell, text
from sogdia.interfaces.network.introduction import Introduction, introduce
from sogdia.interfaces.network.joining import Applicant, Desk, confirm, make
from sogdia.interfaces.network.laying import Address


def join(folder: Path, url: str, name: str, where: Address, who: Applicant, given: dict[str, Any]) -> None:
    """Make the folder, hand the application in, and say what the members have to do.

    `given`: `full`, `trust_hash` and `wait`. A second call with the same folder goes on where the first one ended.
    """
    home = Home(folder)
    if not (home.config / "genesis.json").exists():
        found = introduce(url)
        _show(found, url)
        confirm(found, given["trust_hash"] or _asked())
        make(home, name, found, where, full=given["full"], passphrase=keyrings.passphrase())
        tell("network_joined", folder=folder, name=name, did=home.read().did)
    desk = Desk(url, home, keyrings.pens([home.read().name], home.folder)[0])
    try:
        _apply(desk, folder, who, given["wait"])
    finally:
        desk.close()


def _show(found: Introduction, url: str) -> None:
    told = found.told
    note("network_seen", network=told.network, chain=told.chain, url=url, genesis=told.genesis_sha256)
    note("network_header", height=found.header.height, hash=found.hash, same=len(found.same))
    if found.others:
        note("network_header_missing", urls=", ".join(found.others))
    if not found.reaches_back:
        note("network_header_alone")


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Failure("network_confirm_needed")
    return input(text("network_confirm") + " ")


def _apply(desk: Desk, folder: Path, who: Applicant, wait: bool) -> None:
    reply = desk.apply(who)
    if reply is not None and not reply.accepted:
        note("network_not_applied", code=reply.code, why=reply_text(reply.code, reply.fields))
        stop(NO)
    if desk.standing() == "active":
        tell("network_member_already", folder=folder)
        return
    case_no = desk.opened_case()
    tell("network_applied", case_no=case_no, folder=folder)
    if wait:
        note("network_waiting", case_no=case_no)
        ended = desk.wait(case_no)
        tell("network_admitted" if ended == "passed" else "network_not_admitted", case_no=case_no, standing=ended)
        if ended != "passed":
            stop(NO)
