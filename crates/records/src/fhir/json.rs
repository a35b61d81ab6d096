//! A strict reader of JSON into a [`Tape`].
//!
//! It reads what serde_json reads and refuses what serde_json refuses, but gives every number its
//! nearest `f64` and needs no allocation for what the document already spells out.
//!
//! # Source
//! RFC 8259.
//!
//! # Limits
//! At most [`MAX_NODES`] nodes and [`MAX_DEPTH`] levels: a document of hostile shape must not exhaust
//! memory or the stack.

use super::tape::{Node, Tape};

/// Nodes (values and member names) in one document.
pub(super) const MAX_NODES: usize = 1 << 22;
/// Arrays and objects within each other.
pub(super) const MAX_DEPTH: usize = 127;

/// Integers up to here have the same digits as their nearest `f64`.
const EXACT_DIGITS: usize = 15;

/// Reads a document and nothing after it.
pub(super) fn parse(document: &str, tape: &mut Tape) -> Result<(), SyntaxError> {
    let mut parser = Parser { document, bytes: document.as_bytes(), at: 0, depth: 0, tape };
    parser.value()?;
    parser.skip_blank();
    if parser.at < parser.bytes.len() { Err(SyntaxError::After) } else { Ok(()) }
}

struct Parser<'p> {
    document: &'p str,
    bytes: &'p [u8],
    at: usize,
    depth: usize,
    tape: &'p mut Tape,
}

type Parse<T> = Result<T, SyntaxError>;

impl Parser<'_> {
    fn value(&mut self) -> Parse<()> {
        match self.next_token()? {
            b'"' => self.string(),
            b'{' => self.object(),
            b'[' => self.array(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true", Node::Bool(true)),
            b'f' => self.word(b"false", Node::Bool(false)),
            b'n' => self.word(b"null", Node::Null),
            _ => Err(SyntaxError::Value),
        }
    }

    fn object(&mut self) -> Parse<()> {
        let node = self.open(Node::Object { end: 0 })?;
        let mut token = self.next_token()?;
        if token != b'}' {
            loop {
                if token != b'"' {
                    return Err(SyntaxError::Name);
                }
                self.string()?;
                if self.next_token()? != b':' {
                    return Err(SyntaxError::Colon);
                }
                self.at += 1;
                self.value()?;
                match self.next_token()? {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return Err(SyntaxError::ObjectEnd),
                }
                token = self.next_token()?;
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.tape.nodes[node] = Node::Object { end: self.tape.nodes.len() as u32 };
        Ok(())
    }

    fn array(&mut self) -> Parse<()> {
        let node = self.open(Node::Array { end: 0 })?;
        if self.next_token()? != b']' {
            loop {
                self.value()?;
                match self.next_token()? {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return Err(SyntaxError::ArrayEnd),
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.tape.nodes[node] = Node::Array { end: self.tape.nodes.len() as u32 };
        Ok(())
    }

    fn open(&mut self, node: Node) -> Parse<usize> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::Depth);
        }
        self.push(node)?;
        Ok(self.tape.nodes.len() - 1)
    }

    fn push(&mut self, node: Node) -> Parse<()> {
        if self.tape.nodes.len() >= MAX_NODES {
            return Err(SyntaxError::Nodes);
        }
        self.tape.nodes.push(node);
        Ok(())
    }

    fn string(&mut self) -> Parse<()> {
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let node = Node::Text { start: start as u32, len: (self.at - start) as u32 };
            self.at += 1;
            return self.push(node);
        }
        self.escaped_string(start)
    }

    /// A string that is not as it is spelled, from its first plain stretch on.
    fn escaped_string(&mut self, mut plain: usize) -> Parse<()> {
        let start = self.tape.unescaped.len();
        loop {
            self.tape.unescaped.push_str(&self.document[plain..self.at]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(SyntaxError::Control),
                None => return Err(SyntaxError::End),
            }
            plain = self.at;
            self.skip_plain();
        }
        self.at += 1;
        let len = self.tape.unescaped.len() - start;
        self.push(Node::Unescaped { start: start as u32, len: len as u32 })
    }

    fn escape(&mut self) -> Parse<()> {
        self.at += 1;
        let character = match self.peek().ok_or(SyntaxError::End)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                self.unicode_escape()?
            }
            _ => return Err(SyntaxError::Escape),
        };
        self.at += 1;
        self.tape.unescaped.push(character);
        Ok(())
    }

    /// The character of `\u` and four digits, or of two such halves; stays on the last digit.
    fn unicode_escape(&mut self) -> Parse<char> {
        let first = self.four_digits()?;
        let scalar = if (0xD800..0xDC00).contains(&first) {
            if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                return Err(SyntaxError::Surrogate);
            }
            self.at += 2;
            let second = self.four_digits()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(SyntaxError::Surrogate);
            }
            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        self.at -= 1;
        char::from_u32(scalar).ok_or(SyntaxError::Surrogate)
    }

    fn four_digits(&mut self) -> Parse<u32> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(SyntaxError::End)?;
        self.at += 4;
        digits.iter().try_fold(0, |number, digit| {
            char::from(*digit).to_digit(16).map(|digit| number << 4 | digit).ok_or(SyntaxError::Escape)
        })
    }

    fn number(&mut self) -> Parse<()> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let digits = self.at;
        let mut whole = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            whole = whole.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        if count == 0 || count > 1 && self.bytes[digits] == b'0' {
            return Err(SyntaxError::Number);
        }
        let mut is_whole = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_whole = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            is_whole = false;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let number = if is_whole && count <= EXACT_DIGITS && digits == start {
            whole as f64
        } else {
            self.document[start..self.at].parse().map_err(|_| SyntaxError::Number)?
        };
        if number.is_finite() { self.push(Node::Number(number)) } else { Err(SyntaxError::Range) }
    }

    fn digits(&mut self) -> Parse<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(SyntaxError::Number) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8], node: Node) -> Parse<()> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            self.push(node)
        } else {
            Err(SyntaxError::Value)
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The byte that starts the next token, which stays.
    fn next_token(&mut self) -> Parse<u8> {
        self.skip_blank();
        self.peek().ok_or(SyntaxError::End)
    }

    fn skip_blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
            // Indentation comes in long runs.
            while self.bytes[self.at..].starts_with(b"        ") {
                self.at += 8;
            }
        }
    }

    /// Passes over bytes that mean themselves within a string, eight at a time.
    fn skip_plain(&mut self) {
        const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
        const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
        while let Some(chunk) = self.bytes[self.at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            // The lowest byte marked is exactly the first one that is a quote, a backslash or a
            // control character: borrows only reach bytes above it.
            let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
            let quote = zero(word ^ (ONES * u64::from(b'"')));
            let backslash = zero(word ^ (ONES * u64::from(b'\\')));
            let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
            let marked = quote | backslash | control;
            if marked != 0 {
                self.at += marked.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
    }
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("invalid JSON: expected a value")]
    Value,
    #[error("invalid JSON: expected a member's name")]
    Name,
    #[error("invalid JSON: expected `:`")]
    Colon,
    #[error("invalid JSON: expected `,` or `}}`")]
    ObjectEnd,
    #[error("invalid JSON: expected `,` or `]`")]
    ArrayEnd,
    #[error("invalid JSON: the document ends within a value")]
    End,
    #[error("invalid JSON: more after the document")]
    After,
    #[error("invalid JSON: a control character in a string; permitted: as an escape")]
    Control,
    #[error("invalid JSON: an unknown escape in a string")]
    Escape,
    #[error("invalid JSON: half a surrogate pair in a string")]
    Surrogate,
    #[error("invalid JSON: a number is misspelled")]
    Number,
    #[error("a number is out of range; permitted: up to 1.8e308")]
    Range,
    #[error("arrays or objects nested too deeply; permitted: {MAX_DEPTH} levels")]
    Depth,
    #[error("too many elements in one resource; permitted: at most {MAX_NODES}")]
    Nodes,
}
