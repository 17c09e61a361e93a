"""The parts of a trade, one folder each, always the same four files; a domain sees only those below it.

customs > payments | logistics | tax > orders > catalog > identity
"""
