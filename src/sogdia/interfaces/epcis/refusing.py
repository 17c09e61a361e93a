"""Any error as the standard's problem. A mistake of ours says nothing of what it met."""

import logging
import traceback
from typing import Final

from sogdia.interfaces.epcis.capabilities import limits
from sogdia.interfaces.epcis.problems import EpcisProblem, of_house, of_query
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.http.problems import Problem
from sogdia.standards.epcis.query.refusals import QueryRefused

LOG: Final = logging.getLogger("sogdia.epcis")


def problem_of(error: Exception, method: str, settings: Settings) -> EpcisProblem:
    """The problem that an error is told as; what is no refusal is logged as a mistake of ours."""
    if isinstance(error, EpcisProblem):
        if error.status == 413:
            error.headers.update(limits(settings))
        return error
    if isinstance(error, Problem):
        return of_house(error)
    if isinstance(error, QueryRefused):
        return of_query(error)
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    LOG.error("bug", extra={"said": {"error": type(error).__name__, "method": method, "where": where}})
    return EpcisProblem(500, "http.bug")
