'use strict';

const { randomBytes } = require('crypto');
const { setTimeout: sleep } = require('timers/promises');

const { Member, forget } = require('./member');


const internals = {
    members: [],
    look: 20,
    patience: 90_000
};


internals.orders = {

    /** All of them start within a quarter of a lease: their confirmations are spread as those of processes on many machines. */
    async join({ count, ...options }) {

        internals.members = Array.from({ length: count }, () => new Member(options));
        await Promise.all(internals.members.map(async (member) => {

            await sleep(Math.random() * options.lease / 4);
            member.start();
        }));

        await internals.until((member) => member.isServing);
    },

    /** `count` logouts, `atOnce` at a time. */
    async logouts({ count, atOnce }) {

        const load = internals.load();
        for (let i = 0; i < count; i += atOnce) {
            await Promise.all(Array.from({ length: atOnce }, load.logout));
        }

        return load;
    },

    /** `rate` logouts a second for some seconds, however long they take. */
    async rate({ rate, seconds }) {

        const load = internals.load();
        const began = performance.now();
        const running = [];
        while (running.length < rate * seconds) {
            while (running.length < Math.min(rate * seconds, (performance.now() - began) / 1000 * rate)) {
                running.push(load.logout());
            }

            await sleep(1);
        }

        await Promise.all(running);
        return load;
    },

    /** Revocations in force, in pieces. */
    async write({ count }) {

        const revocations = Array.from({ length: count }, internals.revocation);
        while (revocations.length > 0) {
            await internals.until((member) => member.isServing);
            try {
                await internals.members[0].revoke(revocations.slice(-500));
                revocations.length -= Math.min(500, revocations.length);
            }
            catch {}
        }
    },

    forget,

    /** Notes how often each member has joined; `rejoined` resolves when all have done so once more. */
    mark() {

        internals.joins = internals.members.map(({ joins }) => joins);
    },

    async rejoined() {

        await internals.until((member, i) => member.joins > internals.joins[i] && member.isServing);
        return { joins: internals.members.reduce((sum, { joins }, i) => sum + joins - internals.joins[i], 0) };
    },

    async leave() {

        await Promise.all(internals.members.map((member) => member.stop()));
        internals.members = [];
        forget();
    }
};


internals.load = function () {

    const load = {
        times: [],
        wrong: 0,
        failed: 0,
        async logout() {

            const revocation = internals.revocation();
            const began = performance.now();
            try {
                const member = internals.members[Math.floor(Math.random() * internals.members.length)];
                await member.revoke([revocation]);
            }
            catch {
                ++load.failed;
                return;
            }

            load.times.push(performance.now() - began);
            load.wrong += internals.members.filter((member) => member.accepts(revocation.key)).length;
        }
    };

    return load;
};


internals.revocation = function () {

    return { key: randomBytes(16).toString('base64url'), cutoff: Date.now(), ttl: 900_000 };
};


internals.until = async function (condition) {

    const end = performance.now() + internals.patience;
    while (!internals.members.every(condition)) {
        if (performance.now() > end) {
            throw new Error(`${internals.members.filter((member, i) => !condition(member, i)).length} of ${internals.members.length} members did not get there`);
        }

        await sleep(internals.look);
    }
};


process.on('message', async ({ id, order, ...options }) => {

    try {
        const { times, wrong, failed, joins } = await internals.orders[order](options) ?? {};
        process.send({ id, times, wrong, failed, joins });
    }
    catch (error) {
        process.send({ id, error: error.stack });
    }
});


process.on('disconnect', () => process.exit());

process.send({});
