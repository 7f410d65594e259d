"""The verbs: one function is one transaction is one event."""
