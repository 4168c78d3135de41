'use strict';

const Fs = require('fs');
const Os = require('os');


const internals = {};


/** How busy the machine was with other work, from here on. */
exports.Noise = class {

    #began = Date.now();
    #before = Os.loadavg()[0];
    #ticks = internals.ticks();

    /** `steal` is the part (%) of processor time that the host gave to other machines; undefined where that cannot be read. */
    measure() {

        const { total, steal } = internals.ticks();
        return {
            minutes: (Date.now() - this.#began) / 60_000,
            before: this.#before,
            after: Os.loadavg()[0],
            steal: total === undefined ? undefined : 100 * (steal - this.#ticks.steal) / Math.max(total - this.#ticks.total, 1)
        };
    }
};


// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal

internals.ticks = function () {

    if (!Fs.existsSync('/proc/stat')) {
        return {};
    }

    const ticks = Fs.readFileSync('/proc/stat', 'latin1').split('\n', 1)[0].trim().split(/ +/).slice(1, 9).map(Number);
    return { total: ticks.reduce((sum, count) => sum + count), steal: ticks[7] };
};
