'use strict';

// Logins, renewals and logouts in a world, and what must hold for them


const internals = {
    max: 4,
    subjects: 6,
    grace: 60_000,

    // How far (ms) the wall clock of a process may be off

    skew: 60_000
};


/** What the strategy of each process is given. */
exports.options = {
    jwt: { key: 'a secret of a simulated world, which is long enough', algorithms: ['HS256'], clockTolerance: 300_000, cache: { maxBytes: 2 ** 20 } },
    refreshToken: { query: 'refreshToken' },
    sessions: { max: internals.max, grace: internals.grace }
};


/** The sessions of one world. */
exports.Logins = class {

    #world;
    #random;
    #sessions = [];
    #issues = [];
    #subjectLogouts = [];

    constructor(world, random) {

        this.#world = world;
        this.#random = random;
    }

    act({ kind, process: number, draw, isPair }) {

        const process = this.#world.pick(number);
        if (!this.#world.isUp(process) || !process.app) {
            return;
        }

        const session = this.#sessions[draw % this.#sessions.length];
        switch (kind) {
            case 'login':
                this.#issue(process, `user-${draw % internals.subjects}`);
                break;
            case 'renew':
                if (session) {
                    this.#renew(process, session, draw);
                    if (isPair) {
                        this.#renew(this.#world.pick(draw), session, draw);
                    }
                }

                break;
            case 'leave':
                if (session) {
                    this.#leave(process, session, draw % 5 === 0 ? 'subject' : 'session', draw % 3);
                }

                break;
            default:
                if (session) {
                    this.#use(process, session, draw);
                }
        }
    }

    /** Presents all of it everywhere, when all faults have ended. */
    settle() {

        for (const process of this.#world.processes.filter(({ app }) => app)) {
            this.#sessions.forEach((session, i) => this.#use(process, session, 2 * i));
            this.#sessions.filter(({ doneAt }) => doneAt < Infinity).forEach((session) => this.#renew(process, session, 1));
        }
    }

    /** Surplus sessions of a subject are dead when that is reported. */
    ended({ session, reason }) {

        if (reason === 'sessions.max') {
            const found = this.#sessions.find(({ sid }) => sid === session);
            if (found) {
                this.#done(found);
            }
        }
    }

    #issue(process, subject) {

        const { counts } = this.#world;

        // One that fails may still be executed, at any time

        const issue = { subject, began: this.#world.now, ended: Infinity };
        this.#issues.push(issue);
        const call = process.app.issue(subject);
        this.#world.bound(process, call, `a login of ${subject}`);
        this.#settled(process, call, 'a login', (pair) => {

            issue.ended = this.#world.now;
            ++counts.logins;
            this.#world.log(() => `${process.name}: has issued ${pair.session} of ${subject}`);
            this.#sessions.push({
                sid: pair.session, subject, began: issue.began, at: this.#world.now, leftAt: this.#isTimely(process) ? Infinity : issue.began, doneAt: Infinity,
                access: [pair.accessToken], refresh: [pair.refreshToken], successors: new Map(), renewing: [], unsure: 0
            });

            this.#endSurplus(subject);
        });
    }

    // A session after which as many others have begun as there may be is dead when the last of these logins is answered

    #endSurplus(subject) {

        const live = this.#sessions.filter((each) => each.subject === subject && each.leftAt === Infinity && each.doneAt === Infinity && !this.#isOrdered(each));
        if (!this.#world.losesData) {
            live.filter(({ at }) => live.filter(({ began }) => began > at).length >= internals.max).forEach((session) => this.#done(session));
        }
    }

    // The latest token, or one that was used before: the last one within the grace, or an older one, which ends the session

    #renew(process, session, draw) {

        if (!this.#world.isUp(process) || !process.app) {
            return;
        }

        const { refresh } = session;
        const back = draw % 7 === 0 ? Math.min(refresh.length - 1, draw % 4) : 0;
        const token = refresh.at(-1 - back);

        // A renewal of another token that is under way, or was never answered, may come first or last: one of the two is too old then

        if (back > 1 || session.renewing.some((other) => other !== token)) {
            session.leftAt = Math.min(session.leftAt, this.#world.now);
        }

        session.renewing.push(token);
        ++session.unsure;
        const began = this.#world.now;
        const call = process.app.renew(token, draw % 2 === 0);
        this.#world.bound(process, call, `a renewal of ${session.sid}`);
        this.#settled(process, call, 'a renewal', (renewed) => {

            session.renewing.splice(session.renewing.indexOf(token), 1);
            --session.unsure;
            ++this.#world.counts.renewals;
            this.#world.log(() => `${process.name}: renews ${session.sid}`);
            session.access.push(renewed.accessToken);
            session.leftAt = this.#isTimely(process) ? session.leftAt : Math.min(session.leftAt, began);
            if (began > session.doneAt) {
                this.#world.violate('renewed after its logout', `${process.name} renewed ${session.sid}`);
            }

            // A token has one successor, however often and wherever it is renewed

            const first = session.successors.get(token);
            if (first !== undefined && first !== renewed.refreshToken && !this.#world.losesData) {
                this.#world.violate('two successors of one token', session.sid);
            }

            session.successors.set(token, renewed.refreshToken);
            if (!refresh.includes(renewed.refreshToken)) {
                refresh.push(renewed.refreshToken);
            }
        }, (error) => {

            const refusal = process.app.refusalOf(error);
            if (refusal === undefined) {
                return;
            }

            session.renewing.splice(session.renewing.indexOf(token), 1);
            --session.unsure;
            this.#world.log(() => `${process.name}: does not renew ${session.sid}: ${refusal}`);
            if (this.#mayLive(session, process) && !this.#world.losesData) {
                this.#world.violate('a session was lost', `${process.name} refused to renew ${session.sid}: ${refusal}`);
            }

            this.#endReused(session, refusal);
        });
    }

    // With the access token, the refresh token, or both

    #leave(process, session, extent, by, attempts = 2) {

        if (!this.#world.isUp(process) || !process.app) {
            return;
        }

        const began = this.#world.now;
        const order = { subject: session.subject, began, ended: Infinity };
        if (extent === 'subject') {
            this.#subjectLogouts.push(order);
        }

        session.leftAt = Math.min(session.leftAt, began);
        const presented = { ...by !== 1 && { accessToken: session.access.at(-1) }, ...by !== 0 && { refreshToken: session.refresh.at(-1) } };
        const call = process.app.request(extent, presented);
        this.#world.bound(process, call, `the logout of ${session.sid}`);
        this.#settled(process, call, 'a logout', () => {

            order.ended = this.#world.now;
            ++this.#world.counts.logouts;
            ++this.#world.counts.endings;
            this.#world.log(() => `${process.name}: has ended ${extent === 'subject' ? session.subject : session.sid}`);

            // A Redis that has lost its data and whose clock was set back does not know of sessions that its clock has yet to reach

            const isUnsure = this.#world.losesTime && this.#world.losesData;
            const ended = extent === 'session' ? [session] : isUnsure ? [] : this.#sessions.filter((each) => each.subject === session.subject && each.at < began);
            ended.forEach((each) => this.#done(each));
        }, (error) => {

            order.ended = this.#world.now;
            if (process.isOutage(error) && attempts > 0) {
                this.#world.scheduler.after(this.#random.between(10, 500), () => this.#leave(this.#world.pick(this.#random.below(100)), session, extent, by, attempts - 1));
            }
        });
    }

    #use(process, session, draw) {

        if (!this.#world.isUp(process) || !process.app) {
            return;
        }

        const began = this.#world.now;
        const isRefresh = draw % 4 === 1;
        const accessToken = session.access[draw % session.access.length];
        const refreshToken = session.refresh.at(-1);
        const call = process.app.request(...isRefresh ? ['refresh', { refreshToken }] : ['me', { accessToken }]);

        // It may arrive behind renewals that begin later, and be too old then

        if (isRefresh) {
            const arrived = () => session.renewing.splice(session.renewing.indexOf(refreshToken), 1);
            session.renewing.push(refreshToken);
            ++session.unsure;
            call.then(arrived, arrived);
        }

        ++this.#world.counts.checks;
        this.#settled(process, call, 'a request', () => {

            session.unsure -= isRefresh ? 1 : 0;
            if (began > session.doneAt) {
                this.#world.violate('a token was accepted after its logout', `${process.name} accepted ${isRefresh ? 'a refresh' : 'an access'} token of ${session.sid}`);
            }
        }, (error) => {

            const refusal = process.app.refusalOf(error);
            session.unsure -= isRefresh && refusal !== undefined ? 1 : 0;
            if (refusal !== undefined && this.#mayLive(session, process) && !(isRefresh && this.#world.losesData)) {
                this.#world.violate('a token was refused without a logout', `${process.name} refused ${isRefresh ? 'a refresh' : 'an access'} token of ${session.sid}: ${refusal}`);
            }

            this.#endReused(session, refusal);
        });
    }

    #endReused(session, refusal) {

        if (refusal === 'refresh_token_reused') {
            this.#done(session);
        }
    }

    // Everything of it is dead from now on, at any process

    #done(session) {

        if (session.doneAt < Infinity) {
            return;
        }

        session.doneAt = this.#world.now;
        for (const process of this.#world.processes) {
            if (process.isHeld || this.#random.chance(0.2)) {
                this.#world.scheduler.after(0.001, () => this.#use(process, session, this.#random.below(1000)));
            }
        }

        this.#world.scheduler.after(this.#random.between(0.001, 200), () => this.#renew(this.#world.pick(this.#random.below(100)), session, 1));
    }

    // Whether nobody has begun to end it. A login may have taken its place, if there were enough of them; an order of everything ends what began before it was answered

    #mayLive({ subject, began, leftAt, doneAt, unsure }, process) {

        if (leftAt < Infinity || doneAt < Infinity || this.#world.losesTime || !this.#isTimely(process)) {
            return false;
        }

        // A Redis that has lost a renewal takes the client's token for a reused one: a request with it that has no response may have ended the session

        if (this.#world.losesData && unsure > 0) {
            return false;
        }

        const rivals = this.#issues.filter((issue) => issue.subject === subject && issue.ended > began).length;
        return rivals <= internals.max && !this.#isOrdered({ subject, began });
    }

    #isOrdered({ subject, began }) {

        return this.#subjectLogouts.some((order) => order.subject === subject && order.ended >= began);
    }

    // Clocks that are further off are not promised anything

    #isTimely(process) {

        return Math.abs(process.wall() - this.#world.epoch - this.#world.now) < internals.skew;
    }

    #settled(process, call, what, done, failed = () => undefined) {

        call.then((result) => process.isDead || done(result), (error) => {

            if (process.isDead) {
                return;
            }

            if (!process.isOutage(error) && process.app.refusalOf(error) === undefined) {
                this.#world.violate(`${what} failed for another reason than an outage`, error.stack);
            }

            failed(error);
        });
    }
};
