import type { Locator, Page } from "@playwright/test";

import { acceptLink, openRun } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { row, status } from "../support/find.ts";
import { AUTOMATION, House, NAMES } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

/** Whether the page is live, in its own words. */
function mark(page: Page): Locator {
  return page.locator(".live-mark-words");
}

/** What is different from the list as it is shown. */
function banner(page: Page): Locator {
  return page.locator(".new-runs-words");
}

const SCRIPT = { tag: "@script" };

test("a run of 500 items is watched while it executes, without loading the page again", SCRIPT, async ({ as, house }) => {
  test.setTimeout(120_000);
  const subjects = Array.from({ length: 500 }, (_, at) => `LIVE-${String(at + 1).padStart(3, "0")}`);
  const last = subjects.at(-1)!;
  house.receiver.behave(last, "hold");
  const page = await as("operator");
  await openRun(page, await house.run("evidence", subjects));
  await page.evaluate(() => {
    const seen: string[] = ((window as any).seen = []);
    const progress = document.querySelector("[data-live=progress]")!;
    new MutationObserver(() => seen.push(progress.textContent!)).observe(progress, { subtree: true, characterData: true, childList: true });
  });
  await expect(mark(page)).toHaveText("Live");
  await expect(page.locator(".live-run-progress")).toHaveText("Outcomes so far: 499 of 500", { timeout: 60_000 });
  await expect(status(page)).toHaveText("Running");
  await expect(page.locator(".counts-bar-legend").first()).toContainText("499 succeeded");
  expect(await page.evaluate(() => (window as any).seen.length)).toBeGreaterThan(2);

  house.receiver.behave(last, "take");
  await expect(status(page)).toHaveText("Completed");
  await expect(page.locator("[data-live=said]")).toHaveText("The run is now completed");
  await expect(page.locator(".stat", { hasText: "Duration" })).not.toContainText("not completed");
  expect(await page.evaluate(() => (window as any).seen), "the page is still the same").toBeTruthy();
  await isAccessible(page);
  await page.getByRole("link", { name: "Show it as it is now" }).click();
  await expect(page.getByRole("link", { name: "Show it as it is now" })).toHaveCount(0);
  await expect(page.getByRole("table", { name: "Items of this run" })).toContainText("Succeeded");
});

test("the list says that there are new runs, and its rows stay where they are", SCRIPT, async ({ as, house }) => {
  const held = await house.runMeeting("hold", "evidence", "STAY");
  await expect.poll(() => house.receiver.holds(held.subject)).toBe(true);
  const page = await as("viewer");
  await page.goto(`${AUTOMATION}/runs?definition=evidence`);
  await expect(mark(page)).toHaveText("Live");
  await expect(banner(page)).toHaveText("");
  const rows = page.getByRole("table", { name: "Runs", exact: true }).getByRole("row");
  const before = await rows.allInnerTexts();
  const top = (await rows.first().boundingBox())!.y;

  await house.run("decided-evidence", ["STAY-OTHER"]);
  await house.run("evidence", ["STAY-NEW"]);
  await expect(banner(page)).toHaveText("1 new run");
  house.receiver.behave(held.subject, "take");
  await expect(banner(page)).toHaveText("1 new run, 1 of these has changed");
  expect(await rows.allInnerTexts()).toEqual(before);
  expect((await rows.first().boundingBox())!.y).toBe(top);
  await isAccessible(page);
  await banner(page).getByRole("link").click();
  await expect(banner(page)).toHaveText("");
  await expect(rows).toHaveCount(before.length + 1);
});

test("the approvals that wait are counted in the navigation", SCRIPT, async ({ as, house }) => {
  const page = await as("approver");
  await page.goto("/w/north/registers");
  const badge = page.getByRole("navigation", { name: "Sections" }).locator(".app-frame-number:visible");
  const count = async () => ((await badge.count()) ? Number((await badge.innerText()).replace(/\D/g, "")) : 0);
  const before = await count();
  await house.run("decided-evidence", ["BADGE-1", "BADGE-2"]);
  await expect.poll(count).toBe(before + 2);
});

test("a page whose server dies says so, comes back by itself, and shows what it missed", SCRIPT, async ({ page, context, watch }) => {
  test.setTimeout(120_000);
  watch.expects(/ERR_|net::|Failed to load/);
  const house = await House.build();
  try {
    await acceptLink(page, await house.invite("Owner", "owner"));
    house.receiver.behave("KILL-2", "hold");
    const run = await house.run("evidence", ["KILL-1", "KILL-2"]);
    const list = await context.newPage();
    await page.goto(`${house.origin}${AUTOMATION}/runs/${run}`);
    await expect(page.locator(".live-run-progress")).toHaveText("Outcomes so far: 1 of 2");
    await list.goto(`${house.origin}${AUTOMATION}/runs`);
    for (const one of [page, list]) await expect(mark(one)).toHaveText("Live");

    await house.program.kill();
    for (const one of [page, list]) await expect(mark(one)).toHaveText(/^Not live, last update \d\d:\d\d:\d\d UTC\. Trying again\.$/);
    await isAccessible(page);
    await house.program.command(["runs", "cancel", run, "--reason", "Nobody can see it"]);
    await house.run("evidence", ["KILL-3"]);
    await house.program.start(["serve"], /origin=(http:\S+)/, new URL(house.origin).host);

    for (const one of [page, list]) await expect(mark(one)).toHaveText("Live", { timeout: 60_000 });
    await expect(page.locator("main .page-header")).toContainText("Cancelling");
    await expect(banner(list)).toHaveText("1 new run, 1 of these has changed");
    await banner(list).getByRole("link").click();
    await expect(row(list, "Runs", NAMES.evidence)).toHaveCount(2);
  } finally {
    await house.stop();
  }
});

test("without a script the page of a run says how far it has come, and nothing of being live", { tag: "@no-script" }, async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("hold", "evidence", "STILL");
  await expect.poll(() => house.receiver.holds(subject)).toBe(true);
  const page = await as("viewer");
  await openRun(page, run);
  await expect(page.locator(".live-run-progress")).toHaveText("Outcomes so far: 0 of 1");
  await expect(mark(page)).toHaveText("");
  await page.goto(`${AUTOMATION}/runs`);
  await expect(page.locator(".new-runs")).toBeHidden();
  house.receiver.behave(subject, "take");
});
