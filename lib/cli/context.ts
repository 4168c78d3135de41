import type { Readable, Writable } from 'node:stream';
import type { RedisStore } from '../store/redis';
import type { Output } from './output';


/** Where a command line runs. */
export interface Terminal {
    stdin: Readable & { isTTY?: boolean };
    stdout: Writable;
    stderr: Writable;
    env: NodeJS.ProcessEnv;

    /** Is aborted by a signal, with its name. */
    signal: AbortSignal;
}


/** What a command has at hand. */
export interface Context {
    terminal: Terminal;
    output: Output;

    /** Not started yet. It is stopped when the command has ended. */
    store: RedisStore;

    /** Is called when the command has ended, however that was. */
    onEnd: (close: () => void | Promise<void>) => void;
}
