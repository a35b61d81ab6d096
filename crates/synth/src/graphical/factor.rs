//! A table of numbers over the codes of a few columns.

/// A number for each combination of codes of some columns, the last column's code running fastest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Factor {
    /// The columns, in order.
    pub(crate) columns: Vec<usize>,
    /// Their numbers of codes.
    pub(crate) sizes: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Factor {
    /// The same number everywhere; `columns` in order.
    pub(crate) fn filled(columns: &[usize], sizes: &[usize], value: f64) -> Self {
        let own: Vec<usize> = columns.iter().map(|column| sizes[*column]).collect();
        let cells = own.iter().product();
        Self { columns: columns.to_vec(), sizes: own, values: vec![value; cells] }
    }

    /// How far apart the cells of neighbouring codes of each of `columns` lie here; 0 where one is not here.
    fn strides(&self, columns: &[usize]) -> Vec<usize> {
        let mut stride = 1;
        let mut own = vec![0; self.columns.len()];
        for place in (0..own.len()).rev() {
            own[place] = stride;
            stride *= self.sizes[place];
        }
        columns
            .iter()
            .map(|column| self.columns.iter().position(|here| here == column).map_or(0, |place| own[place]))
            .collect()
    }

    /// For each cell of these columns, in order, the cell here with the same codes.
    pub(crate) fn cells_of(&self, columns: &[usize], sizes: &[usize]) -> Vec<u32> {
        let strides = self.strides(columns);
        let mut cells = Vec::with_capacity(sizes.iter().product());
        let mut codes = vec![0; columns.len()];
        let mut cell = 0;
        loop {
            cells.push(cell as u32);
            let mut place = columns.len();
            loop {
                if place == 0 {
                    return cells;
                }
                place -= 1;
                codes[place] += 1;
                cell += strides[place];
                if codes[place] < sizes[place] {
                    break;
                }
                cell -= strides[place] * sizes[place];
                codes[place] = 0;
            }
        }
    }

    /// Adds another's number to each cell with its codes; the other's columns are all here.
    pub(crate) fn add(&mut self, other: &Self) {
        let cells = other.cells_of(&self.columns, &self.sizes);
        for (value, cell) in self.values.iter_mut().zip(cells) {
            *value += other.values[cell as usize];
        }
    }

    /// Logarithms of the sums of exponentials over the columns that are left out; `columns` are all here.
    pub(crate) fn log_sum(&self, columns: &[usize], sizes: &[usize]) -> Self {
        let mut sums = Self::filled(columns, sizes, 0.0);
        let cells = sums.cells_of(&self.columns, &self.sizes);
        let mut greatest = vec![f64::NEG_INFINITY; sums.values.len()];
        for (value, cell) in self.values.iter().zip(&cells) {
            let own = &mut greatest[*cell as usize];
            *own = own.max(*value);
        }
        for (value, cell) in self.values.iter().zip(&cells) {
            let most = greatest[*cell as usize];
            if most > f64::NEG_INFINITY {
                sums.values[*cell as usize] += (value - most).exp();
            }
        }
        for (sum, most) in sums.values.iter_mut().zip(&greatest) {
            *sum = if *most > f64::NEG_INFINITY { most + sum.ln() } else { f64::NEG_INFINITY };
        }
        sums
    }

    /// Sums over the columns that are left out; `columns` are all here.
    pub(crate) fn sum(&self, columns: &[usize], sizes: &[usize]) -> Self {
        let mut sums = Self::filled(columns, sizes, 0.0);
        let cells = sums.cells_of(&self.columns, &self.sizes);
        for (value, cell) in self.values.iter().zip(cells) {
            sums.values[cell as usize] += value;
        }
        sums
    }

    /// Exponentials, scaled to the total.
    pub(crate) fn normalised(&self, total: f64) -> Self {
        let most = self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut values: Vec<f64> = self.values.iter().map(|value| (value - most).exp()).collect();
        let sum: f64 = values.iter().sum();
        for value in &mut values {
            *value *= total / sum;
        }
        Self { columns: self.columns.clone(), sizes: self.sizes.clone(), values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_sums_over_columns_by_hand() {
        let sizes = [2, 3, 2];
        let mut all = Factor::filled(&[0, 1, 2], &sizes, 0.0);
        all.values = (1..=12).map(f64::from).collect();
        assert_eq!(
            all.sum(&[1], &sizes).values,
            [1.0 + 2.0 + 7.0 + 8.0, 3.0 + 4.0 + 9.0 + 10.0, 5.0 + 6.0 + 11.0 + 12.0]
        );
        let logs = Factor { values: all.values.iter().map(|value| value.ln()).collect(), ..all.clone() };
        for (sum, expected) in
            logs.log_sum(&[0, 2], &sizes).values.iter().zip(&all.sum(&[0, 2], &sizes).values)
        {
            assert!((sum.exp() - expected).abs() < 1e-12);
        }
        let mut one = Factor::filled(&[1], &sizes, 0.0);
        one.values = vec![100.0, 200.0, 300.0];
        all.add(&one);
        assert_eq!(all.values[..6], [101.0, 102.0, 203.0, 204.0, 305.0, 306.0]);
    }
}
