"""Shared web parts: problem documents, calls, pages, sessions; the accounts and groups API and pages."""
