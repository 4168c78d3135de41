'use strict';

const { find } = require('./words');


/** For ESLint: reports words that are not used here, in comments and in texts. A string without a space is a name, and one of several lines is a script. */
module.exports = {

    create(context) {

        const { sourceCode } = context;

        const check = (text, offset) => {

            for (const { start, end, message } of find(text)) {
                context.report({ message, loc: { start: sourceCode.getLocFromIndex(offset + start), end: sourceCode.getLocFromIndex(offset + end) } });
            }
        };

        const checkText = (node) => {

            const raw = sourceCode.getText(node);
            if (/ /.test(raw) && !/\n/.test(raw)) {
                check(raw, node.range[0]);
            }
        };

        return {
            Program() {

                // Of the same length, without what a line of a comment begins with

                for (const comment of sourceCode.getAllComments()) {
                    check(sourceCode.getText(comment).replaceAll(/\n\s*(?:\*|\/\/)?/g, (begin) => ' '.repeat(begin.length)), comment.range[0]);
                }
            },
            Literal(node) {

                if (typeof node.value === 'string') {
                    checkText(node);
                }
            },
            TemplateElement: checkText
        };
    }
};
