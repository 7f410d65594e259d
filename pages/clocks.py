"""时限核算: any term from any day, with its proof day by day."""

from datetime import date

import streamlit as st

from domain.terms import Term, TermUnit, due
from rules import load
from ui.page import open_page
from ui.proofs import ending, proof, said
from ui.tables import facts

page = open_page(__file__)
rules = load()
named = {f"{n}": rule for n, rule in enumerate(rules.clocks) if rule.term}
UNITS = {TermUnit.WORKDAY: "工作日", TermUnit.DAY: "日（自然日）"}

left, right = st.columns([2, 3])
start = left.date_input("起算日（事件当日，不计入）", page.today, format="YYYY-MM-DD", key="start",
                        min_value=date(rules.calendar.first_year, 1, 1),
                        max_value=date(rules.calendar.last_year + 2, 12, 31))  # fmt: skip
titles = {"own": "自定期限"} | {k: f"{r.label} · {r.basis}" for k, r in named.items()}
chosen = right.selectbox(
    "时限", list(titles), key="rule",
    format_func=lambda key: titles[key],
)  # fmt: skip
if chosen == "own":
    first, second, third = st.columns(3, vertical_alignment="bottom")
    length = first.number_input("期限", 1, 200, 2, key="length")
    unit = second.selectbox("单位", list(UNITS), format_func=UNITS.__getitem__, key="unit")
    rolls = third.checkbox("届满日逢休息日顺延", key="rolls", disabled=unit is TermUnit.WORKDAY)
    term, words = Term(int(length), unit, rolls and unit is TermUnit.DAY), ""
else:
    rule = named[chosen]
    term, words = rule.term or Term(1, TermUnit.DAY), said(rule)

end = due(start, term, rules.calendar)
about = (
    ("期限", term.text),
    ("到期日", ending(end.on, end.provisional)),
    ("规则", words or "自定"),
)
st.html(facts(about))
st.html(proof(start, term))
st.caption(f"工作日历版本 {rules.calendar.version}，依据国务院办公厅历年放假安排通知。")
