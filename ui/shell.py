"""Streamlit's page shell in our language, and the policy that says what a browser may load."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit

NAME = "信访举报工作台"
HEAD = (
    '<link rel="stylesheet" href="/assets/frame.css" />\n'
    '    <link rel="stylesheet" href="/assets/work.css" />\n'
    '    <script src="/assets/frame.js"></script>'
)
NO_SCRIPT = "<noscript><p>本系统需要浏览器启用 JavaScript，请启用后刷新本页。</p></noscript>"


@cache
def index() -> str:
    """The installed index.html: Chinese, with our style and script, without pointers to others."""
    path = Path(streamlit.__file__).parent / "static" / "index.html"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = text.replace('<html lang="en">', '<html lang="zh-CN">')
    text = re.sub(r"<title>.*?</title>", f"<title>{NAME}</title>", text)
    text = re.sub(r'<link rel="service-desc"[^>]*>\s*', "", text)
    text = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*>\s*', "", text)
    text = re.sub(r"<noscript>.*?</noscript>", NO_SCRIPT, text, flags=re.S)
    text = text.replace('href="./favicon.png"', 'href="/assets/favicon.png"')
    # Absolute, so that a page opened by a deep link finds its parts.
    text = text.replace('"./static/', '"/static/')
    return text.replace("</title>", f"</title>\n    {HEAD}", 1)


@cache
def policy() -> str:
    """The Content-Security-Policy, with the hash of every inline script of the shell."""
    scripts = re.findall(r"<script>(.*?)</script>", index(), flags=re.S)
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in scripts
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval'{hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "frame-src 'self' blob:",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'self'",
        )
    )
