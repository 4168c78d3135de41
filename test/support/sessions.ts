import { hash } from 'node:crypto';

import type { SessionEntry } from '../../lib/store/contract';


/** The ids of a list of sessions. */
export const idsOf = async function (list: Promise<SessionEntry[]>): Promise<string[]> {

    return (await list).map(({ id }) => id);
};


/** A refresh token of ours with one bit changed, and the checksum of what it is then: nobody but the store can tell. */
export const forgeRefreshToken = function (token: Buffer, position: number): Buffer {

    const forged = Buffer.from(token);
    forged[position]! ^= 1;
    hash('sha256', forged.subarray(0, 68), 'buffer').copy(forged, 68, 0, 8);
    return forged;
};
