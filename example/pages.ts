import * as Path from 'node:path';

import * as Inert from '@hapi/inert';

import type { Lifecycle, Plugin, RouteOptions } from '@hapi/hapi';


// Beside the sources: from what is compiled one folder up

const folder = Path.join(__dirname, '..', 'page');


// Nothing but what comes from here as a file of its own: no script or style within a page, no frame around it, no form to elsewhere

const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self'`,
    `connect-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`
];


const headers = {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()'
};


/** Settings of the server's routes, with the headers that hapi knows by itself. */
export const routeDefaults: RouteOptions = {

    files: { relativeTo: folder },

    // An answer is somebody's, and is kept by nobody, unless a route says otherwise

    cache: { otherwise: 'no-store' },

    // Not no-referrer: the browser would hide the origin of our own forms as well

    security: { hsts: { maxAge: 31_536_000 }, xframe: 'deny', noOpen: false, xss: false, referrer: 'same-origin' },

    // A malformed cookie of somebody else must not keep anyone from logging out

    state: { parse: true, failAction: 'ignore' }
};


/** The pages for browsers, and their headers. They are authenticated by the cookie, for a navigation has no Authorization header. */
export const pages: Plugin<void> = {

    name: 'pages',

    async register(server) {

        await server.register(Inert);

        const plugins = { 'hard-logout': { tokens: 'refresh' as const } };

        server.route([
            {
                method: 'GET',
                path: '/',
                options: { auth: { strategy: 'browser', mode: 'try' }, plugins },
                handler: (request, h) => (request.auth.isAuthenticated ? h.redirect('/account') : h.file('login.html'))
            },
            {
                method: 'GET',
                path: '/account',
                options: { auth: 'browser', plugins },
                handler: { file: 'account.html' }
            },
            {
                method: 'GET',
                path: '/admin',
                options: { auth: { strategy: 'browser', scope: 'admin' }, plugins },
                handler: { file: 'admin.html' }
            },
            {
                method: 'GET',
                path: '/page/{file*}',
                options: { auth: false, cache: { otherwise: 'no-cache' } },
                handler: { directory: { path: '.', index: false } }
            }
        ]);

        server.ext('onPreResponse', sendHome, { sandbox: 'plugin' });
        server.ext('onPreResponse', addHeaders);
    }
};


// A person who may not see a page wants another page, not an error

const sendHome: Lifecycle.Method = ({ response, route }, h) => {

    const status = 'isBoom' in response && route.settings.auth ? response.output.statusCode : 200;
    return status === 401 ? h.redirect('/') : status === 403 ? h.redirect('/account') : h.continue;
};


// The headers that hapi does not know, on every answer of the server
const addHeaders: Lifecycle.Method = ({ response }, h) => {

    Object.assign('isBoom' in response ? response.output.headers : response.headers, headers);
    return h.continue;
};
