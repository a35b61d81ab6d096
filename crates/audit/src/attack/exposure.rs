//! A synthetic table, the people it was made from, and controls for every attack on it.

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

use super::error::AttackError;
use super::figures::{MembershipFigures, membership_figures};
use crate::bootstrap::shuffled;
use crate::evaluate::Options;

/// Fewest rows of each table.
const FEWEST: usize = 20;
/// One in so many members stands verbatim in the control of a leak.
const LEAK: usize = 10;

/// A synthetic table with what it is judged against.
#[derive(Clone, Debug)]
pub struct Exposure {
    members: Table,
    others: Table,
    reference: Table,
    fresh: Table,
    synthetic: Table,
}

impl Exposure {
    /// Takes the table that the generator was trained on, one of other people from the same place that it never saw,
    /// and what it made. By a seed, the other people are dealt into those to be told from members (a quarter), those
    /// the attacker knows (half) and those that stand in for a table without any member (a quarter).
    ///
    /// # Errors
    /// [`AttackError`] where columns differ, or a table is of fewer than 20 rows (80 for the other people).
    pub fn new(members: &Table, holdout: &Table, synthetic: &Table, seed: u64) -> Result<Self, AttackError> {
        let tables = [
            ("training", members, FEWEST),
            ("holdout", holdout, 4 * FEWEST),
            ("synthetic", synthetic, FEWEST),
        ];
        for (table, rows, least) in tables {
            if rows.len() < least {
                return Err(AttackError::TooFew { table, rows: rows.len(), least });
            }
            same_columns(members, rows)?;
        }
        let order = shuffled(holdout.len(), seed, 0);
        let quarter = holdout.len() / 4;
        Ok(Self {
            members: members.clone(),
            others: holdout.rows_of(&order[..quarter]),
            fresh: holdout.rows_of(&order[quarter..2 * quarter]),
            reference: holdout.rows_of(&order[2 * quarter..]),
            synthetic: synthetic.clone(),
        })
    }

    /// The people that the generator was trained on.
    pub fn members(&self) -> &Table {
        &self.members
    }

    /// People that it never saw.
    pub fn others(&self) -> &Table {
        &self.others
    }

    /// What the attacker knows of other people.
    pub fn reference(&self) -> &Table {
        &self.reference
    }

    /// What was made.
    pub fn synthetic(&self) -> &Table {
        &self.synthetic
    }

    /// Runs the same code on the release and on its controls.
    pub(crate) fn controlled<T>(
        &self,
        attack: &'static str,
        run: impl Fn(&Table) -> Result<T, AttackError>,
    ) -> Result<Controlled<T>, AttackError> {
        let leaked: Vec<usize> = (0..self.members.len()).step_by(LEAK).collect();
        let leak = joined(&self.fresh, &self.members.rows_of(&leaked))?;
        Ok(Controlled {
            attack: attack.to_owned(),
            release: run(&self.synthetic)?,
            copy: run(&self.members)?,
            leak: run(&leak)?,
            null: run(&self.fresh)?,
        })
    }
}

/// What an attack found, and what it finds where the answer is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Controlled<T> {
    /// Which attack.
    pub attack: String,
    /// On the synthetic table.
    pub release: T,
    /// On a verbatim copy of the members: the most that it can find.
    pub copy: T,
    /// On other people, with every tenth member among them.
    pub leak: T,
    /// On other people alone: nothing is to be found.
    pub null: T,
}

impl Controlled<MembershipFigures> {
    /// Whether the attack can find what there is: it ranks the members of a verbatim copy above others beyond chance.
    /// One that can't says nothing about the release.
    pub fn finds_a_copy(&self) -> bool {
        self.copy.auc.lower.is_some_and(|lower| lower > 0.5)
    }

    /// Whether it finds a tenth of the members copied verbatim, at 1 false alarm in 100.
    pub fn finds_a_leak(&self) -> bool {
        self.leak.tpr_at_1_percent.lower.is_some_and(|lower| lower > 0.01)
    }

    /// Whether it finds nothing where nothing is. The interval of 95 % is widened to one of 99.9 %, so that a sound
    /// attack fails one time in a thousand.
    pub fn is_quiet_on_null(&self) -> bool {
        let auc = &self.null.auc;
        let (Some(value), Some(lower), Some(upper)) = (auc.value, auc.lower, auc.upper) else { return false };
        // 3.291 / 1.960: the normal points of 99.9 % and 95 %.
        let wider = 1.679;
        value - wider * (value - lower) <= 0.5 && 0.5 <= value + wider * (upper - value)
    }
}

impl Controlled<MembershipFigures> {
    /// Whether the release gives members away: the share found at 1 % false alarms lies above 1 % for sure, and above
    /// what the same attack seems to find where there is nothing, for its threshold is the best on these very people,
    /// which alone lifts the share a little.
    pub fn gives_members_away(&self) -> bool {
        let by_chance = self.null.tpr_at_1_percent.upper.unwrap_or(1.0).max(0.01);
        self.release.tpr_at_1_percent.lower.is_some_and(|lower| lower > by_chance)
    }

    /// Whether its controls allow it to say something: it finds a copy and a leak, and nothing where nothing is.
    pub fn controls_hold(&self) -> bool {
        self.finds_a_copy() && self.finds_a_leak() && self.is_quiet_on_null()
    }
}

/// What the attacker sees.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    /// The release.
    pub synthetic: &'a Table,
    /// Other people of the same kind.
    pub reference: &'a Table,
}

/// An attack that scores how likely a row was among the training data.
pub trait MembershipAttack {
    /// Its name.
    fn name(&self) -> &'static str;

    /// One score per target, higher for likelier members.
    ///
    /// # Errors
    /// [`AttackError`] where the tables don't allow it.
    fn scores(&self, targets: &Table, knowledge: Knowledge<'_>) -> Result<Vec<f64>, AttackError>;
}

/// Runs a membership attack and its controls.
///
/// # Errors
/// [`AttackError`] as the attack's.
pub fn membership(
    attack: &dyn MembershipAttack,
    exposure: &Exposure,
    options: &Options,
) -> Result<Controlled<MembershipFigures>, AttackError> {
    exposure.controlled(attack.name(), |synthetic| {
        let knowledge = Knowledge { synthetic, reference: &exposure.reference };
        let members = attack.scores(&exposure.members, knowledge)?;
        let others = attack.scores(&exposure.others, knowledge)?;
        membership_figures(&members, &others, options)
    })
}

/// Checks that two tables hold the same in the same columns.
pub(crate) fn same_columns(one: &Table, other: &Table) -> Result<(), AttackError> {
    let (own, others) = (one.schema().columns(), other.schema().columns());
    for place in 0..own.len().max(others.len()) {
        let same = match (own.get(place), others.get(place)) {
            (Some(own), Some(other)) => {
                own.name == other.name
                    && own.kind.categories() == other.kind.categories()
                    && std::mem::discriminant(&own.kind) == std::mem::discriminant(&other.kind)
            }
            _ => false,
        };
        if !same {
            let column = own.get(place).or(others.get(place)).map(|column| column.name.to_string());
            return Err(AttackError::OtherColumns { column: column.unwrap_or_default() });
        }
    }
    Ok(())
}

/// The rows of two tables of the same columns, the first table's first.
pub(crate) fn joined(first: &Table, second: &Table) -> Result<Table, AttackError> {
    let both = first.columns().iter().zip(second.columns()).map(|pair| match pair {
        (Column::Category(first), Column::Category(second)) => {
            Column::Category([first.as_slice(), second].concat())
        }
        (Column::Number(first), Column::Number(second)) => {
            Column::Number([first.as_slice(), second].concat())
        }
        (first, _) => first.clone(),
    });
    Ok(Table::new(first.schema().clone(), both.collect())?)
}
