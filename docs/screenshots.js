import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { BROWSER } from './browser.js';
import { withPalette } from './palette.js';

/**
 * Takes the pictures of the dashboard beside this file: a server of its own, ten minutes of traffic, and
 * a real browser. Usage: npm run screenshots [minutes]
 */
const MINUTES = Number(process.argv[2] ?? 10);
const SENDERS = 8;
/** Increments a second, on average. */
const PER_SECOND = 900;

const SIZES = [
  { name: 'dashboard-light', width: 1160, height: 900, colorScheme: 'light' },
  { name: 'dashboard-dark', width: 1160, height: 900, colorScheme: 'dark' },
  { name: 'dashboard-phone', width: 360, height: 780, colorScheme: 'light', deviceScaleFactor: 2 },
];

const PAGES = ['home', 'docs', 'docs/install', 'blog', 'pricing', 'about', 'download', 'login', 'search', 'status'];
const KEYS = [
  ...PAGES.map((page) => `views:/${page === 'home' ? '' : page}`),
  ...['de', 'fr', 'jp', 'us', 'br'].map((country) => `signups:${country}`),
  ...['t-shirt', 'mug', 'poster'].map((article) => `sold:${article}`),
  ...Array.from({ length: 400 }, (_, i) => `api:user-${1000 + i}`),
];

const directory = mkdtempSync(join(tmpdir(), 'incrementer-'));
const executable = fileURLToPath(new URL('../bin/incrementer', import.meta.url));
const server = spawn(process.execPath, [executable, 'start', '--port', '3333', '--db', join(directory, 'numbers.db')], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const origin = 'http://localhost:3333';
let isOver = false;

try {
  for await (const line of createInterface({ input: server.stderr })) if (line.includes('"serving"')) break;
  server.stderr.resume();
  const senders = Array.from({ length: SENDERS }, (_, i) => send(i));
  await delay(MINUTES * 60_000);
  await photograph();
  isOver = true;
  await Promise.all(senders);
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(directory, { recursive: true });
}

/** Sends increments in waves of some minutes, with a few bursts of many keys. */
async function send(index) {
  while (!isOver) {
    const phase = (performance.now() / 1_000 / 170) * 2 * Math.PI;
    const wave = 1 + 0.55 * Math.sin(phase) + 0.2 * Math.sin(phase * 3.7 + 1) + 0.15 * Math.random();
    const isBurst = index === 0 && Math.random() < 0.004;
    const startMs = performance.now();
    if (isBurst) await post('/increments', KEYS.map((key) => `key=${encodeURIComponent(key)}`).join('&'));
    for (let i = 0; i < 4; i++) await post('/increment', `key=${encodeURIComponent(pick())}`);
    await delay(Math.max(0, (4 * SENDERS * 1_000) / (PER_SECOND * wave) - (performance.now() - startMs)));
  }
}

/** The first keys often, the others ever more seldom. */
function pick() {
  return KEYS[Math.floor(KEYS.length ** Math.random()) - 1] ?? 'views:/';
}

async function post(path, body) {
  const response = await fetch(origin + path, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  await response.arrayBuffer();
}

async function photograph() {
  const browser = await chromium.launch(BROWSER);
  try {
    for (const { name, width, height, colorScheme, deviceScaleFactor = 1 } of SIZES) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor });
      await page.goto(origin);
      await page.fill('#key', 'signups:de');
      await page.click('#increment button[type=submit]');
      await page.fill('#prefix', 'sold:');
      await page.click('#search button[type=submit]');
      await page.waitForSelector('#search tbody tr');
      await page.evaluate(() => {
        document.activeElement?.blur();
        scrollTo(0, 0);
      });
      await delay(3_000);
      const picture = await page.screenshot({ animations: 'disabled' });
      writeFileSync(new URL(`${name}.png`, import.meta.url), withPalette(picture));
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
