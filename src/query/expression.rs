//! The query language: words, `"exact phrases"`, `/regexes/`, `symbol:`, `kind:`, `lang:`, `path:`, `case:yes`, `-` to exclude, `OR`.
//!
//! Ordinary text must stay ordinary text: a question, a line of code or an error message that somebody pastes is words, whatever quotes, slashes, colons
//! and hyphens stand in it. So an operator counts only where a person would write one, at the start of a token and complete: a quote that is closed at the end of a
//! token, a slash likewise, a known field in lower case with its value right behind it, a hyphen before a letter. Everything else is words.
//! What is left to be an error is what can only be meant as an operator and makes no sense as one.

use crate::analysis::{Analyzer, Role};
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use crate::limits;
use std::ops::Range;

/// A query, taken apart into what must hold and what is ranked by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expression {
    /// All must hold of a chunk.
    pub clauses: Vec<Clause>,
    /// The texts and regexes to be found, named by number in [`Test::Text`].
    pub patterns: Vec<Pattern>,
    /// Whether upper and lower case differ, in patterns and names.
    pub case: bool,
    /// The query with everything blanked but what words are to be ranked by; as long as the query.
    pub words: String,
}

/// One of these must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The alternatives that `OR` joins.
    pub any: Vec<Atom>,
}

/// A test, or its opposite.
#[derive(Debug, Clone, PartialEq)]
pub struct Atom {
    /// Whether the test must fail.
    pub negated: bool,
    /// The test.
    pub test: Test,
}

/// What can be asked of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It holds this term of the index.
    Term(String),
    /// A match of this pattern begins in it.
    Text(usize),
    /// It declares a symbol of this name.
    Symbol(SymbolName),
    /// It is, or declares, a symbol of one of these kinds; 0 is a chunk without a symbol.
    Kind(Vec<u8>),
    /// Its file is in one of these languages, by id or extension.
    Language(Vec<String>),
    /// Its file's path fits this glob.
    Path(String),
}

/// A text to be found as it is, or a regex.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The text without its escapes, or the regex as it was written.
    pub text: String,
    /// Whether it is a regex.
    pub regex: bool,
    /// Where its text stands in the query, without quotes or slashes: bytes.
    pub range: Range<usize>,
    /// Column of its first character, from 1, in UTF-16 units.
    pub column: u32,
}

/// The name of a symbol, with names around it where the query gives them: `Client.send`, `Client::send`, `Client#send`.
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolName {
    /// The own name as it was written.
    pub name: String,
    /// Names that must be around it, in this order, outermost first.
    pub parents: Vec<String>,
    /// Where it stands in the query: bytes.
    pub range: Range<usize>,
}

impl Expression {
    /// Whether pattern `number` is to be found rather than to be absent.
    pub fn is_sought(&self, number: usize) -> bool {
        let sought = |atom: &Atom| !atom.negated && atom.test == Test::Text(number);
        self.clauses.iter().any(|clause| clause.any.iter().any(sought))
    }

    /// The kinds that every hit must have, when the query names some.
    pub fn kinds(&self) -> Option<&[u8]> {
        self.clauses.iter().find_map(|clause| match &clause.any[..] {
            [Atom { negated: false, test: Test::Kind(kinds) }] => Some(kinds.as_slice()),
            _ => None,
        })
    }
}

/// Takes `query` apart.
///
/// # Errors
/// QUERY_INVALID with the column; LIMIT_EXCEEDED for more operators than anybody writes.
pub fn parse(query: &str) -> Result<Expression> {
    let mut parser = Parser { query, at: 0, out: Expression::default(), items: Vec::new() };
    parser.out.words = query.to_string();
    parser.run()?;
    parser.finish()
}

/// Column of byte `at` of `text`, from 1, in UTF-16 units.
pub fn column_of(text: &str, at: usize) -> u32 {
    text[..at].encode_utf16().count() as u32 + 1
}

enum Item {
    Word(Range<usize>),
    Atom(Atom),
    Or(Range<usize>),
}

struct Parser<'a> {
    query: &'a str,
    at: usize,
    out: Expression,
    items: Vec<Item>,
}

/// The fields and what is said when one has no sensible value.
const FIELDS: [&str; 6] = ["symbol", "kind", "lang", "language", "path", "case"];

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<()> {
        loop {
            let rest = &self.query[self.at..];
            let Some(skip) = rest.find(|char: char| !char.is_whitespace()) else { return Ok(()) };
            self.at += skip;
            self.token()?;
            let operators = self.items.iter().filter(|item| matches!(item, Item::Atom(_))).count();
            if operators > limits::MAX_QUERY_OPERATORS {
                return Err(Error::Limit {
                    what: "operators of a query",
                    value: operators as u64,
                    limit: limits::MAX_QUERY_OPERATORS as u64,
                });
            }
        }
    }

    fn token(&mut self) -> Result<()> {
        let start = self.at;
        let rest = &self.query[start..];
        let negated =
            rest.starts_with('-') && rest[1..].starts_with(|char: char| char.is_alphabetic() || "_\"/".contains(char));
        let body = start + usize::from(negated);
        let atom = match self.phrase(body).or_else(|| self.regex(body)) {
            Some((pattern, end)) => {
                self.blank(start..pattern.range.start);
                self.blank(pattern.range.end..end);
                // A regex is no text to rank by as it stands; its literals are, once it is compiled.
                if negated || pattern.regex {
                    self.blank(pattern.range.clone());
                }
                self.at = end;
                self.out.patterns.push(pattern);
                Some(Test::Text(self.out.patterns.len() - 1))
            }
            None => self.field(start, body, negated)?,
        };
        if let Some(test) = atom {
            self.items.push(Item::Atom(Atom { negated, test }));
            return Ok(());
        }
        if self.at > start {
            return Ok(());
        }
        self.at = token_end(self.query, start);
        let token = start..self.at;
        if &self.query[token.clone()] == "OR" {
            self.items.push(Item::Or(token));
        } else if negated {
            let test = self.word_test(body..self.at);
            self.blank(token);
            self.items.push(Item::Atom(Atom { negated, test }));
        } else {
            self.items.push(Item::Word(token));
        }
        Ok(())
    }

    /// A quoted phrase at `at`, with its end: closed, not empty, and followed by nothing.
    fn phrase(&self, at: usize) -> Option<(Pattern, usize)> {
        let (text, close) = quoted(self.query, at)?;
        let range = at + 1..close;
        (ends_token(self.query, close + 1) && !text.trim().is_empty())
            .then(|| (Pattern { text, regex: false, column: column_of(self.query, range.start), range }, close + 1))
    }

    /// A regex between slashes at `at`, with its end. `/usr/lib`, `//`, `/*` and `a / b / c` are none.
    fn regex(&self, at: usize) -> Option<(Pattern, usize)> {
        let bytes = self.query.as_bytes();
        if bytes.get(at) != Some(&b'/') || bytes.get(at + 1).is_none_or(|byte| b" \t\r\n/*".contains(byte)) {
            return None;
        }
        let (mut close, mut in_class) = (at + 1, false);
        loop {
            match *bytes.get(close)? {
                b'\\' => close += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => break,
                b'\n' => return None,
                _ => {}
            }
            close += 1;
        }
        let range = at + 1..close;
        let text = self.query[range.clone()].to_string();
        ends_token(self.query, close + 1)
            .then(|| (Pattern { text, regex: true, column: column_of(self.query, range.start), range }, close + 1))
    }

    /// A field with its value. Moves on when it was one, and returns its test unless it is `case:`.
    fn field(&mut self, start: usize, body: usize, negated: bool) -> Result<Option<Test>> {
        let rest = &self.query[body..];
        let Some(name) =
            FIELDS.into_iter().find(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
        else {
            return Ok(None);
        };
        let at = body + name.len() + 1;
        let after = &self.query[at..];
        // `kind: x`, `symbol::iterator` and `path://host` are text.
        if after.starts_with(|char: char| char.is_whitespace() || char == ':')
            || after.is_empty()
            || after.starts_with("//")
        {
            return Ok(None);
        }
        let (value, value_range, end) =
            match quoted(self.query, at).filter(|(_, close)| ends_token(self.query, close + 1)) {
                Some((text, close)) => (text, at + 1..close, close + 1),
                None => {
                    let end = token_end(self.query, at);
                    (self.query[at..end].to_string(), at..end, end)
                }
            };
        let bad = |message: String| {
            let shown: String = self.query[body..end].chars().take(60).collect();
            Err(Error::Query {
                column: column_of(self.query, at),
                message: format!("{message}; to search for the text itself, write \"{}\"", shown.replace('"', "")),
            })
        };
        let list = || value.split(',').map(|part| part.trim().to_lowercase()).filter(|part| !part.is_empty());
        let test = match name {
            "case" => {
                let case = match value.to_lowercase().as_str() {
                    _ if negated => return bad("case: cannot be excluded, only set to yes or no".into()),
                    "yes" | "true" => true,
                    "no" | "false" => false,
                    _ => return bad(format!("case: takes yes or no, not {value:?}")),
                };
                self.out.case = case;
                None
            }
            "kind" => {
                let mut kinds = Vec::new();
                for kind in list() {
                    match kind_number(&kind) {
                        Some(number) => kinds.push(number),
                        None => return bad(format!("there is no kind {kind:?}; kinds are {}", kind_names())),
                    }
                }
                Some(Test::Kind(kinds)).filter(|_| list().next().is_some())
            }
            "lang" | "language" => Some(Test::Language(list().collect())).filter(|_| list().next().is_some()),
            "path" => {
                if let Some(problem) = glob_problem(&value) {
                    return bad(format!("the glob {value:?} {problem}"));
                }
                Some(Test::Path(value.clone()))
            }
            _ => match symbol_name(&value, value_range.clone()) {
                Some(name) => Some(Test::Symbol(name)),
                None => return bad(format!("symbol: takes a name, and {value:?} is none")),
            },
        };
        if test.is_none() && name != "case" {
            return bad(format!("{name}: has no value"));
        }
        let keep = name == "symbol" && !negated;
        self.blank(start..if keep { value_range.start } else { end });
        self.blank(value_range.end..end);
        self.at = end;
        Ok(test)
    }

    /// The test for a plain word that is excluded, or an alternative to something that is none: its term, or its text when it is not just one word.
    fn word_test(&mut self, range: Range<usize>) -> Test {
        let text = &self.query[range.clone()];
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        Analyzer::default().terms(text, |term, role, range| {
            if role != Role::Part {
                found.push((range, term.to_string()));
            }
        });
        match &mut found[..] {
            [(word, term)] if *word == (0..text.len()) => Test::Term(std::mem::take(term)),
            _ => {
                let column = column_of(self.query, range.start);
                self.out.patterns.push(Pattern { text: text.to_string(), regex: false, range, column });
                Test::Text(self.out.patterns.len() - 1)
            }
        }
    }

    fn blank(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            let spaces = " ".repeat(range.len());
            self.out.words.replace_range(range, &spaces);
        }
    }

    /// Joins what `OR` stands between, drops clauses of words alone, which ranking takes care of, and puts languages and kinds together, of which nothing has two.
    fn finish(mut self) -> Result<Expression> {
        let mut groups: Vec<Vec<Item>> = Vec::new();
        let mut joined = false;
        let items = std::mem::take(&mut self.items);
        let count = items.len();
        for (at, item) in items.into_iter().enumerate() {
            match item {
                Item::Or(range) if at > 0 && at + 1 < count && !joined => {
                    self.blank(range);
                    joined = true;
                }
                Item::Or(range) => groups.push(vec![Item::Word(range)]),
                item if joined => {
                    groups.last_mut().expect("OR stands behind something").push(item);
                    joined = false;
                }
                item => groups.push(vec![item]),
            }
        }
        for group in groups {
            if group.iter().all(|item| matches!(item, Item::Word(_))) {
                continue;
            }
            let any = group
                .into_iter()
                .map(|item| match item {
                    Item::Atom(atom) => atom,
                    Item::Word(range) | Item::Or(range) => Atom { negated: false, test: self.word_test(range) },
                })
                .collect();
            self.add(Clause { any });
        }
        Ok(self.out)
    }

    fn add(&mut self, clause: Clause) {
        if let [Atom { negated: false, test }] = &clause.any[..] {
            for known in &mut self.out.clauses {
                match (&mut known.any[..], test) {
                    ([Atom { negated: false, test: Test::Kind(known) }], Test::Kind(more)) => {
                        return known.extend(more);
                    }
                    ([Atom { negated: false, test: Test::Language(known) }], Test::Language(more)) => {
                        return known.extend(more.iter().cloned());
                    }
                    _ => {}
                }
            }
        }
        self.out.clauses.push(clause);
    }
}

/// The text between the quote at `at` and the next one that no backslash escapes, and where that stands. Only quotes and backslashes are escaped.
fn quoted(text: &str, at: usize) -> Option<(String, usize)> {
    let inner = text.get(at..)?.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((offset, char)) = chars.next() {
        match char {
            '"' => return Some((out, at + 1 + offset)),
            '\\' if matches!(chars.peek(), Some((_, '"' | '\\'))) => out.extend(chars.next().map(|(_, char)| char)),
            char => out.push(char),
        }
    }
    None
}

fn ends_token(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(char::is_whitespace)
}

fn token_end(text: &str, at: usize) -> usize {
    text[at..].find(char::is_whitespace).map_or(text.len(), |len| at + len)
}

fn kind_number(name: &str) -> Option<u8> {
    let name = match name {
        "func" | "fn" => "function",
        "const" => "constant",
        "var" => "variable",
        name => name,
    };
    if name == "block" {
        return Some(0);
    }
    SymbolKind::ALL.iter().find(|kind| kind.as_str() == name).map(|kind| kind.number())
}

fn kind_names() -> String {
    let names: Vec<&str> = SymbolKind::ALL.iter().map(|kind| kind.as_str()).chain(["block"]).collect();
    names.join(", ")
}

/// The own name and the names around it in `Client.send`, `Client::send`, `Client#send`, `Client->send`.
pub fn symbol_name(value: &str, range: Range<usize>) -> Option<SymbolName> {
    let is_name = |char: char| char.is_alphanumeric() || "_$-!?@".contains(char);
    let mut parts: Vec<String> =
        value.split(|char: char| !is_name(char)).map(|part| part.trim_matches('-').to_string()).collect();
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    let name = parts.pop()?;
    Some(SymbolName { name, parents: parts, range })
}

/// What is wrong with a glob: brackets that do not close, which a matcher would silently never fit.
fn glob_problem(glob: &str) -> Option<&'static str> {
    let (mut braces, mut class, mut escaped) = (0i32, false, false);
    for char in glob.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if class => class = false,
            _ if class => {}
            '[' => class = true,
            '{' => braces += 1,
            '}' => braces -= 1,
            _ => {}
        }
        if braces < 0 {
            return Some("closes a brace that it does not open");
        }
    }
    match (class, braces, escaped) {
        (true, ..) => Some("has a [ that is not closed"),
        (_, 1.., _) => Some("has a { that is not closed"),
        (.., true) => Some("ends in a backslash"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(expression: &Expression) -> String {
        let atom = |atom: &Atom| {
            let test = match &atom.test {
                Test::Term(term) => format!("term({term})"),
                Test::Text(number) => {
                    let Pattern { text, regex, .. } = &expression.patterns[*number];
                    if *regex { format!("/{text}/") } else { format!("{text:?}") }
                }
                Test::Symbol(SymbolName { name, parents, .. }) => {
                    format!("symbol({})", [&parents[..], std::slice::from_ref(name)].concat().join(">"))
                }
                Test::Kind(kinds) => format!("kind{kinds:?}"),
                Test::Language(languages) => format!("lang({})", languages.join(",")),
                Test::Path(glob) => format!("path({glob})"),
            };
            if atom.negated { format!("-{test}") } else { test }
        };
        let clauses = expression.clauses.iter().map(|clause| clause.any.iter().map(atom).collect::<Vec<_>>().join("|"));
        let words = expression.words.split_whitespace().collect::<Vec<_>>().join(" ");
        let case = if expression.case { "case " } else { "" };
        format!("{case}[{words}] {}", clauses.collect::<Vec<_>>().join(" & ")).trim_end().to_string()
    }

    fn check(query: &str, expect: &str) {
        let expression = parse(query).unwrap_or_else(|error| panic!("{query:?}: {error}"));
        assert_eq!(show(&expression), expect, "{query:?}");
        assert_eq!(expression.words.len(), query.len());
    }

    fn check_error(query: &str, column: u32, part: &str) {
        match parse(query) {
            Err(Error::Query { column: found, message }) => {
                assert_eq!(found, column, "{query:?}: {message}");
                assert!(message.contains(part), "{message}");
            }
            other => panic!("{query:?} gave {other:?}"),
        }
    }

    #[test]
    fn operators_are_understood() {
        check("retry policy", "[retry policy]");
        check("\"exact phrase\" word", "[exact phrase word] \"exact phrase\"");
        check(r#""say \"hi\" to C:\\x""#, r#"[say \"hi\" to C:\\x] "say \"hi\" to C:\\x""#);
        check("/fn \\w+_test/ x", "[x] /fn \\w+_test/");
        check(r"/a\/b[/]c/", "[] /a\\/b[/]c/");
        check("symbol:Client.send", "[Client.send] symbol(Client>send)");
        check("symbol:std::vec::Vec", "[std::vec::Vec] symbol(std>vec>Vec)");
        check("kind:function kind:class,struct go", "[go] kind[12, 5, 23]");
        check("lang:TS lang:js x", "[x] lang(ts,js)");
        check("path:src/** -path:**/test/**", "[] path(src/**) & -path(**/test/**)");
        check("case:yes Foo", "case [Foo]");
        check(
            "-word -\"a phrase\" -/re/ -lang:go -foo.bar",
            "[] -term(word) & -\"a phrase\" & -/re/ & -lang(go) & -\"foo.bar\"",
        );
        check("a OR b", "[a b]");
        check("\"a b\" OR \"c d\" e", "[a b c d e] \"a b\"|\"c d\"");
        check("x OR lang:go", "[x] term(x)|lang(go)");
        check("path:\"my docs/**\"", "[] path(my docs/**)");
    }

    #[test]
    fn ordinary_text_is_words() {
        for query in [
            "std::vector",
            "a/b/c",
            "/usr/local/bin",
            "http://localhost:8080/x?y=z",
            "it's",
            "foo: bar",
            "kind: class",
            "symbol::iterator path::Path",
            "-1",
            "x - y -> z --flag -- a",
            "a / b / c",
            "/* a comment */ // and another //",
            "\"unclosed phrase",
            "say \"",
            "{\"name\": \"value\", \"n\": 1}",
            "print(\"hello world\")",
            "TypeError: Cannot read properties of undefined (reading 'map')",
            "if (a < b && c[0] == '\"') { return (x) => x/2; }",
            "OR",
            "OR a",
            "a OR",
            "?!+",
            "path: lang: case:",
            "()[]{}",
            "regex /(unclosed",
            "\"\" // \"  \"",
            "🙂 検索する",
        ] {
            let words = query.split_whitespace().collect::<Vec<_>>().join(" ");
            check(query, &format!("[{words}]"));
        }
        check("don't -break", "[don't] -term(break)");
        check("", "[]");
    }

    #[test]
    fn errors_point_at_the_column() {
        check_error("x kind:functoin", 8, "function, ");
        check_error("case:maybe", 6, "yes or no");
        check_error("🙂 path:src/{a", 9, "not closed");
        check_error("path:[a", 6, "[");
        check_error("symbol:((", 8, "name");
        check_error("-case:yes", 7, "excluded");
        check_error("lang:,", 6, "no value");
        assert!(matches!(parse(&"lang:a ".repeat(100)), Err(Error::Limit { .. })));
    }
}
