'use strict';

// The clocks of this process, which can be moved: `Date`, `performance.now()` and `process.hrtime()`. Timers are those of Node, and go by the machine's clock


const internals = {
    now: performance.now.bind(performance),
    wall: Date.now,
    rate: 1,
    since: 0,
    base: 0,
    offset: 0
};


internals.monotonic = function () {

    return internals.base + (internals.now() - internals.since) * internals.rate;
};


// A clock that is fast or slow is so for both

internals.date = function () {

    return Math.floor(internals.wall() + internals.offset + internals.monotonic() - internals.now());
};


internals.nanoseconds = function () {

    return BigInt(Math.round(internals.monotonic() * 1e6));
};


/** The wall clock is off by so much (ms) from now on. */
exports.jump = function (offset) {

    internals.offset = offset;
};


/** Both clocks go at this rate from now on. */
exports.slew = function (rate) {

    internals.base = internals.monotonic();
    internals.since = internals.now();
    internals.rate = rate;
};


exports.install = function () {

    const { Date: RealDate } = globalThis;

    RealDate.now = internals.date;
    globalThis.Date = new Proxy(RealDate, {
        construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [internals.date()] : args, newTarget === globalThis.Date ? target : newTarget),
        apply: () => new RealDate(internals.date()).toString()
    });

    Object.defineProperty(performance, 'now', { value: internals.monotonic });

    process.hrtime = Object.assign((before) => {

        const elapsed = internals.nanoseconds() - (before ? BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]) : 0n);
        return [Number(elapsed / 1_000_000_000n), Number(elapsed % 1_000_000_000n)];
    }, { bigint: internals.nanoseconds });
};
