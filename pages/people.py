"""人员账号: an administrator opens, changes and closes accounts."""

import streamlit as st

from domain.people import Role
from services import people
from ui.account_views import ROLES, account_table, chosen_roles, matching, role_words, state_of
from ui.errors import refusals
from ui.page import open_page

page = open_page(__file__)
units = people.units(page.viewer)

with st.expander("新建账号", icon=":material/person_add:"):
    with st.form("new", border=False):
        left, right = st.columns(2)
        login = left.text_input("账号", max_chars=40, help="3 至 40 个字母、数字或下划线")
        name = right.text_input("姓名", max_chars=40)
        unit = left.selectbox("单位", list(units), format_func=units.__getitem__, index=None,
                              placeholder="请选择单位")  # fmt: skip
        chosen = right.multiselect("角色", list(ROLES), format_func=ROLES.__getitem__,
                                   placeholder="请选择角色")  # fmt: skip
        wanted = st.form_submit_button("建立账号", type="primary")
    if wanted:
        with refusals():
            fields = people.NewPerson(login, name, unit or 0, chosen_roles(chosen))
            password = people.create(page.viewer, fields, page.now)
            st.success("账号已建立。请把下面的一次性密码当面交给本人，离开本页后不再显示。")
            st.code(password, language=None)

accounts = people.accounts(page.viewer, page.now)
text = st.text_input("查找", key="q", bind="query-params", placeholder="姓名、账号或单位",
                     icon=":material/search:")  # fmt: skip
found = matching(accounts, text)
st.caption(f"共 {len(found)} 个账号；点选一行后在下方办理。")
picked = st.dataframe(
    account_table(found), hide_index=True, on_select="rerun", selection_mode="single-row",
    key=f"accounts_{text}", height=min(33 * len(found) + 37, 440),
)  # fmt: skip
rows = picked["selection"]["rows"]
if not rows or rows[0] >= len(found):
    st.stop()

account = found[rows[0]]
st.subheader("办理")
st.text(f"{account.name}（{account.login}） · {account.unit_name} · {role_words(account.roles)}"
        f" · {state_of(account)}")  # fmt: skip
held = [role.value for role in Role if role in account.roles]
kept = st.multiselect("角色", list(ROLES), default=held, format_func=ROLES.__getitem__,
                      key=f"roles_{account.id}_{'_'.join(held)}")  # fmt: skip
ways = st.columns(5)
save = ways[0].button("保存角色", type="primary", disabled=set(kept) == set(held))
reset = ways[1].button("重置密码")
unlock = ways[2].button("解除锁定", disabled=account.locked_until is None)
end = ways[3].button("强制退出", disabled=account.sessions == 0)
close = ways[4].button("启用账号" if account.disabled else "停用账号")

with refusals():
    if reset:
        password = people.reset_password(page.viewer, account.id, page.now)
        st.success("密码已重置，该人员的登录已全部退出。一次性密码如下，离开本页后不再显示。")
        st.code(password, language=None)
    if save:
        people.set_roles(page.viewer, account.id, chosen_roles(kept), page.now)
    if unlock:
        people.unlock(page.viewer, account.id, page.now)
    if end:
        people.end_sessions(page.viewer, account.id, page.now)
    if close:
        people.set_disabled(page.viewer, account.id, not account.disabled, page.now)
    if save or unlock or end or close:
        st.rerun()
