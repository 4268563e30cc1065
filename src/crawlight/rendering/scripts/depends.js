// Runs before the page's own scripts, in their world: tells what else a page depends on than what it has read.
(() => {
  "use strict";
  const told = new Set();
  function tell(what) {
    if (told.has(what)) return;
    told.add(what);
    performance.dispatchEvent(new CustomEvent("crawlight-depends", { detail: what }));
  }

  const KINDS = { WebSocket: "live", EventSource: "live", RTCPeerConnection: "live", WebTransport: "live",
    Worker: "worker", SharedWorker: "worker" };
  for (const [name, what] of Object.entries(KINDS)) {
    const construct = (...given) => { tell(what); return Reflect.construct(...given); };
    if (window[name]) window[name] = new Proxy(window[name], { construct });
  }

  // What is read off the calendar of today is something else tomorrow. Whoever only measures time asks for numbers.
  const { getTime } = Date.prototype;
  const DAYS = 36 * 3600 * 1000;
  const now = Date.now;
  function read(date) {
    if (told.has("day")) return;
    try { if (Math.abs(getTime.call(date) - now()) < DAYS) tell("day"); } catch {} // it is no date
  }
  const PARTS = ["getDate", "getDay", "getHours", "getMinutes", "getUTCDate", "getUTCDay", "getUTCHours", "getUTCMinutes",
    "toDateString", "toISOString", "toLocaleDateString", "toLocaleString", "toLocaleTimeString", "toString",
    "toTimeString", "toUTCString"];
  for (const name of PARTS) {
    const apply = (method, date, given) => { read(date); return Reflect.apply(method, date, given); };
    Date.prototype[name] = new Proxy(Date.prototype[name], { apply });
  }
  const today = value => read(value === undefined ? new Date() : new Date(value));
  const formats = Intl.DateTimeFormat.prototype;
  formats.formatToParts = new Proxy(formats.formatToParts, {
    apply(method, self, given) { today(given[0]); return Reflect.apply(method, self, given); },
  });
  const { get, ...rest } = Object.getOwnPropertyDescriptor(formats, "format");
  Object.defineProperty(formats, "format", { ...rest, get() {
    const format = get.call(this);
    return function (...given) { today(given[0]); return format(...given); };
  } });
  const relative = Intl.RelativeTimeFormat?.prototype;
  for (const name of relative ? ["format", "formatToParts"] : []) {
    relative[name] = new Proxy(relative[name], {
      apply(method, self, given) { tell("day"); return Reflect.apply(method, self, given); },
    });
  }
})();
