"""One figure as one line of JSON."""

import json
import resource
import sys
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """A measured value with its unit; `target` is what was set, `reached` whether the value keeps it.

    `higher_is_better` says in which direction; `rate` figures are put in ratio to the ceiling.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    higher_is_better: bool = True
    rate: bool = False
    notes: dict[str, Any] = {}

    def line(self, ceiling: float) -> str:
        """The line of JSON."""
        shown: dict[str, Any] = {"figure": self.name, "value": round(self.value, 3), "unit": self.unit}
        if self.target is not None:
            kept = self.value >= self.target if self.higher_is_better else self.value <= self.target
            shown |= {"target": self.target, "reached": kept}
        if self.rate:
            shown["ratio_to_ceiling"] = round(self.value / ceiling, 4)
        return json.dumps(shown | self.notes, ensure_ascii=False)


def peak_memory_mb() -> float:
    """The largest resident size of this process so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
