const perhapsACrawler = /bot|crawl|spider|slurp|preview|externalhit|externalagent|gpt|claude|perplexity|whatsapp|facebook/i;
const robots = /(^\/robots\.txt|^\/[0-9a-f]{32}\.txt|\/llms(-full)?\.txt|sitemap[^/]*\.xml(\.gz)?)$/i;
const asset = /\.(css|m?js|map|json|xml|txt|pdf|png|jpe?g|gif|webp|avif|svg|ico|woff2?|mp4|webm|zip)$/i;

export function crawlight({ url, key, site }) {
  return async (request, response, next) => {
    const agent = request.get("user-agent") ?? "";
    const accept = request.get("accept") ?? "";
    if (asset.test(request.path) && !robots.test(request.path)) return next();
    response.vary("User-Agent, Accept, Accept-Encoding");
    const asked = robots.test(request.path) || perhapsACrawler.test(agent) || /text\/markdown/i.test(accept);
    if (request.method !== "GET" || !asked) return next();
    keepFromSharedCaches(response);
    try {
      const page = new URL(`${url.replace(/\/+$/, "")}/v1/render`);
      page.searchParams.set("url", site + request.originalUrl);
      const answer = await fetch(page, {
        headers: {
          authorization: `Bearer ${key}`,
          "user-agent": agent,
          accept,
          "x-hadoseo-client-ip": [request.get("x-forwarded-for"), request.socket.remoteAddress].filter(Boolean).join(", "),
          "x-crawlight-redirects": "manual",
        },
        redirect: "manual",
        signal: AbortSignal.timeout(14_000),
      });
      const location = answer.headers.get("location");
      if (answer.status >= 301 && answer.status <= 308 && location) return response.redirect(answer.status, location);
      const marked = answer.headers.get("x-hadoseo-robots");
      if (marked) response.set("x-robots-tag", marked);
      if (![200, 404, 410].includes(answer.status)) return next();
      const body = await answer.text();
      response.status(answer.status).set("cache-control", answer.headers.get("cache-control") ?? "no-store");
      return response.type(answer.headers.get("content-type") ?? "html").send(body);
    } catch {
      return next();
    }
  };
}

// What a crawler gets is nobody else's, also where your site answers it.
function keepFromSharedCaches(response) {
  const { writeHead } = response;
  response.writeHead = function (...head) {
    const told = String(this.getHeader("cache-control") ?? "no-cache");
    this.setHeader("cache-control", `private, ${told.replace(/^(public|private)\b,? */i, "")}`);
    return writeHead.apply(this, head);
  };
}
