import { awaitApprovals, awaitStatus, filterRuns, openItem } from "../support/act.ts";
import { fact, message, numbers, row } from "../support/find.ts";
import { AUTOMATION, NAMES } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

test("the failed run is found by filter, and its item tells the cause", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "FIND", 3);
  const page = await as("operator");
  await awaitStatus(page, run, "Completed with failures");

  await page.goto(`${AUTOMATION}/runs`);
  const today = await page.evaluate(() => new Date().toISOString().slice(0, 10));
  await filterRuns(page, { Status: ["Completed with failures"], Definition: [NAMES.evidence] });
  await page.locator("summary", { hasText: "Started, UTC" }).click();
  await page.getByLabel("From").fill(today);
  await page.getByRole("button", { name: "Apply" }).click();
  const active = page.getByRole("list", { name: "Active filters" });
  for (const chip of ["Completed with failures", NAMES.evidence, `from ${today}`]) {
    await expect(active).toContainText(chip);
  }
  await page.locator(`main a[href$="${run}"]`).first().click();

  await expect(page.getByRole("heading", { name: "1 item failed" })).toBeVisible();
  await page.getByRole("link", { name: subject, exact: true }).first().click();
  await expect(message(page, "503")).toContainText("transient", { ignoreCase: true });
  await expect(page.getByText("Attempt 1 failed")).toBeVisible();
  await expect(fact(page, "Attempts")).toHaveText("1");
  await expect(fact(page, "Idempotency key")).not.toContainText("None yet");
});

test("a filter that finds nothing says so, and the way back is a link", async ({ as, house }) => {
  await house.run("evidence", ["NOTHING-1"]);
  const page = await as("operator");
  await page.goto(`${AUTOMATION}/runs?to=2001-01-01`);
  await expect(page.getByRole("table", { name: "Runs" })).toHaveCount(0);
  await page.getByRole("link", { name: "Clear all filters" }).click();
  await expect(page).toHaveURL(/\/runs$/);
});

test("runs are counted by definition", async ({ as, house }) => {
  const page = await as("viewer");
  const counts = async () => {
    await page.goto(`${AUTOMATION}/runs`);
    await page.getByRole("link", { name: "By definition" }).click();
    const own = row(page, "Runs by definition", NAMES["decided-evidence"]);
    return numbers(own, ["Runs", "Items", "Awaiting approval"]);
  };
  const first = await house.run("decided-evidence", ["GROUP-1"]);
  await awaitApprovals(page, first, 1);
  const [runs, items, waiting] = await counts();
  const second = await house.run("decided-evidence", ["GROUP-2", "GROUP-3"]);
  await awaitApprovals(page, second, 2);
  expect(await counts()).toEqual([runs! + 1, items! + 2, waiting! + 2]);
});

test("an item leads to the record it is about and to the one it brought about", async ({ as, house }) => {
  const { run, subject } = await house.runMeeting("take", "evidence", "LINK");
  const page = await as("auditor");
  await awaitStatus(page, run, "Completed");
  await openItem(page, run, subject);
  await fact(page, "Subject").getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/registers/account/${subject}$`));
  await expect(page.getByRole("heading", { level: 1, name: subject })).toBeVisible();
  await page.goBack();
  await fact(page, "Result").getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: `EVR-${subject}` })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("RCP-");
});

test("what there is not has a page that says so", async ({ as, watch }) => {
  watch.expects(/status of 4\d\d/);
  const page = await as("viewer");
  for (const [path, status] of [
    ["runs/run_01k6xw3v5te8ds8yb3p96fx2kq", 404],
    ["runs/nonsense", 400],
    ["approvals/apr_01k6xw3v5te8ds8yb3p96fx2kq", 404],
    ["definitions/nothing-like-it", 404],
    ["nowhere", 404],
    ["runs?status=done", 400],
  ] as const) {
    const answer = await page.goto(`${AUTOMATION}/${path}`);
    expect(answer?.status(), path).toBe(status);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Not found|cannot be read/);
    await expect(page.getByRole("navigation", { name: "Sections" })).toBeVisible();
  }
});
