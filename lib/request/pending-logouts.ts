import { setTimeout as sleep } from 'node:timers/promises';

import type { Request } from '@hapi/hapi';


// Docker kills a process 10 s after it has asked it to stop. Of these hapi takes up to 5 by default, and the revocations themselves need the last one

const patience = 4000;


/** Requests that are to log out, from the start of their authentication to their response. A server that stops cuts them off at its timeout. */
export class PendingLogouts {

    /** By request, whether its authentication is under way. The response of a request whose client has left may come before that ends. */
    readonly #requests = new Map<Request, boolean>();
    readonly #patience = new Set<AbortController>();

    /** At the start of an authentication, and at its end. */
    authenticate(request: Request, isUnderWay: boolean): void {

        this.#requests.set(request, isUnderWay);
        if (!isUnderWay && request.info.completed > 0) {
            this.#remove(request);
        }
    }

    /** At the event `response`. */
    responded(request: Request): void {

        if (!this.#requests.get(request)) {
            this.#remove(request);
        }
    }

    /** Waits for them when the server stops, up to a limit. Returns those that are left. */
    async settle(): Promise<Request[]> {

        if (this.#requests.size > 0) {
            const waiting = new AbortController();
            this.#patience.add(waiting);
            await sleep(patience, undefined, { signal: waiting.signal }).catch(() => undefined);
            this.#patience.delete(waiting);
        }

        const left = Array.from(this.#requests.keys());
        this.#requests.clear();
        return left;
    }

    #remove(request: Request): void {

        this.#requests.delete(request);
        if (this.#requests.size === 0) {
            this.#patience.forEach((waiting) => waiting.abort());
        }
    }
}
