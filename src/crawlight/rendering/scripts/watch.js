// Runs before the page's scripts in a world of its own: sees the same document, but not through what they changed.
(() => {
  "use strict";
  const ENOUGH = 250; // weight of a page that has its content: characters, and some for what is no text
  const WEIGHTS = { IMG: 25, PICTURE: 25, VIDEO: 50, CANVAS: 50, IFRAME: 50, OBJECT: 50, INPUT: 20, SELECT: 20,
    TEXTAREA: 20, BUTTON: 10, TABLE: 20, svg: 5 };
  const FRAME = new Set(["NAV", "HEADER", "FOOTER", "ASIDE"]);
  const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "LINK", "META", "TITLE", "HEAD"]);

  let changed = performance.now();
  let changes = 0;
  let shadows = false;
  let expected = 0; // timers, sockets and workers that may still bring content
  let flag; // prerenderReady: undefined until it is set
  let wake = () => {};
  const note = () => { changed = performance.now(); changes++; globalThis.crawlight?.read(); wake(); };
  const what = { subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["href", "src", "content", "alt", "hidden", "aria-busy"] };
  const observer = new MutationObserver(note);
  observer.observe(document, what);
  performance.addEventListener("crawlight-shadow", () => { shadows = true; note(); });
  performance.addEventListener("crawlight-expects", () => { expected++; });
  performance.addEventListener("crawlight-got", () => { expected--; });
  let soon = 0; // timers that are over in a moment
  performance.addEventListener("crawlight-soon", () => { soon++; });
  performance.addEventListener("crawlight-over", () => { soon--; });
  const depends = new Set(); // what else than its inputs the page depends on
  performance.addEventListener("crawlight-depends", ({ detail }) => { if (depends.size < 10) depends.add(String(detail)); });
  const [beacons, heeded, reading] = [new Set(), new Set(), new Map()]; // URLs, by what becomes of their answers
  const hear = (name, take) => performance.addEventListener(name, ({ detail }) => { if (beacons.size < 1000) take(String(detail)); });
  hear("crawlight-beacon", url => beacons.add(url));
  hear("crawlight-heeded", url => heeded.add(url));
  hear("crawlight-reads", url => reading.set(url, (reading.get(url) ?? 0) + 1));
  hear("crawlight-read", url => { if (reading.get(url) > 1) reading.set(url, reading.get(url) - 1); else reading.delete(url); wake(); });
  performance.addEventListener("crawlight-not-ready", () => { flag ??= false; });
  performance.addEventListener("crawlight-ready", () => { if (flag === false) { flag = true; wake(); } });

  // A link to an app, a mail program or a telephone leaves the page where it is, also while it is being loaded.
  window.navigation?.addEventListener("navigate", event => {
    if (!/^(https?|about|blob|data|javascript):/i.test(event.destination.url)) event.preventDefault();
  });

  // Roots that the parser made closed are told by whoever led the browser to them.
  const closed = new WeakMap();
  const shadowRootOf = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot").get;
  const rootOf = element => shadowRootOf.call(element) ?? closed.get(element) ?? null;

  const seen = new WeakSet();
  let parsed = false;
  function roots(from = document) {
    if (!parsed && document.readyState !== "loading") { // those of the parser nobody tells
      parsed = true;
      shadows ||= Array.from(document.querySelectorAll("*")).some(rootOf);
    }
    if (!shadows) return [];
    const found = [];
    for (const element of from.querySelectorAll("*")) {
      const root = rootOf(element);
      if (!root) continue;
      found.push(root, ...roots(root));
      if (!seen.has(root)) { seen.add(root); observer.observe(root, what); }
    }
    return found;
  }

  const visible = element => element.checkVisibility({ visibilityProperty: true });

  // What there is to read outside of navigation: stops counting at enough.
  function weight(node, limit, outside) {
    let sum = 0;
    for (let child = node.firstChild; child && sum < limit; child = child.nextSibling) {
      if (child.nodeType === 3) {
        const length = child.data.trim().length;
        if (length && (node.nodeType !== 1 || visible(node))) sum += length;
      } else if (child.nodeType === 1 && !SILENT.has(child.tagName) && !(outside && FRAME.has(child.tagName))) {
        sum += WEIGHTS[child.tagName] ?? 0;
        sum += weight(child, limit - sum, outside);
        const root = rootOf(child);
        if (root) sum += weight(root, limit - sum, outside);
      }
    }
    return sum;
  }

  const frame = () => new Promise(done => { setTimeout(done, 100); requestAnimationFrame(() => done()); });
  const idle = () => new Promise(done => requestIdleCallback(time => done(!time.didTimeout), { timeout: 1000 }));
  const sleep = ms => new Promise(done => setTimeout(done, ms));

  // Wait until nothing has changed for so many milliseconds and the main thread has nothing to do.
  async function settle(quiet, patience) {
    const end = performance.now() + patience;
    let calm = false;
    while (!calm && performance.now() < end && flag !== true) {
      const before = changes;
      const rest = Math.max(0, quiet - (performance.now() - changed));
      const [, idled] = await Promise.all([sleep(rest), frame().then(frame).then(idle)]);
      calm = idled && changes === before;
    }
    return look(calm);
  }

  // Wait for a change after the given count of them, or for so many milliseconds.
  function next(since, patience) {
    return new Promise(done => {
      if (changes !== since || flag === true) return done();
      setTimeout(done, patience);
      wake = done;
    });
  }

  // Places that wait for what is to be put there: 2 where they are for content alone, 1 where they may be for something.
  const PLACES = "main, ul, ol, dl, tbody, article, #root, #app, #__next, #__nuxt, #content, #main, #svelte";
  const NO_PLACES = "script, style, template, link, meta, img, input, textarea, select, br, hr, iframe, canvas, video, audio, svg, svg *";
  const BESIDE = new RegExp("portal|modal|dialog|overlay|toast|popup|tooltip|backdrop|cookie|consent|fb-root|announcer|recaptcha|" +
    "clear|spacer|divider|separator|sentinel|icon|arrow|indicator|\\bads?\\b", "i");
  function hollow() {
    let found = 0;
    for (const place of document.querySelectorAll(`body :is(div, section, ${PLACES}, [id]):not(${NO_PLACES})`)) {
      if (place.firstElementChild || place.textContent.trim() || place.shadowRoot) continue;
      if (place.closest("nav, header, footer, aside") || place.parentElement.closest("[hidden]")) continue;
      if (BESIDE.test(`${place.id} ${place.getAttribute("class") ?? ""}`)) continue;
      if (place.matches(PLACES) && place.checkVisibility()) return 2;
      found = 1;
    }
    return found;
  }

  const SORRY = new RegExp("something went wrong|went wrong|(failed|unable|error|couldn.?t|could not|problem) (to )?(be )?(load|fetch)|try again|" +
    "an error occurred|unexpected error|network error|fehler|nicht geladen|versuchen sie es|une erreur|réessayer|ha ocurrido un error|" +
    "inténtalo|ocorreu um erro|tente novamente|si è verificato|riprova|er ging iets mis|błąd|ошибка|エラー|出错|失败|오류", "i");

  // How high the window has to be to show all, also of an app whose frame fills the window and scrolls within.
  function tall() {
    const root = document.documentElement;
    if (!root) return 0;
    let hidden = 0;
    for (const element of document.elementsFromPoint(innerWidth / 2, innerHeight / 2)) {
      const more = element.scrollHeight - element.clientHeight;
      if (more <= hidden || element === root || element.clientHeight < innerHeight / 2) continue;
      if (/auto|scroll|overlay/.test(getComputedStyle(element).overflowY)) hidden = more;
    }
    return Math.max(root.scrollHeight, innerHeight + hidden);
  }

  function look(calm) {
    const body = document.body;
    const main = body ? weight(body, ENOUGH, true) : 0;
    return JSON.stringify({
      flag: flag ?? null, changes, calm, main, enough: main >= ENOUGH,
      expects: expected > 0, soon: soon > 0, hollow: hollow(), sorry: SORRY.test(body?.innerText ?? ""),
      unheeded: Array.from(beacons).filter(url => !heeded.has(url)), reading: Array.from(reading.keys()),
      busy: flag === undefined && globalThis.crawlight.busy(main < ENOUGH), ...globalThis.crawlight.motion(),
      any: main || (body ? weight(body, 1, false) : 0),
      size: body?.textContent.length ?? 0,
      height: tall(), state: document.readyState,
      quiet: (performance.now() - changed) / 1000,
    });
  }

  function reveal(root) {
    closed.set(root.host, root);
    shadows = true;
    note();
  }

  globalThis.crawlight = { settle, next, roots, rootOf, reveal, visible, read() {},
    depends: () => Array.from(depends),
    changed: () => ({ changes, quiet: (performance.now() - changed) / 1000 }) };
})();
