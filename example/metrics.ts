import type { Server } from '@hapi/hapi';


interface Sample {
    labels?: Record<string, string>;
    value: number;
}


/** What happens to tokens, in numbers: counted from the events of hard-logout, and in the text format of Prometheus. */
export class Metrics {

    readonly #server: Server;
    readonly #counters = new Map<string, Required<Sample>[]>();

    /** Of a server that has the plugin: what is registered on it later is counted as well. */
    constructor(server: Server) {

        this.#server = server;

        // Never by subject or session: each would be a time series of its own, and a list of who was here

        for (const event of ['issued', 'refreshed', 'reauthenticated', 'reuse-detected'] as const) {
            server.events.on({ name: 'hard-logout', channels: event }, ({ strategy }) => this.#count('sessions', { event, strategy }));
        }

        server.events.on({ name: 'hard-logout', channels: 'revoked' }, ({ extent, strategy }) => this.#count('revocations', { extent, strategy }));
        server.events.on({ name: 'hard-logout', channels: 'invalidated' }, () => this.#count('arrivals', {}));

        server.ext('onPreResponse', ({ response }, h) => {

            const code = 'isBoom' in response && response.data?.code;
            if (typeof code === 'string') {
                this.#count('refusals', { code });
            }

            return h.continue;
        });
    }

    toString(): string {

        const { store, lease, cache, outages, served } = this.#server.plugins['hard-logout'].status();
        return [
            this.#counter('sessions', 'Sessions that began, were renewed, whose user was authenticated once more, or that were ended because a refresh token was used twice'),
            this.#counter('revocations', 'What was ended by this process, by its extent'),
            this.#counter('arrivals', 'Times that revocations have arrived in this process, from whichever process'),
            this.#counter('refusals', 'Requests that were refused, by the code of the error'),
            format('outages_total', 'counter', 'Times that the lease was lost', [{ value: outages }]),
            format('served_total', 'counter', 'Requests that were served although the blacklist could not be asked', [{ value: served }]),
            format('checks_total', 'counter', 'Checks of tokens, by where the answer was', [
                { labels: { answered: 'memory' }, value: cache.hits },
                { labels: { answered: 'store' }, value: cache.misses }
            ]),
            format('cache_entries', 'gauge', 'Verdicts that are kept in memory', [{ value: cache.size }]),
            lease ? format('cache_complete', 'gauge', 'Whether all of the blacklist is in memory', [{ value: Number(cache.isComplete) }]) : '',
            lease ? format('lease_held', 'gauge', 'Whether the lease is held', [{ value: Number(lease.heldSince !== null) }]) : '',
            lease ? format('processes', 'gauge', 'Processes that share the blacklist, as of the last confirmation', [{ value: lease.processes }]) : '',
            format('info', 'gauge', 'What is kept where', [{ labels: { store }, value: 1 }])
        ].join('');
    }

    #count(name: string, labels: Record<string, string>): void {

        const samples = this.#counters.get(name) ?? [];
        const known = samples.find((sample) => label(sample.labels) === label(labels));
        if (known) {
            ++known.value;
            return;
        }

        this.#counters.set(name, [...samples, { labels, value: 1 }]);
    }

    #counter(name: string, help: string): string {

        return format(`${name}_total`, 'counter', help, this.#counters.get(name) ?? []);
    }
}


const format = function (name: string, type: 'counter' | 'gauge', help: string, samples: Sample[]): string {

    const lines = samples.map(({ labels = {}, value }) => `hard_logout_${name}${label(labels)} ${value}\n`);
    return `# HELP hard_logout_${name} ${help}\n# TYPE hard_logout_${name} ${type}\n${lines.join('')}`;
};


const label = function (labels: Record<string, string>): string {

    const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`);
    return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
};
