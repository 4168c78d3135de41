import { constants } from 'node:os';


/** Exit codes. A signal ends the command line with 128 and the signal's number. */
export const codes = { done: 0, failed: 1, usage: 2, declined: 3 } as const;


/** Ends the command line with an exit code other than 0, and a message. */
export class Failure extends Error {

    readonly code: number;

    constructor(code: number, message: string) {

        super(message);
        this.code = code;
    }
}


/** The command line was not understood, and nothing was done. The message never shows a value: it may be a secret. */
export class Usage extends Failure {

    constructor(message: string) {

        super(codes.usage, message);
    }
}


export const explained = function ({ message }: Error): string {

    return /\bMOVED\b/.test(message) ? `${message}: it is a node of a Cluster. Give --redis once for each of several nodes` : message;
};


/** The result of `work`, unless a signal arrives first. `consequence` ends the error message: `nothing was revoked`. */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal, consequence: string): Promise<T> {

    let interrupt = () => undefined as void;
    const interrupted = new Promise<never>((_, reject) => {

        interrupt = () => reject(new Failure(128 + constants.signals[signal.reason as NodeJS.Signals], `${signal.reason}: ${consequence}`));
    });

    if (signal.aborted) {
        interrupt();
    }

    signal.addEventListener('abort', interrupt);
    try {
        return await Promise.race([work, interrupted]);
    }
    finally {
        signal.removeEventListener('abort', interrupt);
    }
}
