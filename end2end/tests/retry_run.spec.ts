import { awaitStatus, openItem, openRun } from "../support/act.ts";
import { message, status } from "../support/find.ts";
import { expect, test } from "../support/test.ts";

test("an operator reads the plan and retries: the run recovers, and the effect is there once", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "RETRY", 2);
  const page = await as("operator");
  await awaitStatus(page, run, "Completed with failures");
  expect(house.receiver.effects(subject)).toHaveLength(0);
  house.receiver.behave(subject, "take");

  await page.getByRole("link", { name: "Look at the retry plan" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Retry plan" })).toBeVisible();
  await expect(page.getByRole("table", { name: "Safe" })).toContainText(subject);
  await page.getByLabel("Reason").fill("The receiver is back");
  await page.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(page, "Round 1 of this run has begun")).toBeVisible();

  await awaitStatus(page, run, "Completed");
  await openItem(page, run, subject);
  await expect(page.getByText("Attempt 2 succeeded")).toBeVisible();
  expect(house.receiver.effects(subject)).toHaveLength(1);
});

test("a plan that is no longer true is refused, and the new one shown", async ({ as, house, watch }) => {
  watch.expects(/status of 409/);
  const { run, subject } = await house.runMeeting("be-down", "evidence", "STALE");
  const [first, second] = [await as("operator"), await as("owner")];
  await awaitStatus(first, run, "Completed with failures");
  for (const page of [first, second]) {
    await openRun(page, run);
    await page.getByRole("link", { name: "Retry…" }).click();
    await page.getByLabel("Reason").fill("Mine");
  }
  await second.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(second, "Round 1")).toBeVisible();
  await awaitStatus(second, run, "Completed with failures");

  house.receiver.behave(subject, "take");
  await first.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(first, "This is the new plan")).toBeVisible();
  await expect(first.getByLabel("Reason")).toHaveValue("Mine");
  expect(house.receiver.effects(subject)).toHaveLength(0);
  await first.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(first, "Round 2")).toBeVisible();
  await awaitStatus(first, run, "Completed");
  expect(house.receiver.effects(subject)).toHaveLength(1);
});

test("what failed for good is not called safe", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("refuse", "evidence", "POINTLESS");
  const page = await as("operator");
  await awaitStatus(page, run, "Completed with failures");
  await page.getByRole("link", { name: "Retry…" }).click();
  await expect(page.getByRole("table", { name: "Pointless" })).toContainText(subject);
  await expect(page.getByRole("table", { name: "Safe" })).toHaveCount(0);
  await expect(page.getByLabel(`Retry ${subject}`)).not.toBeChecked();
});

test("a viewer reads everything and is offered nothing", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "VIEW");
  const page = await as("viewer");
  await awaitStatus(page, run, "Completed with failures");
  const acts = page.getByRole("main").locator("form, button:not(.copy)");
  await expect(page.getByRole("link", { name: /Retry…|Cancel…/ })).toHaveCount(0);
  await expect(acts).toHaveCount(0);
  await page.getByRole("link", { name: "Read the retry plan" }).click();
  await expect(status(page).or(page.getByRole("heading", { name: "Retry plan" })).first()).toBeVisible();
  await expect(page.getByText("your role is viewer")).toBeVisible();
  await expect(acts).toHaveCount(0);
  await openItem(page, run, subject);
  await expect(acts).toHaveCount(0);
});

test("the audit log says who retried what", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "AUDIT");
  house.receiver.behave(subject, "be-down");
  const operator = await as("operator");
  await awaitStatus(operator, run, "Completed with failures");
  await operator.getByRole("link", { name: "Retry…" }).click();
  await operator.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(operator, "Round 1")).toBeVisible();

  const auditor = await as("auditor");
  await auditor.goto(`/w/north/audit-log?run=${run}`);
  const entry = auditor.getByRole("row").filter({ hasText: /retr/i }).filter({ hasText: "Operator" });
  await expect(entry.first()).toBeVisible();
});
