// Run by `cargo xtask test`, which names the browser and the binary and reads the JSON report.
import { defineConfig } from "@playwright/test";

const launchOptions = {
  executablePath: process.env.ASSIZE_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results/artifacts",
  reporter: [["list"], ["json", { outputFile: "test-results/report.json" }]],
  forbidOnly: true,
  retries: 0,
  // Each worker has a server and a database of its own.
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    // Chromium reports every view transition that the next click cuts short as an error.
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    launchOptions,
  },
  // Every test runs with and without script, unless its tag says that it needs the one or the other.
  projects: [
    { name: "chromium", grepInvert: /@no-script/ },
    { name: "no-script", grepInvert: /@script/, use: { javaScriptEnabled: false } },
  ],
});
