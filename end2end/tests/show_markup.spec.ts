import { awaitStatus, openItem } from "../support/act.ts";
import { AUTOMATION } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

const IMAGE = "<img src=x onerror=alert(1)>";
const HOSTILE = `</title></textarea></script><script>alert(2)</script>${IMAGE}`;

test("markup in records and reasons is shown as text, and does nothing", async ({ as, house, watch }) => {
  watch.expects(/status of 409/);
  const subject = `EVIL-${IMAGE}`;
  house.receiver.behave(subject, "be-down");
  const run = await house.run("evidence", [subject], { branch: HOSTILE });
  const page = await as("operator");
  await awaitStatus(page, run, "Completed with failures");
  await openItem(page, run, subject);
  await expect(page.getByRole("main")).toContainText(HOSTILE);
  expect(await page.title()).toContain(subject);

  await page.goto(`/w/north/registers/account/${encodeURIComponent(subject)}`);
  await expect(page.getByRole("heading", { level: 1, name: subject })).toBeVisible();
  await expect(page.getByText(HOSTILE)).toBeVisible();

  await page.goto(`${AUTOMATION}/runs/${run}/retry`);
  await page.locator("input[name=plan]").evaluate((plan: HTMLInputElement) => (plan.value = "stale"));
  await page.getByLabel("Reason").fill(HOSTILE);
  await page.getByRole("button", { name: "Retry 1 item" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page.getByLabel("Reason")).toHaveValue(HOSTILE);
  await expect(page.locator("main img, main script")).toHaveCount(0);
});
