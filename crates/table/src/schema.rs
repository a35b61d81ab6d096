//! What a table's columns hold.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::constraint::{self, Constraint, ConstraintError};

/// Where bounds or categories are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Said by who knows the data, without looking at people's values: costs no privacy.
    #[default]
    Declared,
    /// Found in the data: a claim of privacy must pay for it.
    Inferred,
}

/// The least and the greatest value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Least.
    pub least: f64,
    /// Greatest.
    pub greatest: f64,
    /// Where they are from.
    #[serde(default)]
    pub origin: Origin,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ColumnKind {
    /// One of some words.
    Category {
        /// The words, each once; an ordered column's from least to greatest.
        categories: Vec<Arc<str>>,
        /// Whether they have an order.
        #[serde(default)]
        ordered: bool,
        /// Where they are from.
        #[serde(default)]
        origin: Origin,
    },
    /// A whole number.
    Integer {
        /// Within these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bounds: Option<Bounds>,
    },
    /// A number.
    Number {
        /// Within these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bounds: Option<Bounds>,
        /// Digits after the point, if always the same or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decimals: Option<u8>,
    },
    /// A date, or a date with a time of day, as days since 1970-01-01.
    Date {
        /// Within these, in days since 1970-01-01.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bounds: Option<Bounds>,
        /// Whether a time of day belongs to it.
        #[serde(default)]
        with_time: bool,
    },
}

impl ColumnKind {
    /// The bounds of a numeric column, if they are known.
    pub fn bounds(&self) -> Option<&Bounds> {
        match self {
            Self::Category { .. } => None,
            Self::Integer { bounds } | Self::Number { bounds, .. } | Self::Date { bounds, .. } => {
                bounds.as_ref()
            }
        }
    }

    /// The categories of a categorical column.
    pub fn categories(&self) -> Option<&[Arc<str>]> {
        match self {
            Self::Category { categories, .. } => Some(categories),
            _ => None,
        }
    }

    /// Whether its values are numbers, dates among them.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Category { .. })
    }

    /// Whether looking at people's values made any of it.
    pub fn is_inferred(&self) -> bool {
        match self {
            Self::Category { origin, .. } => *origin == Origin::Inferred,
            other => other.bounds().is_some_and(|bounds| bounds.origin == Origin::Inferred),
        }
    }

    /// In words.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Category { .. } => "a category",
            Self::Integer { .. } => "a whole number",
            Self::Number { .. } => "a finite number",
            Self::Date { .. } => "a date as 2026-01-31, or with a time as 2026-01-31T08:00:00",
        }
    }
}

/// Whether values may be missing, and how they come to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// None is.
    Never,
    /// Some are, and that may go with the row's other values or with the value itself: a model learns which.
    #[default]
    Modelled,
    /// Some are, whatever the row holds.
    AtRandom,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSchema {
    /// Its name.
    pub name: Arc<str>,
    /// What it holds.
    #[serde(flatten)]
    pub kind: ColumnKind,
    /// UCUM unit of its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Arc<str>>,
    /// Whether values may be missing.
    #[serde(default)]
    pub missing: Missing,
}

/// A table's columns, and what must hold between them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schema {
    columns: Vec<ColumnSchema>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constraints: Vec<Constraint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    columns: Vec<ColumnSchema>,
    #[serde(default)]
    constraints: Vec<Constraint>,
    #[serde(default)]
    subject: Option<Arc<str>>,
}

impl TryFrom<Unchecked> for Schema {
    type Error = SchemaError;

    fn try_from(from: Unchecked) -> Result<Self, SchemaError> {
        Self::new(from.columns, from.constraints, from.subject)
    }
}

impl Schema {
    /// Takes columns, what must hold between them, and the column that tells whose a row is (without one, each row is
    /// a person's only one).
    ///
    /// # Errors
    /// [`SchemaError`] where names repeat, bounds or categories are impossible, a constraint names no column, or
    /// constraints contradict each other or the bounds.
    pub fn new(
        columns: Vec<ColumnSchema>,
        constraints: Vec<Constraint>,
        subject: Option<Arc<str>>,
    ) -> Result<Self, SchemaError> {
        if columns.is_empty() {
            return Err(SchemaError::NoColumn);
        }
        for (place, column) in columns.iter().enumerate() {
            if column.name.trim().is_empty() {
                return Err(SchemaError::NoName { column: place + 1 });
            }
            if columns[..place].iter().any(|other| other.name == column.name) {
                return Err(SchemaError::NameTwice { name: column.name.to_string() });
            }
            check_kind(column)?;
        }
        if let Some(name) = subject.as_ref().filter(|name| columns.iter().all(|column| column.name != **name))
        {
            return Err(SchemaError::NoSuchColumn { name: name.to_string() });
        }
        constraint::check(&constraints, &columns)?;
        Ok(Self { columns, constraints, subject })
    }

    /// The columns in order.
    pub fn columns(&self) -> &[ColumnSchema] {
        &self.columns
    }

    /// What must hold between them.
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The column that tells whose a row is.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// A column's place.
    ///
    /// # Errors
    /// [`SchemaError::NoSuchColumn`].
    pub fn place(&self, name: &str) -> Result<usize, SchemaError> {
        let place = self.columns.iter().position(|column| *column.name == *name);
        place.ok_or_else(|| SchemaError::NoSuchColumn { name: name.to_owned() })
    }

    /// A column by its name.
    ///
    /// # Errors
    /// [`SchemaError::NoSuchColumn`].
    pub fn column(&self, name: &str) -> Result<&ColumnSchema, SchemaError> {
        Ok(&self.columns[self.place(name)?])
    }

    /// The same without some columns and the constraints that name them.
    ///
    /// # Errors
    /// [`SchemaError`] where a name is unknown or nothing would be left.
    pub fn without(&self, names: &[&str]) -> Result<Self, SchemaError> {
        for name in names {
            self.place(name)?;
        }
        let kept = self.columns.iter().filter(|column| !names.contains(&&*column.name)).cloned().collect();
        let holds = |constraint: &&Constraint| {
            constraint.columns().iter().all(|name| !names.contains(&name.as_ref()))
        };
        let constraints = self.constraints.iter().filter(holds).cloned().collect();
        Self::new(kept, constraints, self.subject.clone().filter(|name| !names.contains(&&**name)))
    }
}

fn check_kind(column: &ColumnSchema) -> Result<(), SchemaError> {
    let name = || column.name.to_string();
    if let Some(Bounds { least, greatest, .. }) = column.kind.bounds()
        && !(least.is_finite() && greatest.is_finite() && least <= greatest)
    {
        return Err(SchemaError::Bounds { name: name(), least: *least, greatest: *greatest });
    }
    if let ColumnKind::Category { categories, .. } = &column.kind {
        let mut sorted: Vec<&Arc<str>> = categories.iter().collect();
        sorted.sort_unstable();
        let twice = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        if categories.is_empty() || twice || categories.len() >= u32::MAX as usize {
            return Err(SchemaError::Categories { name: name(), categories: categories.len() });
        }
    }
    Ok(())
}

/// Why columns are no schema.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SchemaError {
    /// There is none.
    #[error("there is no column; permitted: 1 or more")]
    NoColumn,
    /// One has no name.
    #[error("column {column} has no name")]
    NoName {
        /// Which, from 1.
        column: usize,
    },
    /// Two have one name.
    #[error("column {name} stands twice; permitted: once")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// None has that name.
    #[error("there is no column {name}")]
    NoSuchColumn {
        /// The name.
        name: String,
    },
    /// Impossible bounds.
    #[error("column {name} is bound by {least} and {greatest}; permitted: finite, the least first")]
    Bounds {
        /// Whose.
        name: String,
        /// The least.
        least: f64,
        /// The greatest.
        greatest: f64,
    },
    /// Impossible categories.
    #[error(
        "column {name} has {categories} categories, or one of them twice; permitted: 1 or more, each once"
    )]
    Categories {
        /// Whose.
        name: String,
        /// How many.
        categories: usize,
    },
    /// Constraints that can't hold.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, least: f64, greatest: f64) -> ColumnSchema {
        let bounds = Some(Bounds { least, greatest, origin: Origin::Declared });
        let kind = ColumnKind::Number { bounds, decimals: None };
        ColumnSchema { name: name.into(), kind, unit: None, missing: Missing::default() }
    }

    #[test]
    fn law_a_schema_comes_back_as_written() {
        let word = ColumnKind::Category {
            categories: vec!["a".into(), "b".into()],
            ordered: true,
            origin: Origin::Inferred,
        };
        let columns = vec![
            number("x", 0.0, 9.5),
            ColumnSchema { name: "w".into(), kind: word, unit: None, missing: Missing::Never },
        ];
        let schema = Schema::new(columns, vec!["x > 1".parse().unwrap()], None).unwrap();
        let text = serde_json::to_string(&schema).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema, "{text}");
        assert_eq!(schema.without(&["x"]).unwrap().constraints().len(), 0);
    }

    #[test]
    fn regress_impossible_columns_are_refused() {
        let refused = |columns: Vec<ColumnSchema>| Schema::new(columns, Vec::new(), None).unwrap_err();
        assert_eq!(refused(Vec::new()), SchemaError::NoColumn);
        assert!(matches!(refused(vec![number("x", 2.0, 1.0)]), SchemaError::Bounds { .. }));
        assert!(matches!(refused(vec![number("x", 0.0, f64::INFINITY)]), SchemaError::Bounds { .. }));
        let twice = vec![number("x", 0.0, 1.0), number("x", 0.0, 1.0)];
        assert!(matches!(refused(twice), SchemaError::NameTwice { .. }));
        let kind = ColumnKind::Category {
            categories: vec!["a".into(); 2],
            ordered: false,
            origin: Origin::Declared,
        };
        let column = ColumnSchema { name: "w".into(), kind, unit: None, missing: Missing::Never };
        assert!(matches!(refused(vec![column]), SchemaError::Categories { .. }));
        assert!(serde_json::from_str::<Schema>(r#"{"columns": [], "colour": 1}"#).is_err());
    }
}
