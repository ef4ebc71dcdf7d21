"""Workloads and comparisons; figures in bench/README.md."""
