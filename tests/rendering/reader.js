// Evaluated in a snapshot that was opened: what runs in it, or could.
() => {
  const found = [];
  const RUNS = /^(javascript|vbscript):|^data:[^,]*(html|svg|xml)/i;
  const all = scope => Document.prototype.querySelectorAll.call(scope, "*");
  const of = (element, name) => Object.getOwnPropertyDescriptor(Element.prototype, name).get.call(element);
  const parse = text => new DOMParser().parseFromString(text, "text/html");
  function look(scope, where) {
    const within = scope instanceof Document ? all(scope) : scope.querySelectorAll("*");
    for (const element of within) {
      const tag = `${where}<${element.localName}>`;
      const isData = element instanceof HTMLScriptElement && element.type.startsWith("application/ld+json");
      if (element.localName === "script" && !isData) found.push(tag);
      for (const { localName, value } of Array.from(of(element, "attributes"))) {
        const bare = value.replace(/[\u0000-\u0020\u00a0]/g, "");
        const shown = ["IMG", "LINK", "image"].includes(element.tagName);
        if (/^on/i.test(localName)) found.push(`${tag} ${localName}`);
        const leads = /^(href|src|action|formaction|data|to|values)$/.test(localName) && RUNS.test(bare);
        if (leads && !(shown && /^data:/i.test(bare))) found.push(`${tag} ${localName}=${value}`);
        if (localName === "srcdoc") look(parse(value), `${tag} srcdoc `);
      }
      if (element.localName === "template") look(element.content, `${tag} `);
      if (of(element, "shadowRoot")) look(of(element, "shadowRoot"), `${tag} root `);
      if (element.localName === "noscript") look(parse(element.textContent), `${tag} `);
      const refreshes = element.localName === "meta" && /refresh/i.test(element.httpEquiv);
      if (refreshes && /script:|data:/i.test(element.content)) found.push(tag);
    }
  }
  look(document, "");
  for (const element of Array.from(all(document)).slice(0, 2000)) {
    element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
  }
  return [...found, ...(globalThis.violations ?? [])];
}
