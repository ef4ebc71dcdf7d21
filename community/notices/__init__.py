"""News for members: what is shown to them, what they wish to be told outside, and how it gets there unread."""
