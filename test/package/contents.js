'use strict';

const Assert = require('assert');
const Fs = require('fs');
const Path = require('path');

const Package = require('../../package.json');


const internals = {

    root: Path.join(__dirname, '..', '..'),

    documents: ['API.md', 'CHANGELOG.md', 'LICENSE.md', 'PROTOCOL.md', 'README.md', 'SECURITY.md', 'package.json']
};


/** What is in the package: a module for each file in lib, the declarations that its own lead to, documents, and nothing else. */
exports.check = function (folder, files) {

    const modules = internals.list('lib', '.ts').map((file) => `dist/${file.replace(/\.ts$/, '.js')}`);
    const guides = ['.md', '.svg'].flatMap((extension) => internals.list('docs', extension)).map((file) => `docs/${file}`);
    const declarations = internals.reach(Path.join(folder, 'node_modules', Package.name), Package.types.replace(/^\.\//, ''));
    const client = ['client.d.ts', 'esm/client.js', 'esm/client.d.ts', 'esm/package.json'].map((file) => `dist/client/${file}`);

    Assert.deepStrictEqual(files.toSorted(), [...internals.documents, ...guides, ...modules, ...declarations, ...client].sort(), 'npm packs other files than these');
};


internals.list = function (folder, extension) {

    const files = Fs.readdirSync(Path.join(internals.root, folder), { recursive: true });
    return files.filter((file) => file.endsWith(extension)).map((file) => file.replaceAll(Path.sep, '/'));
};


internals.reach = function (folder, first) {

    // What is not there is found all the same, and so is missed

    const found = new Set([first]);
    for (const file of found) {
        const path = Path.join(folder, file);
        const text = Fs.existsSync(path) ? Fs.readFileSync(path, 'utf8') : '';
        for (const [, from, imported] of text.matchAll(/\bfrom '(\.[^']*)'|\bimport\('(\.[^']*)'\)/g)) {
            const target = Path.posix.join(Path.posix.dirname(file), from ?? imported);
            found.add(Fs.existsSync(Path.join(folder, target)) ? `${target}/index.d.ts` : `${target}.d.ts`);
        }
    }

    return found;
};
