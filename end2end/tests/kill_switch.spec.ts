import { awaitApprovals, awaitStatus, PASSWORD } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { AUTOMATION } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

test("a definition is stopped, every page says so, and it is released with the password", async ({ as, house, watch }) => {
  watch.expects(/status of 422/);
  const run = await house.run("decided-evidence", ["KILL-1", "KILL-2"]);
  const operator = await as("operator");
  await awaitApprovals(operator, run, 2);
  await operator.goto(`${AUTOMATION}/definitions/decided-evidence`);
  await operator.getByRole("link", { name: "Kill switch…" }).click();
  await expect(operator.getByText(/it stops \d+ runs?: \d+ items will be skipped/)).toBeVisible();
  await operator.getByLabel("Reason").fill("It asks the wrong people");
  await operator.getByRole("button", { name: "Stop Evidence, decided first" }).click();

  const banner = operator.getByRole("alert").filter({ hasText: "is stopped" });
  await expect(banner).toContainText("Evidence, decided first is stopped.");
  await awaitStatus(operator, run, "Killed");
  await expect(banner).toContainText("It asks the wrong people");
  expect(house.receiver.effects("KILL-1")).toHaveLength(0);

  const owner = await as("owner");
  await owner.goto("/w/north/settings/kill-switch");
  await owner.getByRole("link", { name: /^Release/ }).click();
  await owner.getByLabel("Reason").fill("The list is mended");
  await owner.getByLabel("Your password").fill("not the password");
  await owner.getByRole("button", { name: "Release the switch" }).click();
  await expect(owner.getByText("this is not your password").first()).toBeVisible();
  await owner.getByLabel("Your password").fill(PASSWORD);
  await owner.getByRole("button", { name: "Release the switch" }).click();
  await expect(owner.getByRole("cell", { name: "Released", exact: true })).toBeVisible();
  await expect(owner.getByRole("alert").filter({ hasText: "is stopped" })).toHaveCount(0);
  await awaitStatus(owner, run, "Killed");
});

test("the pages of the kill switch are accessible", { tag: "@script" }, async ({ as }) => {
  const owner = await as("owner");
  await owner.goto("/w/north/settings/kill-switch");
  await isAccessible(owner);
  await owner.goto(`${AUTOMATION}/definitions/decided-evidence`);
  await owner.getByRole("link", { name: "Kill switch…" }).click();
  await expect(owner.getByLabel("Reason")).toBeVisible();
  await isAccessible(owner);
});
