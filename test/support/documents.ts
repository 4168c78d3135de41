import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { run } from './run';


export const root = Path.join(__dirname, '..', '..');


export interface Example {

    /** The heading it stands under. */
    heading: string;
    text: string;

    /** A file that would stand beside the document. */
    file: string;
}


/** What is written for people, without what is about the repository only. */
export const documents = function (): string[] {

    const beside = ['README.md', 'API.md', 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md'].filter((name) => Fs.existsSync(Path.join(root, name)));
    const guides = Fs.readdirSync(Path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).sort();
    return [...beside, ...guides.map((name) => `docs/${name.split(Path.sep).join('/')}`)];
};


export const read = function (name: string): string {

    return Fs.readFileSync(Path.join(root, name), 'utf8');
};


/** The blocks of a document in one language. */
export const blocksOf = function (name: string, language: string): Example[] {

    let heading = '';
    const examples: Example[] = [];
    for (const [, title, info, text] of read(name).matchAll(/^#+ (.*)$|^```(.*)\n([^]*?)^```$/gm)) {
        heading = title ?? heading;
        if (info === language) {
            examples.push({ heading, text: text!, file: Path.join(root, `${name}.${examples.length}.ts`) });
        }
    }

    return examples;
};


/** The one block of a language under a heading. */
export const blockUnder = function (name: string, heading: string, language: string): Example {

    const [block, ...more] = blocksOf(name, language).filter((example) => example.heading === heading);
    if (!block || more.length > 0) {
        throw new Error(`${name} has ${block ? 'several blocks' : 'no block'} of ${language} under "${heading}"`);
    }

    return block;
};


/** What the example under a heading exports, run as it stands. `modules` takes the place of what it imports. */
export const example = function (name: string, heading: string, modules?: Record<string, unknown>): any {

    const { text, file } = blockUnder(name, heading, 'ts');
    return run(text, file, modules);
};
