// A shop window in plain modules: the server sends an empty page, everything else is made here.
import { about, bread, breads, home, missing, slow } from "/pages.js";

const routes = [
  [/^\/$/, home],
  [/^\/breads$/, breads],
  [/^\/breads\/([a-z-]+)$/, bread],
  [/^\/about$/, about],
  [/^\/slow$/, slow],
  [/^\/broken$/, () => { throw new Error("this page is broken on purpose"); }],
];
const site = "https://shop.example.com";
// The menu has moved: visitors are sent on by the app itself, not by the server.
const moved = { "/menu": "/breads" };

async function show() {
  if (moved[location.pathname]) history.replaceState(null, "", moved[location.pathname]);
  const [pattern, page] = routes.find(([known]) => known.test(location.pathname)) ?? [/^/, missing];
  const made = await page(...location.pathname.match(pattern).slice(1)) ?? await missing();
  document.title = `${made.title} – The corner bakery`;
  head("meta", { name: "description", content: made.description });
  head("link", { rel: "canonical", href: site + location.pathname });
  head("meta", { property: "og:title", content: made.title });
  head("meta", { property: "og:type", content: "website" });
  head("meta", { property: "og:url", content: site + location.pathname });
  head("meta", { property: "og:image", content: `${site}/oven.jpg` });
  head("meta", { name: "twitter:card", content: "summary" });
  if (made.missing) head("meta", { name: "robots", content: "noindex" });
  if (made.data) head("script", { type: "application/ld+json" }).textContent = JSON.stringify(made.data);
  document.querySelector("#app").innerHTML = `<nav><a href="/">Home</a><a href="/breads">Breads</a>
    <a href="/about">About</a></nav><main><h1>${made.heading ?? made.title}</h1>${made.body}</main>`;
}

function head(name, attributes) {
  const element = document.createElement(name);
  for (const [key, text] of Object.entries(attributes)) element.setAttribute(key, text);
  document.head.append(element);
  return element;
}

show();
