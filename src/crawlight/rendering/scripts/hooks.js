// Runs before the page's own scripts, in their world. What it finds out it tells by events, which the world of
// watch.js hears. A page that tampers with it can fool nobody but itself.
(render => {
  "use strict";
  const tell = name => performance.dispatchEvent(new Event(name));

  // What an earlier render left in this tab. The mark tells documents of this render from those of others.
  try {
    if (sessionStorage.getItem("__crawlight") !== render) {
      sessionStorage.clear();
      sessionStorage.setItem("__crawlight", render);
      if (window === top) window.name = "";
    }
  } catch {} // storage is closed to frames without an origin

  // window.prerenderReady, obeyed both ways: false holds the snapshot back, true lets it go at once.
  if (window === top) {
    let ready;
    Object.defineProperty(window, "prerenderReady", {
      configurable: true, enumerable: true,
      get: () => ready,
      set(value) {
        ready = value;
        tell(value ? "crawlight-ready" : "crawlight-not-ready");
      },
    });
  }

  // Shadow roots are written out. Closed ones are opened to us; for the page they stay closed.
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const closed = options?.mode === "closed";
    let root;
    try { root = attachShadow.call(this, closed ? { ...options, mode: "open" } : options); } catch {
      return attachShadow.call(this, options); // one that the origin declared is taken over in its own mode only
    }
    if (closed) Object.defineProperty(this, "shadowRoot", { value: null, configurable: true });
    tell("crawlight-shadow");
    return root;
  };
  for (const { prototype } of [Element, ShadowRoot]) {
    const { setHTMLUnsafe } = prototype;
    if (setHTMLUnsafe) prototype.setHTMLUnsafe = function (...what) {
      setHTMLUnsafe.apply(this, what);
      tell("crawlight-shadow");
    };
  }

  // What may still bring content though no request is in flight.
  for (const name of ["WebSocket", "EventSource", "Worker", "SharedWorker"]) {
    const construct = (...what) => { tell("crawlight-expects"); return Reflect.construct(...what); };
    if (window[name]) window[name] = new Proxy(window[name], { construct });
  }
  const { setTimeout, clearTimeout } = window;
  const timers = new Set();
  let most = 5; // later ones are those of what repeats
  const over = id => { if (timers.delete(id)) tell("crawlight-got"); else if (short.delete(id)) tell("crawlight-over"); };
  const short = new Set(); // those of a moment, and not those that follow each other for ever
  let [deep, moments] = [0, 30];
  function briefly(work, delay, rest) {
    const depth = deep + 1;
    const id = setTimeout((...all) => {
      over(id);
      deep = depth;
      try { work.apply(window, all); } finally { deep = 0; }
    }, delay, ...rest);
    short.add(id);
    tell("crawlight-soon");
    return id;
  }
  window.setTimeout = function (work, delay, ...rest) {
    if (typeof work === "function" && delay >= 20 && delay < 200 && deep < 5 && moments-- > 0) return briefly(work, delay, rest);
    if (typeof work !== "function" || !(delay >= 200 && delay <= 3000) || most-- <= 0) return setTimeout(work, delay, ...rest);
    const id = setTimeout((...all) => { over(id); work.apply(window, all); }, delay, ...rest);
    timers.add(id);
    tell("crawlight-expects");
    return id;
  };
  window.clearTimeout = id => { over(id); clearTimeout(id); };

  // Nothing may outlive the render or come between it and the page.
  window.open = () => null;
  window.print = () => undefined;
})
