import { systemClock } from '../blacklist/clock';
import { within } from '../blacklist/timers';
import { KeySetOutage, Outage } from '../errors/outage';
import { InvalidRequest } from './response';

import type { Request, Server } from '@hapi/hapi';
import type { Background } from '../request/background';
import type { Emitter } from '../status/events';


export interface ReceivedOrder {
    issuer: string | null;
    jti: string | null;

    /** Ends what it names. Returns false where that is not known. @throws `Outage` when it is not certain that it was done. */
    end: () => Promise<boolean>;
}


export interface Delivery {
    strategy: string;
    receive: string;
    request: Request;

    /** How long (ms) the sender is kept waiting. */
    maxWait: number;

    /** @throws `InvalidRequest`; `Outage` when that is not known yet. */
    verify: () => Promise<ReceivedOrder>;
}


// What has become of an order so far

interface Progress {
    order?: ReceivedOrder;

    /** Whether its sender has a response. */
    isTold: boolean;

    /** Whether it is not insisted on. */
    isTurnedAway: boolean;
}


// How many orders may wait for a key set

const maxUnverified = 2000;


/** Orders from outside. Their senders hardly ever try again, so each is insisted on, whatever its sender got as a response meanwhile. */
export class Orders {

    readonly #server: Server;
    readonly #background: Background;
    readonly #events: Emitter;
    readonly #underWay = new Map<string, Promise<boolean>>();
    #unverified = 0;

    constructor({ server, background, events }: { server: Server; background: Background; events: Emitter }) {

        this.#server = server;
        this.#background = background;
        this.#events = events;
    }

    /**
     * Resolves when the order has been carried out, in every process; with false where what it names is not known.
     *
     * @throws `Outage` when that takes longer than the sender waits: it is insisted on in the background then, and reported where it is given up. `InvalidRequest` for what is no
     * order; what the app throws.
     */
    async carryOut(delivery: Delivery): Promise<boolean> {

        const progress: Progress = { isTold: false, isTurnedAway: false };
        const work = this.#carryOut(delivery, progress);
        this.#background.add(work.catch((error) => {

            if (!progress.isTurnedAway && (progress.isTold || error instanceof Outage)) {
                this.#giveUp(delivery, progress.order, error);
            }
        }));

        try {
            return await within(work, delivery.maxWait, systemClock, () => new Outage('The sender waits no longer'));
        }
        finally {
            progress.isTold = true;
        }
    }

    async #carryOut({ verify }: Delivery, progress: Progress): Promise<boolean> {

        const order = progress.order = await this.#verify(verify, progress);

        // A sender may try again while its order is under way

        const name = JSON.stringify([order.issuer, order.jti]);
        const known = order.jti === null ? undefined : this.#underWay.get(name);
        if (known) {
            return await known;
        }

        const work = this.#background.insist(order.end);
        this.#underWay.set(name, work);
        try {
            return await work;
        }
        finally {
            this.#underWay.delete(name);
        }
    }

    // Any client can send what waits for a key set. What can be verified at once is never turned away for it

    async #verify(verify: Delivery['verify'], progress: Progress): Promise<ReceivedOrder> {

        try {
            return await verify();
        }
        catch (error) {
            if (!(error instanceof Outage)) {
                throw error;
            }
        }

        if (this.#unverified >= maxUnverified) {
            progress.isTurnedAway = true;
            throw new KeySetOutage('Too many orders wait for the key set');
        }

        ++this.#unverified;
        try {
            return await this.#background.insist(verify);
        }
        finally {
            --this.#unverified;
        }
    }

    // What could not be verified has no name that could be logged

    #giveUp({ strategy, receive, request }: Delivery, order: ReceivedOrder | undefined, error: Error): void {

        if (error instanceof InvalidRequest) {
            return;
        }

        const { issuer, jti } = order ?? { issuer: null, jti: null };
        this.#server.log(['hard-logout', 'order', 'lost', 'error'], new Error(`An order to log out was given up: ${receive} of the strategy ${strategy}, issuer ${issuer ?? 'unknown'}, jti ${jti ?? 'unknown'}: ${error.message}`, { cause: error }));
        this.#events.audit('order-lost', { strategy, receive, issuer, jti, reason: error.message }, { request });
    }
}
