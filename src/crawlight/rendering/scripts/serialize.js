// Evaluated in the world of watch.js: the document as a crawler is to get it.
((complete, harmless, most) => {
  "use strict";
  const { clean, parses, settle, write } = harmless;
  const of = name => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const root = of("documentElement");
  const text = (root.querySelector(":scope > body")?.innerText ?? "").slice(0, 20000);
  const copy = globalThis.crawlight.copy();
  complete(copy);
  const made = write(copy.root, clean(copy.root).roots);
  const html = parses ? settle(made) : made;
  if (html.length > most) return null;
  const contentOf = name => root.querySelector(`meta[name="${name}" i]`)?.content ?? "";
  const metas = Array.from(root.querySelectorAll("meta[name^='prerender-' i]"), meta => [meta.name.toLowerCase(), meta.content]);
  const heading = root.querySelector("h1")?.textContent.trim() ?? "";
  return JSON.stringify({
    html, title: of("title"), heading, text, robots: contentOf("robots"), language: root.lang, metas, settled: parses,
    depends: globalThis.crawlight.depends(),
  }, (_, value) => typeof value === "string" ? value.toWellFormed() : value);
})
