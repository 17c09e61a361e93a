"""The rules of governance: founding, admission, deciding (docket, effects), membership (seats), offences."""

from sogdia.core.module import Module
from sogdia.domains.governance import messages, state
from sogdia.domains.governance.rules.admission import apply, review
from sogdia.domains.governance.rules.deciding import propose, vote, withdraw
from sogdia.domains.governance.rules.founding import found
from sogdia.domains.governance.rules.membership import host, rejoin, rotate_validator, set_url
from sogdia.domains.governance.rules.offences import misbehaved

module = Module("governance", 8000, messages, state)

module.rule(found)
module.rule(apply)
module.rule(review)
module.rule(vote)
module.rule(withdraw)
module.rule(propose)
module.rule(rotate_validator)
module.rule(set_url)
module.rule(rejoin)
module.rule(host)
module.rule(misbehaved)
