// Pictures of pages, asked for by `cargo xtask shots`: every path at every width and scheme.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const wanted = JSON.parse(process.argv[2]);
const base = new URL(wanted.base);

/** Signs in as asked: a single-use link is opened once, a cookie is just set. */
async function signIn(context) {
  if (wanted.cookie) {
    const [name, ...value] = wanted.cookie.split("=");
    await context.addCookies([{ name, value: value.join("="), url: base.origin, secure: name.startsWith("__") }]);
  }
  if (wanted.link) {
    const page = await context.newPage();
    await page.goto(new URL(wanted.link, base).href);
    // The way in asks for a password of one's own first.
    for (const field of await page.locator("input[type=password]").all()) {
      await field.fill("a password for pictures");
    }
    await page.locator("form button[type=submit]").last().click();
    await page.waitForURL((url) => url.pathname !== "/accept-link");
    await page.close();
  }
}

/** `/w/demo/runs?status=failed` → `w-demo-runs-status-failed` */
function nameOf(path) {
  return path.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80) || "home";
}

const browser = await chromium.launch({
  executablePath: process.env.ASSIZE_CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
const context = await browser.newContext({ reducedMotion: "reduce", timezoneId: "UTC" });
await signIn(context);
await mkdir(wanted.folder, { recursive: true });

const page = await context.newPage();
let complaints = 0;
page.on("console", (message) => {
  if (message.type() !== "error") return;
  complaints += 1;
  console.error(`${page.url()}: ${message.text()}`);
});
for (const path of wanted.paths) {
  for (const width of wanted.widths.split(",").map(Number)) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    for (const colorScheme of wanted.schemes.split(",")) {
      await page.emulateMedia({ colorScheme });
      const response = await page.goto(new URL(path, base).href, { waitUntil: "load" });
      // Islands come to life after that; pages that listen are never idle.
      const islands = page.locator("leptos-island .local-time:enabled");
      if (await page.locator("leptos-island .local-time").count()) await islands.first().waitFor({ state: "attached" });
      const file = join(wanted.folder, `${nameOf(path)}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      console.log(`${file} ${response?.status()}${wide ? " scrolls sideways" : ""}`);
    }
  }
}
await browser.close();
if (complaints > 0) console.error(`${complaints} errors in the browser's console`);
