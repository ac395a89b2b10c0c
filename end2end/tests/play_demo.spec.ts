import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test as base } from "@playwright/test";

import { Watch } from "../support/check.ts";
import { numbers, row } from "../support/find.ts";
import { Program } from "../support/program.ts";

/** The demo in a folder of its own, with the link that was printed. */
const test = base.extend<{ demo: { program: Program; link: string } }>({
  demo: async ({}, use) => {
    const program = await Program.inFreshFolder();
    const printed = await program.start(["demo"], /(http:\S+\/accept-link\?token=\S+)[^]*Ctrl-C/);
    await use({ program, link: printed[1]! });
    await program.stop();
  },
});

const COUNTS = ["Runs", "Items", "Invoked", "Succeeded", "Failed", "Awaiting approval", "Skipped"];

const QUARTER: Record<string, number[]> = {
  "Weekly KYC review": [13, 620, 608, 590, 0, 18, 12],
  "AML monitor failure": [23, 23, 23, 23, 0, 0, 0],
  "Supplier attestation renewal": [3, 28, 28, 28, 0, 0, 0],
  "Post-exception assessment": [7, 7, 7, 7, 0, 0, 0],
  "Post-incident review check": [9, 9, 9, 2, 0, 0, 7],
  "Regulator rule change intake": [4, 4, 3, 3, 0, 0, 1],
  "All of these": [59, 691, 678, 653, 0, 18, 20],
};

test("the quarter is as told, and approving the 18 recovers every one, once", async ({ page, demo }) => {
  test.setTimeout(180_000);
  const watch = new Watch();
  watch.over(page);
  const effects = async () => {
    const file = await readFile(join(demo.program.folder, "assize.receiver.ndjson"), "utf8");
    return file.trim().split("\n").map((line) => JSON.parse(line).key as string);
  };
  const before = await effects();

  await page.goto(demo.link);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("link", { name: "By definition" }).click();
  const count = (name: string) => numbers(row(page, "Runs by definition", name), COUNTS);
  for (const [name, expected] of Object.entries(QUARTER)) expect(await count(name), name).toEqual(expected);

  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: /Approvals/ }).click();
  await expect(page.getByRole("table", { name: "Open approvals" }).getByRole("checkbox")).toHaveCount(18);
  await page.getByRole("link", { name: "Select all on this page" }).click();
  await page.getByLabel("Reason").fill("The portal is back");
  await page.getByRole("button", { name: "Approve selected" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "What you decided" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "The item goes on." })).toHaveCount(18);

  await expect(async () => {
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByRole("link", { name: "By definition" }).click();
    expect(await count("Weekly KYC review")).toEqual([13, 620, 608, 608, 0, 0, 12]);
  }).toPass({ timeout: 60_000 });
  await expect(row(page, "Runs by definition", "Weekly KYC review")).toContainText("13 completed");
  const after = await effects();
  expect(after).toHaveLength(before.length + 18);
  expect(new Set(after).size).toBe(after.length);
  watch.sawNothing();
});
