import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { Emitter } from '../../lib/status/events';
import { Monitor } from '../../lib/status/monitor';
import { Outage } from '../../lib/errors/outage';
import { FakeClock } from '../support/clock';

import type { BlacklistStatus } from '../../lib/blacklist/blacklist';
import type { Status } from '../../lib/types';


export const lab = Lab.script();
const { describe, it, beforeEach, afterEach } = lab;


describe('Monitor', () => {

    let clock: FakeClock;

    beforeEach(() => {

        clock = new FakeClock().freeze();
    });

    afterEach(() => clock.release());


    it('knows of no outage at first, and takes the first lease for the end of none', () => {

        const { monitor, events, logs } = prepare();
        monitor.report('held', new Outage('not connected yet'));
        expect(monitor.status(status)).to.equal({ ...status, store: 'redis', outages: 0, lastOutage: null, served: 0 });
        expect(events).to.be.empty();
        expect(logs).to.be.empty();
    });

    it('reports when an outage begins and when it ends', () => {

        const { monitor, events, logs } = prepare();
        const began = Date.now();
        monitor.report('lost', new Outage('the connection was lost'));

        const begun = { began, ended: null, reason: 'the connection was lost' };
        expect(monitor.status(status)).to.include({ outages: 1, lastOutage: begun });
        expect(events).to.equal([['outage', begun]]);
        expect(logs).to.equal([[['hard-logout', 'outage', 'error'], 'The lease was lost: the connection was lost']]);

        clock.stall(700);
        monitor.report('held', new Outage('the connection was lost'));
        const ended = { ...begun, ended: began + 700 };
        expect(monitor.status(status)).to.include({ outages: 1, lastOutage: ended });
        expect(events).to.equal([['outage', begun], ['recovery', ended]]);
        expect(logs.at(-1)).to.equal([['hard-logout', 'recovery', 'info'], 'The lease is valid again, after 700 ms. The last reason was: the connection was lost']);

        clock.stall(100);
        monitor.report('held', new Outage('the connection was lost'));
        expect(events).to.have.length(2);
    });

    it('has the store examined again after an outage, whatever comes of it', () => {

        const { monitor, examinations } = prepare();
        monitor.report('held');
        monitor.report('lost', new Outage('the connection was lost'));
        expect(examinations.count).to.equal(0);

        monitor.report('held');
        expect(examinations.count).to.equal(1);
    });

    it('counts the outages', () => {

        const { monitor, events } = prepare();
        for (const reason of ['first', 'second', 'third']) {
            monitor.report('lost', new Outage(reason));
            monitor.report('held', new Outage(reason));
        }

        expect(monitor.status(status).outages).to.equal(3);
        expect(monitor.status(status).lastOutage!.reason).to.equal('third');
        expect(events.map(([channel]) => channel)).to.equal(['outage', 'recovery', 'outage', 'recovery', 'outage', 'recovery']);
    });

    it('gives away copies: what a listener does to one changes nothing', () => {

        const { monitor, server } = prepare();
        server.events.on({ name: 'hard-logout', channels: ['outage'] } as any, (outage: any) => {

            outage.reason = 'mine';
        });

        monitor.report('lost', new Outage('the connection was lost'));
        expect(monitor.status(status).lastOutage!.reason).to.equal('the connection was lost');
    });

    it('logs what is no outage as an error, each time', () => {

        const { monitor, events, logs } = prepare();
        const error = new Error('a bug');
        monitor.report('failed', error);
        monitor.failed('commands', error);
        expect(logs).to.equal([[['hard-logout', 'store', 'error'], error], [['hard-logout', 'store', 'error'], error]]);
        expect(events).to.be.empty();
    });

    it('logs once that connections fail, and once that all are there again', () => {

        const { monitor, events, logs } = prepare();
        const broken = [['hard-logout', 'store', 'warn'], 'Redis cannot be reached, and is retried: ECONNREFUSED'];
        const healed = [['hard-logout', 'store', 'info'], 'Redis can be reached again'];
        monitor.reached('commands');
        expect(logs).to.equal([]);

        monitor.report('failed', new Outage('ECONNREFUSED'));
        monitor.failed('commands', new Outage('ETIMEDOUT'));
        monitor.report('failed', new Outage('ECONNREFUSED'));
        monitor.reached('commands');
        monitor.failed('commands', new Outage('ETIMEDOUT'));
        expect(logs).to.equal([broken]);

        monitor.reached('lease');
        monitor.reached('commands');
        monitor.reached('lease');
        expect(logs).to.equal([broken, healed]);

        monitor.failed('commands', new Outage('ECONNREFUSED'));
        expect(logs).to.equal([broken, healed, broken]);
        expect(events).to.be.empty();
        expect(monitor.status(status).outages).to.equal(0);
    });

    it('logs one line when an outage begins and one when it ends, and knows the last reason', () => {

        const { monitor, events, logs } = prepare();
        monitor.report('lost', new Outage('the connection was lost'));
        for (let i = 0; i < 10; ++i) {
            monitor.report('failed', new Outage('ECONNREFUSED'));
            monitor.failed('commands', new Outage('ECONNREFUSED'));
        }

        expect(monitor.status(status).lastOutage!.reason).to.equal('ECONNREFUSED');
        monitor.report('held', new Outage('ECONNREFUSED'));
        monitor.reached('lease');
        monitor.reached('commands');
        expect(logs.map(([tags]) => tags.slice(1))).to.equal([['outage', 'error'], ['recovery', 'info']]);
        expect(events.map(([, outage]) => (outage as Status['lastOutage'])!.reason)).to.equal(['the connection was lost', 'ECONNREFUSED']);
    });

    it('logs what was found of the store: what it must not do as an error', () => {

        const { monitor, logs } = prepare();
        monitor.examined({ refusal: null, warnings: [] });
        expect(logs).to.be.empty();

        monitor.examined({ refusal: 'it evicts', warnings: ['one', 'two'] });
        expect(logs.map(([tags, what]) => [tags, what instanceof Error ? what.message : what])).to.equal([
            [['hard-logout', 'store', 'error'], 'it evicts'],
            [['hard-logout', 'store', 'warn'], 'one'],
            [['hard-logout', 'store', 'warn'], 'two']
        ]);
    });

    it('logs which strategies have another key elsewhere', () => {

        const { monitor, logs } = prepare();
        monitor.keysDiffer([]);
        monitor.keysDiffer(['one', 'two']);
        expect(logs.map(([tags]) => tags)).to.equal([['hard-logout', 'keys', 'warn'], ['hard-logout', 'keys', 'warn']]);
        expect(logs[1]![1] as string).to.startWith('The process that started before this one has another key for the strategy two. ');
    });

    it('logs in what strategies of one issuer differ', () => {

        const { monitor, logs } = prepare();
        monitor.disagree([]);
        monitor.disagree([{ strategy: 'one', option: 'jwt.sessionClaim', own: '"sid"', other: '"session"' }, { strategy: 'two', option: 'lease', own: 'false', other: '1500' }]);
        expect(logs.map(([tags]) => tags)).to.equal([['hard-logout', 'strategies', 'warn'], ['hard-logout', 'strategies', 'warn']]);
        expect(logs[0]![1]).to.equal('The strategy one has jwt.sessionClaim "sid", and another strategy of its issuer, here or in the process that started before this one, has ' +
            '"session": if both run, the logout of a session in one does not end its access tokens in the other. Give all of them the same. If it was changed on purpose, nothing is wrong');
        expect(logs[1]![1] as string).to.contain('has lease false, and').and.to.contain(' has 1500: ');
    });

    it('logs that the cache does not hold everything', () => {

        const { monitor, logs } = prepare();
        monitor.report('partial');
        expect(logs).to.equal([[['hard-logout', 'cache', 'partial', 'warn'], 'The blacklist does not fit into cache.max any more: requests have to ask Redis']]);
    });

    it('counts and logs the requests that are served during an outage', async () => {

        const { monitor, server } = prepare('memory');
        const logs: string[][] = [];
        server.events.on({ name: 'request', channels: 'app' }, (request, { tags }) => logs.push(tags));
        server.route({
            method: 'GET', path: '/', handler: (request) => {

                monitor.serve(request);
                return '';
            }
        });

        await server.inject('/');
        monitor.serve();
        expect(monitor.status(status)).to.include({ store: 'memory', served: 2 });
        expect(logs).to.equal([['hard-logout', 'outage', 'served', 'warn']]);
    });
});


const status: BlacklistStatus = {
    lease: { heldSince: null, generation: 1, processes: 2 },
    cache: { size: 3, max: 4, isComplete: true, hits: 5, misses: 6 }
};


const prepare = function (kind: Status['store'] = 'redis') {

    const server = Hapi.server({ debug: false });
    const examinations = { count: 0 };
    const monitor = new Monitor(server, new Emitter(server, { client: false, partiesOf: () => ({ by: undefined, actor: undefined }) }), kind, () => {

        ++examinations.count;
        return Promise.reject(new Outage('not again'));
    });

    const events: [channel: string, outage: unknown][] = [];
    const logs: [tags: string[], what: unknown][] = [];

    for (const channel of ['outage', 'recovery']) {
        server.events.on({ name: 'hard-logout', channels: [channel] } as any, (outage: unknown) => events.push([channel, outage]));
    }

    server.events.on('log', ({ tags, data, error }) => logs.push([tags, error ?? data]));
    return { server, monitor, events, logs, examinations };
};
