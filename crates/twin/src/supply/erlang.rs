//! The closed form of a queue with several servers, which the simulated queues are held against.

/// A queue with Poisson arrivals, exponential service and several servers (M/M/c).
///
/// # Source
/// Erlang's second formula (1917), here by the recursion for the blocking probability
/// B(c) = a B(c-1) / (c + a B(c-1)) and C = B / (1 - (a/c)(1 - B)), a the offered load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErlangC {
    pub(crate) servers: u32,
    pub(crate) arrival_rate: f64,
    pub(crate) service_rate: f64,
}

impl ErlangC {
    /// Probability that an arrival must wait.
    pub(crate) fn probability_of_waiting(&self) -> f64 {
        let load = self.arrival_rate / self.service_rate;
        let blocking = (1..=self.servers)
            .fold(1.0, |blocking, server| load * blocking / (f64::from(server) + load * blocking));
        let utilisation = load / f64::from(self.servers);
        blocking / (1.0 - utilisation * (1.0 - blocking))
    }

    /// Mean wait before service, in the rates' unit of time.
    pub(crate) fn mean_wait(&self) -> f64 {
        self.probability_of_waiting() / (f64::from(self.servers) * self.service_rate - self.arrival_rate)
    }
}

/// Holds the mean of independent replications against a value: within 5 of its standard errors, which
/// must themselves be below `precision` of the value.
pub(crate) fn assert_agrees(replications: &[f64], value: f64, precision: f64) {
    let count = replications.len() as f64;
    let mean = replications.iter().sum::<f64>() / count;
    let variance = replications.iter().map(|seen| (seen - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / count).sqrt();
    assert!(error < precision * value, "standard error {error} of {mean}");
    assert!((mean - value).abs() < 5.0 * error, "{mean} for {value}, standard error {error}");
}

#[test]
fn ref_textbook_values() {
    // One server: C = load and W = load / (1 - load). Two servers at load 1 each 0.5: C = 1/3.
    let one = ErlangC { servers: 1, arrival_rate: 0.8, service_rate: 1.0 };
    assert!((one.probability_of_waiting() - 0.8).abs() < 1e-12 && (one.mean_wait() - 4.0).abs() < 1e-12);
    let two = ErlangC { servers: 2, arrival_rate: 1.0, service_rate: 1.0 };
    assert!((two.probability_of_waiting() - 1.0 / 3.0).abs() < 1e-12);
    // Ten servers, 8 Erlang: C = 0.409 (Erlang C tables, to three digits).
    let ten = ErlangC { servers: 10, arrival_rate: 8.0, service_rate: 1.0 };
    assert!((ten.probability_of_waiting() - 0.409).abs() < 5e-4);
}
