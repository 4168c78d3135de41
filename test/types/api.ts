// What handlers and other code call, and what they get

import * as Hapi from '@hapi/hapi';
import { hardLogout } from 'hapi-auth-hard-logout';

import type { Artifacts, ChallengeCode, ErrorCode, Events, Status, StrategyApi, TokenPair, TokenResponse } from 'hapi-auth-hard-logout';


const server = Hapi.server();

export const auth: StrategyApi = hardLogout(server);

hardLogout(server, 'session');

// @ts-expect-error - a server
hardLogout('hard-logout');


// Its methods

export const issue = async (request: Hapi.Request): Promise<TokenResponse> => {

    await auth.issue(null, { sub: '42' });
    await auth.issue(request, { sub: '42', name: 'ada', scope: ['user'] }, { data: { device: 'phone' } });

    // @ts-expect-error - whose session it is
    await auth.issue(null, { name: 'ada' });

    // @ts-expect-error - unknown
    await auth.issue(null, { sub: '42' }, { ttl: 1000 });

    return auth.issue(null, { sub: '42' });
};

export const refresh = async (request: Hapi.Request): Promise<void> => {

    const pair: TokenPair = await auth.refresh('token');
    const accessToken: string = pair.access_token;
    const seconds: number = pair.expires_in + pair.refresh_token_expires_in;
    const type: 'Bearer' = pair.token_type;
    await auth.refresh(accessToken + seconds + type + pair.refresh_token);

    const response = await auth.refresh(request);

    // @ts-expect-error - not there where it is in a cookie
    await auth.refresh(response.access_token);

    // @ts-expect-error - not there where it is in a cookie
    await auth.refresh(response.refresh_token);

    // @ts-expect-error - a request or a token
    await auth.refresh();
};

export const revoke = async (): Promise<void> => {

    await auth.revoke({ accessToken: 'token' });
    await auth.revoke({ refreshToken: 'token' });
    await auth.revoke({ jti: 'id', issuer: 'https://futureflix.example' });
    await auth.revoke({ session: 'sid' });
    await auth.revoke({ subject: '42', issuer: 'https://futureflix.example' });

    await auth.revoke({ subject: '42', except: 'sid' }, { reason: 'password changed' });
    await auth.revoke({ subject: '42', issuedBefore: new Date() });
    await auth.revoke({ issuedBefore: Date.now() });

    // @ts-expect-error - something
    await auth.revoke({});

    // @ts-expect-error - of whom
    await auth.revoke({ except: 'sid' });

    // @ts-expect-error - a moment
    await auth.revoke({ issuedBefore: 'yesterday' });

    // @ts-expect-error - unknown
    await auth.revoke({ subject: '42' }, { force: true });

    // @ts-expect-error - one of them
    await auth.revoke({ session: 'sid', subject: '42' });

    // @ts-expect-error - a token says who issued it
    await auth.revoke({ accessToken: 'token', issuer: 'https://futureflix.example' });

    // @ts-expect-error - nothing to go by
    const result: boolean = await auth.revoke({ accessToken: 'token' });
    void result;
};


export const see = async (): Promise<string> => {

    const [session] = await auth.sessions('42');
    const moments: number[] = [session!.created, session!.renewed, session!.expires];
    const { kind, accepted, code, text, subject } = await auth.explain('token');

    // @ts-expect-error - never a token
    void session!.refreshToken;

    // @ts-expect-error - not of a token that does not verify
    const whose: string = subject;

    return `${moments.join()} ${session!.id} ${kind} ${accepted ? 'accepted' : code!} ${text} ${whose}`;
};


// What is told

type Channel = keyof Events;

export const hear = (): void => {

    server.events.on({ name: 'hard-logout', channels: 'issued' }, ({ strategy, issuer, subject, session, request }) => {

        const texts: string[] = [strategy, issuer, subject, session];
        const id: string | null = request;
        void [texts, id];
    });

    server.events.once({ name: 'hard-logout', channels: 'revoked' }, ({ extent, subject, before, reason }) => {

        const what: 'token' | 'session' | 'others' | 'subject' | 'everyone' = extent;
        const moment: number | null = before;
        void [what, moment, reason];

        // @ts-expect-error - not always known
        const whose: string = subject;
        void whose;
    });

    server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => {

        const isAffected: boolean = affects({ subject: '42' });
        void isAffected;
    });

    const happened: Channel[] = ['outage', 'recovery'];
    server.events.on({ name: 'hard-logout', channels: ['issued', 'refreshed', 'reuse-detected'] }, ({ subject }) => subject.toUpperCase());
    for (const channel of happened) {
        server.events.on({ name: 'hard-logout', channels: channel }, () => undefined);
    }

    // @ts-expect-error - what is told of one, not of the other
    server.events.on({ name: 'hard-logout', channels: ['issued', 'outage'] }, ({ subject }) => subject);

    // @ts-expect-error - no token
    server.events.on({ name: 'hard-logout', channels: 'refreshed' }, ({ token }) => void token);
};


// What is told of the store

export const tell = (): string => {

    const { store, lease, cache, lastOutage, served }: Status = server.plugins['hard-logout'].status();
    const numbers: number[] = [cache.size, cache.max, cache.hits, cache.misses, served];

    // @ts-expect-error - not in memory, nor without a lease
    const generation: number = lease.generation;

    // @ts-expect-error - there may have been none
    const reason: string = lastOutage.reason;

    // @ts-expect-error - no such store
    const isFile: boolean = store === 'file';

    return [numbers, lease?.heldSince?.toFixed(), generation, reason, isFile].join();
};


// What a request and an error carry

export const who = (request: Hapi.Request): string => {

    const { subject, session, jti, expires, expired, data } = request.auth.artifacts as Artifacts;

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

export const missing: ErrorCode = 'credentials_missing';
