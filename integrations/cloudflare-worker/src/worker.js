// Crawlight at the edge: crawlers get prerendered pages, people get your site untouched.
//
// Settings (wrangler.toml, and `npx wrangler secret put CRAWLIGHT_KEY`):
//   CRAWLIGHT_URL   where Crawlight answers, for example https://crawlight.example.org
//   CRAWLIGHT_KEY   an API key
//   CRAWLIGHT_MODE  "passthrough" records crawls without prerendering; anything else, or nothing, prerenders
//
// Whatever goes wrong on the way to Crawlight, the visitor gets your site: nothing here may stand in its way.
// What a crawler gets is marked private, and pages as different by who asks, so that no cache mixes them up.

// A loose filter that saves a call for most people. Crawlight decides for good who is a crawler.
const PERHAPS_A_CRAWLER = new RegExp(
  [
    "bot\\b|bot/|bot-|crawl|spider|slurp|archiver|preview|fetcher|externalhit|externalagent|scraper|validator",
    "google(other|-|producer)|mediapartners|apis-google|bingpreview|yandex|baidu|yeti|daum|seznam|sogou|qwant",
    "gpt|openai|anthropic|claude|perplexity|mistral|cohere|diffbot|omgili|gemini|copilot|deepseek|grok|amzn",
    "facebookcatalog|whatsapp|telegram|discord|slack|skype|linkedin|pinterest/|embedly|flipboard|vkshare|bluesky",
    "lighthouse|pagespeed|gtmetrix|screaming frog|sitebulb|ahrefs|semrush|netcraft|pingdom|newrelic",
    "curl/|wget/|python|go-http|java/|okhttp|node-fetch|axios|headless|phantom",
  ].join("|"),
  "i",
);
const ASSET = /\.(?:css|m?js|map|json|xml|txt|pdf|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|zip|gz|wasm)$/i;
// Told to Crawlight whoever asks for it; the second is the key file of IndexNow.
const ROBOTS = /(?:^\/robots\.txt|^\/[0-9a-f]{32}\.txt|\/llms(?:-full)?\.txt|sitemap[^/]*\.xml(?:\.gz)?)$/i;
const MARKDOWN = /text\/markdown/i;
const VARY = "User-Agent, Accept, Accept-Encoding";
const ASSISTANTS = /(?:chatgpt|openai|perplexity|claude|gemini|copilot|grok|deepseek|mistral|you|meta|poe|phind|kagi|x)\.(?:com|ai)/i;

const RENDER_MILLISECONDS = 14_000; // Crawlight itself gives up after 12 seconds.
const BEACON_MILLISECONDS = 5_000;

// What a signed request needs to be verified (RFC 9421, Web Bot Auth).
const SIGNATURE_HEADERS = ["signature", "signature-input", "signature-agent"];

export default {
  async fetch(request, env, ctx) {
    if (!env.CRAWLIGHT_URL || !env.CRAWLIGHT_KEY) return fetch(request);
    if (request.method !== "GET" && request.method !== "HEAD") return fetch(request);
    const { pathname } = new URL(request.url);
    const robots = ROBOTS.test(pathname);
    const crawls = mayCrawl(request);
    if (!robots && !crawls) ctx.waitUntil(tellReferral(request, env).catch(() => {}));
    if (!robots && ASSET.test(pathname)) return fetch(request);
    if (!robots && !crawls) return marked(await fetch(request));
    let answer;
    try {
      answer = await ask(request, env);
    } catch {
      return marked(await fetch(request), privately);
    }
    return (await served(answer, request)) ?? marked(await fetch(request), privately);
  },
};

function mayCrawl(request) {
  const { headers } = request;
  return (
    headers.has("signature-agent") ||
    PERHAPS_A_CRAWLER.test(headers.get("user-agent") ?? "") ||
    MARKDOWN.test(headers.get("accept") ?? "")
  );
}

// The site's own answer, as caches before this worker may keep it.
function marked(site, change = () => {}) {
  if (site.webSocket) return site;
  const answer = new Response(site.body, site);
  answer.headers.append("vary", VARY);
  change(answer.headers);
  return answer;
}

// For nobody but the one that asked: no cache that people share keeps it.
function privately(headers) {
  const told = headers.get("cache-control") ?? "no-cache";
  headers.set("cache-control", `private, ${told.replace(/^(public|private)\b,? */i, "")}`);
  headers.delete("expires");
}

function ask(request, env) {
  const endpoint = new URL("v1/render", base(env));
  endpoint.searchParams.set("url", request.url);
  const headers = new Headers({
    authorization: `Bearer ${env.CRAWLIGHT_KEY}`,
    "user-agent": request.headers.get("user-agent") ?? "",
    accept: request.headers.get("accept") ?? "",
    // Behind a further proxy the address that connected is not the visitor's: Crawlight finds that in the whole list.
    "x-hadoseo-client-ip": [request.headers.get("x-forwarded-for"), request.headers.get("cf-connecting-ip")].filter(Boolean).join(", "),
    "x-crawlight-redirects": "manual",
  });
  if (env.CRAWLIGHT_MODE === "passthrough") headers.set("x-hadoseo-mode", "passthrough");
  for (const name of SIGNATURE_HEADERS) {
    const text = request.headers.get(name);
    if (text) headers.set(name, text);
  }
  return fetch(endpoint, {
    headers,
    method: request.method,
    // Never followed: the key would travel to wherever the page moved.
    redirect: "manual",
    signal: AbortSignal.timeout(RENDER_MILLISECONDS),
  });
}

// The crawler's answer, or null where the site is to answer itself.
async function served(answer, request) {
  if ([200, 404, 410].includes(answer.status)) {
    const headers = handedOn(answer);
    try {
      // Read whole first: a connection that breaks in the middle must not break the page.
      const body = request.method === "HEAD" ? null : await answer.arrayBuffer();
      return new Response(body, { status: answer.status, headers });
    } catch {
      return null;
    }
  }
  const location = answer.headers.get("location");
  if ([301, 302, 307, 308].includes(answer.status) && location) {
    const headers = handedOn(answer);
    headers.set("location", location);
    return new Response(null, { status: answer.status, headers });
  }
  await answer.body?.cancel();
  const robots = answer.headers.get("x-hadoseo-robots");
  if (answer.status !== 204 || !robots) return null;
  return marked(await fetch(request), (headers) => {
    privately(headers);
    headers.set("x-robots-tag", robots);
  });
}

const HANDED_ON = [
  "content-type", "cache-control", "x-robots-tag", "link", "content-language", "x-markdown-tokens", "x-crawlight-outcome",
];

function handedOn(answer) {
  const headers = new Headers({ "content-type": "text/html; charset=utf-8", vary: VARY });
  for (const name of HANDED_ON) {
    const text = answer.headers.get(name);
    if (text) headers.set(name, text);
  }
  privately(headers);
  return headers;
}

// A visit that an AI assistant sent. Who came is not told, and nobody waits for it.
async function tellReferral(request, env) {
  const referer = request.headers.get("referer") ?? "";
  const page = (request.headers.get("sec-fetch-dest") ?? "document") === "document";
  const named = ASSISTANTS.test(referer) || /[?&]utm_source=/i.test(request.url);
  if (request.method !== "GET" || !page || !named) return;
  const answer = await fetch(new URL("v1/event/referral", base(env)), {
    method: "POST",
    headers: {
      authorization: `Bearer ${env.CRAWLIGHT_KEY}`,
      "content-type": "application/json",
      "user-agent": request.headers.get("user-agent") ?? "",
    },
    body: JSON.stringify({ url: request.url, referer }),
    redirect: "manual",
    signal: AbortSignal.timeout(BEACON_MILLISECONDS),
  });
  await answer.body?.cancel();
}

function base(env) {
  return env.CRAWLIGHT_URL.endsWith("/") ? env.CRAWLIGHT_URL : `${env.CRAWLIGHT_URL}/`;
}
