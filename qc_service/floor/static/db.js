// The tablet's own database: one promise for a transaction, and what is written is on the disk when it is kept.

const NAME = "floor";
const SCHEMA = 3;

// Each step brings the database from the schema before it to its own; none is ever changed once it was released.
const STEPS = [
  (base) => {
    base.createObjectStore("meta", { keyPath: "name" });
    base.createObjectStore("procedures", { keyPath: ["code", "version"] });
    base.createObjectStore("roster", { keyPath: "badge" });
    base.createObjectStore("lots", { keyPath: "code" });
    base.createObjectStore("drafts", { keyPath: "uuid" });
    const outbox = base.createObjectStore("outbox", { keyPath: "uuid" });
    outbox.createIndex("seq", "seq", { unique: true });
    outbox.createIndex("state", ["state", "seq"]);
    outbox.createIndex("unsettled", "unsettled"); // sent, and not judged for good
    base.createObjectStore("media", { keyPath: "sha256" }).createIndex("waiting", "waiting"); // of which record
    base.createObjectStore("events", { keyPath: ["uuid", "n"] });
  },
  (base, at) => {
    base.createObjectStore("calls", { keyPath: "uuid" }).createIndex("state", "state"); // waiting, sent or refused
    const outbox = at.objectStore("outbox");
    if (!outbox.indexNames.contains("unsettled")) outbox.createIndex("unsettled", "unsettled"); // the very first had none
  },
  (base) => {
    base.createObjectStore("works", { keyPath: "uuid" }); // what somebody is in the middle of making
    const deeds = base.createObjectStore("deeds", { keyPath: "uuid" });
    deeds.createIndex("seq", "seq", { unique: true });
    deeds.createIndex("state", ["state", "seq"]);
    base.createObjectStore("pictures", { keyPath: "sha256" }); // of procedures, to look at without a network
  },
];

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, SCHEMA);
    request.onupgradeneeded = (event) => {
      for (const step of STEPS.slice(event.oldVersion)) step(request.result, request.transaction);
    };
    request.onsuccess = () => {
      const base = request.result;
      base.onclose = () => { opened = null; };
      base.onversionchange = () => { base.close(); opened = null; };
      resolve(base);
    };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

// One transaction over the named stores. `work` is given a function from a store's name to the store; what it awaits
// must be the transaction's own requests, wrapped in `ask`. Where the browser dropped the connection it is tried again.
export async function run(names, mode, work) {
  try {
    return await attempt(names, mode, work);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opened = null;
    return attempt(names, mode, work);
  }
}

async function attempt(names, mode, work) {
  const base = await open();
  const transaction = base.transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new DOMException("given up", "AbortError"));
  });
  try {
    const found = await work((name) => transaction.objectStore(name));
    await done;
    return found;
  } catch (error) {
    done.catch(() => {});
    try { transaction.abort(); } catch { /* it is over already */ }
    throw error;
  }
}

export const ask = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export const get = (store, key) => run([store], "readonly", (at) => ask(at(store).get(key)));
export const all = (store) => run([store], "readonly", (at) => ask(at(store).getAll()));
export const put = (store, value) => run([store], "readwrite", (at) => ask(at(store).put(value)));
export const drop = (store, key) => run([store], "readwrite", (at) => ask(at(store).delete(key)));

export async function meta(name, otherwise = null) {
  return (await get("meta", name))?.value ?? otherwise;
}

export const keep = (name, value) => put("meta", { name, value });

// Everything in a store is replaced by these rows, or nothing is.
export const replace = (store, rows) => run([store], "readwrite", async (at) => {
  await ask(at(store).clear());
  for (const row of rows) at(store).put(row);
});
