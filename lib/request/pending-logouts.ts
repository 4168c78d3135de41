import { setTimeout as sleep } from 'node:timers/promises';

import type { Request } from '@hapi/hapi';


// Docker kills a process 10 s after SIGTERM. hapi takes up to 5 of these by default, and the revocations need the last one

const patience = 4000;


/** Requests that are to log out, from authentication to response. A stopping server cuts them off at its timeout. */
export class PendingLogouts {

    /** Whether the authentication is under way: if the client has left, the event `response` may come before it ends. */
    readonly #requests = new Map<Request, boolean>();
    readonly #patience = new Set<AbortController>();

    authenticate(request: Request, isUnderWay: boolean): void {

        this.#requests.set(request, isUnderWay);
        if (!isUnderWay && request.info.completed > 0) {
            this.#remove(request);
        }
    }

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
