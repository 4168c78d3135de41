import type { Clock } from './clock';
import type { Link } from '../store/contract';


const steps = 4;


/**
 * Resolves when whoever knows what a server has lost has had a lease's time to come back and write it there again.
 *
 * A server that was restarted or promoted, or whose data was deleted, does not have the mark of its history. The first process that has waited
 * sets it for all. In each step the server has to answer: while it stands still, nobody comes back.
 *
 * @throws `Outage` when there is no answer in time.
 */
export const settle = async function (link: Link, lease: number, clock: Clock): Promise<void> {

    for (let i = 0; i < steps; ++i) {
        if (await link.isSettled()) {
            return;
        }

        await new Promise<void>((resolve) => clock.after(lease / steps, resolve));
    }

    await link.settle();
};
