//! Small numbers of people are not shown.

use super::answer::{Answer, Cell, Table};

impl Answer {
    /// Shows counts of people below `limit` as `<limit`; withholds counts of what happened to fewer
    /// people, what was computed from fewer or from a count that is hidden beside it, what one
    /// subtraction from a total would tell, and every table whose rows are persons; leaves out rows
    /// that are there only because of fewer people. 0 shows everything.
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
            if let Some(note) = table.leave_out(limit) {
                self.notes.push(note);
            }
            table.hide(limit);
        }
        self
    }
}

impl Table {
    /// Drops the rows that the record led to and that are of too few people; says how many.
    fn leave_out(&mut self, limit: u64) -> Option<String> {
        if !self.found {
            return None;
        }
        let all = self.rows.len();
        let first =
            |row: &[Cell]| row.iter().find(|cell| cell.is_count()).and_then(|cell| cell.hidden(limit));
        self.rows.retain(|row| first(row).is_none());
        let dropped = all - self.rows.len();
        (dropped > 0).then(|| {
            format!("table `{}`: {dropped} rows of fewer than {limit} people are left out", self.name)
        })
    }

    fn hide(&mut self, limit: u64) {
        let second = if self.summed { self.seconds(limit) } else { Vec::new() };
        for (index, row) in self.rows.iter_mut().enumerate() {
            // What is computed from counts stands after them, and would tell one hidden among them.
            let (mut told, mut computed) = (false, false);
            for (column, cell) in row.iter_mut().enumerate() {
                let derived = matches!(cell, Cell::Share { .. } | Cell::Median(_) | Cell::Estimate { .. });
                if !derived && computed {
                    (told, computed) = (false, false);
                }
                computed |= derived;
                let hidden = cell.hidden(limit).or_else(|| {
                    (second.contains(&(index, column)) || (told && derived)).then_some(Cell::Withheld)
                });
                if let Some(hidden) = hidden {
                    told |= !derived;
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
            let counts = self.rows[..parts].iter().enumerate().filter_map(|(index, row)| {
                let cell = row.get(column)?;
                match cell {
                    Cell::Count(count) | Cell::Happenings { count, .. } => {
                        Some((*count, index, cell.hidden(limit).is_some()))
                    }
                    _ => None,
                }
            });
            let (small, others): (Vec<_>, Vec<_>) = counts.partition(|(.., small)| *small);
            if let ([_], Some((_, index, _))) = (&small[..], others.iter().min()) {
                found.push((*index, column));
            }
        }
        found
    }
}

impl Cell {
    fn is_count(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Happenings { .. } | Self::People(_))
    }

    /// What stands in the cell's place, if it tells of too few people.
    fn hidden(&self, limit: u64) -> Option<Self> {
        match self {
            Self::Count(count) if *count < limit => Some(Self::Below(limit)),
            Self::Happenings { people, .. } if *people < limit => Some(Self::Withheld),
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
    fn regress_many_happenings_of_few_people_are_withheld() {
        let mut table = Table::new("orders", &["drug", "orders", "people", "share", "others", "share"]);
        for (drug, orders, people) in [("a", 30, 2), ("b", 40, 9)] {
            table.push(vec![
                Cell::text(drug),
                Cell::Happenings { count: orders, people },
                Cell::Count(people),
                Cell::Share { part: 20, whole: orders },
                Cell::Count(50),
                Cell::Share { part: 25, whole: 50 },
            ]);
        }
        let shown = answer(table.clone()).suppressed(5).tables.remove(0);
        let texts: Vec<String> = shown.rows[0][1..4].iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["withheld", "<5", "withheld"]);
        assert_eq!(shown.rows[0][4..], table.rows[0][4..]);
        assert_eq!(shown.rows[1], table.rows[1]);
    }

    #[test]
    fn regress_a_lone_small_count_of_happenings_takes_another_with_it() {
        let mut table = Table::new("stays", &["destination", "stays"]).summed();
        for (destination, count, people) in [("a", 30, 2), ("b", 40, 9), ("c", 50, 9), ("all", 120, 15)] {
            table.push(vec![Cell::text(destination), Cell::Happenings { count, people }]);
        }
        let shown = answer(table).suppressed(5).tables.remove(0);
        let texts: Vec<String> = shown.rows.iter().map(|row| row[1].to_string()).collect();
        assert_eq!(texts, ["withheld", "withheld", "50", "120"]);
    }

    #[test]
    fn regress_rows_that_few_people_make_are_left_out() {
        let mut table = Table::new("courses", &["course", "people"]).found();
        for (course, people) in [("usual", 9), ("rare", 4), ("rarer", 1)] {
            table.push(vec![Cell::text(course), Cell::Count(people)]);
        }
        let shown = answer(table.clone()).suppressed(5);
        assert_eq!(shown.tables[0].rows, table.rows[..1]);
        assert!(shown.notes[0].contains("2 rows") && !shown.notes[0].contains("rare"), "{:?}", shown.notes);
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
