"""What is heard of sentences that nothing was tuned on: `python -m bench.unseen`."""
