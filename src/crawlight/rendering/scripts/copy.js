// Runs in the world of watch.js: the page as it is now, for writing, while it lives on untouched.
(() => {
  "use strict";
  const { roots } = globalThis.crawlight;

  // The root element of a document that has no window: nothing of it runs, loads or is upgraded there. `scopes` are
  // pairs of a tree of the page and its copy, first the document's, then those of its shadow roots.
  function copy() {
    const inert = document.implementation.createHTMLDocument("");
    const root = inert.importNode(document.documentElement, true);
    inert.replaceChild(root, inert.documentElement);
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
    const { delegatesFocus, slotAssignment, clonable, serializable } = shadow;
    // A root that says it is clonable came along.
    const copied = host.shadowRoot ?? host.attachShadow({ mode: "open", delegatesFocus, slotAssignment, clonable, serializable });
    copied.replaceChildren(...Array.from(shadow.childNodes, node => inert.importNode(node, true)));
    return copied;
  }

  globalThis.crawlight.copy = copy;
})();
