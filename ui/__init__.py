"""The web face around the pages: front door, sign-in, filters, tables, charts, maps."""
