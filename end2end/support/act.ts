// What people do, in one step each.
import { expect, type Page } from "@playwright/test";

import { AUTOMATION } from "./house.ts";
import { message, status } from "./find.ts";

export const PASSWORD = "a few calm words";

/** Chooses a password by a sign-in link, which ends on the runs of the workspace. */
export async function acceptLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByLabel("The same again").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Chooses in the filters of the runs; a facet has to be opened first. */
export async function filterRuns(page: Page, chosen: Record<string, string[]>): Promise<void> {
  for (const [facet, choices] of Object.entries(chosen)) {
    const panel = page.locator("details", { has: page.locator("summary", { hasText: facet }) });
    await panel.locator("summary").click();
    for (const choice of choices) await panel.getByLabel(choice, { exact: true }).check();
    await panel.locator("summary").click();
  }
  await page.getByRole("button", { name: "Apply" }).click();
}

export async function openRun(page: Page, run: string): Promise<void> {
  await page.goto(`${AUTOMATION}/runs/${run}`);
}

/** Loads the run's page again until it says so: the run goes on meanwhile. */
export async function awaitStatus(page: Page, run: string, wanted: string): Promise<void> {
  await awaitText(page, run, () => expect(status(page)).toHaveText(wanted, { timeout: 250 }));
}

/** Until as many items of the run wait for somebody to decide. */
export async function awaitApprovals(page: Page, run: string, count: number): Promise<void> {
  const title = count === 1 ? "1 item waits for approval" : `${count} items wait for approval`;
  await awaitText(page, run, () => expect(message(page, title)).toBeVisible({ timeout: 250 }));
}

async function awaitText(page: Page, run: string, seen: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await openRun(page, run);
    await seen();
  }).toPass({ timeout: 30_000, intervals: [100, 250, 500] });
  // What was seen may have moved by itself on a page that shows less than there is by now.
  await openRun(page, run);
}

export async function openItem(page: Page, run: string, subject: string): Promise<void> {
  await openRun(page, run);
  await page.getByRole("table", { name: "Items of this run" }).getByRole("link", { name: subject, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: subject })).toBeVisible();
}
