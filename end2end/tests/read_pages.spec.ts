import { awaitStatus, openItem, PASSWORD } from "../support/act.ts";
import { isAccessible } from "../support/check.ts";
import { AUTOMATION, email } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

test("every page is accessible, light and dark, wide and narrow", { tag: "@script" }, async ({ as, house, page, watch }) => {
  test.setTimeout(150_000);
  watch.expects(/status of 404/);
  const { run, subject } = await house.runMeeting("be-down", "guarded-evidence", "AXE", 2);
  const waiting = await house.run("decided-evidence", ["AXE-WAITING"]);
  await page.goto("/sign-in");
  await isAccessible(page);

  const owner = await as("owner");
  await awaitStatus(owner, run, "Completed with failures");
  await openItem(owner, run, subject);
  await isAccessible(owner);
  for (const path of [
    "runs",
    "runs?status=completed-with-failures&by=completed",
    "runs?to=2001-01-01",
    "runs?group=definition",
    `runs/${run}`,
    `runs/${run}/retry`,
    `runs/${waiting}/cancel`,
    "approvals",
    "approvals?status=dismissed",
    "definitions",
    "definitions/guarded-evidence",
    "nowhere",
  ]) {
    await owner.goto(`${AUTOMATION}/${path}`);
    await isAccessible(owner);
  }
  await owner.goto(`${AUTOMATION}/approvals`);
  await owner.getByRole("table", { name: "Open approvals" }).getByRole("link").first().click();
  await expect(owner.getByText("Nobody has decided yet")).toBeVisible();
  await isAccessible(owner);
  for (const path of ["registers", "registers/account", `registers/account/${subject}`, "audit-log", "settings/members", "settings/destinations"]) {
    await owner.goto(`/w/north/${path}`);
    await isAccessible(owner);
  }
});

test("the whole way from sign-in to a retry is open to the keyboard alone", async ({ page, house, as }) => {
  const { run, subject } = await house.runMeeting("be-down", "evidence", "KEYS");
  const operator = await as("operator");
  await awaitStatus(operator, run, "Completed with failures");
  house.receiver.behave(subject, "take");

  const { keyboard } = page;
  const tabTo = async (name: string | RegExp, role: "link" | "button" | "textbox" | "checkbox") => {
    const target = page.getByRole(role, { name }).first();
    await expect(async () => {
      await keyboard.press("Tab");
      await expect(target).toBeFocused({ timeout: 1 });
    }).toPass({ timeout: 20_000, intervals: [0] });
  };
  await page.goto("/sign-in");
  await tabTo("E-mail address", "textbox");
  await keyboard.type(email("Operator"));
  await keyboard.press("Tab");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();

  const status = page.locator("summary", { hasText: "Status" });
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(status).toBeFocused({ timeout: 1 });
  }).toPass({ timeout: 20_000, intervals: [0] });
  await keyboard.press("Enter");
  await tabTo("Completed with failures", "checkbox");
  await keyboard.press("Space");
  await keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Active filters" })).toContainText("Completed with failures");

  const own = page.locator(`main a[href$="${run}"]`).first();
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(own).toBeFocused({ timeout: 1 });
  }).toPass({ timeout: 20_000, intervals: [0] });
  await keyboard.press("Enter");
  await tabTo("Retry…", "link");
  await keyboard.press("Enter");
  await tabTo(/^Retry 1 item/, "button");
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
  await page.goto(`${AUTOMATION}/runs`, { waitUntil: "networkidle" });
  await expect(page.getByRole("button", { name: "Times in UTC" })).toBeEnabled();
  expect(bytes).toBeLessThan(100_000);
});
