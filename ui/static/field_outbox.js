// What waits to be sent: steps first, then photos, each again and again until the server answers.
// Every item has a key the server knows it by, so that sent twice is taken once.
import * as store from "/assets/field_store.js";

const SOONEST = 2000, LATEST = 60000; // milliseconds between tries
const PATIENCE = { step: 30000, photo: 180000 };
const EVERYONE = "xf-field"; // how much waits on this phone, for the question before signing out

export const outbox = { person: 0, held: "", failing: "", changed: async () => undefined, sent: async () => undefined };
let running = false, again = false, timer = 0, wait = SOONEST, trouble = "";

export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

export const count = async () => {
  const own = await store.items(outbox.person);
  const drafts = await store.drafts(outbox.person);
  localStorage.setItem(EVERYONE, String(own.length + drafts.size));
  return own;
};

export const flush = async () => {
  clearTimeout(timer);
  if (running) { again = true; return; }
  if (!outbox.person || !navigator.onLine) return;
  running = true;
  outbox.held = "";
  let good = true;
  trouble = "";
  try {
    do {
      again = false;
      good = await round();
    } while (again && good && !outbox.held);
  } finally {
    running = false;
  }
  outbox.failing = good ? "" : trouble || "连接中断";
  if (good) wait = SOONEST;
  else {
    timer = setTimeout(flush, wait);
    wait = Math.min(wait * 2, LATEST);
  }
  await outbox.changed();
};

const round = async () => {
  const all = (await store.items(outbox.person)).filter((one) => one.state === "waiting" && !one.locating);
  all.sort((a, b) => (a.kind === b.kind ? a.at - b.at : a.kind === "step" ? -1 : 1));
  for (const one of all) {
    if (outbox.held) return true;
    if (!(await send(one.key))) return false;
  }
  return true;
};

// False where nothing was answered, so that it is tried again later.
const send = async (key) => {
  const one = (await store.items(outbox.person)).find((item) => item.key === key);
  if (!one || one.state !== "waiting") return true;
  await store.change(key, { tried: true });
  await outbox.changed();
  let answer, told;
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE[one.kind]);
  try {
    answer = await fetch(address(one), { method: "POST", body: one.kind === "photo" ? one.blob : JSON.stringify(one.data),
      headers: { "content-type": one.kind === "photo" ? "image/jpeg" : "application/json" }, redirect: "manual", signal: stop.signal });
    told = (answer.headers.get("content-type") || "").startsWith("application/json") ? await answer.json() : await answer.text();
  } catch {
    return false;
  } finally {
    clearTimeout(late);
  }
  return answered(one, answer, told);
};

const address = (one) => {
  const asked = new URLSearchParams({ person: one.person, case: one.case, key: one.token });
  if (one.kind === "step") asked.set("step", one.step), asked.set("version", one.version);
  else {
    asked.set("taken", one.taken);
    if (one.place) asked.set("lon", one.place[0]), asked.set("lat", one.place[1]);
  }
  return `/field/${one.kind === "step" ? "steps" : "photos"}?${asked}`;
};

const answered = async (one, answer, told) => {
  if (answer.ok && typeof told === "object") {
    if (one.kind === "step") await follow(one, told.version);
    await store.remove(one, one.step === "investigate" ? `text/${one.person}/${one.case}/` : "");
    await outbox.sent(one);
    return true;
  }
  if (typeof told === "object" && told.error && answer.status < 500) {
    await store.change(one.key, { state: "refused", why: told.error, problems: told.problems || {} });
    await outbox.sent(one);
    return true;
  }
  if ((answer.status === 401 || answer.status === 403) && typeof told === "string") {
    outbox.held = told.slice(0, 60);
    return true;
  }
  trouble = "服务器暂时不能接收";
  return false;
};

// What waits behind an own step was written knowing of it.
const follow = async (one, version) => {
  for (const other of await store.items(one.person)) {
    if (other.kind === "step" && other.case === one.case && other.key !== one.key && other.version === one.version) {
      await store.change(other.key, { version });
    }
  }
};

window.addEventListener("online", () => { wait = SOONEST; flush(); });
window.addEventListener("offline", () => outbox.changed());
