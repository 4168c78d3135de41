import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { KeySetOutage, Outage } from '../../lib/errors/outage';
import { Orders } from '../../lib/receivers/orders';
import { InvalidRequest } from '../../lib/receivers/response';
import { Emitter } from '../../lib/status/events';
import { gate, turns } from '../support/logout';

import type { OrderLostEvent } from '../../lib';
import type { Delivery, ReceivedOrder } from '../../lib/receivers/orders';
import type { Background } from '../../lib/request/background';


export const lab = Lab.script();

const { beforeEach, describe, it } = lab;


describe('Orders', () => {

    let orders: Orders;
    let lost: OrderLostEvent[];
    let lines: string[];
    let held: Promise<unknown>[];

    // What `Background` does, without its waits

    const insist = async function (work: () => Promise<unknown>): Promise<unknown> {

        for (let i = 0; i < 3; ++i) {
            try {
                return await work();
            }
            catch (error) {
                if (!(error instanceof Outage)) {
                    throw error;
                }
            }
        }

        return await work();
    };

    beforeEach(() => {

        const server = Hapi.server({ debug: false });
        const events = new Emitter(server, { client: false, partiesOf: () => ({ by: undefined, actor: undefined }) });
        [lost, lines, held] = [[], [], []];
        server.events.on({ name: 'hard-logout', channels: 'order-lost' }, (event) => lost.push(event));
        server.events.on('log', ({ tags, error }) => lines.push(`${tags.join(' ')}: ${(error as Error).message}`));
        const background = { insist, add: (work: Promise<unknown>) => held.push(work) } as unknown as Background;
        orders = new Orders({ server, events, background });
    });

    const order = (end: () => Promise<unknown>, jti: string | null = '1'): ReceivedOrder => ({ issuer: 'https://provider.example', jti, end: async () => await end() !== null });

    const request = { info: { id: 'a request' } } as unknown as Hapi.Request;

    const deliver = (verify: Delivery['verify'], maxWait = 60_000) => orders.carryOut({ strategy: 'provider', receive: 'back-channel', request, maxWait, verify });

    const common = { type: 'order-lost' as const, strategy: 'provider', receive: 'back-channel', request: request.info.id, by: null, actor: null };

    const settled = () => Promise.all(held);

    it('are carried out before they are a success, through outages of whatever they need', async () => {

        const steps: string[] = [];
        const failing = function (step: string, outage: Outage): void {

            steps.push(step);
            if (steps.filter((each) => each === step).length < 3) {
                throw outage;
            }
        };

        const verify = async function (): Promise<ReceivedOrder> {

            failing('verify', new KeySetOutage());
            return order(async () => failing('end', new Outage()));
        };

        await deliver(verify);

        expect(await deliver(async () => order(async () => null))).to.be.false();
        expect(await deliver(async () => order(async () => undefined))).to.be.true();
        expect(steps).to.equal(['verify', 'verify', 'verify', 'end', 'end', 'end']);
        await settled();
        expect(lost).to.equal([]);
    });

    it('are no success when the sender waits no longer, and are carried out all the same', async () => {

        const entered = gate();
        const back = gate();
        let isDone = false;
        const end = async function (): Promise<void> {

            entered.open();
            await back.opened;
            isDone = true;
        };

        const sent = deliver(async () => order(end), 1);

        await entered.opened;
        await expect(sent).to.reject(Outage, 'The sender does not wait any longer');
        expect(isDone).to.be.false();
        back.open();
        await settled();
        expect(isDone).to.be.true();
        expect(lost).to.equal([]);
        expect(lines).to.equal([]);
    });

    it('are reported by their issuer and jti where they are given up, once', async () => {

        await expect(deliver(async () => order(() => Promise.reject(new Outage('Redis is away'))))).to.reject(Outage, 'Redis is away');
        await settled();
        expect(lost).to.equal([{ ...common, issuer: 'https://provider.example', jti: '1', reason: 'Redis is away', at: lost[0]!.at }]);
        expect(lines).to.equal(['hard-logout order lost error: An order to log out was given up: back-channel of the strategy provider, issuer https://provider.example, jti 1: Redis is away']);
    });

    it('are reported without a name where nobody could verify them', async () => {

        await expect(deliver(() => Promise.reject(new KeySetOutage('No key set')))).to.reject(KeySetOutage);
        await settled();
        expect(lost).to.equal([{ ...common, issuer: null, jti: null, reason: 'No key set', at: lost[0]!.at }]);
        expect(lines[0]).to.include('issuer unknown, jti unknown: No key set');
    });

    it('are reported where the app forbids them when the sender has gone, and to the sender before', async () => {

        const forbidden = new Error('Not this one');
        await expect(deliver(async () => order(() => Promise.reject(forbidden)))).to.reject('Not this one');
        await settled();
        expect(lost).to.equal([]);

        const back = gate();
        await expect(deliver(async () => order(() => back.opened.then(() => Promise.reject(forbidden))), 0)).to.reject(Outage);
        back.open();
        await settled();
        expect(lost.map(({ reason }) => reason)).to.equal(['Not this one']);
    });

    it('are not reported where they turn out to be none', async () => {

        const invalid = new InvalidRequest('invalid_request', 'None');
        await expect(deliver(() => Promise.reject(invalid))).to.reject(InvalidRequest);

        const back = gate();
        await expect(deliver(() => back.opened.then(() => Promise.reject(invalid)), 0)).to.reject(Outage);
        back.open();
        await settled();
        expect(lost).to.equal([]);
        expect(lines).to.equal([]);
    });

    it('are carried out once where a sender sends them again meanwhile', async () => {

        const back = gate();
        let count = 0;
        const end = function (): Promise<void> {

            ++count;
            return back.opened;
        };

        const all = [deliver(async () => order(end)), deliver(async () => order(end)), deliver(async () => order(end, '2')), deliver(async () => order(end, null)), deliver(async () => order(end, null))];
        await new Promise((resolve) => setImmediate(resolve));
        back.open();
        await Promise.all(all);
        expect(count).to.equal(4);

        await deliver(async () => order(end));
        expect(count).to.equal(5);
    });

    it('wait for a key set in a number that is bounded, since anybody can send them, and nobody else is turned away for that', async () => {

        const back = gate<ReceivedOrder>();
        const verify = function () {

            let count = 0;
            return () => (++count === 1 ? Promise.reject(new KeySetOutage()) : back.opened);
        };

        const waiting = Array.from({ length: 2000 }, () => deliver(verify()));
        await turns();
        await expect(deliver(verify())).to.reject(KeySetOutage, 'Too many orders wait for the key set');
        expect(await deliver(async () => order(async () => undefined))).to.be.true();
        expect(lost).to.equal([]);

        back.open(order(async () => undefined));
        await Promise.all(waiting);
        expect(await deliver(verify())).to.be.true();
    });
});
