"""Numbered SQL, forward only; read by community/migrate.py."""
