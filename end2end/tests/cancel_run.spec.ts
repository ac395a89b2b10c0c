import { awaitApprovals, awaitStatus } from "../support/act.ts";
import { message, status } from "../support/find.ts";
import { expect, test } from "../support/test.ts";

test("a run in flight is cancelled with a receipt, and what had started finishes", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("hold", "evidence", "CANCEL");
  await expect.poll(() => house.receiver.holds(subject)).toBe(true);
  const page = await as("operator");
  await awaitStatus(page, run, "Running");
  await page.getByRole("link", { name: "Cancel…" }).click();
  await expect(page.getByText("1 in flight will finish")).toBeVisible();
  await page.getByLabel("Reason").fill("Asked too early");
  await page.getByRole("button", { name: "Cancel run" }).click();

  const receipt = page.getByRole("list", { name: "Receipt" });
  await expect(receipt).toContainText("1 still in flight");
  await expect(message(page, "Cancelling")).toContainText("By Operator");
  await expect(message(page, "Cancelling")).toContainText("Asked too early");
  await expect(page.getByRole("link", { name: "Cancel…" })).toHaveCount(0);

  house.receiver.behave(subject, "take");
  await awaitStatus(page, run, "Cancelled");
  await expect(status(page)).toHaveText("Cancelled");
  expect(house.receiver.effects(subject)).toHaveLength(1);
});

test("what waits for approval is skipped when its run is cancelled", async ({ as, house }) => {
  const run = await house.run("decided-evidence", ["WITHDRAW-1"]);
  const page = await as("operator");
  await awaitApprovals(page, run, 1);
  await page.getByRole("link", { name: "Cancel…" }).click();
  await page.getByLabel("Reason").fill("Not needed any more");
  await page.getByRole("button", { name: "Cancel run" }).click();
  await awaitStatus(page, run, "Cancelled");
  await expect(page.getByRole("list", { name: "Receipt" })).toContainText("1 skipped");
  expect(house.receiver.effects("WITHDRAW-1")).toHaveLength(0);
});
