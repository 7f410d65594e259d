// 移动办理: the visits of today, signing, photos and the record of an investigation.
// What is typed or shot is kept on this phone at once and leaves it only when the server has it.
import * as store from "/assets/field_store.js";
import { count, flush, newKey, outbox } from "/assets/field_outbox.js";
import { alert, card, el, facts, fields, names, position, shots, shrunk, waiting } from "/assets/field_parts.js";

const FULL = "没有保存到本机（空间不足或浏览器不允许）。请不要离开本页，先清理手机空间或改用其他浏览器。";
const STILL_HERE = 120000; // milliseconds after a shot in which the place is still that of the shot
const at = (id) => document.getElementById(id);
let me = null, data = null, here = null, items = [], drafted = new Set(), texts = new Map(), shape = "", urls = new Map();
const opened = () => Number(location.hash.slice(1)) || 0;
const visitOf = (number) => data && data.visits.find((one) => one.case === number);
const start = (number) => `text/${me.id}/${number}/`;
const today = () => { const d = new Date(); return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 10); };

const tell = (words) => { at("told").textContent = words; at("told").hidden = !words; };
const keeping = async (work) => {
  try { await work(); return true; } catch { tell(FULL); return false; }
};

// --- the whole page

const look = async () => {
  if (!me) return;
  items = await count();
  drafted = await store.drafts(me.id);
};

const draw = async () => {
  await look();
  drawState();
  const visit = visitOf(opened());
  at("title").textContent = visit ? "现场办理" : "移动办理";
  at("back").href = visit ? "#" : "/field";
  at("who").textContent = me ? `${me.unit} ${me.name}` : "";
  if (visit) drawCase(visit);
  else drawList();
};

const drawState = () => {
  const own = waiting(items), refused = items.filter((one) => one.state === "refused").length, box = at("state");
  const more = refused ? `；${refused} 项没有被接受，请打开查看` : "";
  const cut = !navigator.onLine || outbox.failing;
  box.className = outbox.held ? "held" : own || refused ? "waits" : "";
  if (outbox.held) {
    const next = encodeURIComponent(`/field/visit${location.hash}`);
    box.replaceChildren(`${outbox.held}填写和照片都在本机${own ? `（${own}待上传）` : ""}。`, el("a", { href: `/login?next=${next}` }, "登录后继续"));
  } else if (own) box.textContent = cut ? `${outbox.failing || "连接中断"}，${own}待上传，接通后自动上传${more}` : `${own}待上传，正在上传${more}`;
  else if (refused) box.textContent = more.slice(1);
  else box.textContent = cut ? "没有连接，填写和拍照都保存在本机" : "没有待上传的内容";
};

const drawList = () => {
  shape = "";
  if (!data) {
    at("main").replaceChildren(el("p", {}, navigator.onLine ? "正在读取今天的走访…" : "没有连接，本机也没有保存走访清单。接通后自动读取。"));
    return;
  }
  const day = today(), late = data.visits.filter((one) => !one.done && one.on < day), rest = data.visits.filter((one) => !one.done && one.on >= day), done = data.visits.filter((one) => one.done);
  const part = (words, found) => found.length ? [el("p", { className: "day" }, `${words}（${found.length}）`),
    ...found.map((one) => card(one, here, items.filter((item) => item.case === one.case), drafted.has(one.case)))] : [];
  const none = el("p", {}, "今天没有走访。走访在工作台“移动办理”中安排。");
  at("main").replaceChildren(...(data.visits.length ? [...part("以前未走访", late), ...part("今天", rest), ...part("已完成", done)] : [none]),
    el("p", {}, `清单读取于 ${data.at}`));
};

// --- one case

const drawCase = (visit) => {
  const own = items.filter((one) => one.case === visit.case);
  const sent = own.find((one) => one.step === "investigate"), sign = own.find((one) => one.step === "sign");
  if (!at("form") || at("form").dataset.case !== String(visit.case)) {
    shape = "";
    at("main").replaceChildren(el("div", { id: "facts" }), el("div", { id: "sign" }), el("section", { id: "shots" }), el("section", { id: "form" }));
    at("form").dataset.case = visit.case;
    drawShooting(visit);
  }
  at("facts").replaceChildren(facts(visit, here));
  drawSign(visit, sign);
  drawShots(own.filter((one) => one.kind === "photo"));
  drawForm(visit, sent, sign);
};

const drawSign = (visit, item) => {
  const box = at("sign");
  if (!visit.steps.includes("sign")) { box.replaceChildren(); return; }
  const waits = item && item.state === "waiting";
  const button = el("button", { type: "button", disabled: waits, onclick: () => take(visit, "sign", {}) }, waits ? "已点签收，待上传" : "签收");
  box.replaceChildren(el("section", {}, item && item.state === "refused" ? alert(item.why) : "", button));
};

const drawShooting = (visit) => {
  const input = el("input", { type: "file", accept: "image/*", multiple: true, id: "camera", onchange: () => shoot(visit, input) });
  input.setAttribute("capture", "environment");
  at("shots").replaceChildren(el("h2", {}, "现场照片"), el("label", { className: "shoot" }, "拍照", input),
    el("p", { className: "hint" }, "记录拍摄时间；允许定位时记录位置。"), el("div", { id: "list" }));
};

const drawShots = (photos) => {
  for (const [key, url] of urls) if (!photos.some((one) => one.key === key)) URL.revokeObjectURL(url), urls.delete(key);
  const picture = (one) => urls.get(one.key) || urls.set(one.key, URL.createObjectURL(one.blob)).get(one.key);
  at("list").replaceChildren(photos.length ? shots(photos, picture, sendAgain, deleted) : el("p", { className: "hint" }, "没有待上传的照片。"));
};

// The form is drawn anew only when it changes its kind, never under somebody's hands.
const drawForm = (visit, item, sign) => {
  const waits = Boolean(item && item.state === "waiting"), refused = item && item.state === "refused";
  const kept = drafted.has(visit.case) || waits;
  const shown = kept || (!visit.done && (visit.steps.includes("investigate") || (me.handler && Boolean(sign))));
  const now = JSON.stringify([visit.case, visit.done, visit.steps, shown, waits, waits && item.tried, refused && item.why, visit.gone]);
  if (now === shape) return;
  shape = now;
  const form = at("form");
  if (!shown) {
    const why = visit.done ? "本次调查情况已登记。" : visit.steps.includes("sign") ? "签收后填写调查情况。" : "您目前不能登记这件的调查情况。";
    form.replaceChildren(el("h2", {}, "调查情况"), el("p", { className: "hint" }, why));
    return;
  }
  if (!waits && !texts.has("visited_on")) texts.set("visited_on", today());
  if (!waits && !texts.has("officers")) texts.set("officers", me.name);
  const set = el("fieldset", { disabled: waits }, ...fields(data.form, visit, texts, (refused && item.problems) || {}, typed(visit)));
  const submit = el("button", { type: "button", onclick: () => submitted(visit) }, "提交调查情况");
  const back = el("button", { type: "button", className: "quiet", disabled: item && item.tried, onclick: () => takenBack(item) }, item && item.tried ? "正在上传或等待重试" : "撤回修改");
  const drop = el("button", { type: "button", className: "quiet", onclick: () => dropped(visit) }, "删除本机填写");
  form.replaceChildren(el("h2", {}, waits ? "调查情况（已提交，待上传）" : "调查情况"),
    refused ? alert(`没有被接受：${item.why}`) : "", visit.gone ? alert("这件已不在走访清单，不能提交；填写仍在本机，可以复制后删除。") : "",
    set, waits ? back : visit.gone ? drop : submit);
};

const typed = (visit) => (name, text) => {
  texts.set(name, text);
  keeping(() => store.set(start(visit.case) + name, text)).then((kept) => kept && !at("told").hidden && tell(""));
  if (!drafted.has(visit.case)) drafted.add(visit.case), count();
};

const submitted = async (visit) => {
  const all = names(data.form, visit), lacking = all.find((field) => field.needed && !(texts.get(field.name) || "").trim());
  if (lacking) {
    tell(`请填写“${lacking.label}”`);
    at(`f.${lacking.name}`).focus();
    return;
  }
  const said = {};
  for (const field of all) {
    const text = texts.get(field.name) || "";
    if (field.name === field.key) said[field.key] = text;
    else (said[field.key] = said[field.key] || {})[field.name.split(".")[1]] = text;
    // What was filled in beforehand is kept with what was typed.
    if (text && !(await keeping(() => store.set(start(visit.case) + field.name, text)))) return;
  }
  await take(visit, "investigate", said);
};

const take = async (visit, step, said) => {
  tell("");
  const key = `${me.id}/${visit.case}/${step}`, known = (await store.items(me.id)).find((one) => one.key === key);
  if (known && known.state === "waiting") return;
  const made = { key, token: newKey(), kind: "step", step, person: me.id, case: visit.case, version: visit.version, data: said, state: "waiting", at: Date.now(), tried: false };
  if (!(await keeping(() => store.put(made)))) return;
  await draw();
  flush();
};

const takenBack = async (item) => {
  const now = (await store.items(me.id)).find((one) => one.key === item.key);
  if (now && !now.tried) await store.remove(now);
  await draw();
};

const dropped = async (visit) => {
  if (!confirm("删除本机保存的这件的填写？删除后不能恢复。")) return;
  await store.remove({ key: `${me.id}/${visit.case}/investigate` }, start(visit.case));
  texts = new Map();
  await draw();
};

// --- photos

const shoot = async (visit, input) => {
  for (const file of [...input.files]) {
    const key = newKey();
    const made = { key, token: key, kind: "photo", person: me.id, case: visit.case, blob: file, taken: file.lastModified || Date.now(), locating: true, place: null, state: "waiting", at: Date.now(), tried: false };
    if (!(await keeping(() => store.put(made)))) return;
    await draw();
    ready(made, true);
  }
  input.value = "";
};

// Under the key it had, so that it is taken once even if it was taken after all.
const sendAgain = async (photo) => {
  if (!(await keeping(() => store.change(photo.key, { state: "waiting", tried: false })))) return;
  await draw();
  flush();
};

const deleted = async (photo) => {
  if (!confirm("删除这张还没有上传的照片？")) return;
  await store.remove(photo);
  await draw();
};

// Kept as it was shot first; then smaller, with its place, and on its way.
const ready = async (photo, fresh) => {
  const place = fresh ? position() : Promise.resolve(photo.place);
  const blob = await shrunk(photo.blob).catch(() => photo.blob); // the server says what it takes
  await keeping(async () => store.change(photo.key, { blob, place: await place, locating: false }));
  await draw();
  flush();
};

// --- with the server

const refresh = async () => {
  if (!navigator.onLine) return;
  let answer, found;
  try {
    answer = await fetch("/field/visits", { cache: "no-store", redirect: "manual" });
    found = (answer.headers.get("content-type") || "").startsWith("application/json") ? await answer.json() : (await answer.text()).slice(0, 60);
  } catch { return; }
  if (answer.ok && found.visits) await received(found);
  else if (answer.status === 401 || answer.status === 403) outbox.held = found.error || found;
};

const received = async (found) => {
  outbox.held = "";
  const before = me && me.id === found.me.id && data ? data.visits : [], changed = !me || me.id !== found.me.id;
  me = found.me;
  outbox.person = me.id;
  await look();
  const lost = before.filter((old) => !found.visits.some((one) => one.case === old.case)
    && (drafted.has(old.case) || items.some((one) => one.case === old.case)));
  found.visits.push(...lost.map((one) => ({ ...one, gone: true, steps: [] })));
  data = found;
  await keeping(() => store.set("me", me));
  await keeping(() => store.set(`visits/${me.id}`, data));
  if (changed) await route();
};

const route = async () => {
  texts = me && opened() ? await store.texts(start(opened())) : new Map();
  shape = "";
  tell("");
  await draw();
};

outbox.changed = draw;
outbox.sent = async (one) => {
  if (one.step === "investigate" && one.case === opened()) texts = await store.texts(start(one.case)), shape = "";
  await refresh();
  if (one.step && one.case === opened() && items.some((item) => item.key === one.key && item.state === "refused")) {
    await draw();
    at("form").scrollIntoView({ block: "start" });
  }
};

const awake = async () => {
  await refresh();
  await draw();
  flush();
};

const begin = async () => {
  try {
    me = (await store.get("me")) || null;
    if (me) outbox.person = me.id, data = (await store.get(`visits/${me.id}`)) || null;
  } catch {
    tell("本浏览器不能在本机保存内容（可能是无痕浏览）。连接中断时填写和照片会丢失，请改用其他浏览器。");
  }
  await route();
  await awake();
  for (const one of me ? await store.items(me.id) : []) if (one.locating) ready(one, Date.now() - one.taken < STILL_HERE);
  position().then((found) => { here = found; draw(); });
};

window.addEventListener("hashchange", route);
window.addEventListener("online", awake);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake());
if (navigator.serviceWorker) navigator.serviceWorker.register("/field/worker.js").catch(() => undefined);
if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
begin();
