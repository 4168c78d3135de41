import Timers = require('node:timers/promises');

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { PendingLogouts } from '../../lib/request/pending-logouts';

import type { Request } from '@hapi/hapi';


export const lab = Lab.script();
const { afterEach, beforeEach, describe, it } = lab;


const { setTimeout: sleep } = Timers;


describe('PendingLogouts', () => {

    const waits: number[] = [];

    // What is not cut short lasts too long for a test

    beforeEach(() => {

        waits.length = 0;
        Object.assign(Timers, {
            setTimeout(delay: number, value: undefined, options: { signal: AbortSignal }) {

                waits.push(delay);
                return sleep(60_000, value, options);
            }
        });
    });

    afterEach(() => {

        Object.assign(Timers, { setTimeout: sleep });
    });

    const requestOf = () => ({ info: { completed: 0 } }) as Request;

    const respond = function (pending: PendingLogouts, request: Request): void {

        request.info.completed = 1;
        pending.responded(request);
    };

    const authenticated = function (pending: PendingLogouts): Request {

        const request = requestOf();
        pending.authenticate(request, true);
        pending.authenticate(request, false);
        return request;
    };

    it('are none before there was a request, and after each had its response', async () => {

        const pending = new PendingLogouts();
        expect(await pending.settle()).to.equal([]);
        respond(pending, authenticated(pending));
        respond(pending, requestOf());
        expect(await pending.settle()).to.equal([]);
        expect(waits).to.equal([]);
    });

    it('are waited for until the last has its response', async () => {

        const pending = new PendingLogouts();
        const [one, two] = [authenticated(pending), authenticated(pending)];
        const settled = Promise.all([pending.settle(), pending.settle()]);
        respond(pending, one);
        respond(pending, two);
        expect(await settled).to.equal([[], []]);
        expect(waits).to.equal([4000, 4000]);
    });

    it('are waited for until the authentication ends, where the response came before', async () => {

        const pending = new PendingLogouts();
        const request = requestOf();
        pending.authenticate(request, true);
        respond(pending, request);

        const settled = pending.settle();
        expect(waits).to.equal([4000]);
        pending.authenticate(request, false);
        expect(await settled).to.equal([]);
    });

    it('are left after a while, and waited for once', async () => {

        Object.assign(Timers, { setTimeout: () => Promise.resolve() });
        const pending = new PendingLogouts();
        const request = authenticated(pending);
        expect(await pending.settle()).to.equal([request]);
        expect(await pending.settle()).to.equal([]);
    });
});
