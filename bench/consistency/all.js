'use strict';

const ChildProcess = require('child_process');
const Events = require('events');
const Path = require('path');


const internals = {

    // Of a run that did not come to its end

    nothing: { isGood: false, logouts: 0, violations: 0, refusals: 0, failures: 1, faults: {} },

    // More clients that log out, and fewer other requests, than one arrangement has by default: of two processors 40 logouts a second

    load: ['--users', '96', '--rate', '200'],
    arrangements: [
        ['Redis without its data', []],
        ['Redis, small caches', ['--cache', '300']],
        ['Redis, no lease', ['--lease', 'false']],
        ['Sentinel', ['--topology', 'sentinel']],
        ['Sentinel, small caches', ['--topology', 'sentinel', '--cache', '300']],
        ['Cluster', ['--topology', 'cluster']],
        ['Cluster, small caches', ['--topology', 'cluster', '--cache', '300']]
    ]
};


/** One arrangement after the other, each with an equal share of the time and a seed of its own. Resolves with whether the promise held in all of them. */
exports.run = async function ({ seconds, seed, passed }) {

    const rows = [];
    for (const [i, [name, args]] of internals.arrangements.entries()) {
        const share = Math.max(1, Math.round(seconds / internals.arrangements.length));
        const row = await internals.one([...internals.load, ...args, ...passed, '--seconds', `${share}`, '--seed', `${seed + i}`]);
        rows.push({ name, ...row });
        console.error(`${name}: ${row.logouts} logouts, ${row.violations} accepted afterwards${row.isGood ? '' : `, seed ${seed + i}: NOT GOOD\n${row.text}`}`);
    }

    internals.print(rows);
    return rows.every(({ isGood }) => isGood);
};


// A process of its own, so that what one leaves behind is no concern of the next

internals.one = async function (args) {

    const child = ChildProcess.fork(Path.join(__dirname, 'index.js'), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    let text = '';
    let figures = null;
    child.stdout.on('data', (chunk) => {

        text += chunk;
    });

    child.on('message', (message) => {

        figures = message;
    });

    const [code, signal] = await Events.once(child, 'close');
    return figures ? { ...figures, text } : { ...internals.nothing, text: `${text}It ended with ${signal ?? code}` };
};


internals.print = function (rows) {

    const columns = {
        logouts: ({ logouts }) => logouts,
        everywhere: ({ everywhere }) => everywhere,
        'by a provider': ({ orders }) => orders,
        'by a login': ({ evicted }) => evicted,
        'over a socket': ({ sockets }) => sockets,
        'twice at once': ({ twice }) => twice,
        'hung up': ({ hungUp }) => hungUp,
        'other strategy': ({ others }) => others,
        requests: ({ requests }) => requests,
        faults: ({ faults }) => Object.values(faults).reduce((sum, count) => sum + count, 0),
        'ACCEPTED AFTER THE LOGOUT': ({ violations }) => violations,
        'WRONGLY REFUSED': ({ refusals }) => refusals,
        'OTHER FAILURES': ({ failures }) => failures,
        'slow to recover': ({ recovery }) => recovery?.tooSlow,
        's': ({ seconds }) => seconds
    };

    const lines = rows.map((row) => [row.name, ...Object.values(columns).map((read) => read(row) ?? 0)]);
    const sum = Object.keys(columns).map((_, i) => lines.reduce((total, line) => total + line[i + 1], 0));
    const table = [['', ...Object.keys(columns)], ...lines, ['sum', ...sum]].map((line) => line.map((cell) => (typeof cell === 'number' ? Math.round(cell).toLocaleString('en') : cell)));

    // A line for each figure: there are more of these than arrangements

    const widths = table.map((line) => Math.max(...line.map((cell) => cell.length)));
    const text = table[0].map((_, i) => `| ${table.map((line, j) => (j === 0 ? line[i].padEnd(widths[j]) : line[i].padStart(widths[j]))).join(' | ')} |`);
    text.splice(1, 0, `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${i === 0 ? '-' : ':'}`).join('|')}|`);

    const kinds = rows.flatMap(({ faults }) => Object.entries(faults)).reduce((counts, [kind, count]) => ({ ...counts, [kind]: (counts[kind] ?? 0) + count }), {});
    console.log(`\n${text.join('\n')}\n\nFaults: ${Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
    if (rows.every(({ violations }) => violations === 0)) {
        console.log(`\nNo token was accepted after its logout. In ${sum[0].toLocaleString('en')} logouts that supports a rate below ${(3 / sum[0]).toExponential(1)} (95 %).`);
    }
};
