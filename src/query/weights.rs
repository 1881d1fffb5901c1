//! Every weight of retrieval and ranking, in one table.

use crate::segment::postings::Frequencies;

/// The weights of retrieval and ranking. The defaults were chosen on the public evaluation as a whole; see the README.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// BM25: saturation of term frequencies.
    pub k1: f32,
    /// BM25: how much length counts, 0 to 1.
    pub b: f32,
    /// Field weight of names declared in the chunk.
    pub name: f32,
    /// Field weight of the names around the chunk.
    pub context: f32,
    /// Field weight of the documentation comment.
    pub docs: f32,
    /// Field weight of the rest.
    pub body: f32,
    /// Weight of a whole name of several parts.
    pub whole: f32,
    /// Weight of one part of a name of several parts.
    pub part: f32,
    /// Weight of a completion of the word being typed.
    pub prefix: f32,
    /// Weight of a term in the file's own name.
    pub path_stem: f32,
    /// Weight of a term in the folders of the path.
    pub path_folder: f32,
    /// Share of a file's further chunks in the score of its best one.
    pub coherence: f32,
    /// Share of the best score that a declaration of exactly a word of the query gains, when that word is all the query.
    pub definition: f32,
    /// The same for one word of several, scaled by its share of the query's rarity.
    pub mention: f32,
    /// How much of a definition that of a field, property, variable, constant or key is.
    pub member: f32,
    /// The same for a name that is the word but for its case, when the query minds the case.
    pub loose_case: f32,
    /// Share of the best score for names that hold several words of the query, scaled by their share of its rarity.
    pub name_coverage: f32,
    /// Share of the best score for a file whose name fits the query, scaled by how well.
    pub title: f32,
    /// How much of a word a short form of it is, in the name of a file.
    pub title_near: f32,
    /// Share of the score that chunks lose in proportion to the words they do not hold.
    pub coverage: f32,
    /// Weight of the nearest chunk's vector, in shares of the best lexical score.
    pub semantic: f32,
    /// The same for a query of nothing but names.
    pub semantic_names: f32,
    /// Share of the largest similarity below which nearness counts nothing.
    pub semantic_floor: f32,
    /// Similarity that a chunk must have which holds no word of the query, unless vectors alone were asked for.
    pub semantic_least: f32,
    /// Factor for tests, when the query does not speak of tests.
    pub tests: f32,
    /// Factor for examples, documentation, generated and vendored files.
    pub aside: f32,
    /// Factor for text for people, when the query does not speak of documentation.
    pub prose: f32,
    /// Factor for copies of a file that is found under a better path.
    pub copy: f32,
    /// Factor for an older version of what is found in a newer one.
    pub superseded: f32,
    /// Factor for the second, third, … chunk of a file already shown, each time.
    pub repeat: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            k1: 1.5,
            b: 0.5,
            name: 3.0,
            context: 1.5,
            docs: 0.7,
            body: 1.0,
            whole: 2.0,
            part: 0.75,
            prefix: 0.5,
            path_stem: 1.0,
            path_folder: 1.6,
            coherence: 0.4,
            definition: 2.0,
            mention: 0.5,
            member: 0.8,
            loose_case: 0.3,
            name_coverage: 0.4,
            title: 2.0,
            title_near: 1.0,
            coverage: 0.4,
            semantic: 0.7,
            semantic_names: 0.1,
            semantic_floor: 0.1,
            semantic_least: 0.25,
            tests: 0.5,
            aside: 0.6,
            prose: 0.4,
            copy: 0.1,
            superseded: 0.6,
            repeat: 0.2,
        }
    }
}

impl Weights {
    /// BM25F's frequency: the weighted sum over fields.
    pub fn frequency(&self, frequencies: Frequencies) -> f32 {
        let Frequencies { name, context, docs, body } = frequencies;
        self.name * name as f32 + self.context * context as f32 + self.docs * docs as f32 + self.body * body as f32
    }
}
