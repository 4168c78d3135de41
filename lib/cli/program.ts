import { isClient } from '../options/redis';
import { RedisStore } from '../store/redis';
import { parseArguments } from './arguments';
import { examineRedis } from './doctor';
import { codes, explained, Failure } from './failure';
import { help, version } from './help';
import { revokeTarget } from './revoke';
import { listSessions } from './sessions';
import { showStatus } from './status';
import { Output } from './terminal';
import { watchRevocations } from './watch';

import type { Command, Invocation } from './arguments';
import type { Context, Terminal } from './terminal';


const runners: Record<Command, (invocation: Invocation, context: Context) => Promise<void>> = {
    revoke: revokeTarget,
    sessions: listSessions,
    status: showStatus,
    watch: watchRevocations,
    doctor: examineRedis
};


/** Runs the command line of a process, until it ends or a signal ends it. */
export const start = async function (process: NodeJS.Process): Promise<void> {

    const controller = new AbortController();

    // Without a listener, a second signal ends the process at once

    const onSignal = (signal: NodeJS.Signals) => controller.abort(signal);
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);

    // The program that read the results has ended

    process.stdout.on('error', () => controller.abort('SIGPIPE'));

    const { stdin, stdout, stderr, env } = process;
    process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: controller.signal });
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
};


export const run = async function (args: string[], terminal: Terminal): Promise<number> {

    const errors = new Output(terminal, false);
    try {
        const invocation = parseArguments(args, terminal.env);
        if (invocation.command === 'help') {
            terminal.stdout.write(help(invocation.of));
        }
        else if (invocation.command === 'version') {
            terminal.stdout.write(`${version()}\n`);
        }
        else {
            await execute(invocation, terminal);
        }

        return codes.done;
    }
    catch (error) {
        errors.note(explained(error as Error));
        return error instanceof Failure ? error.code : codes.failed;
    }
};


const execute = async function (invocation: Invocation, terminal: Terminal): Promise<void> {

    const endings: (() => void | Promise<void>)[] = [];
    const { redis } = invocation.plugin;
    const store = new RedisStore(invocation.plugin, () => undefined);

    // Between two connections the process would end: the timers of the blacklist are unreferenced

    const alive = setInterval(() => undefined, 60_000);
    try {
        await runners[invocation.command](invocation, {
            terminal,
            output: new Output(terminal, invocation.isJson),
            store,
            onEnd: (close) => endings.push(close)
        });
    }
    finally {
        for (const close of endings) {
            await close();
        }

        await store.stop();
        if (isClient(redis)) {
            redis.disconnect();
        }

        clearInterval(alive);
    }
};
