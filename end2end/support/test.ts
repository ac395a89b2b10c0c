// `test` with a house of its own for each worker, and pages that belong to a signed-in member.
import { type Browser, type BrowserContext, type Page, test as base } from "@playwright/test";

import { acceptLink } from "./act.ts";
import { Watch } from "./check.ts";
import { House, type Role } from "./house.ts";

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

interface Shared {
  house: House;
  /** The session of a member with the role, who came in by a link. */
  sessions: (role: Role) => Promise<State>;
}

interface Own {
  /** Opens a page as a member; every page is watched to the end of the test. */
  as: (role: Role) => Promise<Page>;
  /** Complaints of the browser; a test that leaves any has failed. */
  watch: Watch;
}

export const test = base.extend<Own, Shared>({
  house: [
    async ({}, use) => {
      const house = await House.build();
      await use(house);
      await house.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  sessions: [
    async ({ browser, house }, use) => {
      const known = new Map<Role, Promise<State>>();
      await use((role) => {
        const session = known.get(role) ?? comeIn(browser, house, role);
        known.set(role, session);
        return session;
      });
    },
    { scope: "worker" },
  ],

  watch: async ({}, use) => {
    const watch = new Watch();
    await use(watch);
    watch.sawNothing();
  },

  page: async ({ page, watch }, use) => {
    watch.over(page);
    await use(page);
  },

  as: async ({ browser, contextOptions, javaScriptEnabled, sessions, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (role) => {
      const storageState = await sessions(role);
      const context = await browser.newContext({ ...contextOptions, javaScriptEnabled, storageState });
      opened.push(context);
      const page = await context.newPage();
      watch.over(page);
      return page;
    });
    for (const context of opened) await context.close();
  },

  baseURL: async ({ house }, use) => use(house.origin),
});

export { expect } from "@playwright/test";

/** Members are called by their role. Where a test is about something else, auditors see everything. */
async function comeIn(browser: Browser, house: House, role: Role): Promise<State> {
  const name = role[0]!.toUpperCase() + role.slice(1);
  const context = await browser.newContext();
  const page = await context.newPage();
  await acceptLink(page, await house.invite(name, role));
  if (role === "auditor") await house.grant(name, "2020-01-01", "2039-12-31");
  const state = await context.storageState();
  await context.close();
  return state;
}
