// Where things are on a page, in a reader's words.
import type { Locator, Page } from "@playwright/test";

/** A row of the table with this caption that contains the text. */
export function row(page: Page, table: string, text: string): Locator {
  return page.getByRole("table", { name: table, exact: true }).getByRole("row").filter({ hasText: text });
}

/** The numbers of a row, by the heads of their columns. */
export async function numbers(row: Locator, labels: string[]): Promise<number[]> {
  const cells = labels.map((label) => row.locator(`td[data-label="${label}"]`).innerText());
  return (await Promise.all(cells)).map((text) => Number(text.replace(/\D/g, "")));
}

/** The message of a page that begins with this title. */
export function message(page: Page, title: string | RegExp): Locator {
  return page.locator("[role=alert], [role=status]").filter({ hasText: title });
}

/** The large status beside the title of a page. */
export function status(page: Page): Locator {
  return page.locator("main .page-header .status-badge").first();
}

/** A named value among the facts of a page. */
export function fact(page: Page, term: string): Locator {
  return page.locator("dt", { hasText: new RegExp(`^${term}$`) }).locator("xpath=following-sibling::dd[1]").first();
}
