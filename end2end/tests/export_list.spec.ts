import { readFile } from "node:fs/promises";

import { awaitStatus, filterRuns } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { AUTOMATION, NAMES } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

test("a filtered list is taken home with exactly the runs it shows", async ({ as, house }) => {
  const { run } = await house.runMeeting("be-down", "evidence", "EXPORT", 2);
  const page = await as("auditor");
  await awaitStatus(page, run, "Completed with failures");
  await page.goto(`${AUTOMATION}/runs`);
  await filterRuns(page, { Status: ["Completed with failures"], Definition: [NAMES.evidence] });
  const shown = await page.getByRole("table", { name: "Runs" }).locator("tbody tr").count();

  await page.locator("summary", { hasText: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: /^JSONL/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^runs-\d{4}-\d{2}-\d{2}\.jsonl$/);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
  const rows = lines.map((line) => JSON.parse(line));
  expect(rows[0].export.filter).toBe("definition=evidence&status=completed-with-failures");
  expect(rows.at(-1)).toEqual({ end: { rows: shown } });
  expect(rows.slice(1, -1).map((row) => row.id)).toContain(run);
});

test("the brief is found from the runs and can be printed", async ({ as, house }) => {
  await house.run("evidence", ["BRIEF-1"]);
  const page = await as("auditor");
  await page.goto(`${AUTOMATION}/runs`);
  await page.getByRole("main").getByRole("link", { name: "Brief" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Brief/ })).toBeVisible();
  const today = await page.evaluate(() => new Date().toISOString().slice(0, 10));
  await page.getByLabel("From").fill(today);
  await page.getByLabel("To").fill(today);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("table", { name: "Runs by definition" })).toContainText(NAMES.evidence);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Sections" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Show" })).toBeHidden();
});

test("the brief is accessible, wide and narrow", { tag: "@script" }, async ({ as, house }) => {
  await house.run("evidence", ["BRIEF-AXE"]);
  const page = await as("auditor");
  await page.goto(`${AUTOMATION}/brief?from=2026-01-01&to=2030-12-31`);
  await isAccessible(page);
  await page.goto(`${AUTOMATION}/runs`);
  await page.locator("summary", { hasText: "Export" }).click();
  await isAccessible(page);
});
