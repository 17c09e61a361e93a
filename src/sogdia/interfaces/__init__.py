"""Interfaces: how people and programs reach a node. Thin, and derived from the list of modules."""
