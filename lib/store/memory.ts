import { timingSafeEqual } from 'node:crypto';

import type { BlacklistStore, Progress, RegisteredTerms, Revocation, Terms } from './blacklist-contract';
import type { Store } from './contract';
import type { NewSession, Presentation, SessionAddress, SessionPage, SessionState, Shortening, Surplus } from './session-contract';
import type { Durability } from './durability';


// The progress of a log with one process

const whole: Progress = { published: 0, least: 0, isSettled: true, lease: 0 };


interface Row {
    family: string;
    secret: string;
    previous: string;
    nonce: string;
    rotated: number;
    created: number;
    renewed: number;

    /** When the previous token would have expired. */
    lapses: number;
    ends: number;
    expires: number;
    access: number;
    claims: string;
    data: string;
}


interface Subject {
    clock: number;
    rows: Map<string, Row>;
}


/** The store of one process: the contract of the Redis store, without persistence. */
export class MemoryStore implements Store {

    readonly kind = 'memory';

    readonly #entries = new Map<string, { cutoff: number; expires: number }>();
    readonly #terms = new Map<string, Terms>();
    readonly #subjects = new Map<string, Subject>();
    #swept = 0;

    async start(): Promise<void> {}

    async stop(): Promise<void> {}

    async examine(): Promise<Durability> {

        return { refusal: null, warnings: ['Revocations and sessions are stored in this process only. Set the option redis for several processes, or if they have to outlive this one'] };
    }

    async exchange(): Promise<null> {

        return null;
    }

    cutoffs(keys: string[]): ReturnType<BlacklistStore['cutoffs']> {

        return keys.map((key) => this.#entries.get(key)?.cutoff ?? null);
    }

    async revoke(revocations: Revocation[]): Promise<Progress & { epoch: string; position: number }> {

        const now = this.#sweep();
        for (const { key, cutoff, ttl, terms } of revocations) {
            const held = this.#entries.get(key);
            this.#entries.set(key, {
                cutoff: Math.max(cutoff, held?.cutoff ?? 0),
                expires: Math.max(now + ttl + this.#difference(terms), held?.expires ?? 0)
            });
        }

        return { ...whole, epoch: '', position: 0 };
    }

    async progress(): Promise<Progress> {

        return whole;
    }

    async settle(): Promise<void> {}

    async suspect(): Promise<string[]> {

        return [];
    }

    async strike(): Promise<void> {}

    async register(terms: RegisteredTerms[]): Promise<number> {

        for (const { issuer, life, tolerance } of terms) {
            const held = this.#terms.get(issuer);
            this.#terms.set(issuer, { issuer, life: Math.max(life, held?.life ?? 0), tolerance: Math.max(tolerance, held?.tolerance ?? 0) });
        }

        return Math.max(0, ...Array.from(this.#terms.values(), ({ life, tolerance }) => life + 2 * tolerance));
    }

    async create({ subject, id }: SessionAddress, { ttl, maxAge, accessTtl, max, refuses, ...session }: NewSession): Promise<{ created: number; surplus: Surplus } | null> {

        const now = this.#sweep();
        if (refuses && this.#live(subject, 0).length >= max) {
            return null;
        }

        const created = this.#tick(subject, now);
        const ends = now + maxAge;

        this.#subjects.get(subject)!.rows.set(id, {
            ...session,
            previous: '',
            nonce: '',
            rotated: 0,
            created,
            renewed: created,
            lapses: 0,
            ends,
            expires: Math.min(now + ttl, ends),
            access: now + accessTtl
        });

        return { created, surplus: await this.surplus(subject, max) };
    }

    async surplus(subject: string, max: number): Promise<Surplus> {

        const live = this.#live(subject, 0);
        return { ids: live.slice(0, Math.max(live.length - max, 0)).map(([id]) => id), isPartial: false };
    }

    async present(address: SessionAddress, { family, secret, grace, next }: Presentation): Promise<SessionState> {

        const now = Date.now();
        const row = this.#row(address, now);
        if (!row || !equal(row.family, family)) {
            return { state: 'unknown' };
        }

        if (isEnded(row)) {
            return { state: 'ended' };
        }

        const current = equal(row.secret, secret);
        if (!current && !(equal(row.previous, secret) && now < row.rotated + grace)) {
            return { state: 'superseded', created: row.created, claims: row.claims };
        }

        if (!current && row.nonce === '') {
            return { state: 'ended' };
        }

        if (next) {
            if (next.claims !== undefined || current && next.secret !== secret) {
                row.previous = row.secret;
                row.secret = next.secret;
                row.nonce = next.nonce;
                row.rotated = now;
                row.lapses = row.expires;
                row.claims = next.claims ?? row.claims;
            }

            row.renewed = now;
            row.expires = Math.min(now + next.ttl, row.ends);
            row.access = Math.max(row.access, now + next.accessTtl);
        }

        // Without `next`, a renewal does not show

        const expires = current || next ? row.expires : Math.max(row.lapses, row.rotated + grace);
        const { nonce, created, claims, data } = row;
        return { state: current ? 'current' : 'previous', nonce, session: { created, claims, data, remaining: expires - now } };
    }

    async claims(address: SessionAddress): Promise<string | null> {

        return this.#row(address, Date.now())?.claims || null;
    }

    async list(subject: string, after = 0): Promise<SessionPage> {

        const now = Date.now();
        const sessions = this.#live(subject, after).map(([id, { created, renewed, expires, ends, data, claims }]) => {

            return { id, created, renewed, remaining: expires - now, longest: ends - now, data, claims: claims.includes('"act":') ? claims : '' };
        });

        return { sessions, next: null };
    }

    async prolong(address: SessionAddress, life: number): Promise<boolean> {

        const now = Date.now();
        const row = this.#row(address, now);
        if (!row || isEnded(row)) {
            return false;
        }

        row.access = Math.max(row.access, now + life);
        return true;
    }

    async remove(address: SessionAddress, { revocations, margin }: Shortening): Promise<void> {

        const now = Date.now();
        const row = this.#row(address, now);
        if (!row) {
            return;
        }

        end(row, now, margin);
        for (const { key, cutoff, ttl, terms } of revocations) {
            const held = this.#entries.get(key);
            if (held?.cutoff === cutoff) {
                const difference = this.#difference(terms && { ...terms, life: undefined });
                held.expires = Math.min(held.expires, Math.max(row.access + margin, now + ttl) + difference);
            }
        }
    }

    async clear(subject: string, cutoff: number, margin: number): Promise<number> {

        const now = Date.now();
        const ended = this.#live(subject, 0).filter(([, row]) => row.created <= cutoff);
        ended.forEach(([, row]) => end(row, now, margin));
        return ended.length;
    }

    async stamp(subject: string): Promise<number> {

        return this.#tick(subject, this.#sweep());
    }

    #difference(terms: Revocation['terms']): number {

        const held = terms && this.#terms.get(terms.issuer);
        return held ? Math.max(0, held.life - (terms.life ?? held.life)) + 2 * Math.max(0, held.tolerance - terms.tolerance) : 0;
    }

    #tick(subject: string, now: number): number {

        const held = this.#subjects.get(subject) ?? { clock: 0, rows: new Map<string, Row>() };
        this.#subjects.set(subject, held);
        held.clock = Math.max(now, held.clock + 1);
        return held.clock;
    }

    #live(subject: string, after: number): [id: string, row: Row][] {

        const now = Date.now();
        const rows = this.#subjects.get(subject)?.rows ?? new Map<string, Row>();
        return Array.from(rows).filter(([, row]) => !isEnded(row) && row.created > after && now < row.expires);
    }

    #row({ subject, id }: SessionAddress, now: number): Row | undefined {

        const row = this.#subjects.get(subject)?.rows.get(id);
        return row && now < row.expires ? row : undefined;
    }

    // Deletes expired entries with the next write, at most once a second, without a timer

    #sweep(): number {

        const now = Date.now();
        if (now < this.#swept + 1000) {
            return now;
        }

        this.#swept = now;
        for (const [key, { expires }] of this.#entries) {
            if (expires <= now) {
                this.#entries.delete(key);
            }
        }

        for (const [subject, { clock, rows }] of this.#subjects) {
            for (const [id, row] of rows) {
                if (row.expires <= now) {
                    rows.delete(id);
                }
            }

            if (rows.size === 0 && clock < now) {
                this.#subjects.delete(subject);
            }
        }

        return now;
    }
}


// Family and dates of an ended session stay until its last access token has expired, and a while longer

const end = function (row: Row, now: number, margin: number): void {

    row.secret = row.previous = row.nonce = row.claims = row.data = '';
    row.access = Math.max(row.access, now);
    row.expires = row.access + margin;
};


const isEnded = function ({ claims }: Row): boolean {

    return claims === '';
};


const equal = function (a: string, b: string): boolean {

    return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
};
