"""The gate every message passes; cases, on-call, appeals: a person for every cry."""
