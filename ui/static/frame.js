// Streamlit's own words in Chinese, the way back to sign-in, and files that start by themselves.
"use strict";
(() => {
  const WORDS = new Map(Object.entries({
    "Choose options": "请选择", "Choose an option": "请选择", "Select all": "全选", "No results": "没有匹配的选项",
    "No options to select": "没有可选项", "No options to select.": "没有可选项",
    "Upload": "选择文件", "Browse files": "选择文件", "Drag and drop file here": "把文件拖到这里",
    "Drag and drop files here": "把文件拖到这里", "Remove file": "移除文件", "Uploading...": "正在上传",
    "Search": "搜索", "Download as CSV": "导出为 CSV", "Fullscreen": "全屏", "Close fullscreen": "退出全屏",
    "Show/hide columns": "显示或隐藏列", "Sort ascending": "升序", "Sort descending": "降序", "Autosize": "自动列宽",
    "Auto-size": "自动列宽", "Pin column": "固定列", "Unpin column": "取消固定", "Hide column": "隐藏列", "Format": "格式",
    "Add row": "增加一行", "Delete row(s)": "删除所选行", "Clear selection": "清除选择", "Add rows": "增加行",
    "(required)": "必选", "empty": "空", "No data": "没有数据", "Type to search": "输入以搜索",
    "Running...": "正在处理…", "RUNNING...": "正在处理…", "Stop": "停止", "Rerun": "刷新", "Always rerun": "自动刷新",
    "CONNECTING": "正在连接", "Connecting": "正在连接", "Connection error": "连接已断开", "Connection lost": "连接已断开",
    "Connection lost. Please wait for the app to reconnect, then try again.": "连接已断开，请等待自动重连后再试。",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": "服务可能正在重启，请稍候；如长时间没有恢复，请联系系统管理员。",
    "Page not found": "没有这个页面", "Close": "关闭", "Clear all": "全部清除", "Clear value": "清除", "Open": "打开",
    "View more": "显示更多", "View less": "收起", "Open sidebar": "展开菜单", "Close sidebar": "收起菜单",
    "Collapse sidebar": "收起菜单", "Expand sidebar": "展开菜单", "Show password text": "显示密码", "Hide password text": "隐藏密码",
    "Press Enter to apply": "按回车生效", "Press Enter to submit form": "按回车提交", "Press ⌘+Enter to apply": "按 ⌘+回车生效",
    "Press Ctrl+Enter to apply": "按 Ctrl+回车生效", "Press Ctrl+Enter to submit form": "按 Ctrl+回车提交",
    "Copy to clipboard": "复制", "Copied": "已复制", "Link copied": "链接已复制", "Copy link": "复制链接",
    "Increment": "增加", "Decrement": "减少", "Help": "说明", "Main menu": "菜单", "Dismiss": "关闭",
    "Show data": "查看数据", "Show chart": "查看图表", "Save as PNG": "保存为 PNG", "Save as SVG": "保存为 SVG",
    "file upload": "选择文件", "App pages": "页面", "Sidebar": "菜单栏", "Choose date": "选择日期", "Choose date range": "选择起止日期", "Link to heading": "本节链接",
    "Copy Vega-Lite spec": "复制图表定义", "Download as PNG": "保存为图片", "Download as SVG": "保存为矢量图", "Empty": "未填",
    "Next month": "下个月", "Previous month": "上个月", "Loading...": "正在加载…", "Loading": "正在加载", "Previous page": "上一页", "Next page": "下一页",
  }));
  const EDGE = { " start date": "（起）", " end date": "（止）" };
  const PART = { year: "年", month: "月", day: "日" };
  const FORMS = [
    [/^Limit ([\d.]+\s?[KMG]?B) per file(?: • (.+))?$/, (m) => `单个文件不超过 ${m[1]}${m[2] ? "，格式 " + m[2] : ""}`],
    [/^([\d.]+\s?[KMG]?B) per file(?: • (.+))?$/, (m) => `单个文件不超过 ${m[1]}${m[2] ? "，格式 " + m[2] : ""}`],
    [/^(\d+)\s?\/\s?(\d+)\s*(?:•\s*)?Press (?:Ctrl\+)?Enter to (?:apply|submit form)$/, (m) => `${m[1]}/${m[2]} 按回车生效`],
    [/^View (\d+) more$/, (m) => `再显示 ${m[1]} 项`],
    [/^(\d+) of (\d+) results?$/, (m) => `第 ${m[1]} 个，共 ${m[2]} 个`],
    [/^Page (\d+) of (\d+)$/, (m) => `第 ${m[1]} 页，共 ${m[2]} 页`],
    [/^File must be (.+) or smaller\.?$/, (m) => `文件不能超过 ${m[1]}`],
    [/^(.+) files are not allowed\.?$/, (m) => `不接受 ${m[1]} 类型的文件`],
    [/^Shortcut (.+)$/, (m) => `快捷键 ${m[1]}`],
    [/^(?:start date |end date )?(year|month|day), (.+?)( start date| end date)?$/i, (m) => `${m[2]}${EDGE[m[3]] || ""}：${PART[m[1].toLowerCase()]}`],
    [/^([^A-Za-z]+)( start date| end date)$/, (m) => m[1] + EDGE[m[2]]],
    [/^Help for (.+)$/, (m) => `${m[1]}：说明`],
    [/^Select (.+)$/, (m) => `选择${m[1]}`],
    [/^Remove (.+)$/, (m) => `移除${m[1]}`],
  ];
  const NAMES = ["aria-label", "title", "placeholder", "alt"];
  // What people typed is never touched.
  const THEIRS = "textarea, [contenteditable], [data-testid='stText'], [data-testid='stCode'], [data-testid='stMarkdownContainer'], .xf-head, .xf-me, .xf-table, .xf-facts, .xf-history, .xf-typed";

  const said = (text) => {
    const plain = text.trim();
    if (!plain || !/[A-Za-z]/.test(plain)) return null;
    const word = WORDS.get(plain);
    if (word !== undefined) return text.replace(plain, word);
    for (const [form, turn] of FORMS) {
      const found = form.exec(plain);
      if (found) return turn(found);
    }
    return null;
  };
  // The button of a file field is drawn as Markdown too, but its word is Streamlit's.
  const OURS = "[data-testid='stFileUploaderDropzone']";
  const turnText = (node) => {
    const around = node.parentElement;
    if (around && around.closest(THEIRS) && !around.closest(OURS)) return;
    const word = said(node.data);
    if (word !== null && word !== node.data) node.data = word;
  };
  const turnNames = (element) => {
    for (const name of NAMES) {
      const old = element.getAttribute(name);
      const word = old ? said(old) : null;
      if (word !== null && word !== old) element.setAttribute(name, word);
    }
  };
  const followed = new Set();
  const follow = (root) => {
    const links = root.matches && root.matches("a.xf-offer") ? [root] : root.querySelectorAll("a.xf-offer");
    links.forEach((link) => {
      const where = link.getAttribute("href");
      if (followed.has(where) || !/^\/files\/[\w-]+$/.test(where)) return;
      followed.add(where);
      link.click();
      link.replaceWith(Object.assign(document.createElement("span"), { className: "xf-link", textContent: "已开始" + link.textContent }));
    });
  };
  const turn = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return turnText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    turnNames(root);
    root.querySelectorAll(NAMES.map((name) => `[${name}]`).join(",")).forEach(turnNames);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) turnText(node);
    follow(root);
  };
  const watch = () => {
    turn(document.body);
    new MutationObserver((changes) => changes.forEach((change) => {
      if (change.type === "childList") change.addedNodes.forEach(turn);
      else if (change.type === "characterData") turnText(change.target);
      else turnNames(change.target);
    })).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: NAMES });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();

  // Signing out empties what this browser keeps: what was not sent from the field is asked about.
  document.addEventListener("submit", (event) => {
    const waits = Number(localStorage.getItem("xf-field")) > 0 && event.target.getAttribute("action") === "/logout";
    if (waits && !window.confirm("本机还有“移动办理”中未上传的照片或填写，退出登录会清除。确定退出吗？")) event.preventDefault();
  });

  // A link between pages keeps the socket: Streamlit follows the address as it follows "back".
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.xf-go");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  });

  // A closed socket may be a session that ended: then nothing stays on the screen.
  const Socket = window.WebSocket;
  const check = () => fetch("/whoami", { cache: "no-store", redirect: "manual" }).then((answer) => {
    if (answer.status === 401 || answer.status === 403) {
      location.replace("/login?next=" + encodeURIComponent(location.pathname + location.search));
    }
  }).catch(() => undefined);
  window.WebSocket = class extends Socket {
    constructor(...where) {
      super(...where);
      this.addEventListener("close", () => setTimeout(check, 200));
    }
  };
})();
