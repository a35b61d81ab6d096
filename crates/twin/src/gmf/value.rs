//! Attribute values and their comparison.

use super::PathwayError;
use super::names::Names;
use super::node::Node;

/// The value of an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Value {
    /// Not set.
    #[default]
    Nil,
    Boolean(bool),
    Number(f64),
    /// A text by its number in the names.
    Text(u32),
    /// Something in force, by the number of its fact.
    Fact(u32),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    IsNil,
    IsNotNil,
}

impl Operator {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, PathwayError> {
        let operator = node.need("operator")?;
        Ok(match operator.text()? {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "is nil" => Self::IsNil,
            "is not nil" => Self::IsNotNil,
            other => {
                return Err(operator.error(format!(
                    "operator {other:?} is unknown; permitted: ==, !=, <, <=, >, >=, is nil, is not nil"
                )));
            }
        })
    }

    #[expect(clippy::float_cmp, reason = "modules compare with the literals that they set")]
    pub(crate) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::IsNil => left.is_nan(),
            Self::IsNotNil => !left.is_nan(),
        }
    }
}

/// A comparison with a fixed value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) operator: Operator,
    pub(crate) value: Value,
}

impl Test {
    /// Reads `operator` and `value` (or `value_code`).
    pub(crate) fn read(node: &Node<'_>, names: &mut Names) -> Result<Self, PathwayError> {
        let operator = Operator::read(node)?;
        let value = match (operator, node.get("value")) {
            (Operator::IsNil | Operator::IsNotNil, _) => Value::Nil,
            (_, None) if node.get("value_from").is_some() => {
                Value::Number(names.number_or_parameter(node, "value")?.unwrap_or_default())
            }
            (_, Some(value)) => names.value(&value)?,
            (_, None) => return Err(node.error("lacks the field \"value\"")),
        };
        Ok(Self { operator, value })
    }

    pub(crate) fn holds(self, found: Value) -> bool {
        match (self.operator, found, self.value) {
            (Operator::IsNil, found, _) => found == Value::Nil,
            (Operator::IsNotNil, found, _) => found != Value::Nil,
            (operator, Value::Number(left), Value::Number(right)) => operator.holds(left, right),
            (Operator::Equal, left, right) => left == right,
            (Operator::NotEqual, left, right) => left != right,
            _ => false,
        }
    }
}
