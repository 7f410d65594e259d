"""Files in: what a channel's ledger says, checked row by row, written nowhere."""
