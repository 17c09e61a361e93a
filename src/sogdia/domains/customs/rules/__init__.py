"""The rules of customs: `declare` with `match`, `answer` with `receipts`, `publish`."""

from sogdia.core.module import Module
from sogdia.domains.customs import messages, state
from sogdia.domains.customs.rules.answer import answer
from sogdia.domains.customs.rules.declare import declare_export, declare_import
from sogdia.domains.customs.rules.publish import publish_limits

module = Module("customs", 6000, messages, state)

module.rule(declare_import)
module.rule(declare_export)
module.rule(answer)
module.rule(publish_limits)
