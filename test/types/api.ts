// What handlers and other code call, and what they get

import * as Hapi from '@hapi/hapi';
import { api } from 'hapi-auth-hard-logout';

import type { Artifacts, ChallengeCode, StrategyApi, TokenResponse } from 'hapi-auth-hard-logout';


const server = Hapi.server();

export const auth: StrategyApi = api(server);

api(server, 'hard-logout');

// @ts-expect-error - a server
api('hard-logout');


// Its methods

export const issue = async (request: Hapi.Request): Promise<TokenResponse> => {

    await auth.issue({ sub: '42' });
    await auth.issue({ sub: '42', name: 'ada', scope: ['user'] }, { request, data: { device: 'phone' } });

    // @ts-expect-error - whose session it is
    await auth.issue({ name: 'ada' });

    // @ts-expect-error - unknown
    await auth.issue({ sub: '42' }, { ttl: 1000 });

    return auth.issue({ sub: '42' });
};

export const refresh = async (request: Hapi.Request): Promise<void> => {

    const pair = await auth.refresh(request);
    await auth.refresh('token');

    const accessToken: string = pair.access_token;
    const seconds: number = pair.expires_in;
    const type: 'Bearer' = pair.token_type;
    await auth.refresh(accessToken + seconds + type);

    // @ts-expect-error - not there where it is in a cookie
    await auth.refresh(pair.refresh_token);

    // @ts-expect-error - a request or a token
    await auth.refresh();
};

export const revoke = async (): Promise<void> => {

    await auth.revoke({ jwt: 'token' });
    await auth.revoke({ refreshToken: 'token' });
    await auth.revoke({ session: 'sid' });
    await auth.revoke({ subject: '42', issuer: 'https://futureflix.example' });

    // @ts-expect-error - something
    await auth.revoke({});

    // @ts-expect-error - one of them
    await auth.revoke({ session: 'sid', subject: '42' });

    // @ts-expect-error - a token says who issued it
    await auth.revoke({ jwt: 'token', issuer: 'https://futureflix.example' });

    // @ts-expect-error - nothing to go by
    const result: boolean = await auth.revoke({ jwt: 'token' });
    void result;
};


// What a request and an error carry

export const who = (request: Hapi.Request): string => {

    const { subject, session, jti, expires, expired, data } = request.auth.artifacts as unknown as Artifacts;

    // @ts-expect-error - not every token belongs to a session
    const sid: string = session;

    return [subject, sid, jti, expires.toFixed(), expired, data].join();
};

export const codes: ChallengeCode[] = [
    'access_token_revoked',
    'refresh_token_reused',

    // @ts-expect-error - no such code
    'token_revoked'
];
