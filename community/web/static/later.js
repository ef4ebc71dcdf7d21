// Work that nobody waits for: done once the page is drawn and the browser has nothing to do, or soon at the latest.

const SOON_MS = 1000;

export function later(work) {
  if ("requestIdleCallback" in window) requestIdleCallback(() => work(), { timeout: SOON_MS });
  else setTimeout(work, SOON_MS / 5);
}
