"""The gate: every word that is kept passes here, judged first, written in one transaction."""
