import { awaitApprovals, awaitStatus, openItem } from "../support/act.ts";
import { message } from "../support/find.ts";
import { expect, test } from "../support/test.ts";

test("a retry that needs approval is approved by somebody else", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "guarded-evidence", "GUARD");
  const operator = await as("operator");
  await awaitStatus(operator, run, "Completed with failures");
  house.receiver.behave(subject, "take");
  await operator.getByRole("link", { name: "Retry…" }).click();
  await expect(message(operator, "needs approval first")).toBeVisible();
  await operator.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(message(operator, "1 item waits for approval")).toBeVisible();
  expect(house.receiver.effects(subject)).toHaveLength(0);

  const approver = await as("approver");
  await openItem(approver, run, subject);
  await approver.getByRole("link", { name: "Open this approval" }).click();
  await expect(approver.getByRole("main")).toContainText("Operator");
  await approver.getByLabel("Reason for approving").fill("Looked at it");
  await approver.getByRole("button", { name: "Approve" }).click();
  await expect(approver.getByText("Approver approved")).toBeVisible();
  await awaitStatus(approver, run, "Completed");
  expect(house.receiver.effects(subject)).toHaveLength(1);
});

test("nobody approves what they asked for themselves", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "guarded-evidence", "OWN");
  const owner = await as("owner");
  await awaitStatus(owner, run, "Completed with failures");
  await owner.getByRole("link", { name: "Retry…" }).click();
  await owner.getByRole("button", { name: "Retry 1 item" }).click();
  await awaitApprovals(owner, run, 1);
  await openItem(owner, run, subject);
  await owner.getByRole("link", { name: "Open this approval" }).click();
  await expect(owner.getByText("You asked for this approval")).toBeVisible();
  await expect(owner.getByRole("button", { name: "Approve" })).toBeDisabled();
});

test("dismissing needs a reason, and the item then says who dismissed it and why", async ({ as, house, watch }) => {
  watch.expects(/status of 422/);
  const run = await house.run("decided-evidence", ["DISMISS-1"]);
  const page = await as("approver");
  await awaitApprovals(page, run, 1);
  await openItem(page, run, "DISMISS-1");
  await page.getByRole("link", { name: "Open this approval" }).click();
  const reason = page.getByLabel("Reason for dismissing");
  // Blanks get past the browser's own check, not past the server's.
  await reason.fill("   ");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByRole("alert")).toContainText("say why");
  await reason.fill("Does not concern us");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByText("Approver dismissed")).toBeVisible();
  await expect(page.getByText("Does not concern us")).toBeVisible();
  await awaitStatus(page, run, "Completed");
  await openItem(page, run, "DISMISS-1");
  await expect(message(page, "Skipped: dismissed by approver")).toBeVisible();
  expect(house.receiver.effects("DISMISS-1")).toHaveLength(0);
});
