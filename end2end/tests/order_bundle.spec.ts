import { readFile } from "node:fs/promises";

import { expect, test } from "../support/test.ts";

test("an auditor orders the bundle of some days and takes it home", async ({ as, house }) => {
  test.setTimeout(180_000);
  const run = await house.run("evidence", ["BUNDLED"]);
  const auditor = await as("auditor");
  await auditor.goto("/w/north/governance/automation/runs");
  await auditor.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Exports" }).click();
  await expect(auditor.getByRole("heading", { name: "No bundles yet" })).toBeVisible();

  await auditor.getByLabel("Period").selectOption("The days below");
  const today = new Date().toISOString().slice(0, 10);
  await auditor.getByLabel("First day").fill(today);
  await auditor.getByLabel("Last day").fill(today);
  await auditor.locator("summary", { hasText: "Only some definitions" }).click();
  await auditor.getByLabel("Evidence on event").check();
  await auditor.getByRole("button", { name: "Order the bundle" }).click();

  const ordered = auditor.getByRole("table", { name: "Bundles" }).getByRole("row").nth(1);
  await expect(ordered).toContainText("evidence");
  await expect(async () => {
    const again = auditor.getByRole("link", { name: "Look again" });
    if (await again.isVisible()) await again.click();
    await expect(ordered).toContainText("Ready", { timeout: 1_000 });
  }).toPass({ timeout: 120_000 });

  const [file] = await Promise.all([
    auditor.waitForEvent("download"),
    ordered.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^assize-north-.*-part\.zip$/);
  const bytes = await readFile(await file.path());
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  expect(bytes.includes(`proofs/${run}.tlog-proof`)).toBe(true);
});
