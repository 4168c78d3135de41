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

    /** Ends what the order names. Returns false if the app does not know it. @throws `Outage` when the result is not certain. */
    end: () => Promise<boolean>;
}


export interface Delivery {
    strategy: string;
    receive: string;
    request: Request;

    /** How long (ms) the sender waits at most. */
    maxWait: number;

    /** @throws `InvalidRequest`; `Outage` when it cannot be verified yet. */
    verify: () => Promise<ReceivedOrder>;
}


interface Progress {
    order?: ReceivedOrder;

    hasResponse: boolean;

    /** Whether it is not repeated in the background. */
    isTurnedAway: boolean;
}


// How many orders may wait for a key set

const maxUnverified = 2000;


/** Orders from outside. Senders rarely repeat an order, so it is repeated here until it is done, whatever response the sender has got meanwhile. */
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
     * Resolves when the order holds in every process; with false if the app does not know what it names.
     *
     * @throws `Outage` after `maxWait`: the work goes on in the background, and is reported if it is given up. `InvalidRequest`; what the app throws.
     */
    async carryOut(delivery: Delivery): Promise<boolean> {

        const progress: Progress = { hasResponse: false, isTurnedAway: false };
        const work = this.#carryOut(delivery, progress);
        this.#background.add(work.catch((error) => {

            if (!progress.isTurnedAway && (progress.hasResponse || error instanceof Outage)) {
                this.#giveUp(delivery, progress.order, error);
            }
        }));

        try {
            return await within(work, delivery.maxWait, systemClock, () => new Outage('The sender does not wait any longer'));
        }
        finally {
            progress.hasResponse = true;
        }
    }

    async #carryOut({ verify }: Delivery, progress: Progress): Promise<boolean> {

        const order = progress.order = await this.#verify(verify, progress);

        // The sender may repeat an order that is under way

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

    // Any client can send a token that waits for a key set, so their number is limited. Orders that can be verified at once are never turned away

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

    #giveUp({ strategy, receive, request }: Delivery, order: ReceivedOrder | undefined, error: Error): void {

        if (error instanceof InvalidRequest) {
            return;
        }

        const { issuer, jti } = order ?? { issuer: null, jti: null };
        this.#server.log(['hard-logout', 'order', 'lost', 'error'], new Error(`An order to log out was given up: ${receive} of the strategy ${strategy}, issuer ${issuer ?? 'unknown'}, jti ${jti ?? 'unknown'}: ${error.message}`, { cause: error }));
        this.#events.audit('order-lost', { strategy, receive, issuer, jti, reason: error.message }, { request });
    }
}
