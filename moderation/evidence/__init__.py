"""Evidence: the chained log of acts and views, and figures of what happened."""
