import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface ChromiumLaunchOptions {
  readonly executablePath: string;
  readonly headless: boolean;
  readonly args: string[];
}

/** Finds an installed Chromium; playwright-core brings no browser of its own. */
export function findChromium(): string {
  const { CHROMIUM_PATH } = process.env;
  const found = [...(CHROMIUM_PATH === undefined ? [] : [CHROMIUM_PATH]), ...PLACES].find((path) => existsSync(path));
  if (found === undefined) throw new Error('Chromium is not installed. On Debian: sudo apt-get install chromium. Elsewhere set CHROMIUM_PATH to a Chrome or Chromium.');
  return found;
}

/** For `chromium.launch` of playwright-core: works as root and in containers, and asks nobody outside for updates. */
export function chromiumLaunchOptions(headless = true): ChromiumLaunchOptions {
  return {
    executablePath: findChromium(),
    headless,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  };
}
