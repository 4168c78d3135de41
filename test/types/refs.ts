// What hapi is told of a request by Refs: route by route, where an app has other schemes as well

import * as Hapi from '@hapi/hapi';
import { hardLogout } from 'hapi-auth-hard-logout';

import type { Artifacts, Credentials, Refs } from 'hapi-auth-hard-logout';


const server = Hapi.server();

interface Device {
    agent: string;
}

type User = Refs<{ name: string }, Device>;


server.route<User>({
    method: 'GET',
    path: '/me',
    options: { plugins: { 'hard-logout': { tokens: 'both' } } },
    handler: async (request, h) => {

        const { credentials, artifacts } = request.auth;
        const texts: string[] = [credentials.sub, credentials.name, credentials.user!.id, artifacts.subject, artifacts.data!.agent];
        const scope: string[] | undefined = credentials.scope;
        const moments: (number | undefined)[] = [credentials.exp, credentials.iat, credentials.auth_time, artifacts.expires];
        const sessions: (string | undefined)[] = [credentials.sid, artifacts.session];

        // What takes a request takes this one

        await hardLogout(server).issue(request, { sub: credentials.sub });
        await hardLogout(server).revoke({ subject: artifacts.subject }, { request });
        await server.auth.verify(request);

        const { access_token: accessToken } = await hardLogout(server).refresh(request);

        // @ts-expect-error - only where the refresh token was read
        void artifacts.data.agent;

        // @ts-expect-error - no such thing was kept
        void artifacts.data!.address;

        // @ts-expect-error - only of an access token
        const expires: number = credentials.exp;

        // @ts-expect-error - a claim that nobody has told the type of
        const email: string = credentials.email;

        // @ts-expect-error - a list, whatever the token says
        const scopes: string = credentials.scope;

        // @ts-expect-error - an identity, and not the user
        void credentials.user!.name;

        // @ts-expect-error - no request
        await hardLogout(server).refresh(request.headers);

        // @ts-expect-error - no request
        await hardLogout(server).issue({ info: request.info }, { sub: '42' });

        return h.response({ texts, scope, moments, sessions, accessToken, expires, email, scopes });
    }
});


// Several routes, an extension, a handler of its own; and what only knows claims of the standards

server.route<Refs>([{ method: 'GET', path: '/', handler: ({ auth }) => auth.credentials.sub }]);

export const whose: Hapi.Lifecycle.Method<Refs> = ({ auth }, h) => h.response(auth.artifacts.session ?? auth.credentials.sub);

export const name = function (request: Hapi.Request<User>): string {

    return request.auth.credentials.name;
};

// @ts-expect-error - claims are an object
export type Wrong = Refs<string>;


// In a function that is given no request

export const describe = (artifacts: Artifacts<Device>, credentials: Credentials): string => {

    // @ts-expect-error - not always there
    const agent: string = artifacts.data?.agent;

    return agent + credentials.sub;
};


// Without Refs hapi knows nothing of it

server.route({
    method: 'GET',
    path: '/unknown',
    handler: (request) => {

        // @ts-expect-error - unknown
        const sub: string = request.auth.credentials.sub;
        return sub;
    }
});
