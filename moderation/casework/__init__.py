"""Casework: cases as pure state machines over their history, and every act on them."""
