import type { ServerRoute } from '@hapi/hapi';


/** What a user sees of their own, with an access token of either strategy. */
export const accountRoutes: ServerRoute[] = [
    {
        method: 'GET',
        path: '/me',
        handler: (request) => request.auth.credentials
    }
];
