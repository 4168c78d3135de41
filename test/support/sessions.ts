import type { SessionEntry } from '../../lib/store/contract';


/** The ids of a list of sessions. */
export const idsOf = async function (list: Promise<SessionEntry[]>): Promise<string[]> {

    return (await list).map(({ id }) => id);
};
