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


/** Bars of what a request takes beside the no-op scheme, each as measured next to it, as SVG that reads on light and dark pages. */
exports.plot = function (rows) {

    const left = 280;
    const width = 860;
    const step = 26;
    const top = 54;
    const most = Math.max(...rows.map(({ ratio }) => ratio.value));
    const scale = (width - left - 130) / most;

    const bars = rows.map(({ name, ratio: { value: ratio } }, i) => {

        const y = top + i * step;
        const fill = name.startsWith('ours') ? '#2da44e' : name.startsWith('no') ? '#8c959f' : '#bc4c00';
        return [
            `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${internals.escape(name)}</text>`,
            `<rect x="${left}" y="${y + 2}" width="${(ratio * scale).toFixed(1)}" height="16" rx="2" fill="${fill}"/>`,
            `<text x="${(left + ratio * scale + 6).toFixed(1)}" y="${y + 14}">${ratio.toFixed(2)} ×</text>`
        ].join('\n');
    });

    const height = top + rows.length * step + 16;
    const x = (left + scale).toFixed(1);

    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="CPU time of a request">`,
        '<style>text { font: 13px sans-serif; fill: #57606a } .title { font-size: 15px; font-weight: 600 } @media (prefers-color-scheme: dark) { text { fill: #adbac7 } }</style>',
        '<text class="title" x="12" y="24">CPU time of one request, beside hapi with a scheme that does nothing</text>',
        `<line x1="${x}" y1="${top - 6}" x2="${x}" y2="${height - 12}" stroke="#8c959f" stroke-dasharray="3 3"/>`,
        ...bars,
        '</svg>',
        ''
    ].join('\n');
};


internals.escape = function (text) {

    return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
};
