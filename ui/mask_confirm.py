"""脱敏确认: a text with its marks, what a person takes away or adds, and the text that may leave.

`confirm` is a part of a page. What it returns was seen as it is: any later change of text, marks
or words asks for a new confirmation.
"""

import re
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from domain.masking import Kind, Span, mask, occurrences, settled
from ui.errors import plain
from ui.tables import Html, joined, mark, safe

SEPARATORS = re.compile(r"[、，,；;\s]+")
LOOK = "系统按特征查找，可能有遗漏或误标；请通读全文后再确认。"


def confirm(key: str, text: str, spans: Sequence[Span]) -> str | None:
    """Draw the part; the masked text once a person confirmed just that, else None."""
    unmarked = _unmarked(key, text, spans)
    words = _words(key, text)
    kept = [(s.start, s.end, s.kind) for s in spans if _piece(text, s) not in unmarked]
    final = settled(text, [*occurrences(text, words, Kind.OTHER), *kept])
    masked = mask(text, final)
    st.html(f'<div class="xf-typed xf-masking">{marked(text, final)}</div>')
    st.caption("脱敏后的文本")
    st.html(f'<div class="xf-typed">{safe(masked)}</div>')
    confirmed = f"{key}.confirmed"
    if st.session_state.get(confirmed) == (text, masked):
        st.success("已确认脱敏；再改动标记需重新确认。", icon=":material/verified_user:")
        return masked
    st.button("确认脱敏", key=f"{key}.confirm", type="primary", on_click=_confirm,
              args=(confirmed, text, masked))  # fmt: skip
    return None


def marked(text: str, spans: Sequence[Span]) -> str:
    """The text as HTML, every span with the label of its kind; all of it escaped."""
    out, last = [], 0
    for span in spans:
        label = mark(span.kind.label)
        out.append(_plain(text[last : span.start]))
        out.append(f'<mark class="xf-mask xf-mask-{span.kind.value}">{label}'
                   f"{_plain(text[span.start : span.end])}</mark>")  # fmt: skip
        last = span.end
    return "".join(out) + _plain(text[last:])


def _plain(text: str) -> str:
    return safe(text) if text else ""


def _confirm(key: str, text: str, masked: str) -> None:
    st.session_state[key] = text, masked


def _piece(text: str, span: Span) -> str:
    """What a person unmarks at once: the same words of the same kind, wherever they stand."""
    return f"{span.kind.value}:{text[span.start : span.end]}"


def _unmarked(key: str, text: str, spans: Sequence[Span]) -> set[str]:
    found = Counter(_piece(text, span) for span in spans)
    kinds = Counter(span.kind for span in spans)
    if not found:
        st.caption(f"没有发现疑似身份信息。{LOOK}")
        return set()
    told = joined((Html(f"{mark(kind.label)}{number} 处") for kind, number in kinds.items()), "　")
    st.html(f'<div class="xf-line">{told}</div>')
    st.caption(LOOK)

    def shown(piece: str) -> str:
        kind, _, words = piece.partition(":")
        times = f"（{found[piece]} 处）" if found[piece] > 1 else ""
        return f"{Kind(kind).label} {' '.join(words.split())}{times}"

    return set(st.multiselect(
        "误标、不需遮盖的", list(found), format_func=shown, placeholder="没有误标可不选",
        key=f"{key}.unmarked", persist_state="page",
    ))  # fmt: skip


def _words(key: str, text: str) -> list[str]:
    """Further words to mask; says which of them are not there or too short."""
    typed = st.text_input("还需遮盖的词", max_chars=200, placeholder="可填多个，用顿号或空格分开",
                          key=f"{key}.words", persist_state="page")  # fmt: skip
    words = [word for word in SEPARATORS.split(typed or "") if word]
    missing = [word for word in words if not occurrences(text, [word])]
    if missing:
        said = "、".join(f"“{word}”" for word in missing)
        st.warning(plain(f"文中没有找到{said}（至少两个字）；请核对后重填。"))
    return words
