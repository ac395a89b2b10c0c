import { isAccessible } from "../support/check.ts";
import { Hooks } from "../support/hooks.ts";
import { expect, test } from "../support/test.ts";

const WEBHOOKS = "/w/north/settings/webhooks";

test("an owner adds a webhook, tests it, reads the log and sends a delivery again", async ({ as, house }) => {
  const hooks = await Hooks.start();
  hooks.refusals = 1;
  await house.program.command(["destination", "allow", hooks.origin, "--private"]);
  const owner = await as("owner");
  await owner.goto(WEBHOOKS);
  await owner.getByLabel("Name").fill("Team on call");
  await owner.getByLabel("Address").fill(`${hooks.origin}/hook`);
  await owner.getByRole("button", { name: "Add the webhook" }).click();
  await expect(owner.getByText("whsec_")).toBeVisible();
  await owner.goto(WEBHOOKS);
  await owner.getByRole("link", { name: /Team on call/ }).first().click();
  await expect(owner.getByText("whsec_")).toBeHidden();

  await owner.getByRole("button", { name: "Send a test" }).click();
  await expect(owner.getByRole("heading", { level: 1, name: "Test" })).toBeVisible();
  const attempt = (title: string) => owner.getByText(title, { exact: true });
  await expect(async () => {
    await owner.reload();
    await expect(attempt("Attempt 1 was answered with 503")).toBeVisible({ timeout: 250 });
  }).toPass({ timeout: 30_000 });
  await expect(owner.getByText("closed for lunch")).toBeVisible();
  const [first] = hooks.heard;
  await expect(owner.getByText(first!.signature)).toBeVisible();

  await owner.getByRole("link", { name: "Deliveries", exact: true }).first().click();
  await owner.getByRole("link", { name: /^Test/ }).first().click();
  await expect(async () => {
    await owner.reload();
    const again = owner.getByRole("button", { name: "Send it again" });
    await expect(again).toBeVisible({ timeout: 250 });
  }).toPass({ timeout: 30_000 });
  await owner.getByRole("button", { name: "Send it again" }).click();
  await expect(async () => {
    await owner.reload();
    await expect(attempt("Attempt 3 was answered with 204")).toBeVisible({ timeout: 250 });
  }).toPass({ timeout: 30_000 });
  expect(new Set(hooks.heard.map(({ id }) => id)).size).toBe(1);
  expect(new Set(hooks.heard.map(({ body }) => body)).size).toBe(1);
  await hooks.stop();
});

test("a webhook, its log, and an inbound endpoint are accessible", { tag: "@script" }, async ({ as, house }) => {
  test.setTimeout(120_000);
  const hooks = await Hooks.start();
  await house.program.command(["destination", "allow", hooks.origin, "--private"]);
  const made = await house.program.command(["webhook", "add", hooks.origin, "--name", "A".repeat(120)]);
  const queued = await house.program.command(["webhook", "test", made.webhook.id]);
  const inbound = ["inbound", "add", "A".repeat(120), "--check", "secret", "--kind", "monitor-result"];
  const places = ["--id-from", "digest", "--subject-from", "account:/data/account", "--time-from", "/data/at"];
  const { endpoint } = await house.program.command([...inbound, "--source", "scanner", "--type", "scanned", ...places]);
  const owner = await as("owner");
  const log = "/w/north/settings/deliveries";
  const into = "/w/north/settings/inbound";
  for (const path of [WEBHOOKS, `${WEBHOOKS}/${made.webhook.id}`, log, `${log}/${queued.id}`, into, `${into}/${endpoint.id}`]) {
    await owner.goto(path);
    await isAccessible(owner);
  }
  await house.program.command(["webhook", "remove", made.webhook.id]);
  await hooks.stop();
});
