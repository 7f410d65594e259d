// Keeps the shell of the phone page, which holds no data, so that it opens without a connection.
const KEPT = "xf-field-shell";
const PARTS = ["/field/visit", "/assets/field.css", "/assets/field.js", "/assets/field_outbox.js",
  "/assets/field_parts.js", "/assets/field_store.js", "/assets/favicon.png"];
const PATIENCE = 4000; // milliseconds before what is kept is shown

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PARTS)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const where = new URL(event.request.url);
  if (event.request.method !== "GET" || where.origin !== self.location.origin || !PARTS.includes(where.pathname)) return;
  event.respondWith(newest(event.request, where.pathname));
});

const newest = async (request, path) => {
  const kept = await caches.open(KEPT);
  const known = await kept.match(path);
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await kept.put(path, answer.clone());
    return answer;
  });
  if (!known) return asked;
  const late = new Promise((done) => setTimeout(() => done(known), PATIENCE));
  return Promise.race([asked.catch(() => known), late]);
};
