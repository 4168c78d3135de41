import type { Challenges } from './challenge';
import type { TokenCookie } from './cookie';
import type { Evidence } from '../sessions/evidence';
import type { Logout } from '../sessions/logout';
import type { RoutePlan } from './routes';
import type { Artifacts } from '../types';


/** What a strategy keeps of a request it has authenticated. */
export interface Proof {
    evidence: Evidence;
    plan: RoutePlan;
    strategy: {
        logout: Logout;
        challenges: Challenges;
        cookies: { access?: TokenCookie; refresh?: TokenCookie };
        settings: { clearSiteData: string[] };
    };
}


// A constructor that answers another object puts the private fields of its subclass there (ECMA-262 §13.3.7.1)

class Given {

    constructor(artifacts: object) {

        return artifacts;
    }
}


/**
 * A proof in a private field of the artifacts of its request, which nobody else can write or read: only what a strategy of ours has put there
 * is ever revoked, and artifacts can come from anywhere.
 *
 * A `WeakMap` would do the same at a hundred times the cost.
 */
export class Proved extends Given {

    readonly #proof: Proof;

    constructor(artifacts: Artifacts, proof: Proof) {

        super(artifacts);
        this.#proof = proof;
    }

    static proof(artifacts: unknown): Proof | undefined {

        return artifacts instanceof Object && #proof in artifacts ? artifacts.#proof : undefined;
    }
}
