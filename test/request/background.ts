import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib/store/memory';
import { dead, fate, gate, logout, turns } from '../support/logout';
import { prepare } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const { remove, revoke } = MemoryStore.prototype;


describe('Background', () => {

    afterEach(() => {

        Object.assign(MemoryStore.prototype, { remove, revoke });
    });

    it('is logged when it fails, and does not fail the logout', async () => {

        const prepared = await prepare();
        const pair = await prepared.login();
        const failure = new Error('no clean-up today');
        MemoryStore.prototype.remove = () => Promise.reject(failure);
        const logged = prepared.server.events.once('log');

        expect((await logout(prepared, pair)).statusCode).to.equal(204);
        const [event] = await logged;
        expect(event.tags).to.equal(['hard-logout', 'error']);
        expect(event.error).to.shallow.equal(failure);
        expect(await fate(prepared, pair)).to.equal(dead);
    });

    it('is waited for when the server stops', async () => {

        const prepared = await prepare();
        const pair = await prepared.login();
        const finish = gate();
        let removed = false;
        MemoryStore.prototype.remove = async function (...given) {

            await finish.opened;
            removed = true;
            return remove.apply(this, given);
        };

        expect((await logout(prepared, pair)).statusCode).to.equal(204);
        const stopped = prepared.server.stop();
        setImmediate(finish.open);
        expect(removed).to.be.false();
        await stopped;
        expect(removed).to.be.true();
    });

    it('is waited for as well when it begins while the server stops', async () => {

        const prepared = await prepare();
        const pair = await prepared.login();
        const entered = gate();
        let removed = false;
        MemoryStore.prototype.revoke = async function (revocations) {

            entered.open();
            await turns();
            return revoke.call(this, revocations);
        };

        MemoryStore.prototype.remove = async function (...given) {

            await turns();
            removed = true;
            return remove.apply(this, given);
        };

        const answered = logout(prepared, pair);
        await entered.opened;
        await prepared.server.stop();
        expect(removed).to.be.true();
        expect((await answered).statusCode).to.equal(204);
    });

    it('is waited for again after the server was stopped before', async () => {

        const prepared = await prepare();
        await prepared.server.stop();
        const pair = await prepared.login();
        let removed = false;
        MemoryStore.prototype.remove = async function (...given) {

            await turns();
            removed = true;
            return remove.apply(this, given);
        };

        expect((await logout(prepared, pair)).statusCode).to.equal(204);
        await prepared.server.stop();
        expect(removed).to.be.true();
    });
});
