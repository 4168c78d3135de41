import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import * as Http from 'node:http';

import * as OpenIdClient from 'openid-client';

import { jwkOf } from './keys';

import type { AddressInfo } from 'node:net';
import type { Jwk } from '../../lib';


const redirectUri = 'https://shop.example/callback';


/** A login of the user 42 at the provider, in a browser of its own. */
export interface Login {
    accessToken: string;

    /** Logs out at the provider, which then tells its clients. */
    logout(): Promise<void>;
}


/** npm's `oidc-provider`, on the loopback interface, with one client, `shop`, and the user 42. */
export class IdentityProvider {

    readonly issuer: string;

    /** What became of each logout token that it sent: null for a success, else what its client responded with. */
    readonly sent: (string | null)[] = [];

    readonly #http: Http.Server;
    #keys: Jwk[];
    #handle!: Http.RequestListener;
    readonly #stored = new Map<string, any>();
    #logoutUri = '';
    #isAway = false;

    private constructor(http: Http.Server) {

        this.#http = http;
        this.issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
        this.#keys = [newKey('one')];
        http.on('request', (request, response) => {

            if (this.#isAway && request.url === '/jwks') {
                response.destroy();
                return;
            }

            this.#handle(request, response);
        });
    }

    static async start(): Promise<IdentityProvider> {

        const http = Http.createServer().listen(0, '127.0.0.1');
        await once(http, 'listening');
        return new this(http);
    }

    /** Begins to serve: its client is told of logouts at this URI. */
    async serve(logoutUri: string): Promise<void> {

        this.#logoutUri = logoutUri;
        await this.#configure();
    }

    /** Signs with a new key from now on, and publishes it. */
    async rotate(): Promise<void> {

        this.#keys = [newKey('two'), ...this.#keys];
        await this.#configure();
    }

    /** Whether its key set cannot be fetched. */
    set isAway(isAway: boolean) {

        this.#isAway = isAway;
    }

    async login(): Promise<Login> {

        const browser = new Browser();
        const config = await OpenIdClient.discovery(new URL(this.issuer), 'shop', 'the secret of the shop', undefined, { execute: [OpenIdClient.allowInsecureRequests] });
        const pkceCodeVerifier = OpenIdClient.randomPKCECodeVerifier();
        const state = OpenIdClient.randomState();
        const callback = await browser.follow(OpenIdClient.buildAuthorizationUrl(config, {
            redirect_uri: redirectUri,
            scope: 'openid orders',
            resource: 'https://api.example',
            state,
            code_challenge: await OpenIdClient.calculatePKCECodeChallenge(pkceCodeVerifier),
            code_challenge_method: 'S256'
        }));

        const tokens = await OpenIdClient.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState: state });

        return {
            accessToken: tokens.access_token,
            logout: () => browser.logout(OpenIdClient.buildEndSessionUrl(config, { id_token_hint: tokens.id_token! }))
        };
    }

    stop(): void {

        this.#http.close();
        this.#http.closeAllConnections();
    }

    async #configure(): Promise<void> {

        const Provider = await load();
        const { issuer } = this;

        const stored = this.#stored;
        const provider = new Provider(issuer, {
            adapter: (kind: string) => adapter(kind, stored),
            ttl: { Interaction: 60, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
            clients: [{
                client_id: 'shop',
                client_secret: 'the secret of the shop',
                redirect_uris: [redirectUri],
                backchannel_logout_uri: this.#logoutUri,
                backchannel_logout_session_required: true
            }],
            jwks: { keys: this.#keys },
            cookies: { keys: ['the key of the cookies'] },
            features: {
                devInteractions: { enabled: false },
                backchannelLogout: { enabled: true },
                resourceIndicators: {
                    enabled: true,
                    getResourceServerInfo: () => ({ scope: 'orders', audience: 'https://api.example', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
                    useGrantedResource: () => true
                },
                rpInitiatedLogout: { enabled: true, logoutSource: (context: any, form: string) => (context.body = form) }
            },

            // Of the session that the client knows as its `sid`

            extraTokenClaims: ({ oidc }: any) => ({ sid: oidc.entities.AuthorizationCode.sid }),
            findAccount: (context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
            interactions: { url: (context: unknown, { uid }: { uid: string }) => `/login/${uid}` },

            // It would not call a loopback address by itself

            fetch: (url: string, { method, headers, body }: RequestInit) => fetch(url, { method, headers, body })
        });

        provider.on('backchannel.success', () => this.sent.push(null));
        provider.on('backchannel.error', (context: unknown, error: Error) => this.sent.push(error.message));

        // Who comes is the user 42, and agrees

        const agree = async (request: Http.IncomingMessage, response: Http.ServerResponse) => {

            const grant = new provider.Grant({ accountId: '42', clientId: 'shop' });
            grant.addOIDCScope('openid');
            grant.addResourceScope('https://api.example', 'orders');
            await provider.interactionFinished(request, response, { login: { accountId: '42' }, consent: { grantId: await grant.save() } });
        };

        const handle = provider.callback();
        this.#handle = (request, response) => (request.url!.startsWith('/login/') ? void agree(request, response) : void handle(request, response));
    }
}


// It warns of Node.js 20, which these tests run on as well

const load = async function (): Promise<any> {

    const { warn } = console;
    console.warn = () => undefined;
    try {
        return (await import('oidc-provider' as string)).default;
    }
    finally {
        console.warn = warn;
    }
};


const newKey = function (kid: string): Jwk {

    return jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, { kid, alg: 'RS256', use: 'sig' });
};


// What the provider stores, for as long as the test takes, through all of its keys

const adapter = function (kind: string, stored: Map<string, any>) {

    const find = async (id: string) => stored.get(`${kind} ${id}`);
    return {
        find,
        upsert: async (id: string, value: object) => void stored.set(`${kind} ${id}`, value),
        destroy: async (id: string) => void stored.delete(`${kind} ${id}`),
        findByUid: async (uid: string) => Array.from(stored.values()).find((value) => value.kind === kind && value.uid === uid),
        consume: async (id: string) => ((await find(id)).consumed = Math.floor(Date.now() / 1000)),
        revokeByGrantId: async () => undefined
    };
};


/** As much of a browser as a login takes: it follows redirects, and keeps cookies. */
class Browser {

    readonly #cookies = new Map<string, string>();

    /** Follows redirects until one leads to the client. */
    async follow(url: URL): Promise<URL> {

        while (!url.href.startsWith(redirectUri)) {
            const response = await this.#send(url);
            url = new URL(response.headers.get('location')!, url);
        }

        return url;
    }

    /** Confirms the form of the provider's logout. */
    async logout(url: URL): Promise<void> {

        const page = await (await this.#send(url)).text();
        const xsrf = /name="xsrf" value="(\w+)"/.exec(page)![1]!;
        const action = /action="([^"]+)"/.exec(page)![1]!;
        await this.#send(new URL(action), { method: 'POST', body: new URLSearchParams({ xsrf, logout: 'yes' }) });
    }

    async #send(url: URL, options: RequestInit = {}): Promise<Response> {

        const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, { ...options, redirect: 'manual', headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
            this.#cookies.set(name!, value!);
        }

        return response;
    }
}
