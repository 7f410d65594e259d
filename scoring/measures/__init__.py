"""One file an indicator: who is judged, and who has met it."""
