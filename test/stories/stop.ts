import { once } from 'node:events';
import * as Http from 'node:http';
import Timers = require('node:timers/promises');

import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { alive, dead, fate, gate, turns } from '../support/logout';
import { bearer, prepare } from '../support/server';

import type { AddressInfo } from 'node:net';
import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';
import type { RouteOptions, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, beforeEach, describe, it } = lab;


const { setTimeout: sleep } = Timers;


describe('a logout that is under way when the server stops', () => {

    // How often, and for how long, the server waits for requests that it has cut off. What is not cut short lasts too long for a test

    const waits: number[] = [];
    let isPatient = true;

    beforeEach(() => {

        waits.length = 0;
        isPatient = true;
        Object.assign(Timers, {
            setTimeout(delay: number, value: undefined, options: { signal: AbortSignal }) {

                waits.push(delay);
                return sleep(isPatient ? 60_000 : 1, value, options);
            }
        });
    });

    afterEach(() => {

        Object.assign(Timers, { setTimeout: sleep });
    });

    type Handler = (request: Request, h: ResponseToolkit) => Lifecycle.ReturnValue;

    interface Started {
        prepared: Prepared;
        pair: Pair;

        /** The request, once its handler, or its authentication, has begun. */
        begun: Promise<Request>;

        /** Lets it go on. */
        goOn: () => void;
    }

    const start = async function (handler: Handler, { where = 'handler', settings = { revoke: true }, ...options }: Partial<StrategyOptions> & { where?: 'handler' | 'validate'; settings?: RouteOptions } = {}): Promise<Started> {

        const begun = gate<Request>();
        const held = gate();
        const wait = async function (request: Request): Promise<void> {

            if (request.path === '/end') {
                begun.open(request);
                await held.opened;
            }
        };

        const { validate } = options;
        const prepared = await prepare({
            ...options,
            ...where === 'validate' && {
                async validate(claims, request, h) {

                    await wait(request);
                    return validate?.(claims, request, h) ?? { isValid: true };
                }
            }
        });

        prepared.server.route({
            method: 'POST',
            path: '/end',
            options: { plugins: { 'hard-logout': settings } },
            async handler(request, h) {

                await (where === 'handler' && wait(request));
                return handler(request, h);
            }
        });

        await prepared.server.start();
        return { prepared, pair: await prepared.login(), begun: begun.opened, goOn: held.open };
    };

    const call = function ({ server }: Prepared, { jwt, refreshToken }: Pair, headers: Http.OutgoingHttpHeaders = {}): Http.ClientRequest {

        const client = Http.request({
            host: '127.0.0.1',
            port: (server.listener.address() as AddressInfo).port,
            method: 'POST',
            path: `/end?refreshToken=${refreshToken}`,
            headers: { ...bearer(jwt), ...headers }
        });

        return client.on('error', () => undefined);
    };

    const ends: Record<string, [expected: typeof dead, handler: Handler]> = {
        'is done by the time the server has stopped, where the handler succeeds': [dead, () => 'bye'],
        'is done by the time the server has stopped, where the handler abandons the response': [dead, (request, h) => h.abandon],
        'revokes nothing where the handler fails': [alive, () => {

            throw new Error('a bug');
        }],
        'revokes nothing where the handler refuses': [alive, () => Boom.conflict()]
    };

    for (const [title, [expected, handler]] of Object.entries(ends)) {
        it(title, async () => {

            const { prepared, pair, begun, goOn } = await start(handler);
            call(prepared, pair).end();
            const { raw } = await begun;
            const closed = once(raw.res, 'close');
            const stopped = prepared.server.stop({ timeout: 20 });
            await closed;
            await turns();
            goOn();
            await stopped;
            expect(await fate(prepared, pair)).to.equal(expected);
            expect(waits).to.equal([4000]);
        });
    }

    it('is done where the body never came to its end', async () => {

        const { prepared, pair, begun, goOn } = await start(() => 'bye', { where: 'validate' });
        call(prepared, pair, { 'content-length': '100' }).write('{');
        const { auth } = await begun;
        goOn();
        await turns();
        expect(auth.isAuthenticated).to.be.true();

        await prepared.server.stop({ timeout: 20 });
        expect(await fate(prepared, pair)).to.equal(dead);
    });

    for (const isValid of [true, false]) {
        for (const body of ['', '{']) {
            it(`${isValid ? 'is done' : 'revokes nothing'} where its authentication then ${isValid ? 'accepts' : 'refuses'} it, ${body ? 'with half a body' : 'without a body'}`, async () => {

                const { prepared, pair, begun, goOn } = await start(() => 'bye', { where: 'validate', validate: (claims, { path }) => ({ isValid: isValid || path !== '/end' }) });
                const client = call(prepared, pair, body ? { 'content-length': '100' } : {});
                if (body) {
                    client.write(body);
                }
                else {
                    client.end();
                }

                const { raw } = await begun;
                const closed = once(raw.res, 'close');
                const stopped = prepared.server.stop({ timeout: 20 });
                await closed;
                await turns();
                goOn();
                await stopped;
                expect(await fate(prepared, pair)).to.equal(isValid ? dead : alive);
                expect(waits).to.equal([4000]);
            });
        }
    }

    it('is done after a while, where the handler does not come to its end, however that ends', async () => {

        isPatient = false;
        let events = 0;
        const { prepared, pair, begun, goOn } = await start(() => {

            throw new Error('a bug');
        });
        prepared.server.events.on({ name: 'hard-logout', channels: 'revoked' }, () => ++events);
        call(prepared, pair).end();
        await begun;
        await prepared.server.stop({ timeout: 20 });
        expect(await fate(prepared, pair)).to.equal(dead);

        const responded = prepared.server.events.once('response');
        goOn();
        await responded;
        await turns();
        expect(events).to.equal(1);
    });

    it('is not done after a while, where it is not authenticated by then', async () => {

        isPatient = false;
        const { prepared, pair, begun, goOn } = await start(() => 'bye', { where: 'validate', validate: () => ({ isValid: true }) });
        call(prepared, pair).end();
        await begun;
        await prepared.server.stop({ timeout: 20 });
        expect(await fate(prepared, pair)).to.equal(alive);
        goOn();
    });

    it('has its response where the server has the time', async () => {

        const { prepared, pair, begun, goOn } = await start((request, h) => h.response().code(204));
        const client = call(prepared, pair, { connection: 'close' });
        client.end();
        await begun;
        const stopped = prepared.server.stop();
        goOn();
        const [{ statusCode }] = await once(client, 'response');
        await stopped;
        expect(statusCode).to.equal(204);
        expect(await fate(prepared, pair)).to.equal(dead);
        expect(waits).to.equal([]);
    });

    it('keeps no other request waiting', async () => {

        const { prepared, pair, begun, goOn } = await start(() => 'hello', { settings: { tokens: 'both' } });
        call(prepared, pair).end();
        await begun;
        await prepared.server.stop({ timeout: 20 });
        expect(waits).to.equal([]);
        expect(await fate(prepared, pair)).to.equal(alive);
        goOn();
    });
});
