// Runs before the page's own scripts, in their world: what a render has not is there for the page, and does nothing.
(() => {
  "use strict";
  const give = (object, name, value) => {
    try { Object.defineProperty(object, name, { configurable: true, writable: true, value }); } catch {} // it is frozen
  };
  const read = (object, name, get) => {
    try { Object.defineProperty(object, name, { configurable: true, get }); } catch {} // it is frozen
  };
  const kindOf = name => window[name]?.prototype;
  const after = value => new Promise(done => setTimeout(done, 0, value));

  // An object of a kind that only the browser makes, with its own members in the place of the browser's.
  function made(kind, members) {
    const object = new EventTarget();
    for (const [name, value] of Object.entries(members)) give(object, name, value);
    return kind ? Object.setPrototypeOf(object, kind.prototype) : object;
  }

  // A worker that is installed, and sees nothing.
  function worker(address, { scope = new URL("./", address).href, updateViaCache = "imports" } = {}) {
    const active = made(window.ServiceWorker, { scriptURL: address, state: "activated", postMessage() {},
      onstatechange: null, onerror: null });
    const registration = made(window.ServiceWorkerRegistration, {
      active, installing: null, waiting: null, onupdatefound: null, updateViaCache,
      scope: new URL(scope, document.baseURI).href,
      update: () => after(registration), unregister: () => after(true),
      getNotifications: () => after([]), showNotification: () => after(),
      navigationPreload: { enable: () => after(), disable: () => after(), setHeaderValue: () => after(),
        getState: () => after({ enabled: false, headerValue: "true" }) },
      pushManager: { getSubscription: () => after(null), permissionState: () => after("prompt"),
        subscribe: () => Promise.reject(new DOMException("Registration failed - permission denied", "NotAllowedError")) },
      sync: { register: () => after(), getTags: () => after([]) },
      periodicSync: { register: () => after(), unregister: () => after(), getTags: () => after([]) },
    });
    return registration;
  }

  const workers = kindOf("ServiceWorkerContainer");
  if (workers) {
    const registered = new Map();
    let tellReady;
    const ready = new Promise(done => { tellReady = done; });
    const newest = () => Array.from(registered.values()).at(-1);
    give(workers, "register", async (address, options) => {
      const url = new URL(address, document.baseURI);
      if (url.origin !== location.origin) throw new DOMException("The origin of the script is another.", "SecurityError");
      const registration = worker(url.href, options);
      registered.set(registration.scope, registered.get(registration.scope) ?? registration);
      await after();
      tellReady(registered.get(registration.scope));
      return registered.get(registration.scope);
    });
    give(workers, "getRegistration", () => after(newest()));
    give(workers, "getRegistrations", () => after(Array.from(registered.values())));
    give(workers, "startMessages", () => {});
    read(workers, "ready", () => ready);
    read(workers, "controller", () => newest()?.active ?? null);
  }

  // Nobody has been asked yet, and whoever is asked looks away.
  const [permissions, geolocation] = [kindOf("Permissions"), kindOf("Geolocation")];
  const [storage, wakeLock] = [kindOf("StorageManager"), kindOf("WakeLock")];
  if (permissions) give(permissions, "query", async what => {
    if (typeof what?.name !== "string") throw new TypeError("The permission has no name.");
    return made(window.PermissionStatus, { name: what.name, state: "prompt", onchange: null });
  });
  if (window.Notification) {
    read(Notification, "permission", () => "default");
    give(Notification, "requestPermission", answer => {
      if (typeof answer === "function") setTimeout(answer, 0, "default");
      return after("default");
    });
  }
  if (storage) {
    give(storage, "persist", () => after(true));
    give(storage, "persisted", () => after(true));
  }
  if (wakeLock) give(wakeLock, "request", async (type = "screen") => made(window.WakeLockSentinel,
    { type, released: false, onrelease: null, release: () => after() }));

  // A page that knows what to do without a place is told that there is none, as Googlebot tells it. One that does not
  // gets the middle of the map, as exact as the Earth is large.
  if (geolocation) {
    const EARTH = 20_037_508; // metres, half the equator
    const nothing = { altitude: null, altitudeAccuracy: null, heading: null, speed: null };
    const place = { coords: { latitude: 0, longitude: 0, accuracy: EARTH, ...nothing }, timestamp: Date.now() };
    const error = { code: 1, message: "User denied Geolocation", PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 };
    const locate = (found, failed) => {
      if (typeof found !== "function") throw new TypeError("The first argument is no function.");
      if (typeof failed === "function") setTimeout(failed, 0, error);
      else setTimeout(found, 0, place);
    };
    give(geolocation, "getCurrentPosition", (found, failed) => { locate(found, failed); });
    give(geolocation, "watchPosition", (found, failed) => { locate(found, failed); return 1; });
    give(geolocation, "clearWatch", () => {});
  }
})();
