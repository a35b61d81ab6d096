//! Reading lookup tables.

use std::fs;

use serde_json::Value as Json;

use crate::calendar::{DAY_MS, Date};
use crate::error::Problem;
use crate::ir::{Probability, Row, Share, Table, TableColumn, Transition};
use crate::names::{StateId, TableId};
use crate::read::json::{Reading, path};
use crate::read::transition::WORTH_SAYING;

impl Reading<'_> {
    /// A lookup table transition and its table.
    pub(crate) fn lookup_table(&mut self, json: &Json) -> Option<Transition> {
        let field = "lookup_table_transition";
        let items = self.array(json, "", field);
        let first = items.first()?;
        let name = self.text(first, &format!("{field}[0]"), "lookup_table_name")?.to_owned();
        let mut default = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = format!("{field}[{index}]");
            let probability = self.optional_number(item, &at, "default_probability").unwrap_or(0.0);
            let target = self.target(item, &at, "transition")?;
            default.push(Share { target, probability: Probability::Fixed(probability) });
        }
        match self.table(&name, &default) {
            Ok(table) => {
                let id = TableId(self.compiled.tables.len() as u32);
                self.compiled.tables.push(table);
                Some(Transition::Table { table: id, default: default.into() })
            }
            Err(reason) => {
                let at = path(&format!("{field}[0]"), "lookup_table_name");
                self.fault(&at, Problem::Table { name, reason });
                None
            }
        }
    }

    fn table(&mut self, name: &str, options: &[Share]) -> Result<Table, String> {
        if name.contains("..") || name.starts_with('/') {
            return Err("permitted: a file in the folder lookup_tables".to_owned());
        }
        let text = fs::read_to_string(self.tables.join(name)).map_err(|error| error.to_string())?;
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let keys = headers.len().checked_sub(options.len()).ok_or_else(|| {
            format!("it has {} columns; permitted: at least {} for the options", headers.len(), options.len())
        })?;
        let columns: Vec<TableColumn> = headers
            .iter()
            .take(keys)
            .map(|header| match header.to_ascii_lowercase().as_str() {
                "age" => TableColumn::Age,
                "time" => TableColumn::Time,
                _ => TableColumn::Attribute(self.compiled.vocabulary.attribute(header)),
            })
            .collect();
        let mut targets: Vec<StateId> = Vec::new();
        for header in headers.iter().skip(keys) {
            let target = self
                .ids
                .get(header)
                .filter(|target| options.iter().any(|option| option.target == **target))
                .ok_or_else(|| format!("column {header:?} is no option of the transition"))?;
            targets.push(*target);
        }
        let (mut rows, mut off) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let row =
                self.row(&record, &columns, &targets).map_err(|reason| format!("line {line}: {reason}"))?;
            let sum: f64 = row.shares.iter().map(|share| share.probability.usual()).sum();
            if (sum - 1.0).abs() > WORTH_SAYING {
                off.push((line, sum));
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err("it has no rows".to_owned());
        }
        if let Some((line, first)) = off.first() {
            let furthest = off
                .iter()
                .map(|(_, sum)| *sum)
                .fold(1.0, |most: f64, sum| if (sum - 1.0).abs() > (most - 1.0).abs() { sum } else { most });
            self.finding(format!(
                "field lookup_table_transition: {name}: probabilities of {} of {} rows do not sum to 1 (first on \
                 line {line}: {first:.4}; furthest: {furthest:.4}); the last option takes what is missing",
                off.len(),
                rows.len()
            ));
        }
        Ok(Table::new(columns.into(), rows))
    }

    fn row(
        &mut self,
        record: &csv::StringRecord,
        columns: &[TableColumn],
        targets: &[StateId],
    ) -> Result<Row, String> {
        let mut row = Row { values: Box::default(), age: None, time_ms: None, shares: Box::default() };
        let mut values = Vec::new();
        for (column, cell) in columns.iter().zip(record) {
            match column {
                TableColumn::Age => row.age = Some(ages(cell)?),
                TableColumn::Time => row.time_ms = Some(times(cell)?),
                TableColumn::Attribute(_) => values.push(self.compiled.vocabulary.text(cell)),
            }
        }
        row.values = values.into();
        let mut shares = Vec::new();
        for (target, cell) in targets.iter().zip(record.iter().skip(columns.len())) {
            let probability: f64 = cell.parse().map_err(|_| format!("{cell:?} is no probability"))?;
            if !(0.0..=1.0 + 1e-9).contains(&probability) {
                return Err(format!("{probability} is no probability; permitted: 0 to 1"));
            }
            shares.push(Share { target: *target, probability: Probability::Fixed(probability) });
        }
        row.shares = shares.into();
        Ok(row)
    }
}

fn ages(cell: &str) -> Result<(i32, i32), String> {
    let wrong = || format!("{cell:?} is no age range; permitted: low-high in years");
    let (low, high) = cell.split_once('-').ok_or_else(wrong)?;
    Ok((low.trim().parse().map_err(|_| wrong())?, high.trim().parse().map_err(|_| wrong())?))
}

/// Two instants in milliseconds, or two dates of which the second counts to its end.
fn times(cell: &str) -> Result<(i64, i64), String> {
    let wrong = || format!("{cell:?} is no time range; permitted: low-high in milliseconds or dates");
    let dates: Vec<&str> = cell.split('-').collect();
    if let [a, b, c, d, e, f] = dates[..] {
        let date = |year: &str, month: &str, day: &str| -> Result<i64, String> {
            let part = |text: &str| text.trim().parse::<i32>().map_err(|_| wrong());
            let (year, month, day) = (part(year)?, part(month)?, part(day)?);
            if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
                return Err(wrong());
            }
            Ok(Date { year, month, day }.midnight_ms())
        };
        return Ok((date(a, b, c)?, date(d, e, f)? + DAY_MS - 1));
    }
    // A time before 1970 has a sign of its own: the separator is the first minus after a digit.
    let place = cell
        .char_indices()
        .skip(1)
        .find(|(place, letter)| {
            *letter == '-' && cell[..*place].ends_with(|last: char| last.is_ascii_digit())
        })
        .map(|(place, _)| place)
        .ok_or_else(wrong)?;
    let parse = |text: &str| text.trim().parse::<i64>().map_err(|_| wrong());
    Ok((parse(&cell[..place])?, parse(&cell[place + 1..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_ranges_of_ages_and_times() {
        assert_eq!(ages("13-24"), Ok((13, 24)));
        assert!(ages("13").is_err() && ages("-").is_err());
        assert_eq!(times("283996800922-1104537600921"), Ok((283_996_800_922, 1_104_537_600_921)));
        assert_eq!(times("-100-200"), Ok((-100, 200)));
        assert_eq!(times("1970-01-01-1970-01-01"), Ok((0, DAY_MS - 1)));
        assert!(times("").is_err() && times("a-b").is_err() && times("1970-13-01-1970-01-01").is_err());
    }
}
