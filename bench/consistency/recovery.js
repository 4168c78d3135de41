'use strict';

const { setTimeout: sleep } = require('timers/promises');


const internals = {
    pause: 20,
    grace: 1000,
    patience: 8000,                     // for what is too slow to be seen

    // How long (ms) a process waits that joins a log which has lost something: for the one who writes back and has fallen silent, and for those who know more

    absence: (lease) => lease / 2 + 1.65 * lease + 10
};


/** How long it takes, once no fault is under way any more, until each process accepts a token and answers a logout. */
exports.Recovery = class {

    #history;
    #fleet;
    #workload;
    #faults;
    #sessions = 0;

    checks = [];
    logouts = [];

    /** Those past the limit. */
    slow = [];

    constructor(options, { history, fleet, workload, faults }) {

        this.#history = history;
        this.#fleet = fleet;
        this.#workload = workload;
        this.#faults = faults;

        /** How long (ms) it may take: a process that was cut off gives up, joins, and waits for those who know what a new log lacks. */
        this.limit = (options.lease ? internals.absence(options.lease) : 0) + internals.grace;
    }

    /** `since` is the moment when the last fault ended. */
    async watch(since) {

        await Promise.all(this.#fleet.slots.map(async (slot) => {

            this.checks.push(await this.#measure('checks', since, slot, () => this.#check(slot)));
            this.logouts.push(await this.#measure('logouts', since, slot, () => this.#logout(slot)));
        }));
    }

    // `attempt` resolves with the moment of the answer that was hoped for, if it came

    async #measure(what, since, slot, attempt) {

        let end;
        while (!(end = await attempt()) && performance.now() < since + internals.patience) {
            await sleep(internals.pause);
        }

        const duration = (end || performance.now()) - since;
        if (duration > this.limit) {
            const logs = slot.process?.logs.filter(({ at }) => at > since - 3000);
            this.slow.push({ what, process: slot.process?.name, since, duration, faults: this.#faults.between(since - 3000, since), logs });
        }

        return duration;
    }

    async #check({ process }) {

        const { live } = this.#history;
        const token = live[++this.#sessions % live.length] ?? (process && await this.#workload.login(`recovery-${this.#sessions}`, process));
        if (process && token) {
            const { status, end } = await this.#workload.use(token, process);
            return status === 200 && end;
        }
    }

    async #logout({ process }) {

        const token = process && await this.#workload.login(`recovery-${++this.#sessions}`, process);
        if (token) {
            await this.#workload.logout([token], 'session', process);
            return token.state === 'dead' && token.endedAt;
        }
    }
};
