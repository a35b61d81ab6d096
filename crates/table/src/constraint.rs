//! What must hold within a row.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{ColumnKind, ColumnSchema};

/// How two values must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Relation {
    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A number.
    Number(f64),
    /// Another column.
    Column(Arc<str>),
}

/// What must hold in every row where none of its columns is missing.
///
/// As text: `a > b`, `a <= 5`, `a in (0, 100]`, `combinations of a, b`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Constraint {
    /// A column against a number or another column.
    Compare {
        /// The column.
        left: Arc<str>,
        /// How.
        relation: Relation,
        /// With what.
        right: Operand,
    },
    /// A column within an interval.
    Within {
        /// The column.
        column: Arc<str>,
        /// Lower end, and whether it belongs.
        least: (f64, bool),
        /// Upper end, and whether it belongs.
        greatest: (f64, bool),
    },
    /// Only combinations of words that the real data hold.
    Combinations {
        /// The columns, all of categories.
        columns: Vec<Arc<str>>,
    },
}

impl Constraint {
    /// The columns that it names.
    pub fn columns(&self) -> Vec<&Arc<str>> {
        match self {
            Self::Compare { left, right: Operand::Column(right), .. } => vec![left, right],
            Self::Compare { left, .. } => vec![left],
            Self::Within { column, .. } => vec![column],
            Self::Combinations { columns } => columns.iter().collect(),
        }
    }

    /// Whether it holds of the numbers of its columns, in the order of [`columns`](Self::columns); one that is missing
    /// breaks nothing, and neither do combinations, which no numbers tell.
    pub fn holds(&self, values: &[Option<f64>]) -> bool {
        match (self, values) {
            (Self::Compare { relation, right: Operand::Number(right), .. }, [Some(left), ..])
            | (Self::Compare { relation, right: Operand::Column(_), .. }, [Some(left), Some(right), ..]) => {
                relation.holds(*left, *right)
            }
            (Self::Within { least, greatest, .. }, [Some(value), ..]) => {
                let above = if least.1 { *value >= least.0 } else { *value > least.0 };
                let below = if greatest.1 { *value <= greatest.0 } else { *value < greatest.0 };
                above && below
            }
            _ => true,
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { left, relation, right } => {
                write!(f, "{left} {} ", relation.sign())?;
                match right {
                    Operand::Number(number) => write!(f, "{number}"),
                    Operand::Column(column) => f.write_str(column),
                }
            }
            Self::Within { column, least, greatest } => {
                let (open, close) = (if least.1 { '[' } else { '(' }, if greatest.1 { ']' } else { ')' });
                write!(f, "{column} in {open}{}, {}{close}", least.0, greatest.0)
            }
            Self::Combinations { columns } => write!(f, "combinations of {}", columns.join(", ")),
        }
    }
}

impl From<Constraint> for String {
    fn from(constraint: Constraint) -> Self {
        constraint.to_string()
    }
}

impl TryFrom<String> for Constraint {
    type Error = ConstraintError;

    fn try_from(text: String) -> Result<Self, ConstraintError> {
        text.parse()
    }
}

impl FromStr for Constraint {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Self, ConstraintError> {
        let refused = || ConstraintError::Unreadable { text: text.to_owned() };
        let name = |part: &str| {
            let part = part.trim();
            if part.is_empty() { Err(refused()) } else { Ok(Arc::<str>::from(part)) }
        };
        let number = |part: &str| part.trim().parse().ok().filter(|value: &f64| value.is_finite());
        if let Some(columns) = text.trim().strip_prefix("combinations of ") {
            let columns = columns.split(',').map(name).collect::<Result<Vec<_>, _>>()?;
            return if columns.len() > 1 { Ok(Self::Combinations { columns }) } else { Err(refused()) };
        }
        let signs = [
            (" >= ", Relation::GreaterOrEqual),
            (" <= ", Relation::LessOrEqual),
            (" > ", Relation::Greater),
            (" < ", Relation::Less),
        ];
        for (sign, relation) in signs {
            if let Some((left, right)) = text.split_once(sign) {
                let right = match number(right) {
                    Some(right) => Operand::Number(right),
                    None => Operand::Column(name(right)?),
                };
                return Ok(Self::Compare { left: name(left)?, relation, right });
            }
        }
        let (column, interval) = text.split_once(" in ").ok_or_else(refused)?;
        let interval = interval.trim();
        let inner = interval.get(1..interval.len().saturating_sub(1)).ok_or_else(refused)?;
        let (least, greatest) = inner.split_once(',').ok_or_else(refused)?;
        let belongs = (interval.starts_with('['), interval.ends_with(']'));
        if !(interval.starts_with(['[', '(']) && interval.ends_with([']', ')'])) {
            return Err(refused());
        }
        let least = (number(least).ok_or_else(refused)?, belongs.0);
        let greatest = (number(greatest).ok_or_else(refused)?, belongs.1);
        Ok(Self::Within { column: name(column)?, least, greatest })
    }
}

/// What a column's value may still be.
#[derive(Clone, Copy)]
struct Room {
    least: f64,
    greatest: f64,
    /// Whether an end itself is excluded.
    open: [bool; 2],
    whole: bool,
}

impl Room {
    fn of(column: &ColumnSchema) -> Self {
        let (least, greatest) = column
            .kind
            .bounds()
            .map_or((f64::NEG_INFINITY, f64::INFINITY), |bounds| (bounds.least, bounds.greatest));
        Self { least, greatest, open: [false; 2], whole: matches!(column.kind, ColumnKind::Integer { .. }) }
    }

    /// Narrows it; tells whether anything changed.
    fn at_least(&mut self, least: f64, open: bool) -> bool {
        // Adding nothing makes -0 a 0, which the order of all doubles tells apart.
        let least = least + 0.0;
        let (least, open) = if !self.whole || least.is_infinite() {
            (least, open)
        } else if open && least.fract() == 0.0 {
            (least + 1.0, false)
        } else {
            (least.ceil(), false)
        };
        let narrower = match least.total_cmp(&self.least) {
            Ordering::Greater => true,
            Ordering::Equal => open && !self.open[0],
            Ordering::Less => false,
        };
        if narrower {
            (self.least, self.open[0]) = (least, open);
        }
        narrower
    }

    fn at_most(&mut self, greatest: f64, open: bool) -> bool {
        let mut mirror = Self {
            least: -self.greatest,
            greatest: -self.least,
            open: [self.open[1], self.open[0]],
            ..*self
        };
        let narrower = mirror.at_least(-greatest, open);
        if narrower {
            (self.greatest, self.open[1]) = (-mirror.least, mirror.open[0]);
        }
        narrower
    }

    fn is_empty(&self) -> bool {
        match self.least.total_cmp(&self.greatest) {
            Ordering::Greater => true,
            Ordering::Equal => self.open[0] || self.open[1],
            Ordering::Less => false,
        }
    }
}

/// Whether constraints name columns that can meet them, all together.
///
/// Bounds are passed along comparisons until nothing changes or a column has no value left. A circle of strict
/// comparisons never comes to rest, so as many rounds as there are columns, and one more, show it.
pub(crate) fn check(constraints: &[Constraint], columns: &[ColumnSchema]) -> Result<(), ConstraintError> {
    let find = |constraint: &Constraint, name: &Arc<str>| {
        columns.iter().position(|column| column.name == *name).ok_or_else(|| ConstraintError::NoSuchColumn {
            constraint: constraint.to_string(),
            column: name.to_string(),
        })
    };
    let mut rooms: Vec<Room> = columns.iter().map(Room::of).collect();
    // Pairs (less, more, strict).
    let mut orders: Vec<(usize, usize, bool)> = Vec::new();
    for constraint in constraints {
        let places = constraint
            .columns()
            .into_iter()
            .map(|name| find(constraint, name))
            .collect::<Result<Vec<_>, _>>()?;
        let numeric = !matches!(constraint, Constraint::Combinations { .. });
        if let Some(place) = places.iter().find(|place| columns[**place].kind.is_numeric() != numeric) {
            return Err(ConstraintError::WrongKind {
                constraint: constraint.to_string(),
                column: columns[*place].name.to_string(),
                permitted: if numeric { "numbers and dates" } else { "categories" },
            });
        }
        match constraint {
            Constraint::Compare { relation, right, .. } => {
                let open = matches!(relation, Relation::Less | Relation::Greater);
                let up = matches!(relation, Relation::Greater | Relation::GreaterOrEqual);
                match right {
                    Operand::Number(number) if up => _ = rooms[places[0]].at_least(*number, open),
                    Operand::Number(number) => _ = rooms[places[0]].at_most(*number, open),
                    Operand::Column(_) if up => orders.push((places[1], places[0], open)),
                    Operand::Column(_) => orders.push((places[0], places[1], open)),
                }
            }
            Constraint::Within { least, greatest, .. } => {
                rooms[places[0]].at_least(least.0, !least.1);
                rooms[places[0]].at_most(greatest.0, !greatest.1);
            }
            Constraint::Combinations { .. } => {}
        }
    }
    if let Some(place) = strict_circle(&orders, columns.len()) {
        return Err(ConstraintError::Contradiction { column: columns[place].name.to_string() });
    }
    for _ in 0..=columns.len() {
        for &(less, more, strict) in &orders {
            let (low, high) = (rooms[less], rooms[more]);
            rooms[more].at_least(low.least, strict || low.open[0]);
            rooms[less].at_most(high.greatest, strict || high.open[1]);
        }
    }
    match rooms.iter().position(Room::is_empty) {
        Some(place) => Err(ConstraintError::Contradiction { column: columns[place].name.to_string() }),
        None => Ok(()),
    }
}

/// A column that must be less than itself.
fn strict_circle(orders: &[(usize, usize, bool)], columns: usize) -> Option<usize> {
    (0..columns).find(|&start| {
        // What lies above, and whether strictly.
        let mut above = vec![None; columns];
        above[start] = Some(false);
        for _ in 0..=columns {
            for &(less, more, strict) in orders {
                if let Some(so_far) = above[less] {
                    above[more] = Some(above[more] == Some(true) || so_far || strict);
                }
            }
        }
        above[start] == Some(true)
    })
}

/// Why constraints can't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// It can't be read.
    #[error("{text} is no constraint; permitted: a > b, a <= 5, a in (0, 100], combinations of a, b")]
    Unreadable {
        /// What was given.
        text: String,
    },
    /// It names no column.
    #[error("constraint {constraint}: there is no column {column}")]
    NoSuchColumn {
        /// Which.
        constraint: String,
        /// The name.
        column: String,
    },
    /// It is of a column of another kind.
    #[error("constraint {constraint}: column {column} is of another kind; permitted: {permitted}")]
    WrongKind {
        /// Which.
        constraint: String,
        /// Of which column.
        column: String,
        /// What can be constrained so.
        permitted: &'static str,
    },
    /// Together with the bounds they leave no value.
    #[error(
        "constraints and bounds leave column {column} no value; permitted: constraints that some row can meet"
    )]
    Contradiction {
        /// Which.
        column: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Bounds, Missing, Origin};

    fn columns(bounds: &[(&str, f64, f64)]) -> Vec<ColumnSchema> {
        let one = |&(name, least, greatest): &(&str, f64, f64)| ColumnSchema {
            name: name.into(),
            kind: ColumnKind::Integer { bounds: Some(Bounds { least, greatest, origin: Origin::Declared }) },
            unit: None,
            missing: Missing::default(),
        };
        bounds.iter().map(one).collect()
    }

    fn checked(texts: &[&str]) -> Result<(), ConstraintError> {
        let constraints: Vec<Constraint> = texts.iter().map(|text| text.parse().unwrap()).collect();
        check(&constraints, &columns(&[("a", 0.0, 10.0), ("b", 0.0, 10.0), ("c", 0.0, 10.0)]))
    }

    #[test]
    fn law_text_comes_back_as_written() {
        for text in ["a > b", "a <= 5", "a in (0, 100]", "a in [-1.5, 2)", "combinations of a, b"] {
            assert_eq!(text.parse::<Constraint>().unwrap().to_string(), text);
        }
        for bad in ["", "a", "a >", "a in 0, 1", "a in (0, inf)", "combinations of a", "a in (", " > "] {
            assert!(bad.parse::<Constraint>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ref_contradictions_are_found_and_what_can_hold_is_not_refused() {
        assert!(checked(&["a > b", "b > c"]).is_ok());
        assert!(checked(&["a >= b", "b >= a"]).is_ok());
        for bad in [
            &["a > b", "b > a"][..],
            &["a > b", "b > c", "c >= a"],
            &["a > 10"],
            &["a in (3, 4)"],
            &["a > 5", "b < 5", "b > a"],
            // Eleven whole numbers hold no chain that starts at 9 and needs three.
            &["a >= 9", "b > a", "c > b"],
        ] {
            assert!(matches!(checked(bad), Err(ConstraintError::Contradiction { .. })), "{bad:?}");
        }
        assert!(matches!(checked(&["d > 1"]), Err(ConstraintError::NoSuchColumn { .. })));
        assert!(matches!(checked(&["combinations of a, b"]), Err(ConstraintError::WrongKind { .. })));
    }

    #[test]
    fn law_what_is_missing_breaks_nothing() {
        let within: Constraint = "a in (0, 1]".parse().unwrap();
        assert!(within.holds(&[None]) && within.holds(&[Some(1.0)]) && !within.holds(&[Some(0.0)]));
        let above: Constraint = "a > b".parse().unwrap();
        assert!(above.holds(&[Some(1.0), None]) && !above.holds(&[Some(1.0), Some(1.0)]));
    }
}
