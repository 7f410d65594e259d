"""The database: models, sessions under a scope, queries and migrations."""
