import { patience } from '../blacklist/lease';

import type { Clock } from '../blacklist/clock';
import type { Peer } from '../store/contract';


/** A process in the registry. Durations are in milliseconds. */
export interface Observed {
    id: string;
    lease: number;

    /** How long ago it was seen to beat, to within an interval; null where it did not while its lease would have run out. */
    beat: number | null;
}


const interval = 50;


/**
 * Watches the registry until each process that is in it has beaten, or its lease would have run out.
 *
 * A heartbeat says that it is another one, not when it was: that is seen.
 */
export const observe = async function (read: () => Promise<Peer[]>, clock: Clock): Promise<Observed[]> {

    const began = clock.now();
    const first = new Map((await read()).map((peer) => [peer.id, peer]));
    const seen = new Map<string, number>();
    const end = began + Math.max(0, ...Array.from(first.values(), ({ lease }) => patience(lease)));

    while (seen.size < first.size && clock.now() < end) {
        await new Promise<void>((resolve) => clock.after(interval, resolve));
        const peers = new Map((await read()).map((peer) => [peer.id, peer]));
        for (const [id, { beat }] of first) {
            const peer = peers.get(id);
            if (!peer) {
                first.delete(id);
                seen.delete(id);
            }
            else if (peer.beat !== beat) {
                first.set(id, peer);
                seen.set(id, clock.now());
            }
        }
    }

    const now = clock.now();
    return Array.from(first.values(), ({ id, lease }) => ({ id, lease, beat: seen.has(id) ? Math.round(now - seen.get(id)!) : null }));
};
