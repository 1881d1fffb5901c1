/** The tokenizer of a family of language models, as a host would give it. */
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';

const tokenizer = new Tiktoken(ranks);

/** @param {string} text */
export const countTokens = (text) => tokenizer.encode(text, [], []).length;
