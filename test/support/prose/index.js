'use strict';

const Fs = require('node:fs');
const Path = require('node:path');

const { find } = require('./words');


// Reports the words of the documents that are not used here. ESLint does the same for the comments and texts of the code

const root = Path.join(__dirname, '../../..');


const main = async function () {

    const [{ unified }, ...plugins] = await Promise.all(['unified', 'remark-parse', 'remark-retext', 'retext-english'].map((name) => import(name)));
    const [markdown, prose, english] = plugins.map((plugin) => plugin.default);
    const processor = unified().use(markdown).use(prose, unified().use(english).use(checkWords));

    for (const path of documents()) {
        const value = Fs.readFileSync(Path.join(root, path), 'utf8');
        await processor.run(processor.parse(value), { path, value });
    }
};


// Without what is measured: bench/figures.md

const documents = function () {

    const bench = Fs.readdirSync(Path.join(root, 'bench')).map((name) => `bench/${name}`);
    const folders = ['.', 'docs', 'docs/migration', ...bench.filter((path) => Fs.existsSync(Path.join(root, path, 'README.md')))];
    return folders
        .flatMap((folder) => Fs.readdirSync(Path.join(root, folder)).map((name) => Path.join(folder, name)))
        .filter((path) => path.endsWith('.md'));
};


const checkWords = function () {

    return (tree, { path }) => {

        for (const paragraph of tree.children) {
            const leaves = [leavesOf(paragraph, 1)].flat();
            const lines = leaves.flatMap(({ text, line }) => Array(text.length).fill(line));
            for (const { start, message } of find(leaves.map(({ text }) => text).join(''))) {
                console.log(`${path}:${lines[start]}  ${message}`);
                process.exitCode = 1;
            }
        }
    };
};


// The text of a paragraph in pieces, each with its line. Code is not read

const leavesOf = function ({ type, value, children, position }, lineBefore) {

    const line = position?.start.line ?? lineBefore;
    return children ? children.flatMap((child) => leavesOf(child, line)) : { text: type === 'SourceNode' ? '`' : value, line };
};


main();
