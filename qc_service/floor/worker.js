// The service worker: hands out the files that are kept on the tablet, and touches nothing else.
// RELEASE and KEPT stand before this, written by the service.

const CACHE = `floor-${RELEASE}`;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload" })));
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("floor-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

// The page says when nobody is disturbed by it. Another tab might be in the middle of something: files of two releases
// must not meet in it.
self.addEventListener("message", (event) => {
  if (event.data !== "take over") return;
  event.waitUntil((async () => {
    const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (tabs.length === 1) await self.skipWaiting();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !KEPT.includes(url.pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return (await cache.match(url.pathname)) ?? fetch(event.request);
  })());
});
