import { createRequire } from 'node:module';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';


export const lab = Lab.script();

const { describe, it } = lab;


// What `npm run consistency` makes of the answers of its servers

const load = createRequire(__filename);

const { History } = load('../../bench/consistency/history');

const { Workload } = load('../../bench/consistency/workload');


const revoked = { status: 401, start: 5, end: 6, body: '{"message":"The access token was revoked"}' };

const unanswered = { status: 0, start: 3, end: 4, body: '' };


// Two sessions of one user, and one process. `meanwhile` is what happens before a request is answered

const prepare = function ({ answer = unanswered, meanwhile = () => undefined }: { answer?: object; meanwhile?: () => void } = {}) {

    const history = new History({ lease: 1500 });
    const [token, other] = [1, 2].map((number) => history.add('user-1', { access_token: `jwt ${number}`, refresh_token: `refresh ${number}` }, { start: 1, end: 2 }));
    const request = () => {

        meanwhile();
        return Promise.resolve(answer);
    };

    const process = { name: '1#1', logs: [], check: () => undefined, client: { request, load: 0 } };
    const workload = new Workload({ seed: 1, users: 0, faults: [] }, history, { slots: [{ process }] });
    return { history, token, other, process, workload };
};


describe('The checker', () => {

    it('does not wonder about a refused session if a client has ordered the logout of everything with another one, and hung up', async () => {

        const { history, token, other, process, workload } = prepare({ meanwhile: () => history.check(other, 'GET /me', process, revoked) });
        await workload.hangUp([token, other], 'subject', process);
        history.check(other, 'GET /me', process, revoked);
        expect(history.counts.refusals).to.equal(0);
    });

    it('counts a session that is refused after the logout of another one', async () => {

        const { history, token, other, process, workload } = prepare();
        await workload.hangUp([token], 'session', process);
        history.check(token, 'GET /me', process, revoked);
        history.check(other, 'GET /me', process, revoked);
        expect(history.counts.refusals).to.equal(1);
    });

    it('counts a session that is already revoked when its client logs out for the first time', async () => {

        const { history, token, process, workload } = prepare({ answer: revoked });
        await workload.logout([token], 'session', process);
        expect(history.counts.refusals).to.equal(1);
        await workload.logout([token], 'session', process);
        expect(history.counts.refusals).to.equal(1);
    });

    it('shows of a refused token what was asked for its user, with which result, and what is on the blacklist', async () => {

        const { history, token, other, process, workload } = prepare();
        history.observe({ faults: () => [], entriesOf: (jwts: string[]) => Promise.resolve([{ name: `everything of ${jwts}`, cutoff: 7 }]) });
        await workload.hangUp([token], 'session', process);
        history.check(other, 'GET /me', process, revoked);
        await history.settle();

        const [{ subject, deeds, entries }] = history.refusals;
        expect(subject).to.equal('user-1');
        expect(deeds).to.equal([{ what: '/logout, hung up of token 1', process: '1#1', begin: deeds[0].begin, end: 4, status: 0 }]);
        expect(entries).to.equal([{ name: 'everything of jwt 2', cutoff: 7 }]);
    });
});
