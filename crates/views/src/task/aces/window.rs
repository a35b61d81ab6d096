//! Windows as written: boundaries, constraints, label and prediction time.

use super::boundary::{Boundary, Written, is_name};
use super::configuration::{Constraint, Counted, Reference, Side, Step, Window};
use super::document::{Node, Value};
use super::fields::{Fields, Result, text_of, wrong};
use super::predicate::Named;

const ANY_EVENT: &str = "_ANY_EVENT";
const RECORD_START: &str = "_RECORD_START";
const RECORD_END: &str = "_RECORD_END";

/// A window whose reference is still a name.
pub(super) struct Draft {
    pub(super) line: usize,
    pub(super) window: Window,
    referred: String,
    pub(super) label: Option<Counted>,
    pub(super) index_timestamp: Option<Side>,
}

impl Draft {
    pub(super) fn of(predicates: &[Named], name: &str, node: &Node) -> Result<Self> {
        const KEYS: [&str; 7] =
            ["start", "end", "start_inclusive", "end_inclusive", "has", "label", "index_timestamp"];
        if !is_name(name) {
            return Err(wrong(node.line, "windows", name, "letters, digits and underscores"));
        }
        let fields = Fields::of(node, name)?;
        fields.only(&KEYS)?;
        let boundary = |key: &str| -> Result<Option<(usize, Boundary)>> {
            let Some(node) = fields.get(key) else { return Ok(None) };
            let text = text_of(node, &fields.path(key))?;
            if text == "None" {
                return Ok(None);
            }
            let read = Boundary::parse(&text);
            read.map(|read| Some((node.line, read)))
                .map_err(|permitted| wrong(node.line, &fields.path(key), &text, permitted))
        };
        let step = |line: usize, written: &Written| -> Result<Step> {
            Ok(match written {
                Written::Same => Step::Same,
                Written::After(micros) => Step::After(*micros),
                Written::Next(name) => Step::Next(counted(predicates, line, &fields.name, name)?),
                Written::Last(name) => Step::Last(counted(predicates, line, &fields.name, name)?),
            })
        };
        let refuse = |found: &str, permitted: &str| Err(wrong(node.line, name, found, permitted));
        let (start, end) = (boundary("start")?, boundary("end")?);
        let inward = |side: &Option<(usize, Boundary)>, other: &str| {
            side.as_ref().is_none_or(|(_, boundary)| boundary.referred == other)
        };
        let (root, outer, span) = match (inward(&start, "end"), inward(&end, "start")) {
            (true, false) => (Side::End, end, start),
            (false, true) => (Side::Start, start, end),
            _ => return refuse("start and end", "exactly one of them that refers to the other or is null"),
        };
        let Some((line, outer)) = outer else { return refuse("no reference", "a reference to the trigger") };
        let span = match (&span, root) {
            (None, Side::Start) => Step::Next(Counted::RecordEnd),
            (None, Side::End) => Step::Last(Counted::RecordStart),
            (Some((line, inner)), _) => step(*line, &inner.step)?,
        };
        match (root, span) {
            (Side::Start, Step::After(1..) | Step::Next(_))
            | (Side::End, Step::After(..0) | Step::Last(_)) => {}
            _ => {
                return refuse(
                    "a window without length or against time",
                    "start + TIME, start -> NAME, end - TIME or end <- NAME",
                );
            }
        }
        let approach = step(line, &outer.step)?;
        let inclusive = |key: &'static str| {
            fields.required(key)?;
            fields.flag(key, false)
        };
        let label = match fields.get("label") {
            Some(node) => Some(counted(predicates, node.line, "label", &text_of(node, "label")?)?),
            None => None,
        };
        let index_timestamp = match fields.get("index_timestamp") {
            Some(node) => match text_of(node, "index_timestamp")?.as_str() {
                "start" => Some(Side::Start),
                "end" => Some(Side::End),
                other => {
                    return Err(wrong(node.line, &fields.path("index_timestamp"), other, "start or end"));
                }
            },
            None => None,
        };
        let window = Window {
            name: name.into(),
            root,
            refers_to: Reference::Trigger,
            approach,
            span,
            start_inclusive: inclusive("start_inclusive")?,
            end_inclusive: inclusive("end_inclusive")?,
            has: has(predicates, &fields)?,
        };
        Ok(Self { line: node.line, window, referred: outer.referred, label, index_timestamp })
    }

    /// The window and side this one hangs on; none if it hangs on the trigger.
    pub(super) fn parent(&self, drafts: &[Self]) -> Result<Option<(usize, Side)>> {
        if self.referred == "trigger" {
            return Ok(None);
        }
        let found = self.referred.split_once('.').and_then(|(name, side)| {
            let at = drafts.iter().position(|draft| &*draft.window.name == name)?;
            Some((at, if side == "start" { Side::Start } else { Side::End }))
        });
        found.map(Some).ok_or_else(|| {
            wrong(
                self.line,
                &self.window.name,
                &self.referred,
                "trigger, or start or end of a window defined here",
            )
        })
    }

    pub(super) fn parents(&self, drafts: &[Self]) -> Result<Vec<usize>> {
        Ok(self.parent(drafts)?.into_iter().map(|(at, _)| at).collect())
    }
}

fn has(predicates: &[Named], fields: &Fields<'_>) -> Result<Vec<Constraint>> {
    let Some(node) = fields.get("has") else { return Ok(Vec::new()) };
    let path = fields.path("has");
    let mut constraints = Vec::new();
    for (name, node) in Fields::of(node, &path)?.entries {
        let what = counted(predicates, node.line, &path, name)?;
        let parts: Vec<String> = match &node.value {
            Value::Scalar(text) => {
                text.trim().trim_matches(['(', ')']).split(',').map(|part| part.trim().to_owned()).collect()
            }
            Value::Sequence(items) => items
                .iter()
                .map(|item| if item.value == Value::Null { Ok(String::new()) } else { text_of(item, &path) })
                .collect::<Result<_>>()?,
            _ => Vec::new(),
        };
        let bound = |part: &str| match part {
            "" | "None" | "null" => Some(None),
            number => number.parse::<u64>().ok().map(Some),
        };
        let read = match parts.as_slice() {
            [least, greatest] => bound(least).zip(bound(greatest)),
            _ => None,
        };
        match read {
            Some((None, None)) | None => {}
            Some((Some(least), Some(greatest))) if greatest < least => {}
            Some((least, greatest)) => {
                constraints.push(Constraint { what, least, greatest });
                continue;
            }
        }
        let permitted =
            "(least, greatest) of whole numbers, one of which may be None, the first not above the second";
        return Err(wrong(node.line, &format!("{path}.{name}"), &parts.join(", "), permitted));
    }
    Ok(constraints)
}

/// What a name counts; static predicates are of no moment and count nothing.
pub(super) fn counted(predicates: &[Named], line: usize, at: &str, name: &str) -> Result<Counted> {
    match name {
        ANY_EVENT | "*" => Ok(Counted::AnyEvent),
        RECORD_START => Ok(Counted::RecordStart),
        RECORD_END => Ok(Counted::RecordEnd),
        _ => predicates
            .iter()
            .position(|predicate| predicate.name == name && !predicate.is_static)
            .map(Counted::Predicate)
            .ok_or_else(|| {
                wrong(
                    line,
                    at,
                    name,
                    "a predicate defined here that is not static, _ANY_EVENT, _RECORD_START or _RECORD_END",
                )
            }),
    }
}
