import { Connection } from './connection';
import * as Scripts from './scripts';

import type { NewSession, Presentation, Presented, Revocation, Store } from './contract';
import type { SessionAddress } from '../refresh-token';
import type { PluginSettings } from '../options';


const pageSize = 1000;


/** The store that all processes share. The blacklist has one Cluster slot, the sessions of each subject another. */
export class RedisStore implements Store {

    readonly kind = 'redis';

    readonly #connection: Connection;
    readonly #prefix: string;
    readonly #entries: string;
    readonly #expiries: string;

    constructor(settings: PluginSettings, onError: (error: Error) => void) {

        this.#connection = new Connection(settings, onError);
        this.#prefix = settings.prefix;
        this.#entries = `{${settings.prefix}}:blacklist`;
        this.#expiries = `{${settings.prefix}}:blacklist:expiries`;
    }

    start(): Promise<void> {

        return this.#connection.start();
    }

    stop(): Promise<void> {

        return this.#connection.stop();
    }

    async cutoffs(keys: string[]): Promise<(number | null)[]> {

        const values = await this.#connection.run((client) => client.hmget(this.#entries, ...keys));
        return values.map((value) => (value === null ? null : parseInt(value, 10)));
    }

    async revoke(revocations: Revocation[]): Promise<void> {

        const entries = revocations.flatMap(({ key, cutoff, ttl }) => [key, cutoff, Math.ceil(ttl)]);
        await this.#connection.script(Scripts.revoke, [this.#entries, this.#expiries], entries);
    }

    async shorten({ key, cutoff, ttl }: Revocation): Promise<void> {

        await this.#connection.script(Scripts.shorten, [this.#entries, this.#expiries], [key, cutoff, Math.ceil(ttl)]);
    }

    async *pages(): AsyncIterable<{ key: string; cutoff: number }[]> {

        let cursor = '0';
        do {
            const [next, values] = await this.#page(cursor);
            const page: { key: string; cutoff: number }[] = [];
            for (let i = 0; i < values.length; i += 2) {
                page.push({ key: values[i]!, cutoff: parseInt(values[i + 1]!, 10) });
            }

            yield page;
            cursor = next;
        } while (cursor !== '0');
    }

    async create({ subject, id }: SessionAddress, { ttl, maxAge, accessTtl, family, secret, claims, data }: NewSession): Promise<number> {

        const keys = [this.#session(subject, id), this.#list(subject)];
        return Number(await this.#connection.script(Scripts.create, keys, [id, ttl, maxAge, accessTtl, family, secret, claims, data]));
    }

    async present({ subject, id }: SessionAddress, { family, secret, grace, next }: Presentation): Promise<Presented> {

        const renewal = next ? [next.secret, next.nonce, next.ttl, next.accessTtl] : [];
        const reply = await this.#connection.script(Scripts.present, [this.#session(subject, id)], [family, secret, grace, ...renewal]);
        const [state, nonce, created, claims, data, remaining, remainingAtMost] = reply as [Presented['state'], ...any[]];

        if (state === 'unknown' || state === 'superseded') {
            return { state };
        }

        return { state, nonce, session: { created: Number(created), claims, data, remaining: Number(remaining), remainingAtMost: Number(remainingAtMost) } };
    }

    async list(subject: string): Promise<string[]> {

        return await this.#connection.script(Scripts.list, [this.#list(subject), this.#session(subject, '')], []) as string[];
    }

    async remove(subject: string, ids: string[]): Promise<number> {

        const keys = [this.#list(subject), ...ids.map((id) => this.#session(subject, id))];
        return Number(await this.#connection.script(Scripts.remove, keys, ids));
    }

    async stamp(subject: string, maxAge: number): Promise<number> {

        return Number(await this.#connection.script(Scripts.stamp, [this.#list(subject)], [maxAge]));
    }

    #page(cursor: string): Promise<[string, string[]]> {

        return this.#connection.run((client) => client.hscan(this.#entries, cursor, 'COUNT', pageSize));
    }

    #list(subject: string): string {

        return `${this.#prefix}:{${subject}}:sessions`;
    }

    #session(subject: string, id: string): string {

        return `${this.#prefix}:{${subject}}:session:${id}`;
    }
}
