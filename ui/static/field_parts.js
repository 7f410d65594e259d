// The parts of the phone page. Whatever people typed becomes text, never markup.
export const el = (tag, given, ...inside) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
};
const named = (made, names) => {
  for (const [name, value] of Object.entries(names)) made.setAttribute(name, value);
  return made;
};

const RADIUS = 6371; // kilometres
const distance = (a, b) => {
  const turn = Math.PI / 180, rise = (b[1] - a[1]) * turn, run = (b[0] - a[0]) * turn;
  const half = Math.sin(rise / 2) ** 2 + Math.cos(a[1] * turn) * Math.cos(b[1] * turn) * Math.sin(run / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.sqrt(half));
};
export const away = (point, here) => {
  if (!point) return "登记时没有坐标";
  if (!here) return "未取得本机位置";
  const far = distance(point, here);
  return far < 1 ? `直线约 ${Math.round(far * 100) * 10} 米` : `直线约 ${far.toFixed(1)} 公里`;
};

export const waiting = (items) => {
  const open = items.filter((one) => one.state === "waiting");
  const photos = open.filter((one) => one.kind === "photo").length, steps = open.length - photos;
  return [photos && `${photos} 张照片`, steps && `${steps} 份记录`].filter(Boolean).join("、");
};

export const card = (visit, here, items, drafted) => {
  const own = waiting(items), refused = items.some((one) => one.state === "refused");
  const marks = [
    [visit.done ? `已完成 ${visit.done}` : visit.status, false],
    [own && `${own}待上传`, true], [refused && "有内容没有被接受", true],
    [drafted && !items.some((one) => one.step === "investigate") && "有未提交的填写", true],
    [visit.gone && "已不在走访清单", true], [visit.photos && `已上传照片 ${visit.photos} 张`, false],
  ].filter(([words]) => words);
  return el("a", { className: "visit", href: `#${visit.case}` },
    el("b", {}, visit.title), el("span", {}, visit.no), el("span", {}, visit.subject),
    el("span", {}, `${visit.place}${visit.address}（${away(visit.point, here)}）`),
    visit.note && el("span", {}, `备注：${visit.note}`),
    el("span", { className: "marks" }, ...marks.map(([words, loud]) => el("span", { className: loud ? "mark loud" : "mark" }, words))));
};

export const facts = (visit, here) => el("section", {},
  el("h2", {}, visit.title),
  el("dl", {}, ...[
    ["编号", visit.no], ["状态", visit.done ? `${visit.status}，本次走访已完成 ${visit.done}` : visit.status],
    ["对象", visit.subject], ["地址", `${visit.place}${visit.address}`], ["距离", away(visit.point, here)],
    ["走访日", visit.on], ["备注", visit.note],
  ].filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
  el("h2", {}, "诉求"),
  el("ol", {}, ...visit.demands.map((one) => el("li", { value: one.ordinal }, one.text))));

export const alert = (words) => named(el("p", { className: "alert" }, words), { role: "alert" });

// What was refused may be tried again; what may be on its way cannot be taken back.
export const shots = (items, urls, retry, remove) => el("ul", { className: "shots" }, ...items.map((one) => {
  const quiet = (words, act) => el("button", { type: "button", className: "quiet", onclick: () => act(one) }, words);
  const refused = one.state === "refused";
  const said = refused ? `没有上传：${one.why}` : one.locating ? "正在取得位置" : one.tried ? "正在上传或等待重试" : "待上传";
  const where = one.place ? "有位置" : one.locating ? "" : "无位置";
  return el("li", { className: refused ? "refused" : "" },
    el("img", { src: urls(one), alt: `照片 ${clock(one.taken)}` }),
    `${clock(one.taken)} ${where} ${said}`,
    refused ? quiet("重试", retry) : "", refused || !one.tried ? quiet("删除", remove) : "");
}));
const clock = (taken) => new Date(taken).toTimeString().slice(0, 5);

// The fields of the form under `names`: one each, or one for every demand.
export const names = (form, visit) => form.flatMap((field) => field.kind === "notes"
  ? visit.demands.map((one) => ({ ...field, name: `${field.key}.${one.ordinal}`, label: `${field.label}：第${one.ordinal}项`, asked: one.text }))
  : [{ ...field, name: field.key }]);

export const fields = (form, visit, texts, problems, typed) => names(form, visit).map((field) => {
  const long = field.kind === "note" || field.kind === "notes", id = `f.${field.name}`;
  const given = { id, name: field.name, value: texts.get(field.name) || "", maxLength: field.limit, oninput: (event) => typed(field.name, event.target.value) };
  const box = long ? el("textarea", { ...given, rows: 4 }) : el("input", { ...given, type: field.kind === "date" ? "date" : "text", autocomplete: "off" });
  const wrong = problems[field.key];
  if (wrong) named(box, { "aria-invalid": "true", "aria-describedby": `${id}.wrong` });
  if (field.needed) box.required = true;
  return el("div", {},
    el("label", { htmlFor: id }, field.needed ? field.label : `${field.label}（选填）`, field.help && el("small", {}, field.help), field.asked && el("small", {}, `诉求：${field.asked}`)),
    box, wrong ? Object.assign(alert(wrong), { id: `${id}.wrong` }) : "");
});

// A photo small enough for a weak connection, upright and without the camera's notes.
const LONGEST = 2560, QUALITY = 0.88;
export const shrunk = async (blob) => {
  const image = await createImageBitmap(blob, { imageOrientation: "from-image" });
  const part = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = el("canvas", { width: Math.round(image.width * part), height: Math.round(image.height * part) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((done, failed) =>
    canvas.toBlob((small) => (small ? done(small) : failed(new Error("empty"))), "image/jpeg", QUALITY));
};

export const position = () => new Promise((done) => {
  if (!navigator.geolocation || !window.isSecureContext) return done(null);
  navigator.geolocation.getCurrentPosition(
    (found) => done([found.coords.longitude.toFixed(5), found.coords.latitude.toFixed(5)]),
    () => done(null), { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
});
