/** What happened (and why), and what to do next: the two sentences of every failure. */
export interface Sentence {
    what: () => string;
    next: () => string;
}
