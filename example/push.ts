import { PassThrough } from 'node:stream';

import type { Plugin } from '@hapi/hapi';
import type { Artifacts } from 'hapi-auth-hard-logout';


/**
 * Notifies open pages that their session has ended, at once and in every process: server-sent events of `GET /browser/events`. The pages are notified before the
 * logout gets its response.
 */
export const push: Plugin<{ process?: string }> = {

    name: 'push',

    register(server, { process }) {

        const pages = new Map<PassThrough, Artifacts>();

        server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => {

            for (const [stream, artifacts] of pages) {
                if (affects(artifacts)) {
                    stream.end(`event: end\ndata: ${JSON.stringify({ session: artifacts.session, process })}\n\n`);
                }
            }
        });

        server.route({
            method: 'GET',
            path: '/browser/events',
            options: {
                auth: 'browser',
                plugins: { 'hard-logout': { tokens: 'refresh' } }
            },
            handler: async (request, h) => {

                const stream = new PassThrough();
                pages.set(stream, request.auth.artifacts as Artifacts);
                stream.once('close', () => pages.delete(stream));

                try {
                    await server.auth.verify(request);          // The session may have ended before `pages` had it
                }
                catch (error) {
                    stream.destroy();
                    throw error;
                }

                stream.write(':\n\n');

                // A compressor would wait for more

                return h.response(stream).type('text/event-stream').header('content-encoding', 'identity');
            }
        });

        // Proxies close a connection that is silent for a minute

        const timer = setInterval(() => pages.forEach((artifacts, stream) => stream.write(':\n\n')), 30_000).unref();

        server.ext('onPreStop', () => {

            clearInterval(timer);
            pages.forEach((artifacts, stream) => stream.end());
        });
    }
};
