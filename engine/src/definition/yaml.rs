//! YAML as a small tree that remembers where everything stands.
//!
//! Plain data only: no anchors or aliases (a few lines of them can mean gigabytes), no tags, no
//! repeated keys, bounded depth and size.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::error::{Mark, Report};

/// Lists and maps inside one another.
const DEEPEST: usize = 32;
/// Nodes of a file.
const MOST_NODES: usize = 20_000;

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: Mark,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(super) struct Scalar {
    pub text: String,
    pub style: ScalarStyle,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub at: Mark,
    pub value: Node,
}

/// A document and the line it begins on, its `---` included.
#[derive(Debug)]
pub(super) struct Document {
    pub first_line: usize,
    pub root: Node,
}

impl Node {
    /// Nothing at all: an empty value, `null` or `~`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.is_null())
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }
}

impl Scalar {
    pub(super) fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain
    }

    fn is_null(&self) -> bool {
        self.is_plain() && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

/// Reads every document of `text`. Stops at the first thing that is not such YAML and reports it.
pub(super) fn documents(text: &str, report: &Report<'_>) -> Vec<Document> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => reader.step(event, &span),
            Err(error) => Err(Stop::from(&error)),
        };
        if let Err(stop) = step {
            report.add(stop.at, "", "yaml-not-accepted", stop.message);
            break;
        }
    }
    reader.documents
}

/// Why reading ends.
struct Stop {
    at: Mark,
    message: String,
}

impl From<&ScanError> for Stop {
    fn from(error: &ScanError) -> Self {
        let marker = error.marker();
        let at = Mark { line: marker.line().max(1), column: marker.col() + 1 };
        Self { at, message: format!("this is not valid YAML: {}", error.info()) }
    }
}

/// A collection whose end has not come yet.
enum Open {
    List(Mark, Vec<Node>),
    /// With the key that waits for its value.
    Map(Mark, Vec<Entry>, Option<(String, Mark)>),
}

#[derive(Default)]
struct Reader {
    documents: Vec<Document>,
    open: Vec<Open>,
    first_line: usize,
    nodes: usize,
}

impl Reader {
    fn step(&mut self, event: Event<'_>, span: &Span) -> Result<(), Stop> {
        let at = Mark { line: span.start.line().max(1), column: span.start.col() + 1 };
        let stop = |message: &str| Err(Stop { at, message: message.to_owned() });
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.first_line = if self.documents.is_empty() { 1 } else { at.line };
                Ok(())
            }
            Event::Alias(_) => stop("aliases (*name) are not accepted; write the value out"),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                stop("anchors (&name) are not accepted; write the value out")
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => stop("tags (!name) are not accepted"),
            Event::Scalar(text, style, _, _) => {
                let scalar = Scalar { text: text.into_owned(), style };
                self.place(Node { at, kind: Kind::Scalar(scalar) })
            }
            Event::SequenceStart(..) => self.open(Open::List(at, Vec::new()), at),
            Event::MappingStart(..) => self.open(Open::Map(at, Vec::new(), None), at),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(at, items)) => self.place(Node { at, kind: Kind::List(items) }),
                Some(Open::Map(at, entries, _)) => {
                    self.place(Node { at, kind: Kind::Map(entries) })
                }
                None => stop("a collection ends that never began"),
            },
        }
    }

    fn open(&mut self, open: Open, at: Mark) -> Result<(), Stop> {
        self.open.push(open);
        if self.open.len() > DEEPEST {
            let message = format!("the file is nested more than {DEEPEST} levels deep");
            return Err(Stop { at, message });
        }
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let message = format!("the file has more than {MOST_NODES} values");
            return Err(Stop { at: node.at, message });
        }
        match self.open.last_mut() {
            None => {
                self.documents.push(Document { first_line: self.first_line, root: node });
                Ok(())
            }
            Some(Open::List(_, items)) => {
                items.push(node);
                Ok(())
            }
            Some(Open::Map(_, entries, waiting)) => match waiting.take() {
                Some((key, at)) => {
                    entries.push(Entry { key, at, value: node });
                    Ok(())
                }
                None => {
                    *waiting = Some(new_key(entries, node)?);
                    Ok(())
                }
            },
        }
    }
}

fn new_key(entries: &[Entry], node: Node) -> Result<(String, Mark), Stop> {
    let at = node.at;
    let Kind::Scalar(Scalar { text, .. }) = node.kind else {
        return Err(Stop { at, message: "a key has to be plain text".to_owned() });
    };
    if entries.iter().any(|entry| entry.key == text) {
        let shown: String = text.chars().take(60).collect();
        return Err(Stop { at, message: format!("the key '{shown}' is there twice") });
    }
    Ok((text, at))
}
