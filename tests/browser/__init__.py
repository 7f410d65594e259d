"""The main ways in a real Chromium, on a desk and on a phone."""
