// Runs Lighthouse's SEO category on each URL of standard input, one browser for all; prints a line of JSON for each.
import { createInterface } from 'node:readline';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const flags = ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'];
const chrome = await launch({ chromeFlags: flags });
try {
  for await (const url of createInterface({ input: process.stdin })) {
    const options = {
      port: chrome.port,
      onlyCategories: ['seo'],
      throttlingMethod: 'provided',
      ignoreStatusCode: true,
      // The pages load nothing: there is nothing to wait for after they are there.
      pauseAfterFcpMs: 0,
      pauseAfterLoadMs: 100,
      networkQuietThresholdMs: 100,
      cpuQuietThresholdMs: 0,
      maxWaitForLoad: 20000,
      disableFullPageScreenshot: true,
      skipAboutBlank: true,
      logLevel: 'silent',
    };
    const { lhr } = await lighthouse(url, options);
    const audits = {};
    for (const [id, audit] of Object.entries(lhr.audits)) {
      audits[id] = { score: audit.score, mode: audit.scoreDisplayMode, error: audit.errorMessage ?? null };
    }
    const line = { url, version: lhr.lighthouseVersion, browser: lhr.environment.hostUserAgent, audits };
    console.log(JSON.stringify(line));
  }
} finally {
  await chrome.kill();
}
