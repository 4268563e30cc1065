// Makes the copy of a page whole: what stands in no text of it is written there, and the head is one to any parser.
(copy => {
  "use strict";
  const { root: copied, scopes } = copy;
  const METADATA = new Set(["base", "link", "meta", "title", "style", "script", "noscript", "template"]);
  const LONG = 2_000; // characters of a sheet that is not repeated lightly
  const REPEATED = 100_000; // characters of long sheets that are repeated whole
  const MOST = 1_000_000; // characters of all that is repeated

  const inert = copied.ownerDocument;
  // An element may have the name of what a document is asked for, and then stands in its place.
  const of = name => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const page = of("documentElement");
  const texts = new Map();
  const branches = new WeakMap();
  const written = new Set();
  let spent = 0;

  const rulesOf = sheet => { try { return sheet.cssRules; } catch { return []; } };
  const textOf = sheet => {
    if (!texts.has(sheet)) texts.set(sheet, Array.from(rulesOf(sheet), rule => rule.cssText).join("\n"));
    return texts.get(sheet);
  };

  function countOf(text) {
    try { const probe = new CSSStyleSheet(); probe.replaceSync(text); return probe.cssRules.length; } catch { return -1; }
  }

  // Classes and ids that each of its selectors asks for, at least.
  function needs(rule) {
    if (!branches.has(rule)) {
      let selector = rule.selectorText.replace(/\[[^\]]*\]/g, "");
      while (/\([^()]*\)/.test(selector)) selector = selector.replace(/\([^()]*\)/g, "");
      branches.set(rule, selector.split(",").map(branch => branch.match(/[.#](?:[\w-]|[^\x00-\x7f]|\\.)+/g) ?? []));
    }
    return branches.get(rule);
  }

  function applying(rules, names) {
    return Array.from(rules, rule => {
      if (rule.selectorText) return needs(rule).some(all => all.every(name => names.has(name))) ? rule.cssText : "";
      if (!(rule instanceof CSSGroupingRule)) return rule.cssText;
      const inner = applying(rule.cssRules, names);
      return inner && `${rule.cssText.slice(0, rule.cssText.indexOf("{"))}{\n${inner}\n}`;
    }).filter(Boolean).join("\n");
  }

  function namesIn(root) {
    const names = new Set();
    for (const element of root.querySelectorAll("[class],[id]")) {
      for (const name of element.classList) names.add(`.${CSS.escape(name)}`);
      if (element.id) names.add(`#${CSS.escape(element.id)}`);
    }
    return names;
  }

  // A long sheet that many roots share is repeated with the rules that may apply there.
  function bounded(text, sheet, scope) {
    if (scope === page || text.length < LONG || !written.has(text)) {
      written.add(text);
      return text;
    }
    if (spent + text.length < REPEATED) { spent += text.length; return text; }
    const part = applying(rulesOf(sheet), namesIn(scope));
    if (spent + part.length > MOST) return "";
    spent += part.length;
    return part;
  }

  // Rules that were put in by script stand in no text.
  function copyStyles(scope, copy) {
    const copies = copy.querySelectorAll("style");
    scope.querySelectorAll("style").forEach((style, at) => {
      const { sheet } = style;
      if (!sheet) return;
      const given = style.textContent;
      const count = rulesOf(sheet).length;
      const known = given.trim() !== "" && (countOf(given) === count || /@import|@charset/i.test(given));
      const text = known || !count ? given : textOf(sheet);
      const kept = bounded(text, sheet, scope);
      if (kept !== given) copies[at].textContent = kept;
      if (sheet.disabled) copies[at].setAttribute("media", "not all");
    });
    for (const sheet of scope === page ? of("adoptedStyleSheets") : scope.adoptedStyleSheets) {
      const text = sheet.disabled ? "" : bounded(textOf(sheet), sheet, scope);
      if (!text) continue;
      const style = inert.createElement("style");
      style.textContent = text;
      (copy.querySelector(":scope > head") ?? copy).append(style);
    }
  }

  // Nodes that a script assigned to slots are assigned by name.
  function nameSlots(root, shadow) {
    const slots = shadow.querySelectorAll("slot");
    root.querySelectorAll("slot").forEach((slot, at) => {
      slots[at].setAttribute("name", `slot-${at}`);
      for (const node of slot.assignedElements()) {
        const twin = Array.prototype.indexOf.call(root.host.children, node);
        shadow.host.children[twin]?.setAttribute("slot", `slot-${at}`);
      }
    });
  }

  // In XML, text may stand in sections that HTML reads as comments, and the language in an attribute it does not know.
  function asHTML(copy) {
    const sections = inert.createNodeIterator(copy, 8);
    for (let node = sections.nextNode(); node; node = sections.nextNode()) node.replaceWith(node.data);
    const language = copy.getAttribute("xml:lang");
    if (language && !copy.hasAttribute("lang")) copy.setAttribute("lang", language);
  }

  // A parser ends the head at the first element that does not belong there, and what follows would be lost to it.
  function mendHead(copy) {
    const body = copy.querySelector(":scope > body");
    let head = copy.querySelector(":scope > head");
    if (!head) copy.prepend(head = inert.createElement("head"));
    const strangers = Array.from(head.children).filter(({ localName }) => !METADATA.has(localName) || localName === "noscript");
    body?.prepend(...strangers);
    for (const node of Array.from(head.childNodes)) if (node.nodeType === 3 && node.data.trim()) node.remove();
    for (const meta of head.querySelectorAll("meta[charset], meta[http-equiv='content-type' i]")) meta.remove();
    const charset = inert.createElement("meta");
    charset.setAttribute("charset", "utf-8");
    head.prepend(charset);
  }

  copyStyles(page, copied);
  for (const [live, shadow] of scopes.slice(1)) {
    copyStyles(live, shadow);
    if (live.slotAssignment === "manual") nameSlots(live, shadow);
  }
  if (of("contentType") !== "text/html") asHTML(copied);
  mendHead(copied);
})
