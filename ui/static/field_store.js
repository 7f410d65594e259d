// What this phone keeps until the server has it: IndexedDB, one write for every change.
// "kept": values by a name; "items": what waits to be sent, by its own key.
const opened = new Promise((done, failed) => {
  const asked = indexedDB.open("xf-field", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("kept");
    asked.result.createObjectStore("items", { keyPath: "key" });
  };
  asked.onsuccess = () => {
    asked.result.onversionchange = () => asked.result.close();
    done(asked.result);
  };
  asked.onerror = () => failed(asked.error);
});

// Runs work(kept, items) in one transaction; resolves with its request's result once it is kept.
const within = async (mode, work) => {
  const base = await opened;
  return new Promise((done, failed) => {
    const writing = mode === "readwrite";
    const change = base.transaction(["kept", "items"], mode, writing ? { durability: "strict" } : {});
    const asked = work(change.objectStore("kept"), change.objectStore("items"));
    change.oncomplete = () => done(asked && asked.result);
    change.onabort = change.onerror = () => failed(change.error || new Error("aborted"));
    // At once, so that what was typed last is kept though the page goes away the next moment.
    if (writing && change.commit) change.commit();
  });
};

const under = (start) => IDBKeyRange.bound(start, start + "\uffff");

export const get = (name) => within("readonly", (kept) => kept.get(name));
export const set = (name, value) => within("readwrite", (kept) => kept.put(value, name));
export const items = async (person) =>
  (await within("readonly", (_, all) => all.getAll())).filter((one) => one.person === person);
export const put = (item) => within("readwrite", (_, all) => all.put(item));
export const remove = (item, texts) => within("readwrite", (kept, all) => {
  if (texts) kept.delete(under(texts));
  all.delete(item.key);
});
// Puts a changed item back only if it is still there: what was sent or taken back stays away.
export const change = async (key, changes) => {
  const base = await opened;
  return new Promise((done, failed) => {
    const turn = base.transaction("items", "readwrite", { durability: "strict" });
    const all = turn.objectStore("items");
    const asked = all.get(key);
    asked.onsuccess = () => asked.result && all.put({ ...asked.result, ...changes });
    turn.oncomplete = () => done();
    turn.onabort = turn.onerror = () => failed(turn.error);
  });
};
// The texts typed for a case, by field.
export const texts = async (start) => {
  const base = await opened;
  return new Promise((done, failed) => {
    const kept = base.transaction("kept").objectStore("kept");
    const names = kept.getAllKeys(under(start)), values = kept.getAll(under(start));
    values.onsuccess = () => done(new Map(names.result.map((name, at) => [name.slice(start.length), values.result[at]])));
    names.onerror = values.onerror = () => failed(values.error || names.error);
  });
};
export const drafts = async (person) => {
  const base = await opened;
  return new Promise((done, failed) => {
    const asked = base.transaction("kept").objectStore("kept").getAllKeys(under(`text/${person}/`));
    asked.onsuccess = () => done(new Set(asked.result.map((name) => Number(name.split("/")[2]))));
    asked.onerror = () => failed(asked.error);
  });
};
