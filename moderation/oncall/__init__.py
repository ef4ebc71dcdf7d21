"""On call: the roster, pages that are repeated until somebody answers, and the ways they go out."""
