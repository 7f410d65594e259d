"""What people see: one file a page, without rules and without queries."""
