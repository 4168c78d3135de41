'use strict';

// Writes the apps, and the diffs between them, into the guides in docs/migration: below each line `<!-- diff one.js other.js -->` or
// `<!-- file one.js -->`. Run it after a change to an app; the tests say when that was forgotten.

const Fs = require('fs');
const Path = require('path');

const Diff = require('diff');


const internals = {
    apps: Path.join(__dirname, '..'),
    docs: Path.join(__dirname, '..', '..', '..', 'docs', 'migration'),
    block: /^<!-- (diff|file) (\S+)(?: (\S+))? -->\n(?:```\w+\n[^]*?^```\n)?/gm
};


/** The guides: `{ path, text, rendered, blocks }`, where `rendered` is what `text` should be, and `blocks` is what is shown (`'diff one.js other.js'`). */
exports.guides = function () {

    return Fs.readdirSync(internals.docs).filter((name) => name.endsWith('.md')).map((name) => {

        const path = Path.join(internals.docs, name);
        const text = Fs.readFileSync(path, 'utf8');
        const blocks = [];
        const rendered = text.replace(internals.block, (block, kind, one, other) => {

            blocks.push([kind, one, other].filter(Boolean).join(' '));
            return `<!-- ${blocks.at(-1)} -->\n${internals[kind](one, other)}`;
        });

        return { path, text, rendered, blocks };
    });
};


internals.read = (name) => Fs.readFileSync(Path.join(internals.apps, name), 'utf8');


internals.file = (name) => `\`\`\`js\n${internals.read(name)}\`\`\`\n`;


internals.diff = function (one, other) {

    const patch = Diff.createTwoFilesPatch(one, other, internals.read(one), internals.read(other), undefined, undefined, { context: 2 });
    return `\`\`\`diff\n${patch.replace(/^=+\n/, '').replaceAll('\t\n', '\n')}\`\`\`\n`;
};


if (require.main === module) {
    for (const { path, text, rendered } of exports.guides()) {
        if (rendered !== text) {
            Fs.writeFileSync(path, rendered);
            console.log(Path.relative('', path));
        }
    }
}
