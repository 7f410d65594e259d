"""The style of maps and months, beside that of the frame: sent with the page that needs it."""

from pathlib import Path

FILE = Path(__file__).resolve().parent / "static" / "figures.css"
STYLE = f"<style>{FILE.read_text(encoding='utf-8')}</style>"
