import { acceptLink, PASSWORD, signIn } from "../support/act.ts";
import { AUTOMATION, email } from "../support/house.ts";
import { expect, test } from "../support/test.ts";

test("a member comes in by link, leaves, and signs in with the chosen password", async ({ page, house, watch }) => {
  watch.expects(/status of 4\d\d/);
  const link = await house.invite("Newcomer", "viewer");
  await acceptLink(page, link);
  await expect(page.getByText("Viewer", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await signIn(page, email("Newcomer"), "something else entirely");
  await expect(page.getByRole("alert")).toContainText("the e-mail address or the password is not right", {
    ignoreCase: true,
  });
  await expect(page.getByLabel("E-mail address")).toHaveValue(email("Newcomer"));

  await signIn(page, email("Newcomer"), PASSWORD);
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();

  await page.goto(link);
  await expect(page.getByLabel("New password")).toHaveCount(0);
});

test("whoever is not signed in is led to sign in, and then to where they wanted to go", async ({ page, house, as }) => {
  const approvals = `${AUTOMATION}/approvals`;
  await as("owner");
  await page.goto(approvals);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail address").fill(email("Owner"));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(house.origin + approvals);
});
