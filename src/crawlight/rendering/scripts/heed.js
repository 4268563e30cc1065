// Runs before the page's own scripts, in their world: tells which answers somebody waits for.
(() => {
  "use strict";
  const tell = (name, url) => performance.dispatchEvent(new CustomEvent(name, { detail: url }));
  const { then } = Promise.prototype;

  // A promise that nobody looks at belongs to a beacon. `await` reads its constructor, as `then` does.
  function heeded(promise, heed) {
    let ours = false;
    Object.defineProperty(promise, "constructor", { configurable: true, get() { if (!ours) heed(); return Promise; } });
    Object.defineProperty(promise, "then", { configurable: true, writable: true, value(good, bad) {
      if (typeof good === "function") heed();
      ours = true;
      try { return then.call(promise, good, bad); } finally { ours = false; }
    } });
    return promise;
  }

  if (window.fetch) {
    window.fetch = new Proxy(window.fetch, { apply(fetch, self, given) {
      const promise = Reflect.apply(fetch, self, given);
      let url;
      try {
        const [what, how] = given;
        url = new URL(what instanceof Request ? what.url : what, document.baseURI);
        url.hash = "";
        if (how?.keepalive || what?.keepalive) return tell("crawlight-beacon", url.href), promise;
      } catch { return promise; } // the page is told by the promise
      let open = true;
      tell("crawlight-beacon", url.href);
      return heeded(promise, () => { if (open) { open = false; tell("crawlight-heeded", url.href); } });
    } });
  }

  // A body that a script asked for whole is waited for, however slowly it comes.
  for (const name of ["json", "text", "arrayBuffer", "blob", "bytes", "formData"]) {
    const read = Response.prototype[name];
    if (!read) continue;
    Response.prototype[name] = new Proxy(read, { apply(read, response, given) {
      const promise = Reflect.apply(read, response, given);
      const url = response.url;
      if (url) {
        tell("crawlight-reads", url);
        const done = () => tell("crawlight-read", url);
        then.call(promise, done, done);
      }
      return promise;
    } });
  }
})();
