// Opens the documentation page, reads it with and without its script, and tries both operations in it. The last line
// that it prints says what was found, as JSON; what of it is right is for its caller to say.
//
// BASE_URL: the server. CHROMIUM: the browser's program. WIDTH, SCHEME: of the window, and light or dark.
// SCREENSHOTS: a folder to leave pictures in; optional.

import { chromium } from "playwright-core";

const { BASE_URL, CHROMIUM, WIDTH, SCHEME, SCREENSHOTS } = process.env;
const page_url = `${BASE_URL}/docs`;
const viewport = { width: Number(WIDTH), height: 900 };

// The sandbox of the browser needs rights that a container does not give; it opens nothing but the page under test.
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  const plain = await readWithoutScript();
  const findings = await readAndTry();
  console.log(JSON.stringify({ plain, ...findings }));
} finally {
  await browser.close();
}

async function readWithoutScript() {
  const context = await browser.newContext({ viewport, colorScheme: SCHEME, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(page_url);
  const text = await page.locator("main").innerText();
  await context.close();
  return text;
}

async function readAndTry() {
  const context = await browser.newContext({ viewport, colorScheme: SCHEME });
  const page = await context.newPage();
  const complaints = [];
  const elsewhere = [];
  const requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = new URL(request.url());
    requests.push(url.pathname);
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== BASE_URL) elsewhere.push(request.url());
  });

  await page.goto(page_url);
  await picture(page, "top");
  const early = [...requests];
  await page.locator("#reference").scrollIntoViewIfNeeded();
  const tries = page.getByRole("button", { name: /^Test Request/ });
  const answers = [];
  for (const operation of [0, 1]) {
    await tries.first().waitFor();
    await readOnTo(page, tries.nth(operation));
    await tries.nth(operation).click();
    const response = await send(page, "/api/admin/v2/orders");
    answers.push({ method: response.request().method(), status: response.status(), body: await response.json() });
    await picture(page, `try-${operation}`);
    await close(page);
  }

  const control = await tryControl(page);

  // A rule that the reference names leads to its place below, and the address says so.
  await page.locator("#reference-app").getByRole("link", { name: "list.window" }).first().click();
  const rule = await page.locator(":target").getAttribute("id");
  await picture(page, "rule");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await picture(page, "all", { fullPage: true });
  await context.close();
  return { complaints, elsewhere, early, answers, control, rule, overflow };
}

// Sends the call in the dialog, and returns its answer once the dialog shows it: closed before, it would cancel the call.
async function send(page, path) {
  const dialog = page.getByRole("dialog");
  const answer = page.waitForResponse((response) => response.url().includes(path));
  await dialog.getByRole("button", { name: /^Send/ }).first().click();
  const response = await answer;
  await dialog.getByText(`${response.status()} ${response.statusText()}`).first().waitFor();
  return response;
}

async function close(page) {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
}

// Scrolls as a reader does, until something is there: what is far below is drawn when a reader comes near it.
async function readOnTo(page, locator) {
  while ((await locator.count()) === 0) {
    await page.mouse.wheel(0, viewport.height / 4);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

// The other tab: makes a sandbox there, and comes back.
async function tryControl(page) {
  await page.getByRole("tab", { name: "Control API" }).click();
  await page.getByRole("heading", { name: "Sandbox control API" }).waitFor();
  await page.locator("#reference").scrollIntoViewIfNeeded();
  const heading = page.getByRole("heading", { name: "Make a sandbox" });
  await readOnTo(page, heading);
  const operation = page.locator("#reference-app section").filter({ has: heading }).last();
  await operation.getByRole("button", { name: /^Test Request/ }).click();
  const status = (await send(page, "/_sandbox/sandboxes")).status();
  await picture(page, "control");
  await close(page);
  await page.getByRole("tab", { name: "Supplier API" }).click();
  await page.getByRole("heading", { name: "List orders" }).waitFor();
  return status;
}

async function picture(page, name, options) {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/docs-${WIDTH}-${SCHEME}-${name}.png`, ...options });
}
