// Evaluated in the world of watch.js: the document as a crawler is to get it.
(most => {
  "use strict";
  const { root, scopes } = globalThis.crawlight.copy();
  const copied = root.ownerDocument;
  const METADATA = new Set(["BASE", "LINK", "META", "TITLE", "STYLE", "SCRIPT", "NOSCRIPT", "TEMPLATE"]);
  const isScriptLink = link => /(^|\s)modulepreload(\s|$)/i.test(link.rel)
    || (/(^|\s)(preload|prefetch)(\s|$)/i.test(link.rel) && (link.as === "script" || /\.m?js(\?|$)/i.test(link.href)));

  function removeScripts(scope) {
    for (const script of scope.querySelectorAll("script")) {
      if (!/^\s*application\/ld\+json/i.test(script.type)) script.remove();
    }
    for (const link of scope.querySelectorAll("link[rel]")) if (isScriptLink(link)) link.remove();
    for (const note of scope.querySelectorAll("noscript")) if (!/<(img|iframe|picture)\b/i.test(note.textContent)) note.remove();
  }

  function removeHandlers(scope) {
    for (const element of scope.querySelectorAll("*")) {
      if (!element.hasAttributes()) continue;
      for (const name of element.getAttributeNames()) {
        if (name.length > 2 && name[0] === "o" && name[1] === "n") element.removeAttribute(name);
      }
    }
    for (const link of scope.querySelectorAll("[href^='javascript:' i]")) link.removeAttribute("href");
  }

  const textOf = sheet => { try { return Array.from(sheet.cssRules, rule => rule.cssText).join("\n"); } catch { return ""; } };

  function countOf(text) {
    try { const probe = new CSSStyleSheet(); probe.replaceSync(text); return probe.cssRules.length; } catch { return -1; }
  }

  // Rules that were put in by script stand in no text.
  function writeStyles(live, scope) {
    const written = scope.querySelectorAll("style");
    live.querySelectorAll("style").forEach((style, index) => {
      const rules = style.sheet?.cssRules;
      if (!rules?.length) return;
      const text = style.textContent;
      if (text.trim() === "" || (countOf(text) !== rules.length && !/@import|@charset/i.test(text))) {
        written[index].textContent = textOf(style.sheet);
      }
    });
    for (const sheet of live.adoptedStyleSheets ?? []) {
      const style = copied.createElement("style");
      style.textContent = textOf(sheet);
      (scope.head ?? scope).append(style);
    }
  }

  // A parser ends the head at the first element that does not belong there, and what follows would be lost to it.
  function mendHead() {
    const { head, body } = copied;
    if (!head || !body) return;
    const strangers = Array.from(head.children).filter(element => !METADATA.has(element.tagName)
      || (element.tagName === "NOSCRIPT" && /<(?!link|meta|style|\/|!)/i.test(element.textContent)));
    body.prepend(...strangers);
    for (const node of Array.from(head.childNodes)) if (node.nodeType === 3 && node.data.trim()) node.remove();
    for (const meta of head.querySelectorAll("meta[charset], meta[http-equiv='content-type' i]")) meta.remove();
    const charset = copied.createElement("meta");
    charset.setAttribute("charset", "utf-8");
    head.prepend(charset);
  }

  const text = (document.body?.innerText ?? "").slice(0, 20000);
  for (const [live, scope] of scopes) {
    writeStyles(live, scope);
    removeScripts(scope);
    removeHandlers(scope);
  }
  for (const template of copied.querySelectorAll("template")) removeScripts(template.content);
  mendHead();
  // Its text is what a reader without scripts parses, as the copy does.
  for (const note of copied.querySelectorAll("noscript")) note.innerHTML = note.textContent;
  const shadowRoots = scopes.slice(1).map(([, scope]) => scope);
  const attributes = Array.from(root.attributes, ({ name, value }) =>
    ` ${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`).join("");
  const html = `<!DOCTYPE html><html${attributes}>${root.getHTML({ shadowRoots })}</html>`;
  if (html.length > most) return null;
  const contentOf = name => document.querySelector(`meta[name="${name}" i]`)?.content ?? "";
  return JSON.stringify({
    html, title: document.title, heading: document.querySelector("h1")?.textContent.trim() ?? "", text,
    robots: contentOf("robots"), language: root.lang,
    metas: Array.from(document.querySelectorAll("meta[name^='prerender-' i]"), meta => [meta.name.toLowerCase(), meta.content]),
  });
})
