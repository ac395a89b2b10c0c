import type { Locator } from "@playwright/test";

import { awaitApprovals, awaitStatus, openItem, PASSWORD } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { AUTOMATION, email } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

const LISTS = {
  "lists of runs": [
    "governance/automation/runs?by=completed",
    "governance/automation/runs?to=2001-01-01",
    "governance/automation/runs?group=definition",
    "nowhere",
  ],
  "overview and incidents": [
    "governance/automation",
    "governance/automation/health?since=30d&compare=previous",
    "governance/automation/incidents",
    "governance/automation/incidents?group=cause",
  ],
  "definitions and approvals": [
    "governance/automation/approvals?status=dismissed",
    "governance/automation/definitions",
    "governance/automation/definitions/guarded-evidence",
  ],
  "registers": ["registers", "registers/account", "registers/account/AXE-LISTED"],
  "audit log, exports and settings": ["audit-log", "exports", "settings/members", "settings/destinations", "settings/webhooks", "settings/policies", "settings/new-policy"],
};

test.describe("accessible in light and dark, wide and narrow", { tag: "@script" }, () => {
  test.setTimeout(120_000);

  test("sign-in, and the pages of a run that failed", async ({ as, house, page }) => {
    const { run, subject } = await house.runMeeting("be-down", "guarded-evidence", "AXE", 2);
    await page.goto("/sign-in");
    await isAccessible(page);
    const owner = await as("owner");
    await awaitStatus(owner, run, "Completed with failures");
    await isAccessible(owner);
    await openItem(owner, run, subject);
    await isAccessible(owner);
    await owner.goto(`${AUTOMATION}/runs/${run}/retry`);
    await isAccessible(owner);
  });

  test("an approval, and the run that waits for it", async ({ as, house }) => {
    const run = await house.run("decided-evidence", ["AXE-WAITING"]);
    const owner = await as("owner");
    await awaitApprovals(owner, run, 1);
    await owner.getByRole("link", { name: "Cancel…" }).click();
    await isAccessible(owner);
    await openItem(owner, run, "AXE-WAITING");
    await owner.getByRole("link", { name: "Open this approval" }).click();
    await expect(owner.getByText("Nobody has decided yet")).toBeVisible();
    await isAccessible(owner);
    await owner.goto(`${AUTOMATION}/approvals`);
    await isAccessible(owner);
  });

  for (const [of, paths] of Object.entries(LISTS)) {
    test(of, async ({ as, house, watch }) => {
      watch.expects(/status of 404/);
      await house.run("evidence", ["AXE-LISTED"]);
      const owner = await as("owner");
      for (const path of paths) {
        await owner.goto(`/w/north/${path}`);
        await isAccessible(owner);
      }
    });
  }
});

test("the whole way from sign-in to a retry is open to the keyboard alone", async ({ page, house, as }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "KEYS");
  const operator = await as("operator");
  await awaitStatus(operator, run, "Completed with failures");
  house.receiver.behave(subject, "take");

  const { keyboard } = page;
  const tabTo = async (target: Locator) => {
    for (let steps = 0; steps < 100; steps += 1) {
      await keyboard.press("Tab");
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`no way by keyboard to ${target}`);
  };
  await page.goto("/sign-in");
  await tabTo(page.getByLabel("E-mail address"));
  await keyboard.type(email("Operator"));
  await tabTo(page.getByLabel("Password"));
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();

  await tabTo(page.locator("summary", { hasText: "Status" }));
  await keyboard.press("Enter");
  await tabTo(page.getByLabel("Completed with failures"));
  await keyboard.press("Space");
  await keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Active filters" })).toContainText("Completed with failures");

  await tabTo(page.locator(`main a[href$="${run}"]`).first());
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "1 item failed" })).toBeVisible();
  await tabTo(page.getByRole("link", { name: "Retry…" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Retry plan" })).toBeVisible();
  await tabTo(page.getByRole("button", { name: "Retry 1 item" }));
  await keyboard.press("Enter");
  await expect(page.getByText("Round 1 of this run has begun")).toBeVisible();
  await awaitStatus(operator, run, "Completed");
  expect(house.receiver.effects(subject)).toHaveLength(1);
});

test("the list of runs is light on the wire", { tag: "@script" }, async ({ as }) => {
  const page = await as("operator");
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(`${AUTOMATION}/runs`);
  await expect(page.getByRole("button", { name: "Times in UTC" })).toBeEnabled();
  await expect(page.locator(".live-mark-words")).toHaveText("Live");
  expect(bytes).toBeLessThan(100_000);
});
