"""The ground: who, where, what was said, when."""
