"""The law and the method as dated data with their sources, checked when loaded."""
