"""Care for those who care: what they carry, breaks, debriefs, practice."""
