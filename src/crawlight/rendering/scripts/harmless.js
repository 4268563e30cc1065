// Text of HTML in which nothing can run, however it is read: what is served was parsed as a browser parses it, and
// nothing had to be taken out of it any more. Filters that judge a tree and write it trust that it is read as it was
// written; foreign elements, raw text and misnested tags see to it that it is not.
(() => {
  "use strict";
  const HTML = "http://www.w3.org/1999/xhtml";
  const TURNS = 8;
  const STRICT = 4; // turns after which all goes that is not read as it is written
  const MOST_FRAMES = 3; // documents within documents
  const DEEPEST = 512; // elements within elements: browsers' parsers put what is deeper beside each other
  const BLANKS = /[\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]+/g;
  const RUNS = /^(?:feed:|view-source:)*(?:javascript|vbscript|livescript|mocha):/i;
  const DOCUMENT = /^data:[^,]*(?:html|xml|svg|xsl)/i;
  const ADDRESSES = new Set(`href src srcset imagesrcset action formaction data poster background cite longdesc ping
    manifest codebase archive classid code profile lowsrc dynsrc usemap icon to from by values folder`.split(/\s+/));
  const PICTURES = new Set(["src", "srcset", "imagesrcset", "poster", "background"]);
  const FRAMES = new Set(["iframe", "frame", "object", "embed", "portal", "fencedframe"]);
  const RUNS_IN_STYLE = /(?:url\(|@import)\s*['"]?\s*(?:javascript|vbscript):|expression\s*\(|-moz-binding/i;
  const MEDIA = "img,picture,iframe";

  // A form or a document with an element of such a name in it gives that instead of what is asked for.
  const method = (kind, name) => Function.prototype.call.bind(kind.prototype[name]);
  const getter = (kind, name) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(kind.prototype, name).get);
  const tagOf = getter(Element, "localName");
  const spaceOf = getter(Element, "namespaceURI");
  const rootOf = getter(Element, "shadowRoot");
  const attributesOf = getter(Element, "attributes");
  const namesOf = method(Element, "getAttributeNames");
  const valueOf = method(Element, "getAttribute");
  const setValue = method(Element, "setAttribute");
  const dropNode = method(Element, "removeAttributeNode");
  const replace = method(Element, "replaceWith");
  const textOf = getter(Node, "textContent");

  const inert = getter(Document, "implementation")(document).createHTMLDocument("");
  const probe = inert.createElement("p");
  probe.title = "<";
  const ESCAPES = !probe.outerHTML.includes("=\"<"); // as Chromium does since version 138
  const parse = html => getter(Document, "documentElement")(Document.parseHTMLUnsafe(html));
  const ofName = name => name.slice(name.lastIndexOf(":") + 1).toLowerCase();
  const bare = text => text.replace(BLANKS, "");

  // A page may let nobody turn text into elements, as Trusted Types do.
  const parses = (() => { try { parse(""); return true; } catch { return false; } })();

  function runs(element, name, text) {
    if (name.length > 2 && name.startsWith("on")) return true;
    if (name === "style") return RUNS_IN_STYLE.test(text.replace(/\\|\/\*.*?\*\//gs, ""));
    const tag = tagOf(element);
    if (!ADDRESSES.has(name) && !(name === "value" && tag === "param")) return false;
    const address = bare(text);
    if ((name === "values" ? address.split(";") : [address]).some(one => RUNS.test(one))) return true;
    const shown = (PICTURES.has(name) && !FRAMES.has(tag)) || tag === "link" || tag === "image" || tag === "feImage";
    return !shown && DOCUMENT.test(address);
  }

  function without(element, name) {
    dropNode(element, Array.from(attributesOf(element)).find(attribute => attribute.name === name));
  }

  function clean(scope, strict = false, depth = 0) {
    const found = { changes: 0, roots: [] };
    const changed = () => { found.changes++; };
    const remove = element => { element.remove(); changed(); };
    const setText = (element, text) => {
      if (element.textContent === text && Array.from(element.childNodes).every(node => node.nodeType === 3)) return;
      element.textContent = text;
      changed();
    };
    const within = fragment => {
      const inner = clean(fragment, strict, depth);
      found.changes += inner.changes;
      found.roots.push(...inner.roots);
    };

    function disarm(element) {
      for (const name of namesOf(element)) {
        const local = ofName(name);
        if (local === "srcdoc") frame(element, name);
        else if (runs(element, local, valueOf(element, name) ?? "")) { without(element, name); changed(); }
      }
    }

    function frame(element, name) {
      if (!parses) return;
      const given = valueOf(element, name);
      const kept = tagOf(element) === "iframe" && depth < MOST_FRAMES ? settle(given, depth + 1) : "";
      if (kept === given) return;
      if (kept) setValue(element, name, kept);
      else without(element, name);
      changed();
    }

    // With scripts its content is text, without them it is elements: what is kept reads the same as both.
    function quiet(noscript) {
      const given = noscript.firstElementChild ? noscript.innerHTML : noscript.textContent;
      const inner = /<(?:img|iframe|picture)\b/i.test(given) && parses ? parse(given).querySelectorAll(MEDIA) : [];
      const media = Array.from(inner).filter(element => !element.parentElement.closest(MEDIA));
      if (!media.length) return remove(noscript);
      for (const element of media) {
        for (const child of element.querySelectorAll(":not(picture > source, picture > img)")) child.remove();
        for (const each of [element, ...element.querySelectorAll("*")]) {
          for (const node of Array.from(each.childNodes)) if (node.nodeType !== 1) node.remove();
          for (const { name, value } of Array.from(each.attributes)) {
            if (/[<>]/.test(ESCAPES ? name : name + value) || name === "srcdoc" || runs(each, ofName(name), value)) without(each, name);
          }
        }
      }
      const before = noscript.innerHTML;
      noscript.replaceChildren(...media);
      if (noscript.innerHTML !== before) changed();
    }

    // Elements whose text ends only where their own name does.
    function plain(element) {
      const pre = inert.createElement("pre");
      for (const { name, value } of element.attributes) if (/^[a-z][\w-]*$/.test(name)) pre.setAttribute(name, value);
      pre.textContent = element.textContent;
      element.replaceWith(pre);
      disarm(pre);
      changed();
    }

    function styled(style) {
      // What would end it is written as CSS writes it; the text says the same.
      const text = style.textContent.replace(/<(?=\/|script)/gi, "\\3c ");
      setText(style, RUNS_IN_STYLE.test(text) ? text.replace(/(url\(|@import)(\s*['"]?\s*)(?:javascript|vbscript):/gi, "$1$2about:")
        .replace(/expression\s*\(|-moz-binding/gi, "unset") : text);
    }

    const isData = script => script.namespaceURI === HTML && /^\s*application\/ld\+json/i.test(script.getAttribute("type"));
    const relOf = link => (link.getAttribute("rel") ?? "").toLowerCase().split(/\s+/);
    const isScript = link => relOf(link).some(rel => rel === "modulepreload" || rel === "import" || rel === "serviceworker"
      || (/^(?:preload|prefetch)$/.test(rel) && (/^(?:script|worker|sharedworker|serviceworker)$/i.test(link.getAttribute("as") ?? "")
        || /\.m?js(?:[?#]|$)/i.test(link.getAttribute("href") ?? ""))));
    const leads = meta => /^refresh$/i.test(bare(meta.getAttribute("http-equiv") ?? ""))
      && /(?:javascript|vbscript|data):/i.test(bare(meta.getAttribute("content") ?? ""));
    const moves = element => ofName(bare(element.getAttribute("attributeName") ?? "")) === "href";
    const moving = element => { if (moves(element)) remove(element); };
    const text = element => { if (element.namespaceURI === HTML) setText(element, element.textContent); };
    const rules = new Map(Object.entries({
      script(script) {
        if (!isData(script)) return remove(script);
        for (const name of ["src", "nonce"]) if (script.hasAttribute(name)) { script.removeAttribute(name); changed(); }
        setText(script, script.textContent.replaceAll("<", "\\u003c"));
      },
      style: styled,
      title: text,
      textarea: text,
      xmp: plain,
      plaintext: plain,
      listing: plain,
      iframe(iframe) { if (iframe.firstChild) setText(iframe, ""); },
      noembed: remove,
      noframes: remove,
      noscript: quiet,
      handler: remove,
      link(link) { if (isScript(link)) remove(link); },
      meta(meta) { if (leads(meta)) remove(meta); },
      set: moving,
      animate: moving,
      animateTransform: moving,
      animateMotion: moving,
      animateColor: moving,
      template(template) {
        for (const name of template.getAttributeNames()) if (/^shadowroot/i.test(name)) { without(template, name); changed(); }
        if (template.content) within(template.content);
      },
    }));
    const strange = element => strict && (spaceOf(element) !== HTML 
      || ["noscript", "template", "form", "select", "table", "frameset", "iframe"].includes(tagOf(element)));

    const comments = inert.createNodeIterator(scope, 64 | 128); // and processing instructions, which become some
    for (let node = comments.nextNode(); node; node = comments.nextNode()) {
      if (strict || node.nodeType === 7 || /[<>]|--|^-|-$/.test(node.data)) remove(node);
    }
    if (scope.nodeType === 1) disarm(scope);
    for (const element of scope.querySelectorAll("*")) {
      if (strange(element)) { replace(element, textOf(element)); changed(); continue; }
      disarm(element);
      const rule = rules.get(tagOf(element));
      if (rule) rule(element);
      const root = rootOf(element);
      if (root) { found.roots.push(root); within(root); }
    }
    return found;
  }

  // A parser leaves out the first newline there.
  function keepNewlines(scope) {
    for (const pre of scope.querySelectorAll("pre, textarea, listing")) {
      if (pre.firstChild?.nodeType === 3 && pre.firstChild.data[0] === "\n") pre.prepend("\n");
    }
  }

  // Deeper trees can be made by scripts alone. Read again, some would become millions of elements.
  function level(scope) {
    let [node, depth] = [scope, 0];
    while (node) {
      if (depth === DEEPEST && node.firstElementChild) flatten(node);
      else if (node.firstElementChild) { node = node.firstElementChild; depth++; continue; }
      while (node !== scope && !node.nextElementSibling) { node = node.parentElement ?? scope; depth--; }
      node = node === scope ? null : node.nextElementSibling;
    }
  }

  // The last goes first: it is alone when it is moved, where the first would take all others along each time.
  function flatten(top) {
    const within = inert.createNodeIterator(top, 1 | 4);
    const nodes = [];
    for (let node = within.nextNode(); node; node = within.nextNode()) nodes.push(node);
    let after = null;
    for (const node of nodes.slice(1).reverse()) { top.insertBefore(node, after); after = node; }
  }

  function write(root, roots) {
    for (const scope of [root, ...roots]) { level(scope); keepNewlines(scope); }
    const around = inert.createElement("div");
    around.append(root);
    return `<!DOCTYPE html>${around.getHTML({ shadowRoots: roots })}`.toWellFormed();
  }

  // The text itself where nothing in it can run, else what is left of it.
  function settle(html, depth = 0) {
    for (let turn = 0; turn < TURNS; turn++) {
      const parsed = parse(html);
      const { changes, roots } = clean(parsed, turn >= STRICT, depth);
      if (!changes) return html;
      html = write(parsed, roots);
    }
    throw new Error("the page is made in a way that cannot be written");
  }

  return { clean, parses, settle, write };
})()
