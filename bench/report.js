'use strict';


const internals = {};


/** Columns: a heading, and what of a row stands below it. */
exports.table = function (title, rows, columns) {

    const cells = [columns.map(([heading]) => heading), ...rows.map((row) => columns.map(([, read]) => `${read(row) ?? '–'}`))];
    const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
    const lines = cells.map((line) => `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`);
    const rule = `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${i === 0 ? '-' : ':'}`).join('|')}|`;
    return [`### ${title}`, '', lines[0], rule, ...lines.slice(1), ''].join('\n');
};


exports.fixed = function (digits, read) {

    return (row) => read(row)?.toFixed(digits);
};


/** A ratio, and what it was from pair to pair. */
exports.ratio = function (read) {

    return (row) => {

        const ratio = read(row);
        return ratio && `${ratio.value.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`;
    };
};


exports.requests = function (title, rows) {

    const { fixed, ratio } = exports;
    return exports.table(title, rows, [
        ['', ({ name }) => name],
        ['CPU, µs', fixed(1, ({ cpu }) => cpu)],
        ['ratio', ratio((row) => row.ratio)],
        ['of the scheme, µs', fixed(1, ({ cost }) => cost)],
        ['requests/s', fixed(0, ({ rate }) => rate)],
        ['p50, ms', fixed(2, ({ p50 }) => p50)],
        ['p99, ms', fixed(2, ({ p99 }) => p99)]
    ]);
};
