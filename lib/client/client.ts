// For clients: this file imports nothing, and runs in browsers, Node.js, Bun and Deno.


/**
 * The response to a login or a renewal (RFC 6749 §5.1), without tokens that are in cookies.
 *
 * @example
 * const response = await fetch('/login', { method: 'POST' });
 * const { access_token } = await response.json() as ClientTokens;
 */
export interface ClientTokens {
    access_token: string;

    /** In seconds. */
    expires_in?: number;

    refresh_token?: string;
}


/**
 * Options of a `Session`. Durations are in milliseconds.
 *
 * @example
 * const options: ClientOptions = {
 *     renew: (refreshToken, signal) => fetch('/token', { method: 'POST', headers: { 'x-refresh-token': refreshToken! }, signal }),
 *     onEnd: () => console.log('log in')
 * };
 * const session = new Session(options);
 */
export interface ClientOptions {

    /** Sends the renewal. `refreshToken` is undefined if it is in a cookie. Pass on the `signal`: it limits the time. */
    renew: (refreshToken: string | undefined, signal: AbortSignal) => Promise<Response>;

    /** Tokens that `save` stored before. */
    tokens?: ClientTokens;

    /** Stores the tokens of each login and renewal before they are used, and `null` when the session has ended. */
    save?: (tokens: ClientTokens | null) => unknown;

    /** Called when the user has to log in: the session has ended, here or in another tab. */
    onEnd?: () => void;

    /** `sessions.grace` of the server, in milliseconds: how long a renewal can be repeated whose response was lost. Defaults to 10000. */
    grace?: number;

    /**
     * For a page: a name that its tabs share. They log in, renew and log out one at a time (Web Locks), and pass on the tokens (BroadcastChannel). Not for a server,
     * where one process may have sessions of many users.
     */
    tabs?: string;
}


/**
 * The session has ended: the user has to log in.
 *
 * @example
 * try {
 *     await session.fetch('/me');
 * }
 * catch (error) {
 *     if (error instanceof SessionEnded) {
 *         console.log('log in');
 *     }
 * }
 */
export class SessionEnded extends Error {

    override name = 'SessionEnded';
}


/**
 * The server could not be reached, or could not decide. The session goes on: try again.
 *
 * @example
 * try {
 *     await session.fetch('/me');
 * }
 * catch (error) {
 *     if (error instanceof SessionUnavailable) {
 *         console.log('try again later');
 *     }
 * }
 */
export class SessionUnavailable extends Error {

    override name = 'SessionUnavailable';
}


// What tabs send to each other. `subject` is the user of the tokens

type News = { tokens: ClientTokens; expires: number; subject: unknown } | { tokens: null };


interface Answer {
    status: number;
    body: string;

    /** In milliseconds; 0 or NaN without the header. */
    retryAfter: number;
}


interface Channel {
    postMessage(news: News): void;
    addEventListener(type: 'message', listener: (event: { data: News }) => void): void;
    close(): void;
}


interface Surroundings {
    navigator?: { onLine?: boolean; locks?: { request<T>(name: string, work: () => Promise<T>): Promise<T> } };
    BroadcastChannel: new (name: string) => Channel;
}


const surroundings = globalThis as unknown as Surroundings;


/**
 * The client's side of a session: it renews the access token when needed, with one renewal at a time.
 *
 * @example
 * const session = new Session({ renew: (refreshToken, signal) => fetch('/token', { method: 'POST', signal }), tabs: 'session' });
 * const response = await session.fetch('/me');
 */
export class Session {

    readonly #options: ClientOptions;
    readonly #channel: Channel | undefined;
    readonly #grace: number;
    #tokens: ClientTokens | undefined;
    #expires = Infinity;
    #hasEnded = false;
    #renewal: Promise<string> | undefined;
    #last: Promise<unknown> = Promise.resolve();

    constructor(options: ClientOptions) {

        this.#options = options;
        this.#grace = options.grace ?? 10_000;
        this.#tokens = options.tokens;

        if (options.tabs !== undefined) {
            this.#channel = new surroundings.BroadcastChannel(options.tabs);
            this.#channel.addEventListener('message', ({ data }) => this.#hear(data));
        }
    }

    /**
     * Like `fetch()`, with the access token. If the token is refused, it is renewed and the request repeated once.
     *
     * @throws `SessionEnded`, `SessionUnavailable`.
     *
     * @example
     * const response = await session.fetch('/me');
     */
    async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {

        const request = new Request(input, init);
        const accessToken = await this.accessToken();
        const response = await send(request.clone(), accessToken);
        return await isRefused(response) ? send(request, await this.renew(accessToken)) : response;
    }

    /** An access token that has not expired. @throws `SessionEnded`, `SessionUnavailable`. */
    async accessToken(): Promise<string> {

        const accessToken = this.#tokens?.access_token;
        return accessToken !== undefined && Date.now() < this.#expires ? accessToken : this.renew(accessToken);
    }

    /** A new access token; or the current one if it is not `refused`: another call has renewed it. @throws `SessionEnded`, `SessionUnavailable`. */
    renew(refused: string | undefined = this.#tokens?.access_token): Promise<string> {

        this.#renewal ??= this.#alone(() => this.#renew(refused)).finally(() => {

            this.#renewal = undefined;
        });

        return this.#renewal;
    }

    /**
     * Logs in: takes the tokens from a successful response. Returns the response.
     *
     * @example
     * const response = await session.login(() => fetch('/login', { method: 'POST', body: JSON.stringify({ name: 'ada', password: 'lovelace' }) }));
     */
    login(request: () => Promise<Response>): Promise<Response> {

        return this.#alone(async () => {

            const response = await request();
            if (response.ok) {
                await this.#take(await response.clone().json() as ClientTokens);
            }

            return response;
        });
    }

    /**
     * Logs out. Without a response, it is repeated for as long as `sessions.grace`. With 401, the tokens are renewed and it is repeated once. Resolves once both
     * tokens are dead.
     *
     * @throws `SessionUnavailable` when it was refused, or the result is unknown: repeat it.
     *
     * @example
     * await session.logout(({ access_token }, signal) => fetch('/logout', { method: 'POST', headers: { authorization: `Bearer ${access_token}` }, signal }));
     */
    logout(request: (tokens: Partial<ClientTokens>, signal: AbortSignal) => Promise<Response>): Promise<void> {

        return this.#alone(async () => {

            const send = () => this.#insist((signal) => request(this.#tokens ?? {}, signal));

            // The response is 401 also if a token has expired or was not sent. Only a renewal that is refused shows that the session has ended

            let { status } = await send();
            if (status === 401) {
                if (!await this.#canRenew()) {
                    return;
                }

                ({ status } = await send());
            }

            if (!isSuccess(status)) {
                throw new SessionUnavailable(`The logout was refused with ${status}`);
            }

            await this.#end();
        });
    }

    /** Stops listening to other tabs. */
    close(): void {

        this.#channel?.close();
    }

    async #renew(refused: string | undefined): Promise<string> {

        // Another tab or request may have renewed it meanwhile

        if (this.#tokens !== undefined && this.#tokens.access_token !== refused) {
            return this.#tokens.access_token;
        }

        if (this.#hasEnded) {
            throw new SessionEnded('The session has ended');
        }

        const { status, body } = await this.#insist((signal) => this.#options.renew(this.#tokens?.refresh_token, signal));
        if (isSuccess(status)) {
            const tokens = JSON.parse(body) as ClientTokens;
            await this.#take(tokens);
            return tokens.access_token;
        }

        // 401, or invalid_grant of an OAuth endpoint. No other response means that the tokens are dead

        if (status !== 401 && !(status === 400 && isInvalidGrant(body))) {
            throw new SessionUnavailable(`The renewal was refused with ${status}`);
        }

        await this.#end();
        throw new SessionEnded('The session has ended');
    }

    async #canRenew(): Promise<boolean> {

        try {
            await this.#renew(this.#tokens?.access_token);
            return true;
        }
        catch (error) {
            if (error instanceof SessionEnded) {
                return false;
            }

            throw error;
        }
    }

    // Repeats a request without a response, or with 503, within the grace of the server: later it would count as reuse of the refresh token

    async #insist(request: (signal: AbortSignal) => Promise<Response>): Promise<Answer> {

        const until = Date.now() + 0.8 * this.#grace;
        let pause = 250;
        for (;;) {
            if (surroundings.navigator?.onLine === false) {
                throw new SessionUnavailable('The network is off');
            }

            const { answer, cause } = await ask(request, Math.max(4000, 0.4 * this.#grace));
            if (answer && answer.status < 500 && answer.status !== 429) {
                return answer;
            }

            const wait = answer?.retryAfter || pause;
            pause *= 2;
            if (Date.now() + wait >= until) {
                throw new SessionUnavailable(answer ? `The server responds with ${answer.status}` : 'The server cannot be reached', { cause });
            }

            await new Promise((resolve) => setTimeout(resolve, wait));
        }
    }

    // Stored first: the tokens that they replace do not work any more

    async #take(tokens: ClientTokens): Promise<void> {

        const kept = { ...tokens, refresh_token: tokens.refresh_token ?? this.#tokens?.refresh_token };
        await this.#options.save?.(kept);
        this.#set(kept, Date.now() + (tokens.expires_in ?? Infinity) * 1000);
        this.#channel?.postMessage({ tokens: kept, expires: this.#expires, subject: subjectOf(tokens.access_token) });
    }

    async #end(): Promise<void> {

        await this.#options.save?.(null);
        this.#forget();
        this.#channel?.postMessage({ tokens: null });
    }

    #hear(news: News): void {

        // Another user has logged in in another tab: this tab shows data of the wrong user

        const own = this.#tokens && subjectOf(this.#tokens.access_token);
        if (news.tokens === null || own !== undefined && own !== news.subject) {
            this.#forget();
            return;
        }

        this.#set(news.tokens, news.expires);
    }

    #set(tokens: ClientTokens, expires: number): void {

        this.#tokens = tokens;
        this.#expires = expires;
        this.#hasEnded = false;
    }

    #forget(): void {

        this.#tokens = undefined;
        if (!this.#hasEnded) {
            this.#hasEnded = true;
            this.#options.onEnd?.();
        }
    }

    // One at a time in this session, and in all tabs

    #alone<T>(work: () => Promise<T>): Promise<T> {

        const { tabs } = this.#options;
        const locks = surroundings.navigator?.locks;
        const turn = this.#last.then(() => (tabs !== undefined && locks ? locks.request(tabs, work) : work()));
        this.#last = turn.catch(() => undefined);
        return turn;
    }
}


const send = function (request: Request, accessToken: string): Promise<Response> {

    request.headers.set('authorization', `Bearer ${accessToken}`);
    return fetch(request);
};


// 401 with another code is about something else: a wrong password, for example

const isRefused = async function (response: Response): Promise<boolean> {

    if (response.status !== 401) {
        return false;
    }

    const { code } = await response.clone().json().catch(() => ({})) as { code?: string };
    return code === undefined || code.startsWith('access_token_');
};


const isSuccess = (status: number) => status < 300;


// RFC 6749 §5.2. 400 also means a refresh token that was sent twice, for example

const isInvalidGrant = function (body: string): boolean {

    try {
        return JSON.parse(body).error === 'invalid_grant';
    }
    catch {
        return false;
    }
};


// Waits for the body as well

const ask = async function (request: (signal: AbortSignal) => Promise<Response>, timeout: number): Promise<{ answer?: Answer; cause?: unknown }> {

    try {
        const response = await request(AbortSignal.timeout(timeout));
        const retryAfter = 1000 * Number(response.headers.get('retry-after'));
        return { answer: { status: response.status, body: await response.text(), retryAfter } };
    }
    catch (cause) {
        return { cause };
    }
};


const subjectOf = function (accessToken: string): unknown {

    try {
        return JSON.parse(atob(accessToken.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))).sub;
    }
    catch {
        return undefined;
    }
};
