import { awaitStatus } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { message } from "../support/find.ts";
import { expect, test } from "../support/test.ts";

const HOSTILE = `</title></textarea><script>alert(1)</script>\u202e${"long ".repeat(60)}`;

test("an entry tells what changed, and what is shown can be verified", async ({ as, house }) => {
  const { run } = await house.runMeeting("be-down", "evidence", "LOGGED", 1);
  const page = await as("operator");
  await awaitStatus(page, run, "Completed with failures");
  await page.getByRole("link", { name: "Retry…" }).click();
  await page.getByLabel("Reason").fill(HOSTILE);
  await page.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(page.getByText("Round 1 of this run has begun")).toBeVisible();

  await page.goto(`/w/north/audit-log?run=${run}&verb=run.retried`);
  const log = page.getByRole("table", { name: "Audit entries" });
  await expect(log.getByRole("row")).toHaveCount(2);
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(message(page, "Nothing was changed since it was entered")).toContainText("The whole log was counted again");
  await expect(page.getByRole("list", { name: "Active filters" })).toContainText("run.retried");

  await log.getByRole("rowheader").getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: /^Entry \d+/ })).toBeVisible();
  await expect(page.getByText("retried items of")).toBeVisible();
  await expect(page.getByRole("main")).toContainText(HOSTILE.trim());
  const changes = page.getByRole("table", { name: "Before and after" });
  await expect(changes.getByRole("row").filter({ hasText: "status" })).toContainText("completed-with-failures");
  await expect(changes.getByRole("row").filter({ hasText: "status" })).toContainText("changed");
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(message(page, "Nothing was changed since it was entered")).toContainText("The entry on this page");
  await expect(page.locator("main script, main img")).toHaveCount(0);
});

test("the log and its entries are accessible", { tag: "@script" }, async ({ as }) => {
  const page = await as("owner");
  for (const path of ["audit-log?kind=member", "audit-log?from=2001-01-01&to=2001-01-02", "audit-log/1"]) {
    await page.goto(`/w/north/${path}`);
    await isAccessible(page);
  }
});
