"""python -m bench [--quick] [NAME ...]: runs the measurements, one line of JSON per figure on standard output.

Every line names the figure, its value and unit, the target where the project set one, and the ratio to the ceiling that
was measured in the same run: PyNaCl verifications per second on two threads.
"""

import json
import sys
from collections.abc import Callable

from bench import capture, engine, files, job, lookups, network, pages, paint, proofs, sync, trace
from bench.figures import Figure

MEASUREMENTS: dict[str, Callable[[float], list[Figure]]] = {
    "engine": engine.measure,
    "proofs": proofs.measure,
    "files": files.measure,
    "job": job.measure,
    "network": network.measure,
    "sync": sync.measure,
    "trace": trace.measure,
    "capture": capture.measure,
    "lookups": lookups.measure,
    "pages": pages.measure,
    "paint": paint.measure,
}
QUICK = {
    "trace": trace.measure_quick,
    "capture": capture.measure_quick,
    "lookups": lookups.measure_quick,
    "pages": pages.measure_quick,
    "paint": paint.measure_quick,
}
"""With `--quick`, in place of those with the same name."""


def main(names: list[str]) -> int:
    """Run the named measurements, or all; `--quick` among the names: with little data where a measurement knows how."""
    measurements = MEASUREMENTS | QUICK if "--quick" in names else MEASUREMENTS
    names = [name for name in names if name != "--quick"]
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"no measurement {unknown[0]!r}; there are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    ceiling = engine.ceiling()
    print(json.dumps({"figure": "ceiling", "value": round(ceiling), "unit": "Ed25519 verifications/s, two threads"}))
    for name in names or MEASUREMENTS:
        for figure in measurements[name](ceiling):
            print(figure.line(ceiling), flush=True)
    return 0


sys.exit(main(sys.argv[1:]))
