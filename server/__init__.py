"""Wiring: settings, assembly, command line, jobs, embedded Postgres."""
