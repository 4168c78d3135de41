'use strict';

const ChildProcess = require('child_process');
const Events = require('events');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');


const internals = {};


// Reads from a pipe that only this process holds open. When that ends, for whatever reason, nothing may be left: a process that is stopped
// would not even notice

internals.script = `
pids=
while read -r operation pid; do
    case $operation in
        +) pids="$pids $pid" ;;
        -) kept=; for each in $pids; do [ "$each" = "$pid" ] || kept="$kept $each"; done; pids=$kept ;;
    esac
done
[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
sleep 0.1
rm -rf "$1"
`;


/** Sees to it that no child process and no file outlives this process. */
exports.Guard = class {

    #shell;

    constructor() {

        this.folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-consistency-'));
        this.#shell = ChildProcess.spawn('sh', ['-c', internals.script, 'guard', this.folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
        this.#shell.stdin.on('error', () => undefined);
    }

    watch(child) {

        this.#shell.stdin.write(`+ ${child.pid}\n`);
        child.once('exit', () => this.#shell.stdin.writable && this.#shell.stdin.write(`- ${child.pid}\n`));
    }

    /** Kills what is left. Resolves when all traces are gone. */
    async close() {

        const exited = Events.once(this.#shell, 'exit');
        this.#shell.stdin.end();
        await exited;
    }
};
