"""The mechanisms that every trade needs, once: `rulebooks`, `lots`, `sealed`.

A primitive knows no domain. It works on a table that a domain owns, and refuses with numbers of its own (100-999).
"""
