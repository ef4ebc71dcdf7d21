"""SQL of moderation: cases and their history, pages, flags, who works on what."""
