//! From YAML to a configuration whose names are resolved.

use std::collections::BTreeSet;

use regex::Regex;

use super::boundary::is_name;
use super::configuration::{Configuration, ConfigurationError, Reference};
use super::document::{Node, Value};
use super::fields::{Fields, Result, text_of, wrong};
use super::predicate::{CodeTest, Form, Limit, Named, Plain};
use super::window::{Draft, counted};

pub(super) fn configuration(text: &str, node: &Node) -> Result<Configuration> {
    const KEYS: [&str; 6] =
        ["predicates", "patient_demographics", "trigger", "windows", "description", "metadata"];
    let top = Fields::of(node, "the document")?;
    top.only(&KEYS)?;
    let predicates = predicates(&top)?;
    let trigger = top.required("trigger")?;
    let mut configuration = Configuration {
        text: text.into(),
        description: top.get("description").map(|node| text_of(node, "description")).transpose()?,
        trigger: counted(&predicates, trigger.line, "trigger", &text_of(trigger, "trigger")?)?,
        predicates,
        windows: Vec::new(),
        label: None,
        index_timestamp: None,
    };
    let drafts = match top.get("windows") {
        Some(windows) => Fields::of(windows, "windows")?
            .entries
            .iter()
            .map(|(name, node)| Draft::of(&configuration.predicates, name, node))
            .collect::<Result<Vec<_>>>()?,
        None => Vec::new(),
    };
    let order = in_order(&drafts.iter().map(|draft| draft.parents(&drafts)).collect::<Result<Vec<_>>>()?)
        .map_err(|circle| ConfigurationError::Circular {
            names: circle.iter().map(|&at| drafts[at].window.name.to_string()).collect::<Vec<_>>().join(", "),
        })?;
    for &at in &order {
        let draft = &drafts[at];
        let place = configuration.windows.len();
        let mut window = draft.window.clone();
        if let Some((parent, side)) = draft.parent(&drafts)? {
            let parent = order.iter().position(|&other| other == parent).unwrap_or(place);
            window.refers_to = Reference::Window(parent, side);
        }
        if let Some(label) = draft.label {
            once("label", draft, configuration.label.replace((place, label)).is_some())?;
        }
        if let Some(side) = draft.index_timestamp {
            once("index_timestamp", draft, configuration.index_timestamp.replace((place, side)).is_some())?;
        }
        configuration.windows.push(window);
    }
    Ok(configuration)
}

fn once(key: &str, draft: &Draft, again: bool) -> Result<()> {
    if again { Err(wrong(draft.line, &draft.window.name, key, "it in one window only")) } else { Ok(()) }
}

fn predicates(top: &Fields<'_>) -> Result<Vec<Named>> {
    let mut written: Vec<(&str, &Node, bool)> = Vec::new();
    for (key, demographic) in [("predicates", false), ("patient_demographics", true)] {
        if let Some(node) = top.get(key) {
            for (name, node) in Fields::of(node, key)?.entries {
                if !is_name(name) {
                    return Err(wrong(node.line, key, name, "letters, digits and underscores"));
                }
                if written.iter().any(|(known, ..)| known == name) {
                    return Err(wrong(node.line, key, name, "a name not used before"));
                }
                written.push((name, node, demographic));
            }
        }
    }
    let mut parts = Vec::new();
    for &(name, node, _) in &written {
        parts.push(match Fields::of(node, name)?.get("expr") {
            Some(expression) => operands(name, expression, &written)?.1,
            None => Vec::new(),
        });
    }
    let order = in_order(&parts).map_err(|circle| ConfigurationError::Circular {
        names: circle.iter().map(|&at| written[at].0).collect::<Vec<_>>().join(", "),
    })?;
    let mut made: Vec<Named> = Vec::new();
    for &at in &order {
        let (name, node, demographic) = written[at];
        let fields = Fields::of(node, name)?;
        let form = match fields.get("expr") {
            Some(expression) => {
                fields.only(&["expr", "static"])?;
                let (and, operands) = operands(name, expression, &written)?;
                let place = |at: &usize| order.iter().position(|other| other == at);
                let operands = operands.iter().filter_map(place).collect();
                if and { Form::And(operands) } else { Form::Or(operands) }
            }
            None => Form::Plain(plain(&fields)?),
        };
        let plain = matches!(form, Form::Plain(_));
        let is_static = plain && (demographic || fields.flag("static", false)?);
        made.push(Named { name: name.to_owned(), is_static, form });
    }
    Ok(made)
}

/// Whether an expression is a conjunction, and the predicates it is made of.
fn operands(name: &str, expression: &Node, written: &[(&str, &Node, bool)]) -> Result<(bool, Vec<usize>)> {
    let text = text_of(expression, name)?;
    let refuse = |permitted: &str| wrong(expression.line, &format!("{name}.expr"), &text, permitted);
    let inside = |head: &str| text.trim().strip_prefix(head)?.strip_suffix(')');
    let (and, inside) = match (inside("and("), inside("or(")) {
        (Some(inside), _) => (true, inside),
        (_, Some(inside)) => (false, inside),
        _ => return Err(refuse("and(NAME, NAME, ..) or or(NAME, NAME, ..)")),
    };
    let operands = inside
        .split(',')
        .map(|operand| written.iter().position(|(known, ..)| *known == operand.trim()))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| refuse("names of predicates defined here"))?;
    if operands.len() < 2 { Err(refuse("two names or more")) } else { Ok((and, operands)) }
}

fn plain(fields: &Fields<'_>) -> Result<Plain> {
    const KEYS: [&str; 7] = [
        "code",
        "value_min",
        "value_max",
        "value_min_inclusive",
        "value_max_inclusive",
        "static",
        "other_cols",
    ];
    let limit = |key: &str, inclusive: &str| {
        let Some(node) = fields.get(key) else { return Ok(None) };
        let text = text_of(node, key)?;
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.ok_or_else(|| wrong(node.line, &fields.path(key), &text, "a number"))?;
        Ok(Some(Limit { value, inclusive: fields.flag(inclusive, false)? }))
    };
    let mut columns = Vec::new();
    if let Some(node) = fields.get("other_cols") {
        let path = fields.path("other_cols");
        for (name, value) in Fields::of(node, &path)?.entries {
            columns.push((name.clone(), text_of(value, &path)?));
        }
    }
    // As in ACES, a key that is none of its own is a column and the value it must have.
    for (name, value) in fields.entries.iter().filter(|(name, _)| !KEYS.contains(&name.as_str())) {
        columns.push((name.clone(), text_of(value, &fields.path(name))?));
    }
    Ok(Plain {
        code: code(fields)?,
        least: limit("value_min", "value_min_inclusive")?,
        greatest: limit("value_max", "value_max_inclusive")?,
        columns,
    })
}

fn code(fields: &Fields<'_>) -> Result<CodeTest> {
    let node = fields.required("code")?;
    let path = fields.path("code");
    let permitted = "a code, {regex: EXPRESSION} or {any: [CODE, ..]}";
    match &node.value {
        Value::Scalar(code) => Ok(CodeTest::AnyOf(BTreeSet::from([code.clone()]))),
        Value::Mapping(entries) => match entries.as_slice() {
            [(key, node)] if key == "regex" => {
                let text = text_of(node, &path)?;
                Regex::new(&text)
                    .map(CodeTest::Matching)
                    .map_err(|_| wrong(node.line, &path, &text, "a regular expression"))
            }
            [(key, Node { value: Value::Sequence(codes), .. })] if key == "any" && !codes.is_empty() => {
                Ok(CodeTest::AnyOf(codes.iter().map(|code| text_of(code, &path)).collect::<Result<_>>()?))
            }
            _ => Err(wrong(node.line, &path, "other keys", permitted)),
        },
        _ => Err(wrong(node.line, &path, "no code", permitted)),
    }
}

/// An order in which each comes after those it depends on, the first written first; or a circle.
fn in_order(depends_on: &[Vec<usize>]) -> std::result::Result<Vec<usize>, Vec<usize>> {
    let mut order = Vec::new();
    let mut placed = vec![false; depends_on.len()];
    while order.len() < depends_on.len() {
        let ready = (0..depends_on.len())
            .find(|&at| !placed[at] && depends_on[at].iter().all(|&needed| placed[needed]));
        let Some(at) = ready else {
            return Err((0..depends_on.len()).filter(|&at| !placed[at]).collect());
        };
        placed[at] = true;
        order.push(at);
    }
    Ok(order)
}
