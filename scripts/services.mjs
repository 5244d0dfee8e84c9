// The page is told what its server has beside it: a relay for rooms (`src/ui/invite-panel.ts`) and a way to
// WeatherBench 2 (`src/ui/data-source.ts`). A build on a static host has neither.

const services = ['isobar-relay', 'isobar-store-proxy'];

/** @param {string} html @returns {string} the page with an element for each service */
export const tellOfServices = html =>
  html.replace('<head>', `<head>${services.map(name => `<meta name="${name}">`).join('')}`);
