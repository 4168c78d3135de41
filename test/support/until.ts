import { setTimeout as sleep } from 'node:timers/promises';


/** Resolves once something is so that no event tells: what a server holds, say. @throws `Error` after a quarter of a minute. */
export const until = async function (isSo: () => boolean | Promise<boolean>): Promise<void> {

    for (let i = 0; i < 3000; ++i) {
        if (await isSo()) {
            return;
        }

        await sleep(5);
    }

    throw new Error('What was waited for did not come true');
};
