"""Sogdia: an open, verifiable record for cross-border e-commerce."""

__version__ = "0.1.0"
