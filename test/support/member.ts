import { Lease } from '../../lib/blacklist/lease';
import { Member } from '../../lib/blacklist/member';
import { forever } from '../../lib/blacklist/blacklist';
import { FakeServer } from './link';

import type { News } from '../../lib/store/blacklist-contract';
import type { FakeClock } from './clock';


/** A member that has not joined yet, of a log of its own, with what it hears and why it ends. */
export const createMember = async function (clock: FakeClock) {

    const server = new FakeServer(clock);
    const link = await server.connect('a');
    const lease = new Lease(1000, clock, () => undefined);
    const known: string[] = [];
    const ended: Error[] = [];
    const member = new Member({
        link,
        lease,
        clock,
        memory: {
            begin: () => true,
            register: async () => undefined,
            read: async () => [],
            take: ({ revocations }) => known.push(...revocations.map(({ key }) => key)),
            confirmed: () => undefined
        },
        ended: (error) => ended.push(error),
        report: () => undefined
    });

    return { server, link, lease, known, ended, member };
};


/** One piece of news about a key. */
export const news = function (key: string, first: number, last = first, epoch = 'epoch 0'): News {

    return { epoch, first, last, revocations: [{ key, cutoff: forever, ttl: 5000 }] };
};
