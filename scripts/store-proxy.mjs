// The bucket of WeatherBench 2 on the page's own server, to be read only: the bucket may refuse pages of other origins.

/** Who has the bucket. */
export const storeOrigin = 'https://storage.googleapis.com';

/**
 * @param {string} [target]
 * @returns {import('vite').Plugin}
 */
export function storeProxy(target = storeOrigin) {
  return {
    name: 'isobar-store-proxy',
    config: () => ({ server: { proxy: { '/weatherbench2/': { target, changeOrigin: true } } } }),
    configureServer({ middlewares }) {
      middlewares.use('/weatherbench2', ({ method }, response, next) => {
        if (method === 'GET' || method === 'HEAD') next();
        else response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      });
    },
  };
}
