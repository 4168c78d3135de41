import * as Hapi from '@hapi/hapi';

import { createMetrics } from './metrics';


/** For those who run the app, on a port of its own that the public cannot reach: `GET /live`, `/ready` and `/metrics`. It starts and stops with the app. */
export const addOperations = function (app: Hapi.Server, options: { host?: string; port: number | string }): Hapi.Server {

    const metrics = createMetrics(app);
    const server = Hapi.server({ host: options.host ?? '127.0.0.1', port: options.port, routes: { cache: { otherwise: 'no-store' } } });

    server.route([
        {
            // While Redis is away the app is live, and waits for it. A restart would not help

            method: 'GET',
            path: '/live',
            handler: () => ({ state: 'live' })
        },
        {
            method: 'GET',
            path: '/ready',
            handler: async (request, h) => {

                const health = await app.plugins['hard-logout'].health();
                return h.response(health).code(health.statusCode);
            }
        },
        {
            method: 'GET',
            path: '/metrics',
            handler: async (request, h) => h.response(await metrics.metrics()).type(metrics.contentType)
        }
    ]);

    app.ext('onPreStart', () => server.start());
    app.ext('onPostStop', () => server.stop());
    return server;
};
