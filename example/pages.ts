import * as Path from 'node:path';

import * as Inert from '@hapi/inert';

import type { Lifecycle, Plugin, RouteOptions } from '@hapi/hapi';


// Beside the sources, one folder above what they are compiled to

const folder = Path.join(__dirname, '..', 'page');


// The package's module for clients, as browsers load it

const client = Path.join(Path.dirname(require.resolve('hapi-auth-hard-logout/client')), 'esm', 'client.js');


// Only files of this server: no script or style within a page, no frame around it, no form to another server

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


/** Settings of all routes of the server, with those security headers for which hapi has a setting. */
export const routeDefaults: RouteOptions = {

    files: { relativeTo: folder },

    // No cache stores a response, unless its route says otherwise

    cache: { otherwise: 'no-store' },

    // With 'no-referrer' the browser would hide the origin of the app's own forms as well

    security: { hsts: { maxAge: 31_536_000 }, xframe: 'deny', noOpen: false, xss: false, referrer: 'same-origin' },

    // A malformed cookie of another app on this domain must not prevent a logout

    state: { parse: true, failAction: 'ignore' }
};


/** The pages for browsers, and the other headers. A navigation has no Authorization header, so the cookie authenticates it. */
export const pages: Plugin<{ process?: string }> = {

    name: 'pages',

    async register(server, { process }) {

        await server.register(Inert);

        const plugins = { 'hard-logout': { tokens: 'refresh' as const } };
        const file = { auth: false as const, cache: { otherwise: 'no-cache' } };

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
                path: '/page/client.js',
                options: file,
                handler: { file: { path: client, confine: false } }
            },
            {
                method: 'GET',
                path: '/page/{file*}',
                options: file,
                handler: { directory: { path: '.', index: false } }
            }
        ]);

        server.ext('onPreResponse', sendHome, { sandbox: 'plugin' });

        server.ext('onPreResponse', ({ response }, h) => {

            Object.assign('isBoom' in response ? response.output.headers : response.headers, {
                'content-security-policy': policy.join('; '),
                'cross-origin-opener-policy': 'same-origin',
                'cross-origin-resource-policy': 'same-origin',
                'permissions-policy': 'camera=(), geolocation=(), microphone=()',
                ...process && { 'x-process': process }
            });

            return h.continue;
        });
    }
};


// Who may not see a page is sent to one that they may see

const sendHome: Lifecycle.Method = ({ response, route }, h) => {

    const status = 'isBoom' in response && route.settings.auth ? response.output.statusCode : 200;
    return status === 401 ? h.redirect('/') : status === 403 ? h.redirect('/account') : h.continue;
};
