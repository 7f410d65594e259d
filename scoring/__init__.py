"""Scoring: findings become points, lines, sheets and a ranking; nothing here knows a page."""
