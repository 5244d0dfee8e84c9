/** The policy that the built page carries itself: what is inline is refused, whoever serves the page. */
import { expect } from 'vitest';
import { contentSecurityPolicy } from '../../scripts/page-headers.mjs';
import { test } from './fixture.ts';

test('a host that sends no headers is as strict, by what is in the page', async ({ page, pageUrl }) => {
  await page.route(pageUrl, async route => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { 'Content-Type': 'text/html' } });
  });
  await page.goto(pageUrl);
  const policy = page.locator('head > meta:first-child');
  expect(await policy.getAttribute('http-equiv')).toBe('Content-Security-Policy');
  expect(await policy.getAttribute('content')).toBe(contentSecurityPolicy);
  const refusal = await page.evaluate(
    () =>
      new Promise<string>(resolve => {
        document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.isInjected = true';
        document.body.append(script);
      }),
  );
  expect(refusal).toBe('script-src-elem');
  expect(await page.evaluate(() => 'isInjected' in window)).toBe(false);
});
