// What hapi is told for a whole app: by hapi.ts, which API.md shows

import * as Hapi from '@hapi/hapi';
import { hardLogout, plugin } from 'hapi-auth-hard-logout';

import type { StrategyApi, StrategyOptions } from 'hapi-auth-hard-logout';


const server = Hapi.server();

server.register(plugin);

server.auth.strategy('browser', 'hard-logout', {
    jwt: { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] },
    refreshToken: { cookie: '__Host-refresh' },
    validate: (claims, request) => ({ isValid: claims.sub === request.auth.credentials.name })
} satisfies StrategyOptions);

const auth: StrategyApi = server.auth.api.browser!;

server.route({
    method: 'GET',
    path: '/',
    handler: async (request) => {

        const name: string = request.auth.credentials.name;
        const agent: string | undefined = request.auth.artifacts.data?.agent;

        await auth.refresh(request);
        await hardLogout(server, 'browser').revoke({ session: request.auth.artifacts.session! });

        // @ts-expect-error - no such claim was told
        const email: string = request.auth.credentials.email;

        // @ts-expect-error - no such method
        await request.server.auth.api.browser!.logout();

        return [name, agent, email].join();
    }
});
