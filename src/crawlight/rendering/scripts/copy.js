// Runs in the world of watch.js: the page as it is now, for writing, while it lives on untouched.
(() => {
  "use strict";
  const { roots } = globalThis.crawlight;

  // The root element of a document that has no window: nothing of it runs, loads or is upgraded there. `scopes` are
  // pairs of a tree of the page and its copy, first the document's, then those of its shadow roots.
  function copy() {
    // An element may have the name of what a document is asked for, and then stands in its place.
    const of = name => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
    const inert = of("implementation").createHTMLDocument("");
    const root = inert.importNode(of("documentElement"), true);
    inert.documentElement.replaceWith(root);
    const scopes = [[document, inert]];
    const twins = new Map();
    for (const shadow of roots()) {
      const scope = shadow.host.getRootNode();
      if (!twins.has(scope)) twins.set(scope, pair(scope, scopes.find(([live]) => live === scope)[1]));
      scopes.push([shadow, copyRoot(shadow, twins.get(scope).get(shadow.host), inert)]);
    }
    return { root, scopes };
  }

  function pair(live, copied) {
    const others = copied.querySelectorAll("*");
    return new Map(Array.from(live.querySelectorAll("*"), (element, index) => [element, others[index]]));
  }

  function copyRoot(shadow, host, inert) {
    const copied = host.shadowRoot ?? rootFor(host, shadow, inert);
    copied.replaceChildren(...Array.from(shadow.childNodes, node => inert.importNode(node, true)));
    return copied;
  }

  // Where a closed root came along, as one that says it is clonable does, a host without one takes its place.
  function rootFor(host, { delegatesFocus }, inert) {
    try { return host.attachShadow({ mode: "open", delegatesFocus }); } catch {}
    const twin = inert.createElement(host.localName);
    for (const { name, value } of host.attributes) twin.setAttribute(name, value);
    twin.append(...host.childNodes);
    host.replaceWith(twin);
    return twin.attachShadow({ mode: "open", delegatesFocus });
  }

  globalThis.crawlight.copy = copy;
})();
