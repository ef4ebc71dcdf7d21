"""The pipeline: pure judgement of one text. No await, no clock, no randomness, no I/O after loading."""
