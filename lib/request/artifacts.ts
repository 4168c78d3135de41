import { isRevoked } from '../blacklist/blacklist';
import { actorOf } from '../sessions/accepted-tokens';

import type { Request } from '@hapi/hapi';
import type { Authentication } from './authentication';
import type { Cutoff } from '../store/blacklist-contract';
import type { RequestParties } from '../status/events';
import type { Artifacts, Party } from '../types';


/**
 * `request.auth.artifacts`: what handlers see of the tokens and, in a private field, the authentication. Tokens of artifacts that other code made are not revoked.
 *
 * A `WeakMap` would take 0.6 us of each request, of about 30; the private field takes nothing that can be measured.
 */
export class RequestArtifacts implements Artifacts {

    readonly subject: string;
    readonly session?: string;
    readonly jti?: string;
    readonly expires: number;
    readonly expired: boolean;
    readonly data?: unknown;
    declare readonly actor?: Party;
    readonly #authentication: Authentication;

    [key: string]: unknown;

    constructor(authentication: Authentication, data: unknown) {

        const { subject, session, access, refresh } = authentication.tokens;

        this.subject = subject;
        this.session = session;
        this.jti = access?.jti;
        this.expires = (access?.expired === false ? access : refresh!).expires;
        this.expired = access?.expired ?? false;
        this.data = data;
        this.#authentication = authentication;

        const actor = actorOf(authentication.tokens);
        if (actor) {
            this.actor = actor;
        }
    }

    /** The authentication behind artifacts, which may be any value; undefined where there is none. */
    static authentication(artifacts: unknown): Authentication | undefined {

        return artifacts instanceof Object && #authentication in artifacts ? artifacts.#authentication : undefined;
    }
}


export const isAffected = function (artifacts: unknown, revocations: Cutoff[]): boolean {

    const { access, refresh } = RequestArtifacts.authentication(artifacts)?.tokens ?? {};
    const all = [access, refresh].flatMap((token) => (token ? [token, ...token.actors ?? []] : []));
    return all.some(({ identities, stamp }) => revocations.some(({ key, cutoff }) => isRevoked(stamp, cutoff) && identities.includes(key)));
};


/** Who made a request, for events. Its artifacts may be anything. */
export const partiesOf = function ({ auth }: Request): RequestParties {

    const authentication = auth.isAuthenticated ? RequestArtifacts.authentication(auth.artifacts) : undefined;
    return { by: authentication?.tokens, actor: authentication && actorOf(authentication.tokens) };
};
