import * as Hapi from '@hapi/hapi';

import { Metrics } from './metrics';


/**
 * What those who run the app ask of it, on a port of its own that the public does not reach: `GET /live`, `/ready` and `/metrics`. It starts and
 * stops with the app.
 */
export const addOperations = function (app: Hapi.Server, options: { host?: string; port: number | string }): Hapi.Server {

    const metrics = new Metrics(app);
    const server = Hapi.server({ host: '127.0.0.1', ...options, routes: { cache: { otherwise: 'no-store' } } });

    server.route([
        {
            // Without Redis the app lives, and waits for it: nothing gets better by a restart

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
            handler: (request, h) => h.response(metrics.toString()).type('text/plain; version=0.0.4')
        }
    ]);

    app.ext('onPreStart', () => server.start());
    app.ext('onPostStop', () => server.stop());
    return server;
};
