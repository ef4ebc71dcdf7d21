"""Boards and threads: people talking in their own time."""
