//! Small numbers of people are not shown.

use super::answer::{Answer, Cell, Table};

impl Answer {
    /// Shows counts of people below `limit` as `<limit`, withholds what was computed from fewer
    /// people, what one subtraction from a total would tell, and every table whose rows are persons.
    /// 0 shows everything.
    ///
    /// # Limits
    /// One answer at a time: two answers that differ by one person can tell of that person.
    #[must_use]
    pub fn suppressed(mut self, limit: u64) -> Self {
        if limit == 0 {
            return self;
        }
        for table in &mut self.tables {
            if table.of_persons {
                let rows = table.rows.len() as u64;
                let shown = Cell::Count(rows).hidden(limit).unwrap_or(Cell::Count(rows));
                table.rows.clear();
                self.notes.push(format!(
                    "table `{}` tells of single persons ({shown} rows): ask with --suppress 0, where you may, to see it",
                    table.name
                ));
                continue;
            }
            table.hide(limit);
        }
        self
    }
}

impl Table {
    fn hide(&mut self, limit: u64) {
        let second = if self.summed { self.seconds(limit) } else { Vec::new() };
        for (index, row) in self.rows.iter_mut().enumerate() {
            // Shares and medians of a row would tell the count withheld beside them.
            let told = second.iter().any(|(place, _)| *place == index);
            for (column, cell) in row.iter_mut().enumerate() {
                let derived = matches!(cell, Cell::Share { .. } | Cell::Median(_) | Cell::Estimate { .. });
                if second.contains(&(index, column)) || (told && derived) {
                    *cell = Cell::Withheld;
                } else if let Some(hidden) = cell.hidden(limit) {
                    *cell = hidden;
                }
            }
        }
    }

    /// Row and column of the counts that must go with a lone small one: the total less the others
    /// would tell it. The smallest that is not small itself goes.
    fn seconds(&self, limit: u64) -> Vec<(usize, usize)> {
        let parts = self.rows.len().saturating_sub(1);
        let mut found = Vec::new();
        for column in 0..self.columns.len() {
            let counts: Vec<(u64, usize)> = self.rows[..parts]
                .iter()
                .enumerate()
                .filter_map(|(index, row)| match row.get(column) {
                    Some(Cell::Count(count)) => Some((*count, index)),
                    _ => None,
                })
                .collect();
            if counts.iter().filter(|(count, _)| *count < limit).count() == 1
                && let Some((_, index)) = counts.iter().filter(|(count, _)| *count >= limit).min()
            {
                found.push((*index, column));
            }
        }
        found
    }
}

impl Cell {
    /// What stands in the cell's place, if it tells of too few people.
    fn hidden(&self, limit: u64) -> Option<Self> {
        match self {
            Self::Count(count) if *count < limit => Some(Self::Below(limit)),
            Self::People(people) if *people < limit as f64 => Some(Self::Below(limit)),
            Self::Estimate { people, .. } if *people < limit as f64 => Some(Self::Withheld),
            Self::Share { part, whole } if *part < limit || *whole < limit => Some(Self::Withheld),
            Self::Median(values) if (values.len() as u64) < limit => Some(Self::Withheld),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn answer(table: Table) -> Answer {
        Answer { question: "q", parameters: Json::Null, tables: vec![table], notes: Vec::new() }
    }

    #[test]
    fn regress_small_numbers_and_what_tells_them() {
        let mut table = Table::new("groups", &["group", "people", "share", "median"]).summed();
        for (group, people) in [("a", 3), ("b", 9), ("c", 7), ("all", 19)] {
            let share = Cell::Share { part: people, whole: 100 };
            table.push(vec![
                Cell::text(group),
                Cell::Count(people),
                share,
                Cell::Median(vec![1.0; people as usize]),
            ]);
        }
        let shown = answer(table.clone()).suppressed(5).tables.remove(0);
        let texts: Vec<String> = shown.rows.iter().map(|row| row[1].to_string()).collect();
        assert_eq!(texts, ["<5", "9", "withheld", "19"]);
        assert_eq!((&shown.rows[0][2], &shown.rows[0][3]), (&Cell::Withheld, &Cell::Withheld));
        assert_eq!((&shown.rows[2][2], &shown.rows[2][3]), (&Cell::Withheld, &Cell::Withheld));
        assert_eq!(shown.rows[1], table.rows[1]);
        assert_eq!(answer(table.clone()).suppressed(0).tables[0], table);
    }

    #[test]
    fn regress_rows_of_persons_are_withheld() {
        let mut table = Table::new("cases", &["patient"]).of_persons();
        table.push(vec![Cell::text("x")]);
        let shown = answer(table).suppressed(5);
        assert!(shown.tables[0].rows.is_empty());
        assert!(
            shown.notes[0].contains("<5") && !shown.notes[0].contains('x'.to_string().repeat(2).as_str())
        );
    }
}
