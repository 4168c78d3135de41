'use strict';

module.exports = [

    // What doctor finds

    {
        name: 'a Redis that is ill, for a script',
        file: 'lib/cli/doctor.ts',
        find: 'if (problems.length > 0) {',
        replace: 'if (problems.length > 100) {',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'a Redis that has evicted',
        file: 'lib/cli/doctor.ts',
        find: 'if (evicted > 0) {',
        replace: 'if (evicted > 1e9) {',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'a Redis that is nearly full',
        file: 'lib/cli/doctor.ts',
        find: 'share >= 75',
        replace: 'share >= 101',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'a replica in place of its master',
        file: 'lib/cli/doctor.ts',
        find: 'info(\'role\') === \'slave\' ?',
        replace: 'info(\'role\') === \'\' ?',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'a master that takes no writes',
        file: 'lib/cli/doctor.ts',
        find: 'if (current < least) {',
        replace: 'if (current < 0) {',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'Sentinels that are quicker than the old master is',
        file: 'lib/cli/doctor.ts',
        find: 'first.downAfter <= needed',
        replace: 'first.downAfter < needed',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'a clock of another day',
        file: 'lib/cli/doctor.ts',
        find: 'Math.abs(difference) <= maxSkew ?',
        replace: 'Math.abs(difference) <= 1e9 ?',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'processes that are gone',
        file: 'lib/cli/doctor.ts',
        find: 'confirmed === null);',
        replace: 'confirmed === -1);',
        tests: ['test/cli/doctor.ts']
    },
    {
        name: 'rights that are missing',
        file: 'lib/cli/rights.ts',
        find: 'message.startsWith(\'NOPERM\')',
        replace: 'message.startsWith(\'NOAUTH\')',
        tests: ['test/cli/rights.ts']
    },
    {
        name: 'keys of the doctor that stay',
        file: 'lib/cli/rights.ts',
        find: '[\'ZREM\', set, \'a\']',
        replace: '[\'ZREM\', set, \'b\']',
        tests: ['test/cli/doctor.ts']
    },

    // What is understood

    {
        name: 'an option that the command does not have',
        file: 'lib/cli/arguments.ts',
        find: '![...everywhere, ...allowed[command]].includes(name)',
        replace: '![...everywhere, ...allowed[command]].includes(name) && false',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'an option that is given twice',
        file: 'lib/cli/arguments.ts',
        find: 'name !== \'issuer\' && name !== \'redis\' && Array.isArray',
        replace: 'name === \'\' && Array.isArray',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a revocation that names nothing, or too much',
        file: 'lib/cli/arguments.ts',
        find: '!targets[command].includes(named)',
        replace: 'named === \'nothing\'',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'an unknown option with a secret in its value',
        file: 'lib/cli/arguments.ts',
        find: 'isUnknown ? `An option is unknown.',
        replace: 'isUnknown ? `${(error as Error).message}',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a prefix with a secret in it',
        file: 'lib/cli/arguments.ts',
        find: '(error as Error).message.replace(/^.*: /, \'--\')',
        replace: '`${JSON.stringify(plugin)} ${(error as Error).message}`',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a secret in place of a command',
        file: 'lib/cli/arguments.ts',
        find: '`The command is unknown.${meant',
        replace: '`The command ${first} is unknown.${meant',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a name that has nothing to do with what was typed',
        file: 'lib/cli/arguments.ts',
        find: '<= Math.min(2, (word.length - 1) / 2)',
        replace: '<= Infinity',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'two letters that were swapped',
        file: 'lib/cli/arguments.ts',
        find: 'isSwapped ? before[j - 2]! + 1 : Infinity',
        replace: 'Infinity',
        tests: ['test/cli/arguments.ts']
    },

    // Values

    {
        name: 'a moment in the future',
        file: 'lib/cli/arguments.ts',
        find: '!isPast(value)',
        replace: 'Number.isNaN(value)',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'the thirtieth of February',
        file: 'lib/cli/arguments.ts',
        find: 'day === undefined || !isDay(day)',
        replace: 'day === undefined',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a JWT instead of an id',
        file: 'lib/cli/arguments.ts',
        find: 'jwt.test(text) || ',
        replace: '',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'a refresh token instead of an id',
        file: 'lib/cli/arguments.ts',
        find: ' || parseRefreshToken(text) !== null',
        replace: '',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'an empty id',
        file: 'lib/cli/arguments.ts',
        find: 'text === \'\' || !text',
        replace: '!text',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'an id with half a character',
        file: 'lib/cli/arguments.ts',
        find: ' || !text.isWellFormed()',
        replace: '',
        tests: ['test/cli/arguments.ts']
    },
    {
        name: 'an address that ioredis would take for something else',
        file: 'lib/cli/address.ts',
        find: '!sentinel && !texts.every(isAddress)',
        replace: '!sentinel && !texts.every(String)',
        tests: ['test/cli/address.ts']
    },

    // Confirmation

    {
        name: 'a question before anything broad',
        file: 'lib/cli/revoke.ts',
        find: '!invocation.isConfirmed && (target',
        replace: 'invocation.isConfirmed && (target',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'a word of its own for everybody',
        file: 'lib/cli/revoke.ts',
        find: 'target.subject === undefined ? \'everybody\' : \'yes\'',
        replace: '\'yes\'',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'an answer that nobody typed',
        file: 'lib/cli/terminal.ts',
        find: 'if (!stdin.isTTY) {',
        replace: 'if (stdin.isTTY === undefined) {',
        tests: ['test/cli/terminal.ts']
    },
    {
        name: 'any answer but the right one',
        file: 'lib/cli/terminal.ts',
        find: 'line.trim() !== answer',
        replace: 'line.trim() === \'\'',
        tests: ['test/cli/terminal.ts']
    },

    // Joining

    {
        name: 'a clock that lets revocations end too early',
        file: 'lib/cli/revoke.ts',
        find: '    checkClock(now);\n',
        replace: '',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'an issuer that no strategy has',
        file: 'lib/cli/registry.ts',
        find: 'if (issuers.some((issuer)',
        replace: 'if (issuers.every((issuer)',
        tests: ['test/cli/registry.ts']
    },
    {
        name: 'a Redis in which nothing is registered',
        file: 'lib/cli/registry.ts',
        find: 'if (registered.length === 0) {',
        replace: 'if (registered.length === -1) {',
        tests: ['test/cli/registry.ts']
    },
    {
        name: 'half a session, under another issuer',
        file: 'lib/cli/registry.ts',
        find: 'if (owners.length === 0) {',
        replace: 'if (owners.length === -1) {',
        tests: ['test/cli/registry.ts']
    },
    {
        name: 'the same subject of all issuers',
        file: 'lib/cli/registry.ts',
        find: 'issuers.length === 0 && found.length > 1',
        replace: 'issuers.length === 0 && found.length > 100',
        tests: ['test/cli/registry.ts']
    },
    {
        name: 'an interrupted command that joins',
        file: 'lib/cli/revoke.ts',
        find: 'if (terminal.signal.aborted) {',
        replace: 'if (terminal.signal.aborted === null) {',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'the command line in the registry, after its end',
        file: 'lib/cli/revoke.ts',
        find: '    onEnd(() => blacklist.stop());\n',
        replace: '',
        tests: ['test/cli/revoke.ts']
    },

    // Revoking

    {
        name: 'a clock that is ahead, of external tokens',
        file: 'lib/cli/revoke.ts',
        find: 'Math.max(moment, Date.now()) + clockTolerance',
        replace: 'moment',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'a subject without sessions',
        file: 'lib/cli/revoke.ts',
        find: 'hasSessions ? moment :',
        replace: 'moment ? moment :',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'a revocation that is not certain',
        file: 'lib/cli/revoke.ts',
        find: 'throw new Failure(codes.failed, `${(error as Error).message}: ${uncertain}`);',
        replace: 'return [0];',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'the rows of sessions, when the command ends',
        file: 'lib/cli/revoke.ts',
        find: '    await Promise.all(later);\n',
        replace: '',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'a Redis without the app',
        file: 'lib/cli/revoke.ts',
        find: 'if (processes === 0) {',
        replace: 'if (processes === -1) {',
        tests: ['test/cli/revoke.ts']
    },

    // The end

    {
        name: 'an exit code for each failure',
        file: 'lib/cli/program.ts',
        find: 'error instanceof Failure ? error.code : codes.failed',
        replace: 'codes.failed',
        tests: ['test/cli/help.ts']
    },
    {
        name: 'an exit code of a failure that was not expected',
        file: 'lib/cli/program.ts',
        find: 'error instanceof Failure ? error.code : codes.failed',
        replace: 'error instanceof Failure ? error.code : codes.done',
        tests: ['test/cli/program.ts']
    },
    {
        name: 'what was opened',
        file: 'lib/cli/program.ts',
        find: '            await close();\n',
        replace: '',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'results that nobody reads any more',
        file: 'lib/cli/program.ts',
        find: 'controller.abort(\'SIGPIPE\')',
        replace: 'undefined',
        tests: ['test/cli/program.ts']
    },
    {
        name: 'a second signal',
        file: 'lib/cli/program.ts',
        find: '    process.once(\'SIGINT\', onSignal);',
        replace: '    process.on(\'SIGINT\', onSignal);',
        tests: ['test/cli/program.ts']
    },
    {
        name: 'a signal before the work',
        file: 'lib/cli/failure.ts',
        find: '    if (signal.aborted) {\n        interrupt();\n    }\n',
        replace: '',
        tests: ['test/cli/failure.ts']
    },
    {
        name: 'an exit code for each signal',
        file: 'lib/cli/failure.ts',
        find: '128 + constants.signals[signal.reason as NodeJS.Signals]',
        replace: 'codes.failed',
        tests: ['test/cli/failure.ts']
    },

    // Output

    {
        name: 'what a terminal would obey',
        file: 'lib/cli/terminal.ts',
        find: 'JSON.stringify(value).replace(unprintable',
        replace: 'JSON.stringify(value).replace(/\\u0000/g',
        tests: ['test/cli/terminal.ts']
    },
    {
        name: 'results apart from everything else',
        file: 'lib/cli/terminal.ts',
        find: '        this.#stderr.write(`hard-logout: ${line}\\n`);',
        replace: '        this.#stdout.write(`hard-logout: ${line}\\n`);',
        tests: ['test/cli/terminal.ts']
    },
    {
        name: 'the line about waiting, when the wait is over',
        file: 'lib/cli/terminal.ts',
        find: '            clearInterval(timer);\n            this.#clear();',
        replace: '            clearInterval(timer);',
        tests: ['test/cli/terminal.ts']
    },
    {
        name: 'a line about waiting in a file',
        file: 'lib/cli/terminal.ts',
        find: 'if (!this.#stderr.isTTY) {',
        replace: 'if (this.#stderr.isTTY === null) {',
        tests: ['test/cli/terminal.ts']
    },
    {
        name: 'ages in a file',
        file: 'lib/cli/terminal.ts',
        find: 'this.#stdout.isTTY ? distance',
        replace: 'true ? distance',
        tests: ['test/cli/terminal.ts']
    },

    // Looking on

    {
        name: 'revocations from before the command',
        file: 'lib/cli/watch.ts',
        find: 'this.#hasBegun && ttl > 0',
        replace: 'ttl > 0',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'revocations that have expired',
        file: 'lib/cli/watch.ts',
        find: 'this.#hasBegun && ttl > 0',
        replace: 'this.#hasBegun',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'revocations that were written before',
        file: 'lib/cli/watch.ts',
        find: 'isNew && this.#hasBegun',
        replace: 'this.#hasBegun',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'a connection that is gone without a word',
        file: 'lib/cli/watch.ts',
        find: '            await link.cutoffs([\'-\']);\n',
        replace: '',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'a command that only watches and is waited for',
        file: 'lib/cli/watch.ts',
        find: 'await link.cutoffs([\'-\']);',
        replace: 'await link.confirm(\'epoch 0\', 0, false);',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'a connection that is made although the command has ended',
        file: 'lib/cli/watch.ts',
        find: '        signal.throwIfAborted();\n',
        replace: '',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'revocations that are not asked for',
        file: 'lib/cli/watch.ts',
        find: '(found || this.#writesAll)',
        replace: '(found || true)',
        tests: ['test/cli/watch.ts']
    },
    {
        name: 'one line for each lost connection',
        file: 'lib/cli/watch.ts',
        find: '        if (this.#isConnected) {\n            this.#isConnected = false;',
        replace: '        if (this.#hasBegun) {\n            this.#isConnected = false;',
        tests: ['test/cli/watch.ts']
    },

    // Members of the log

    {
        name: 'the leases of processes that Redis has forgotten',
        file: 'lib/cli/revoke.ts',
        find: 'Math.max(longest, ...issuers',
        replace: 'Math.max(...issuers',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'the lease of processes that a new log has not heard of',
        file: 'lib/cli/revoke.ts',
        find: ', ...issuers.map((issuer) => issuer.lease)',
        replace: '',
        tests: ['test/cli/revoke.ts']
    },
    {
        name: 'processes that may still hold a lease',
        file: 'lib/cli/status.ts',
        find: 'began + patience(lease)',
        replace: 'began',
        tests: ['test/cli/status.ts']
    },
    {
        name: 'processes that have left',
        file: 'lib/cli/status.ts',
        find: '.filter((id) => members.has(id))',
        replace: '',
        tests: ['test/cli/status.ts']
    },
    {
        name: 'processes that have not confirmed',
        file: 'lib/cli/status.ts',
        find: 'members.get(id)! >= position && !seen',
        replace: '!seen',
        tests: ['test/cli/status.ts']
    }
];
