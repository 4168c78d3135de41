'use strict';

const { Member } = require('./member');


const internals = {};


internals.commands = {

    async join({ count, port, prefix, lease }) {

        internals.members = Array.from({ length: count }, () => new Member({ prefix, lease }));

        // A hundred at a time

        for (let i = 0; i < count; i += 100) {
            await Promise.all(internals.members.slice(i, i + 100).map((member) => member.join(port)));
        }
    },

    /** `concurrency` logouts at once; or `rate` a second, however long they take. */
    async load({ count, concurrency, rate }) {

        const times = [];
        let wrong = 0;
        const one = async function (i) {

            const key = `${process.pid}-${i}-${Math.random()}`.padEnd(43, 'x');
            const began = performance.now();
            await internals.members[Math.floor(Math.random() * internals.members.length)].revoke({ key, cutoff: Date.now(), ttl: 60_000 });
            times.push(performance.now() - began);
            wrong += internals.members.filter((member) => member.holdsLease && !member.isRevoked(key)).length;
        };

        if (rate) {
            const began = performance.now();
            const running = [];
            for (let i = 0; i < count;) {
                const due = Math.min(count, Math.floor((performance.now() - began) / 1000 * rate));
                for (; i < due; ++i) {
                    running.push(one(i));
                }

                await new Promise((resolve) => setTimeout(resolve, 1));
            }

            await Promise.all(running);
        }
        else {
            for (let i = 0; i < count; i += concurrency) {
                await Promise.all(Array.from({ length: Math.min(concurrency, count - i) }, (_, j) => one(i + j)));
            }
        }

        return { times, wrong };
    },

    async leave() {

        await Promise.all(internals.members.map((member) => member.leave()));
    }
};


process.on('message', async ({ command, args }) => {

    try {
        process.send({ result: await internals.commands[command](args) });
    }
    catch (error) {
        process.send({ error: error.stack });
    }
});
