import { Outage } from '../errors/outage';

import type { Request, Server } from '@hapi/hapi';
import type { BlacklistStatus, Report } from '../blacklist/blacklist';
import type { Durability } from '../store/durability';
import type { Emitter } from './events';
import type { Status } from '../types';
import type { Disagreement } from './agreement';


// What follows if strategies of an issuer differ in an option

const consequences: Record<string, string> = {
    'jwt.sessionClaim': 'the logout of a session in one does not end its access tokens in the other',
    'jwt.clockTolerance': 'one accepts tokens that the other refuses',
    lease: 'after Redis has lost its data, the response to a logout may come before the logout holds in the process with the longer lease'
};


/** A process has a connection for commands and, with a lease, one for the blacklist. */
export type ConnectionName = 'commands' | 'lease';


/** Reports the state of the store by the log, events and `status()`. */
export class Monitor {

    readonly #server: Server;
    readonly #events: Emitter;
    readonly #kind: Status['store'];
    readonly #examine: () => Promise<void>;
    #outages = 0;
    #served = 0;
    #lastOutage: Status['lastOutage'] = null;

    readonly #failing = new Set<ConnectionName>();

    /** `examine` looks at the store again after an outage. A listener could, but podium would look at that for each revocation of any process. */
    constructor(server: Server, events: Emitter, kind: Status['store'], examine: () => Promise<void>) {

        this.#server = server;
        this.#events = events;
        this.#kind = kind;
        this.#examine = examine;
    }

    /** What a blacklist under a lease reports. */
    readonly report: Report = (event, error) => {

        if (event === 'lost') {
            this.#failing.add('lease');
            this.#lastOutage = { began: Date.now(), ended: null, reason: error!.message };
            ++this.#outages;
            this.#server.log(['hard-logout', 'outage', 'error'], `The lease was lost: ${error!.message}`);
            this.#events.emit('outage', { ...this.#lastOutage });
        }
        else if (event === 'held') {
            this.#recover();
        }
        else if (event === 'failed') {
            this.failed('lease', error!);
        }
        else {
            this.#server.log(['hard-logout', 'cache', 'partial', 'warn'], 'The blacklist does not fit into cache.max any more: requests have to ask Redis');
        }
    };

    /** A connection failed. It is retried several times a second, so only the first failure is logged, without a stack. An error other than an outage is a bug or damage. */
    failed(connection: ConnectionName, error: Error): void {

        if (!(error instanceof Outage)) {
            this.#server.log(['hard-logout', 'store', 'error'], error);
            return;
        }

        if (this.#lastOutage?.ended === null) {
            this.#lastOutage = { ...this.#lastOutage, reason: error.message };
        }

        if (this.#failing.size === 0) {
            this.#server.log(['hard-logout', 'store', 'warn'], `Redis cannot be reached, and is retried: ${error.message}`);
        }

        this.#failing.add(connection);
    }

    reached(connection: ConnectionName): void {

        if (this.#failing.delete(connection) && this.#failing.size === 0) {
            this.#server.log(['hard-logout', 'store', 'info'], 'Redis can be reached again');
        }
    }

    examined({ refusal, warnings }: Durability): void {

        if (refusal !== null) {
            this.#server.log(['hard-logout', 'store', 'error'], new Error(refusal));
        }

        for (const warning of warnings) {
            this.#server.log(['hard-logout', 'store', 'warn'], warning);
        }
    }

    /** Logs the strategies that have different keys in different processes. */
    keysDiffer(strategies: string[]): void {

        for (const strategy of strategies) {
            this.#server.log(['hard-logout', 'keys', 'warn'], `The process that started before this one has another key for the strategy ${strategy}. If both run, each ` +
                'refuses the tokens of the other. Give all processes the same jwt.key. If it was changed on purpose, nothing is wrong');
        }
    }

    disagree(disagreements: Disagreement[]): void {

        for (const { strategy, option, own, other } of disagreements) {
            this.#server.log(['hard-logout', 'strategies', 'warn'], `The strategy ${strategy} has ${option} ${own}, and another strategy of its issuer, here or in the process that ` +
                `started before this one, has ${other}: if both run, ${consequences[option]}. Give all of them the same. If it was changed on purpose, nothing is wrong`);
        }
    }

    serve(request?: Request): void {

        ++this.#served;
        request?.log(['hard-logout', 'outage', 'served', 'warn']);
    }

    status({ lease, cache }: BlacklistStatus): Status {

        return { store: this.#kind, lease, cache, outages: this.#outages, lastOutage: this.#lastOutage, served: this.#served };
    }

    // The first lease is no recovery

    #recover(): void {

        if (this.#lastOutage?.ended === null) {
            const { began, reason } = this.#lastOutage;
            const ended = Date.now();
            this.#lastOutage = { began, ended, reason };
            this.#failing.clear();
            this.#server.log(['hard-logout', 'recovery', 'info'], `The lease is valid again, after ${ended - began} ms. The last reason was: ${reason}`);
            this.#events.emit('recovery', { began, ended, reason });
            this.#examine().catch(() => undefined);
        }
    }
}
