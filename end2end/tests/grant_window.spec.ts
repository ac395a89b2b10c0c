import { acceptLink, openRun } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { AUTOMATION } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

const MEMBERS = "/w/north/settings/members";

function quarter(): string {
  const today = new Date();
  return `Q${Math.floor(today.getUTCMonth() / 3) + 1} ${today.getUTCFullYear()}`;
}

test("an auditor sees a quarter from when it is granted until it is taken back", async ({ as, house, page, watch }) => {
  watch.expects(/status of 404/);
  const run = await house.run("evidence", ["WINDOWED"]);
  // The page names the owners, of whom this house may have none yet.
  const owner = await as("owner");
  await acceptLink(page, await house.invite("Looker", "auditor"));
  const nothing = page.getByRole("heading", { name: "No window was granted to you yet" });
  await expect(nothing).toBeVisible();
  await expect(page.getByText("Ask an owner for yours")).toContainText("owner@north.example");
  expect((await page.goto(`${AUTOMATION}/runs/${run}`))?.status()).toBe(404);

  await owner.goto(MEMBERS);
  const members = owner.getByRole("table", { name: "Members", exact: true });
  await expect(members.getByRole("row").filter({ hasText: "Looker" })).toContainText("Nothing yet");
  await members.getByRole("link", { name: "Looker" }).click();
  await expect(owner.getByText("No window is open")).toBeVisible();
  await owner.getByRole("link", { name: quarter() }).click();
  await owner.getByRole("button", { name: "Grant the window" }).click();
  const windows = owner.getByRole("table", { name: "Windows", exact: true });
  await expect(windows.getByRole("row")).toHaveCount(2);

  await openRun(page, run);
  await expect(page.getByRole("table", { name: "Items of this run" })).toContainText("WINDOWED");
  await page.goto(`${AUTOMATION}/runs`);
  await expect(nothing).toBeHidden();
  await expect(page.getByText(/^You see 1 /)).toBeVisible();

  await windows.getByRole("button", { name: /^Revoke/ }).click();
  await expect(owner.getByText("No window is open")).toBeVisible();
  await page.reload();
  await expect(nothing).toBeVisible();
  expect((await page.goto(`${AUTOMATION}/runs/${run}`))?.status()).toBe(404);
});

test("days in the wrong order come back with what is wrong", async ({ as, house, watch }) => {
  watch.expects(/status of 422/);
  await house.invite("Backward", "auditor");
  const owner = await as("owner");
  await owner.goto(MEMBERS);
  await owner.getByRole("table", { name: "Members", exact: true }).getByRole("link", { name: "Backward" }).click();
  await owner.getByLabel("First day").fill("2026-09-30");
  await owner.getByLabel("Last day").fill("2026-07-01");
  await owner.getByRole("button", { name: "Grant the window" }).click();
  await expect(owner.getByText("the period ends before it begins", { exact: false }).first()).toBeVisible();
  await expect(owner.getByLabel("First day")).toHaveValue("2026-09-30");
  await expect(owner.getByText("No window is open")).toBeVisible();
});

test("an auditor's page and what an auditor sees are accessible", { tag: "@script" }, async ({ as, house }) => {
  test.setTimeout(120_000);
  await house.invite("Accessible", "auditor");
  await house.grant("Accessible", "2026-07-01", "2026-09-30");
  const owner = await as("owner");
  await owner.goto(MEMBERS);
  await isAccessible(owner);
  await owner.getByRole("table", { name: "Members", exact: true }).getByRole("link", { name: "Accessible" }).click();
  await expect(owner.getByRole("rowheader", { name: "1 Jul – 30 Sep 2026" })).toBeVisible();
  await isAccessible(owner);
  const auditor = await as("auditor");
  await auditor.goto(`${AUTOMATION}/runs`);
  await isAccessible(auditor);
});
