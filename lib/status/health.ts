import { identify } from '../blacklist/identities';
import { Outage } from '../errors/outage';

import type { Blacklist } from '../blacklist/blacklist';
import type { Store } from '../store/contract';
import type { Health, OutagePolicy } from '../types';


export interface HealthCheckOptions {
    store: Pick<Store, 'cutoffs'>;
    blacklist: Pick<Blacklist, 'status'>;
    routes: { strategies(): { name: string; onOutage: OutagePolicy }[] };
}


// Any key is enough to test the store

const question = [identify('everyone', '')];


/** Whether this process can serve requests. It is safe to make public: it may be called at any rate. */
export class HealthCheck {

    readonly #options: HealthCheckOptions;
    #asking: Promise<boolean> | null = null;

    constructor(options: HealthCheckOptions) {

        this.#options = options;
    }

    async health(): Promise<Health> {

        const { routes } = this.#options;
        const isReachable = await this.#isReachable();

        const states = routes.strategies().map(({ name, onOutage }): [string, Health['state']] => {

            return [name, isReachable ? 'ready' : onOutage === 'serve' ? 'degraded' : 'unavailable'];
        });

        const state = (['unavailable', 'degraded'] as const).find((bad) => states.some(([, each]) => each === bad)) ?? (isReachable ? 'ready' : 'unavailable');
        return { statusCode: state === 'unavailable' ? 503 : 200, state, strategies: Object.fromEntries(states) };
    }

    // One command at a time, however many probes there are

    #isReachable(): Promise<boolean> {

        this.#asking ??= this.#ask().finally(() => {

            this.#asking = null;
        });

        return this.#asking;
    }

    async #ask(): Promise<boolean> {

        const { store, blacklist } = this.#options;
        try {
            await store.cutoffs(question);
        }
        catch (error) {
            if (error instanceof Outage) {
                return false;
            }

            throw error;
        }

        return blacklist.status().lease?.heldSince !== null;
    }
}
