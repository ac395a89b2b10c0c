// What has to be true of every page.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Writes down whatever a browser complains about. */
export class Watch {
  readonly #complaints: string[] = [];
  #expected: RegExp | undefined;

  over(page: Page): void {
    page.on("console", (entry) => {
      if (entry.type() === "error") this.#note(page, entry.text());
    });
    page.on("pageerror", (error) => this.#note(page, error.message));
    page.on("dialog", (dialog) => {
      this.#note(page, `a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** An answer such as 404, which browsers complain about, is part of the test. */
  expects(complaint: RegExp): void {
    this.#expected = complaint;
  }

  sawNothing(): void {
    expect(this.#complaints, "complaints of the browser").toEqual([]);
  }

  #note(page: Page, text: string): void {
    if (!this.#expected?.test(text)) this.#complaints.push(`${page.url()}: ${text}`);
  }
}

/** Nothing serious in either scheme, and nothing to scroll sideways for on a phone. */
export async function isAccessible(page: Page): Promise<void> {
  const size = page.viewportSize()!;
  const axe = () => new AxeBuilder({ page });
  await page.emulateMedia({ colorScheme: "light" });
  await hasNothingSerious(page, axe().withTags(STANDARDS));
  // The other scheme differs in its colours alone.
  await page.emulateMedia({ colorScheme: "dark" });
  await hasNothingSerious(page, axe().withRules(["color-contrast"]));
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await doesNotScrollSideways(page);
  }
  await page.setViewportSize(size);
}

async function hasNothingSerious(page: Page, axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n  ")}`);
  expect.soft(found, `axe on ${page.url()}`).toEqual([]);
}

async function doesNotScrollSideways(page: Page): Promise<void> {
  const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect.soft(needed, `width of ${page.url()}`).toBeLessThanOrEqual(there!);
}
