// Runs before the page's scripts in a world of its own: sees the same document, but not through what they changed.
(() => {
  "use strict";
  const ENOUGH = 250; // weight of a page that has its content: characters, and some for what is no text
  const WEIGHTS = { IMG: 25, PICTURE: 25, VIDEO: 50, CANVAS: 50, IFRAME: 50, OBJECT: 50, INPUT: 20, SELECT: 20,
    TEXTAREA: 20, BUTTON: 10, TABLE: 20, svg: 5 };
  const FRAME = new Set(["NAV", "HEADER", "FOOTER", "ASIDE"]);
  const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "LINK", "META", "TITLE", "HEAD"]);
  const BUSY = "[aria-busy=true],[role=progressbar],progress:not([value])";
  const BUSY_NAME = /(^|[\s_-])(spinner|loader|loading|skeleton|shimmer|preloader|lds|spin|progress-?circular)/i;
  const BUSY_TEXT = new RegExp("^\\W*(loading|please wait|one moment|just a moment|wird geladen|l[äa]dt|laden|bitte warten|" +
    "chargement|veuillez patienter|cargando|espere|carregando|aguarde|caricamento|attendere|bezig|even geduld|" +
    "laster|laddar|indl[æa]ser|ladataan|ładowanie|wczytywanie|načítání|načítava|betöltés|se încarcă|зареждане|" +
    "загрузка|завантаження|yükleniyor|φόρτωση|טוען|جار[يٍ]? التحميل|लोड हो रहा|กำลังโหลด|đang tải|memuat|" +
    "読み込み中|ロード中|加载中|正在加载|載入中|로딩|불러오는)", "iu");

  let changed = performance.now();
  let changes = 0;
  let shadows = false;
  let expected = 0; // timers, sockets and workers that may still bring content
  let flag; // prerenderReady: undefined until it is set
  let wake = () => {};
  const note = () => { changed = performance.now(); changes++; wake(); };
  const what = { subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["href", "src", "content", "alt", "hidden", "aria-busy"] };
  const observer = new MutationObserver(note);
  observer.observe(document, what);
  document.addEventListener("crawlight-shadow", () => { shadows = true; note(); });
  document.addEventListener("crawlight-expects", () => { expected++; });
  document.addEventListener("crawlight-got", () => { expected--; });
  document.addEventListener("crawlight-not-ready", () => { flag ??= false; });
  document.addEventListener("crawlight-ready", () => { if (flag === false) { flag = true; wake(); } });

  const seen = new WeakSet();
  function roots(from = document) {
    if (!shadows) return [];
    const found = [];
    for (const element of from.querySelectorAll("*")) {
      const root = element.shadowRoot;
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
        if (child.shadowRoot) sum += weight(child.shadowRoot, limit - sum, outside);
      }
    }
    return sum;
  }

  function isBusy(element) {
    return visible(element) && !(element.textContent.trim().length > 200);
  }

  // Whether the page says that it is still loading.
  function busy() {
    const body = document.body;
    if (!body) return true;
    for (const scope of [document, ...roots()]) {
      for (const element of scope.querySelectorAll(BUSY)) if (isBusy(element)) return true;
      for (const element of scope.querySelectorAll("[class],[id]")) {
        const name = `${element.getAttribute("class") ?? ""} ${element.id}`;
        if (BUSY_NAME.test(name) && element.tagName !== "IMG" && element !== body && isBusy(element)) return true;
      }
    }
    const text = body.innerText.trim();
    return text.length < 400 && text.split("\n").some(line => line.length < 40 && BUSY_TEXT.test(line));
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

  // Places that wait for what is to be put there.
  const hollow = () => document.querySelector("body :is(div, main, section, article, ul, ol, tbody, dl, [id]):empty" +
    ":not(script, style, template, link, meta, img, input, br, hr, iframe, canvas, video, audio, svg *)") !== null;

  function look(calm) {
    const body = document.body;
    const main = body ? weight(body, ENOUGH, true) : 0;
    return JSON.stringify({
      flag: flag ?? null, changes, calm, main, enough: main >= ENOUGH,
      expects: expected > 0, hollow: main < ENOUGH && hollow(),
      busy: flag === undefined && busy(),
      any: main || (body ? weight(body, 1, false) : 0),
      size: body?.textContent.length ?? 0,
      height: document.documentElement?.scrollHeight ?? 0, state: document.readyState,
      quiet: (performance.now() - changed) / 1000,
    });
  }

  globalThis.crawlight = { settle, next, roots, visible };
})();
