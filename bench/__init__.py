"""How fast, against what: every figure is one line of JSON, beside the ceiling that was measured in the same run."""
