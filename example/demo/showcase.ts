import type { Server } from '@hapi/hapi';


/** What makes a demonstration of the app, and has no place in yours. */
export const addShowcase = function (server: Server): void {

    // A connection for each request, so that the calls of one page go to all processes in turn

    server.listener.maxRequestsPerSocket = 1;

    // A logout deletes the cookie. Here the browser stores a copy in another cookie, as a thief would have one, and presents it when you try to renew

    const [cookie, copy] = ['__Host-refresh', '__Host-copy'];
    server.state(copy, { isSecure: true, isHttpOnly: true, isSameSite: 'Strict', path: '/', encoding: 'none', ttl: 10 * 60 * 1000 });

    server.ext('onPostHandler', ({ path, state }, h) => {

        if (['/browser/logout', '/browser/logout/everywhere'].includes(path) && state[cookie]) {
            h.state(copy, state[cookie]);
        }

        return h.continue;
    });

    server.ext('onRequest', ({ headers, path }, h) => {

        const cookies = String(headers.cookie ?? '');
        if (path === '/browser/token' && !cookies.includes(`${cookie}=`)) {
            headers.cookie = cookies.replace(`${copy}=`, `${cookie}=`);
        }

        return h.continue;
    });
};
