const perhapsACrawler = /bot|crawl|spider|slurp|preview|externalhit|externalagent|gpt|claude|perplexity|whatsapp|facebook/i;
const robots = /(^\/robots\.txt|^\/[0-9a-f]{32}\.txt|\/llms(-full)?\.txt|sitemap[^/]*\.xml(\.gz)?)$/i;
const asset = /\.(css|m?js|map|json|xml|txt|pdf|png|jpe?g|gif|webp|avif|svg|ico|woff2?|mp4|webm|zip)$/i;

export default async function crawlight(request, context) {
  const agent = request.headers.get("user-agent") ?? "";
  const accept = request.headers.get("accept") ?? "";
  const { pathname } = new URL(request.url);
  const crawls = perhapsACrawler.test(agent) || /text\/markdown/i.test(accept);
  if (request.method !== "GET" || !(robots.test(pathname) || (crawls && !asset.test(pathname)))) return;
  try {
    const page = new URL(`${process.env.CRAWLIGHT_URL.replace(/\/+$/, "")}/v1/render`);
    page.searchParams.set("url", request.url);
    const answer = await fetch(page, {
      headers: {
        authorization: `Bearer ${process.env.CRAWLIGHT_KEY}`,
        "user-agent": agent,
        accept,
        "x-hadoseo-client-ip": [
          request.headers.get("cf-connecting-ip"),
          request.headers.get("x-forwarded-for"),
          context?.ip ?? request.headers.get("x-real-ip"),
        ].filter(Boolean).join(", "),
        "x-crawlight-redirects": "manual",
      },
      redirect: "manual",
      signal: AbortSignal.timeout(14_000),
    });
    // What a crawler gets is nobody else's: no cache shared with people may keep it.
    const headers = {
      "cache-control": (answer.headers.get("cache-control") ?? "private, no-store").replace(/^public\b/i, "private"),
      vary: "User-Agent, Accept, Accept-Encoding",
    };
    const location = answer.headers.get("location");
    if (answer.status >= 301 && answer.status <= 308 && location) {
      return new Response(null, { status: answer.status, headers: { ...headers, location } });
    }
    if (![200, 404, 410].includes(answer.status)) return;
    headers["content-type"] = answer.headers.get("content-type") ?? "text/html; charset=utf-8";
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers });
  } catch {
    return; // the site answers itself
  }
}

export const config = { path: "/*" }; // Netlify; Vercel: { matcher: "/:path*" }
