// Walks through the dashboard as a new user: logs in, makes a key, uses it, sees the call come, reads why the order is
// withheld, lets time pass, revokes the key. The last line that it prints says what was seen, as JSON; what of it is right
// is for its caller to say.
//
// BASE_URL: the server. CHROMIUM: the browser's program. WIDTH, SCHEME: of the window, and light or dark.
// SCREENSHOTS: a folder to leave pictures in; optional.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const { BASE_URL, CHROMIUM, WIDTH, SCHEME, SCREENSHOTS } = process.env;
const viewport = { width: Number(WIDTH), height: 900 };
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const seen = { complaints: [], elsewhere: [], axe: [], wide: [], heavy: [] };
// The sandbox of the browser needs rights that a container does not give; it opens nothing but the pages under test.
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  await walk();
  await walkWithoutScript();
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}

async function walk() {
  const context = await browser.newContext({ viewport, colorScheme: SCHEME });
  const page = await context.newPage();
  watch(page);

  // Step 1 of the guide: log in, open the API settings, generate a key, copy it.
  await page.goto(`${BASE_URL}/api-settings`);
  seen.sentToLogin = new URL(page.url()).pathname;
  await look(page, "login");
  await page.getByLabel("E-mail address").fill("aurora@example.com");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  seen.wrongPassword = await page.getByRole("alert").innerText();
  await page.getByLabel("E-mail address").fill("aurora@example.com");
  await page.getByLabel("Password").fill("sandbox");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  seen.afterLogin = new URL(page.url()).pathname;
  await page.getByRole("button", { name: "Generate API Key" }).click();
  const key = await page.locator("#new-key").innerText();
  seen.keyLooks = /^test_[0-9a-f]{32}$/.test(key);
  await look(page, "new-key");
  await page.goto(`${BASE_URL}/api-settings`);
  seen.keyShownAgain = (await page.content()).includes(key);
  await look(page, "api-settings");

  // Its first call shows while the page of requests stands open.
  await page.goto(`${BASE_URL}/requests`);
  await look(page, "requests-empty");
  await page.getByText("Live: requests show as they come.").waitFor();
  const rows = page.locator("#requests tr");
  const before = await rows.count();
  const response = await call(key);
  const number = response.body.orders[0].id;
  await rows.nth(before).waitFor();
  seen.live = { status: response.status, row: await rows.first().innerText() };
  await look(page, "requests");
  await rows.first().getByRole("link").click();
  await look(page, "request");

  // The order, and why it is withheld.
  await page.goto(`${BASE_URL}/orders`);
  await look(page, "orders");
  await page.getByLabel("Number").fill(String(number));
  await page.getByRole("button", { name: "Show" }).click();
  seen.withheld = { standing: await page.locator("#standing").innerText(), why: await page.locator("#why").innerText() };
  await look(page, "order");

  // Time passes, and it comes back.
  await page.goto(`${BASE_URL}/lab`);
  await look(page, "lab");
  await page.getByLabel("Minutes").fill("30");
  await page.locator("#advance").click();
  seen.advanced = await page.getByRole("status").first().innerText();
  await page.goto(`${BASE_URL}/orders/${number}`);
  seen.back = await page.locator("#standing").innerText();

  // The scorecard, and the start page, which has seen the first two steps.
  await page.goto(`${BASE_URL}/scorecard`);
  await look(page, "scorecard");
  await page.goto(`${BASE_URL}/`);
  seen.steps = await page.locator(".steps .done h2").allInnerTexts();
  await look(page, "home");
  // The third fills in while the page stands open.
  const updated = await call(key, "orders-update", {
    method: "POST",
    body: JSON.stringify({ order: number, status: "partial", accounts: ["a@example.com:first-secret"], supplierOrderId: "S-1" }),
  });
  await page.locator(".steps .done").nth(2).waitFor();
  seen.update = updated.status;
  await page.goto(`${BASE_URL}/orders/${number}`);
  seen.delivered = await page.locator("main").innerText();
  await look(page, "order-delivered");

  const another = await anotherKey(page);

  // The key is revoked, with a second look; the next call is refused, and shows.
  await page.goto(`${BASE_URL}/api-settings`);
  await page.getByRole("link", { name: `Revoke the key ${key.slice(0, 9)}` }).click();
  await look(page, "revoke");
  await page.getByRole("button", { name: "Revoke the key" }).click();
  seen.revoked = await page.getByRole("status").first().innerText();
  // Live, and only what was refused.
  await page.goto(`${BASE_URL}/requests?status=401`);
  await page.getByText("Live: requests show as they come.").waitFor();
  const earlier = await rows.count();
  await call(another);
  seen.refused = (await call(key)).status;
  await rows.nth(earlier).waitFor();
  seen.filtered = (await rows.allInnerTexts()).every((row) => row.includes("401"));
  seen.refusedRow = await rows.first().innerText();

  await page.goto(`${BASE_URL}/orders/40301`);
  seen.foreign = await page.getByRole("alert").innerText();
  await look(page, "not-found");

  // A cookie that was taken before logging out opens nothing after it.
  const cookies = await context.cookies();
  await page.goto(`${BASE_URL}/`);
  await page.getByRole("button", { name: "Log out" }).click();
  await context.addCookies(cookies);
  await page.goto(`${BASE_URL}/orders`);
  seen.stolen = new URL(page.url()).pathname;
  await context.close();
}

async function anotherKey(page) {
  await page.goto(`${BASE_URL}/api-settings`);
  await page.getByRole("button", { name: "Generate API Key" }).click();
  return page.locator("#new-key").innerText();
}

async function walkWithoutScript() {
  const context = await browser.newContext({ viewport, colorScheme: SCHEME, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${BASE_URL}/`);
  await page.getByRole("button", { name: "Open Aurora Digital Goods" }).click();
  seen.plain = { welcome: await page.locator("h1").innerText() };
  await page.goto(`${BASE_URL}/api-settings`);
  await page.getByRole("button", { name: "Generate API Key" }).click();
  const key = await page.locator("#new-key").innerText();
  seen.plain.call = (await call(key)).status;
  await page.goto(`${BASE_URL}/requests`);
  seen.plain.requests = await page.locator("#requests tr").count();
  await context.close();
}

// A call of the API, of a list unless told otherwise.
async function call(key, path = "orders?status=pending,processing&productType=manual&limit=1", options = {}) {
  const headers = { "X-Api-Key": key, "Content-Type": "application/json" };
  const response = await fetch(`${BASE_URL}/api/admin/v2/${path}`, { ...options, headers });
  // What is not read keeps its connection, and this program, alive.
  return { status: response.status, body: await response.json() };
}

function watch(page) {
  page.on("console", (message) => {
    // What is refused on purpose is told by the browser, too.
    const expected = /status of (401|404)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(error.message));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== BASE_URL) seen.elsewhere.push(request.url());
  });
}

// What is to be said of any page: its accessibility, whether it is wider than the window, and what it weighs.
async function look(page, name) {
  if (SCREENSHOTS) {
    await page.screenshot({ path: `${SCREENSHOTS}/${name}-${WIDTH}-${SCHEME}.png`, fullPage: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  if (wide) seen.wide.push(name);
  const weight = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0));
  if (weight > 100 * 1024) seen.heavy.push(`${name}: ${weight}`);
  // The page's own policy lets no script in but the server's: the browser's debugger may.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result } = await session.send("Runtime.evaluate", {
    expression: "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
      + ".then(({ violations }) => JSON.stringify(violations.map(({ id, impact, nodes }) =>"
      + " ({ id, impact, nodes: nodes.map(({ html }) => html.slice(0, 120)) }))))",
    awaitPromise: true,
  });
  await session.detach();
  for (const violation of JSON.parse(result.value)) {
    if (["serious", "critical"].includes(violation.impact)) seen.axe.push({ page: name, ...violation });
  }
}
