import * as Hoek from '@hapi/hoek';

import { Refusal } from '../errors/refusal';
import { isDate, isScope, isShallow, isText, isTexts, reservedClaims } from '../jwt/claims';
import { isRevoked, knownCutoff } from '../blacklist/blacklist';
import { identify, ownIssuer, sessionAddress } from '../blacklist/identities';
import { RequestArtifacts } from '../request/artifacts';
import { demandValid } from '../request/authentication';
import { tokenResponse } from '../request/response';
import { actorOf } from '../sessions/accepted-tokens';
import { Explainer } from './explainer';
import { Revoker } from './revoker';

import type { Request } from '@hapi/hapi';
import type { Cookies } from '../request/cookie';
import type { StrategyParts } from '../request/parts';
import type { Responses } from '../request/response';
import type { Pair } from '../sessions/sessions';
import type { Act, Artifacts, Claims, Explanation, IssueOptions, ReauthenticateOptions, RevokeOptions, RevokeTarget, SessionInfo, StrategyApi, TokenPair, TokenResponse } from '../types';


/** The methods for handlers and other code: `server.auth.api[strategy]`. */
export class Api implements StrategyApi {

    readonly #parts: StrategyParts;
    readonly #responses: Responses;
    readonly #revoker: Revoker;
    readonly #explainer: Explainer;

    constructor(parts: StrategyParts, responses: Responses) {

        this.#parts = parts;
        this.#responses = responses;
        this.#revoker = new Revoker(parts);
        this.#explainer = new Explainer(parts);
    }

    issue(request: null, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenPair>;
    issue(request: Request, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenResponse>;
    async issue(request: Request | null, claims: { sub: string } & Record<string, unknown>, { data, actor, allowCrossOrigin = false }: IssueOptions = {}): Promise<TokenResponse> {

        const { sessions } = this.#own('issue');
        const { challenges, settings } = this.#parts;

        Hoek.assert(request === null || isRequest(request), 'issue() needs the request, or null, as its first argument: issue(request, claims, { data })');
        Hoek.assert(isText(claims?.sub), 'issue() needs the claim sub, a string');
        Hoek.assert(claims.scope === undefined || isScope(claims.scope), 'issue() needs the claim scope as a string or a list of strings');
        demandAuthenticationClaims('issue', claims as Claims);
        Hoek.assert(isShallow(claims), 'issue() needs claims that are nested less deeply');
        for (const claim of [...reservedClaims, settings.jwt.sessionClaim]) {
            Hoek.assert(!Object.hasOwn(claims, claim), `issue() sets the claim ${claim} itself`);
        }

        if (request) {
            await challenges.settle(this.#demandUnforced(request, allowCrossOrigin));
        }

        const pair = await challenges.settle(actor === undefined ?
            sessions.issue(claims as Claims, data, { request }) :
            this.#acting(actor).then(({ act, limit }) => sessions.issue({ ...claims, act } as Claims, data, { request, limit })));

        return this.#respond('issued', pair, request ?? undefined);
    }

    refresh(token: string): Promise<TokenPair>;
    refresh(request: Request): Promise<TokenResponse>;
    async refresh(requestOrToken: Request | string): Promise<TokenResponse> {

        this.#own('refresh');
        const { challenges } = this.#parts;

        // The app may pass on a value from a body, of any type

        const request = isRequest(requestOrToken) ? requestOrToken : undefined;
        if (!request && typeof requestOrToken !== 'string') {
            throw challenges.responseTo(new Refusal('refresh_token_malformed'));
        }

        const token = request ? RequestArtifacts.authentication(request.auth.artifacts)?.tokens.refresh?.token : requestOrToken as string;
        Hoek.assert(token !== undefined, 'refresh() needs a refresh token, or a request whose route has tokens \'refresh\', \'both\' or \'either\'');

        const pair = await challenges.settle(this.#renew(token, request));
        return this.#respond('refreshed', pair, request);
    }

    async reauthenticate(request: Request, how: ReauthenticateOptions = {}): Promise<TokenResponse> {

        this.#own('reauthenticate');
        Hoek.assert(Object.keys(how).every((name) => ['acr', 'amr', 'auth_time'].includes(name)), 'reauthenticate() takes acr, amr and auth_time');
        demandAuthenticationClaims('reauthenticate', how);

        const token = isRequest(request) ? RequestArtifacts.authentication(request.auth.artifacts)?.tokens.refresh?.token : undefined;
        Hoek.assert(token !== undefined, 'reauthenticate() needs a request whose route has tokens \'refresh\', \'both\' or \'either\', and that has a refresh token');

        const pair = await this.#parts.challenges.settle(this.#renew(token, request, how));
        return this.#respond('reauthenticated', pair, request);
    }

    async revoke(target: RevokeTarget, options?: RevokeOptions): Promise<void> {

        await this.#parts.challenges.settle(this.#revoker.revoke(target, options));
    }

    async sessions(subject: string): Promise<SessionInfo[]> {

        const { list } = this.#own('sessions');
        Hoek.assert(typeof subject === 'string' && subject !== '', 'sessions() needs a subject');
        return await this.#parts.challenges.settle(list.live(subject));
    }

    async explain(token: string): Promise<Explanation> {

        return await this.#parts.challenges.settle(this.#explainer.explain(token));
    }

    #own(method: string): NonNullable<StrategyParts['own']> {

        const { own } = this.#parts;
        Hoek.assert(own, `${method}() needs a strategy with sessions`);
        return own;
    }

    // A page of another origin must not log in its visitors. And a user may have been blocked since the request was authenticated: a body may arrive slowly

    async #demandUnforced(request: Request, allowCrossOrigin: boolean): Promise<void> {

        if (!allowCrossOrigin) {
            this.#parts.cookies.demandOwn(request);
        }

        const authentication = request.auth.isAuthenticated ? RequestArtifacts.authentication(request.auth.artifacts) : undefined;
        if (authentication) {
            await demandValid(authentication);
        }
    }

    // The actor's logout ends the session: the store remembers that logout for as long as the session could be renewed, and the session ends with the actor's at the latest

    async #acting(artifacts: Artifacts): Promise<{ act: Act; limit: number }> {

        const authentication = RequestArtifacts.authentication(artifacts);
        Hoek.assert(authentication, 'issue() needs actor to be the request.auth.artifacts of a hard-logout strategy');

        const { strategy, tokens } = authentication;
        const { access, refresh, issuer, subject, session } = tokens;
        const began = (access ?? refresh!).issued;
        Hoek.assert(session !== undefined && began > 0, 'issue() needs an actor whose tokens have a session and a date of issue: otherwise no logout of the actor would end the new session');
        Hoek.assert(!actorOf(tokens), 'issue() needs an actor who does not act through another actor');
        await demandValid(authentication);

        const { own, settings: { jwt } } = this.#parts;
        const limit = Math.max(began + strategy.logout.terms(issuer).life - Date.now(), 1000);
        const address = sessionAddress(session);
        if (address?.subject === identify('subject', issuer, subject) && !await own!.sessions.prolong(address, limit)) {
            throw new Refusal(access ? 'access_token_revoked' : 'refresh_token_revoked');
        }

        const iss = issuer === ownIssuer(jwt.issuer) ? {} : { iss: issuer };
        return { act: { sub: subject, ...iss, sid: session, auth_time: began / 1000 }, limit };
    }

    async #renew(token: string, request: Request | undefined, authentication?: ReauthenticateOptions): Promise<Pair> {

        const { cookies, own } = this.#parts;

        if (request) {
            cookies.demandOwn(request);
        }

        const renewed = await own!.refreshTokens.renew(token, request ?? null, authentication);
        if (typeof renewed !== 'string') {
            return renewed;
        }

        // The session has ended since the request was authenticated: clear its cookies

        if (request) {
            cookies.clear(request, true);
        }

        throw new Refusal(renewed);
    }

    #isDead({ session, created, actors }: Pair): boolean {

        const { blacklist, own } = this.#parts;
        const address = sessionAddress(session)!;
        return isRevoked(created, knownCutoff(blacklist, { identities: own!.list.identities(address), stamp: created, actors }));
    }

    // The cookie of the access token outlives it: the expired token still names the session to log out

    #respond(event: 'issued' | 'refreshed' | 'reauthenticated', pair: Pair, request: Request | undefined): TokenResponse {

        const { cookies, events } = this.#parts;
        const { access, refresh }: Partial<Cookies> = request ? cookies : {};

        if (request) {
            const change = { ttl: pair.remaining, isRenewal: event !== 'issued', isDead: () => this.#isDead(pair) };
            access?.set(request, { value: pair.accessToken, ...change });
            refresh?.set(request, { value: pair.refreshToken, ...change });
            this.#responses.addTokens(request);
        }

        events.session(event, { strategy: this.#parts.name(), session: pair, request });
        return tokenResponse(pair, { access, refresh });
    }
}


const demandAuthenticationClaims = function (method: string, { acr, amr, auth_time: time }: ReauthenticateOptions): void {

    Hoek.assert(acr === undefined || isText(acr), `${method}() needs acr as a string`);
    Hoek.assert(amr === undefined || isTexts(amr), `${method}() needs amr as a list of strings`);
    Hoek.assert(time === undefined || isDate(time), `${method}() needs auth_time in seconds since the epoch`);
};


// JSON holds no functions

const isRequest = function (value: unknown): value is Request {

    return typeof (value as Partial<Request> | null | undefined)?.server?.inject === 'function';
};
