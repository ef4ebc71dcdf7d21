"""Pairings: a private conversation of two people who both agreed, and who may bring them together."""
